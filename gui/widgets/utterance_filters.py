"""What narrows down the utterances of a dataset: words, and a choice for each thing that differs in it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import QSignalBlocker, QTimer, Signal
from PySide6.QtWidgets import QComboBox, QLineEdit, QVBoxLayout, QWidget

from core.data.search import UtteranceQuery
from core.data.summary import DatasetSummary
from core.data.utterance import MODALITIES, SPLITS
from gui.context import AppContext
from gui.formatting import grouped
from gui.widgets.completing import complete
from gui.widgets.flow_layout import FlowLayout

SEARCH_PAUSE_MS = 200
_QUARANTINED: Final = "quarantined"


class UtteranceFilters(QWidget):
    """changed: other utterances are wanted; while somebody types, after a pause."""

    changed = Signal()

    def __init__(self, context: AppContext, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.search = QLineEdit(placeholderText="Search text, slots, speaker", clearButtonEnabled=True)
        self.search.setAccessibleName("Search utterances")
        self.split = self._choice("Split")
        self.modality = self._choice("Modality")
        self.language = self._choice("Language")
        self.speaker = self._choice("Speaker")
        self.problem = self._choice("Problem")
        _fill(
            self.split,
            ("Any split", None),
            *((split.capitalize(), split) for split in SPLITS),
            ("Quarantined", _QUARANTINED),
        )
        _fill(self.modality, ("Text or speech", None), *((f"With {each}", each) for each in MODALITIES))
        self.modality.setToolTip("Choose \u201cWith speech\u201d to see recordings only")
        _choose(self.modality, context.settings.current.modality or None)
        self.modality.activated.connect(
            lambda _index: context.remember(modality=self.modality.currentData() or "")
        )
        self._pause = QTimer(self, interval=SEARCH_PAUSE_MS, singleShot=True)
        self._pause.timeout.connect(self.changed)
        self.search.textChanged.connect(lambda _text: self._pause.start())
        self._lay_out()
        self.show_dataset(None, ())

    @property
    def boxes(self) -> tuple[QComboBox, ...]:
        """The choices in the order they stand in."""
        return (self.split, self.modality, self.language, self.speaker, self.problem)

    @property
    def quarantined(self) -> bool:
        """Whether only what was set aside is wanted."""
        return bool(self.split.currentData() == _QUARANTINED)

    @property
    def narrow(self) -> bool:
        """Whether anything is left out."""
        return bool(self.search.text().strip()) or any(box.currentData() is not None for box in self.boxes)

    def show_dataset(self, dataset: DatasetSummary | None, problems: Sequence[tuple[str, int]]) -> None:
        """Offer what this dataset has; what was chosen stays where it has that, too. problems: kinds, and how
        many utterances have one; `changed` is not said."""
        languages = dataset.languages if dataset else ()
        speakers = dataset.speakers if dataset else ()
        some = sum(number for _, number in problems)
        for box, first, values in (
            (self.language, "Any language", [(each, each) for each in languages]),
            (self.speaker, "Any speaker", [(each, each) for each in speakers]),
            (
                self.problem,
                "Problems or none",
                [("Any problem", "")] * bool(some)
                + [(f"{kind} ({grouped(number)})", kind) for kind, number in problems],
            ),
        ):
            before = box.currentData()
            blocked = box.blockSignals(True)
            _fill(box, (first, None), *values)
            _choose(box, before)
            box.blockSignals(blocked)
            box.setVisible(len(values) > 1)
            if len(values) <= 1:
                box.setCurrentIndex(0)

    def widen(self) -> None:
        """Leave nothing out; `changed` is not said."""
        with QSignalBlocker(self.search):
            self.search.clear()
        for box in self.boxes:
            with QSignalBlocker(box):
                box.setCurrentIndex(0)

    def query(self, dataset: str, intent: str | None) -> UtteranceQuery:
        """What is wanted of a dataset."""
        return UtteranceQuery(
            dataset=dataset,
            split=None if self.quarantined else self.split.currentData(),
            modality=self.modality.currentData(),
            intent=intent,
            search=self.search.text().strip() or None,
            language=self.language.currentData(),
            speaker=self.speaker.currentData(),
            problem=self.problem.currentData(),
            quarantined=self.quarantined,
        )

    def _choice(self, name: str) -> QComboBox:
        box = QComboBox()
        box.setAccessibleName(name)
        box.setMaximumWidth(190)
        box.currentIndexChanged.connect(lambda _index: self.changed.emit())
        return box

    def _lay_out(self) -> None:
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        layout.addWidget(self.search)
        row = QWidget()
        flow = FlowLayout(row)
        for box in self.boxes:
            flow.addWidget(box)
        layout.addWidget(row)
        # Hundreds of names are found by typing a part of one; what is no name brings the chosen one back.
        complete(self.speaker, "Speaker").editingFinished.connect(
            lambda: self.speaker.setEditText(self.speaker.itemText(self.speaker.currentIndex()))
        )


def _fill(box: QComboBox, *choices: tuple[str, str | None]) -> None:
    blocked = box.blockSignals(True)
    box.clear()
    for words, value in choices:
        box.addItem(words, value)
    box.blockSignals(blocked)


def _choose(box: QComboBox, value: str | None) -> None:
    box.setCurrentIndex(max(0, box.findData(value)))
