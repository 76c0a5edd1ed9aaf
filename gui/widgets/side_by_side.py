"""The answers of several models to one utterance, side by side, differences marked."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QMenu, QScrollArea, QVBoxLayout, QWidget

from core.data.utterance import Label
from core.errors import UserError
from core.inference.prediction import Prediction
from gui.comparison import Compared, Comparison
from gui.context import AppContext
from gui.exchange import Exchange
from gui.model_choices import ModelChoice
from gui.theme import Theme
from gui.widgets.basics import IconLabel, button, label
from gui.widgets.confidence_bars import whole_percent
from gui.widgets.model_bar import ModelBar

COLUMN_WIDTH = 208
MOST_MODELS = 5


class SideBySide(QWidget):
    """The chosen model's answer first, then one column for each model compared with it."""

    changed = Signal()
    """other models are compared now"""

    def __init__(
        self, context: AppContext, comparison: Comparison, model: ModelBar, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._context = context
        self._comparison = comparison
        self._model = model
        self._columns: dict[str, _Column] = {}
        self._first: Exchange | None = None
        self.menu = QMenu(self)
        self.choose_button = button("Compare with")
        self.choose_button.setAccessibleName("Compare with other models")
        self.choose_button.setMenu(self.menu)
        self.hint = label(
            "Choose models; each hears the same recording, and what a spoonful of speech bought shows.",
            "hint",
        )
        self.hint.setWordWrap(True)
        self._row = QHBoxLayout()
        self._row.setSpacing(8)
        self._row.setAlignment(Qt.AlignmentFlag.AlignLeft)
        self._lay_out()
        self.menu.aboutToShow.connect(self._fill_menu)
        model.listed.connect(self._take_up)
        comparison.began.connect(self._begin)
        comparison.answered.connect(self._show)

    def columns(self) -> list[QWidget]:
        """One for each model, the chosen one first; each says as its name what it answered."""
        return list(self._columns.values())

    def compare_with(self, keys: Sequence[str]) -> None:
        """Compare the models of these keys, as far as they are there; remembered for the next start."""
        self._context.remember(compared_models=tuple(keys))
        self._take_up()

    def _take_up(self) -> None:
        known = {choice.key: choice for choice in self._model.all_choices}
        wanted = [known[key] for key in self._context.settings.current.compared_models if key in known]
        if tuple(wanted) != self._comparison.models:
            self._comparison.compare_with(wanted)
        self.hint.setVisible(not wanted)
        self.changed.emit()

    def _fill_menu(self) -> None:
        self.menu.clear()
        chosen = list(self._context.settings.current.compared_models)
        family = self._model.family()
        if family:
            whole = self.menu.addAction("The steps of the chosen model")
            whole.triggered.connect(lambda: self.compare_with([each.key for each in family][:MOST_MODELS]))
        if chosen:
            self.menu.addAction("Nothing").triggered.connect(lambda: self.compare_with([]))
        self.menu.addSeparator()
        for choice in self._model.all_choices:
            action = self.menu.addAction(choice.title)
            action.setCheckable(True)
            action.setChecked(choice.key in chosen)
            action.setEnabled(choice.key in chosen or len(chosen) < MOST_MODELS)
            action.toggled.connect(lambda on, key=choice.key: self._toggle(key, on=on))

    def _toggle(self, key: str, *, on: bool) -> None:
        others = [each for each in self._context.settings.current.compared_models if each != key]
        self.compare_with([*others, key] if on else others)

    def _begin(self, exchange: Exchange) -> None:
        self._first = exchange
        choices = {choice.key: choice for choice in (exchange.model, *self._comparison.models)}
        if list(choices) != list(self._columns):
            for column in self._columns.values():
                column.hide()
                column.deleteLater()
            self._columns = {key: _Column(self._context.theme, choice) for key, choice in choices.items()}
            for column in self._columns.values():
                self._row.addWidget(column)
        for column in self._columns.values():
            column.wait()
        self._columns[exchange.model.key].show_first(exchange.prediction)

    def _show(self, compared: Compared) -> None:
        column = self._columns.get(compared.model.key)
        if column is None or self._first is None or compared.heard.id != self._first.heard.id:
            return
        if isinstance(compared.answer, UserError):
            column.show_error(compared.answer)
        else:
            column.show_other(compared.answer, self._first.prediction.label)

    def _lay_out(self) -> None:
        top = QHBoxLayout()
        top.addWidget(self.hint, 1)
        top.addStretch(1)
        top.addWidget(self.choose_button)
        inside = QWidget()
        inside.setProperty("role", "scrolled")
        inside.setLayout(self._row)
        self._row.setContentsMargins(0, 0, 0, 0)
        area = QScrollArea()
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setWidgetResizable(True)
        area.setWidget(inside)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 8, 0, 0)
        column.setSpacing(8)
        column.addLayout(top)
        column.addWidget(area, 1)


