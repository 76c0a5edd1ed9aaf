"""How much of each language is used, and how often each dataset is seen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QDoubleSpinBox, QGridLayout, QWidget

from core.data.summary import DatasetSummary
from core.experiment.pools import LanguageSpec
from gui.widgets.basics import label

FEW = 0.05
"""Speech share of a target language to begin with."""
_AS_ABOVE = -1.0


class LanguageMix(QWidget):
    """A row for each language and each dataset; there is none where there is nothing to choose.

    changed: with `languages` or `weights` as the experiment says now, in a dict.
    """

    changed = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 8, 0, 0)
        self._grid.setHorizontalSpacing(16)
        self._grid.setColumnStretch(4, 1)
        self._datasets: Sequence[DatasetSummary] = ()
        self._names: tuple[object, ...] = ()
        self._languages: dict[str, LanguageSpec] = {}
        self._weights: dict[str, float] = {}
        self.text: dict[str, QDoubleSpinBox] = {}
        self.speech: dict[str, QDoubleSpinBox] = {}
        self.weight: dict[str, QDoubleSpinBox] = {}
        self.hide()

    def show_mix(
        self,
        datasets: Sequence[DatasetSummary],
        languages: Mapping[str, LanguageSpec],
        weights: Mapping[str, float],
    ) -> None:
        """datasets: those trained on. languages, weights: of the experiment."""
        self._datasets = datasets
        self._languages, self._weights = dict(languages), dict(weights)
        there = sorted({code for each in datasets for code in each.languages} | set(languages))
        names = tuple(there) if len(there) > 1 or languages else ()
        sets = tuple(each.name for each in datasets) if len(datasets) > 1 or weights else ()
        if (names, sets) != self._names:
            self._names = (names, sets)
            self._make_rows(names, sets)
        for code in names:
            own = languages.get(code, LanguageSpec())
            _put(self.text[code], 100 * own.text)
            _put(self.speech[code], _AS_ABOVE if own.speech is None else 100 * own.speech)
        for name in sets:
            _put(self.weight[name], weights.get(name, 1.0))
        self.setVisible(bool(names or sets))

    def suggested(self) -> dict[str, LanguageSpec]:
        """Cross-lingual shares: all speech of the language with the most recordings, text and a little speech
        of the others; empty where there is one language only."""
        minutes: dict[str, float] = {}
        for each in self._datasets:
            for code in each.languages:
                # Of a dataset in several languages nobody knows whose the minutes are.
                minutes[code] = minutes.get(code, 0.0) + each.minutes / len(each.languages)
        if len(minutes) < 2:
            return {}
        source = max(sorted(minutes), key=lambda code: minutes[code])
        few = LanguageSpec(speech=FEW)
        return {
            code: LanguageSpec(text=0.0, speech=1.0) if code == source else few for code in sorted(minutes)
        }

    def _make_rows(self, languages: Sequence[str], datasets: Sequence[str]) -> None:
        while (item := self._grid.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        for boxes in (self.text, self.speech, self.weight):
            boxes.clear()
        if languages:
            for column, words in enumerate(("Language", "Text used", "Speech share")):
                self._grid.addWidget(label(words, "hint"), 0, column)
        for row, code in enumerate(languages, 1):
            self._grid.addWidget(label(code), row, 0)
            self.text[code] = _percent(f"Text used of {code}", 0)
            self.speech[code] = _percent(f"Speech share of {code}", _AS_ABOVE)
            self.speech[code].setSpecialValueText("as above")
            for column, box in enumerate((self.text[code], self.speech[code]), 1):
                box.valueChanged.connect(lambda _value, code=code: self._tell_language(code))
                self._grid.addWidget(box, row, column)
        heading = len(languages) + 1
        if datasets:
            self._grid.addWidget(label("Dataset", "hint"), heading, 0)
            self._grid.addWidget(label("Seen in each epoch", "hint"), heading, 1)
        for row, name in enumerate(datasets, heading + 1):
            self._grid.addWidget(label(name), row, 0)
            self.weight[name] = box = QDoubleSpinBox(minimum=0.05, maximum=100, decimals=2, singleStep=0.5)
            box.setSuffix(" times")
            box.setAccessibleName(f"How often {name} is seen")
            box.valueChanged.connect(lambda _value, name=name: self._tell_weight(name))
            self._grid.addWidget(box, row, 1)

    def _tell_language(self, code: str) -> None:
        share = self.speech[code].value()
        own = LanguageSpec(
            text=round(self.text[code].value() / 100, 4), speech=None if share < 0 else round(share / 100, 4)
        )
        # The others as they were: a box may show less than they say.
        self._languages = {**self._languages, code: own}
        usual = LanguageSpec()
        self.changed.emit({"languages": {c: each for c, each in self._languages.items() if each != usual}})

    def _tell_weight(self, name: str) -> None:
        self._weights = {**self._weights, name: self.weight[name].value()}
        self.changed.emit({"weights": {n: each for n, each in self._weights.items() if each != 1}})


def _percent(name: str, lowest: float) -> QDoubleSpinBox:
    box = QDoubleSpinBox(minimum=lowest, maximum=100, decimals=1, singleStep=5)
    box.setSuffix(" %")
    box.setAccessibleName(name)
    return box


def _put(box: QDoubleSpinBox, value: float) -> None:
    if box.value() != value:
        blocked = box.blockSignals(True)
        box.setValue(value)
        box.blockSignals(blocked)