class _Column(QFrame):
    """One model's answer."""

    def __init__(self, theme: Theme, choice: ModelChoice) -> None:
        super().__init__()
        self.setProperty("role", "column")
        self.setFixedWidth(COLUMN_WIDTH)
        self._title = choice.title
        self.name = label(choice.title, "hint")
        self.intent = label("", "section")
        self.intent.setWordWrap(True)
        self.slots = label("")
        self.slots.setWordWrap(True)
        self.sure = label("", "hint")
        self.verdict = IconLabel(theme)
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 8, 12, 8)
        column.setSpacing(4)
        self.name.setWordWrap(True)
        for widget in (self.intent, self.verdict, self.slots, self.sure):
            column.addWidget(widget)
        column.addStretch(1)
        column.addWidget(self.name)
        self.wait()

    def wait(self) -> None:
        """Its answer is on its way."""
        self.intent.setText("\N{HORIZONTAL ELLIPSIS}")
        self.slots.clear()
        self.sure.clear()
        self.verdict.set("clock", "Asking it", "muted")

    def show_first(self, prediction: Prediction) -> None:
        """The answer that the others are held against."""
        self._fill(prediction)
        self.verdict.set("info", "The chosen model", "muted")
        self._tell()

    def show_other(self, prediction: Prediction, first: Label | None) -> None:
        """An answer, and where it differs from the first."""
        self._fill(prediction)
        words = difference(prediction.label, first)
        self.verdict.set(
            "good" if not words else "warn", words or "The same", "muted" if not words else "warn"
        )
        self._tell()

    def show_error(self, error: UserError) -> None:
        """Why there is no answer."""
        self.intent.setText("No answer")
        self.slots.setText(error.what)
        self.verdict.set("bad", "Failed", "bad")
        self._tell()

    def _fill(self, prediction: Prediction) -> None:
        found = prediction.label
        intent = "no label" if found is None else found.intent
        self.intent.setText(intent.replace("_", "_\N{ZERO WIDTH SPACE}"))
        slots = () if found is None else found.slots
        self.slots.setText("\n".join(f"{slot.type}: {slot.filler}" for slot in slots) or "no slots")
        self.sure.setText(
            f"{whole_percent(prediction.confidence)} sure, {sum(prediction.timings_ms.values()):.0f} ms"
        )

    def _tell(self) -> None:
        intent = self.intent.text().replace("\N{ZERO WIDTH SPACE}", "")
        self.setAccessibleName(
            f"{self._title}: {intent}; {self.slots.text()}; {self.verdict.accessibleName()}"
        )


def difference(answer: Label | None, first: Label | None) -> str:
    """Where an answer differs from the first, in words; empty when it does not."""
    if answer is None or first is None:
        return "" if answer is first else "No label" if answer is None else "A label"
    intent, slots = answer.intent != first.intent, Counter(answer.slots) != Counter(first.slots)
    if intent and slots:
        return "Other intent and slots"
    return "Other intent" if intent else "Other slots" if slots else ""
