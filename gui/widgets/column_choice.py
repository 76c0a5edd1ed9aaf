"""Which column of a table holds what, beside its first rows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QComboBox,
    QGridLayout,
    QHeaderView,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from core.data.importers.columns import SLOT, guess_columns
from core.data.importers.table import TablePreview
from gui.widgets.basics import label
from gui.widgets.table import dress_table

_CHOICES: Final[Mapping[str, str]] = {
    "": "Left out",
    "text": "Text",
    "audio": "Recording",
    "intent": "Intent",
    "slot": "Slot",
    "slots": "Slots as JSON",
    "annotation": "Text with [slot : filler]",
    "id": "Id",
    "speaker": "Speaker",
    "language": "Language",
    "split": "Split",
}
_SHOWN_ROWS: Final = 5
_ROW_HEIGHT: Final = 30


class ColumnChoice(QWidget):
    """The table's first rows, and above each column what it holds. changed: the user chose otherwise."""

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._columns: tuple[str, ...] = ()
        self.choices: list[QComboBox] = []
        self._boxes = QGridLayout()
        self.table = QTableWidget()
        dress_table(self.table, "First rows of the table", _ROW_HEIGHT)
        self.table.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        layout.addWidget(label("What the columns hold", "strong"))
        layout.addLayout(self._boxes)
        layout.addWidget(self.table)
        self.hide()

    def show_table(self, found: TablePreview) -> None:
        """Show these rows, with what each column likely holds; the same columns keep what was chosen."""
        if found.columns != self._columns:
            self._columns = found.columns
            self._make_choices(guess_columns(found.columns))
        self.table.setColumnCount(len(found.columns))
        self.table.setHorizontalHeaderLabels(found.columns)
        rows = found.rows[:_SHOWN_ROWS]
        self.table.setRowCount(len(rows))
        for number, row in enumerate(rows):
            for column, value in enumerate(row):
                self.table.setItem(number, column, QTableWidgetItem(value))
        header = self.table.horizontalHeader().sizeHint().height()
        self.table.setFixedHeight(header + len(rows) * _ROW_HEIGHT + 2 * self.table.frameWidth())
        self.show()

    def forget(self) -> None:
        """There is no table any more."""
        self._columns = ()
        self.hide()

    @property
    def columns(self) -> dict[str, str]:
        """Field -> column, as `core.data.importers.source.Options` takes it."""
        chosen: dict[str, str] = {}
        for column, box in zip(self._columns, self.choices, strict=False):
            field: str = box.currentData()
            if field:
                chosen[f"{SLOT}{column.removeprefix(SLOT)}" if field == "slot" else field] = column
        return chosen

    def _make_choices(self, guessed: Mapping[str, str]) -> None:
        for box in self.choices:
            box.deleteLater()
        self.choices = []
        fields = {column: field for field, column in guessed.items()}
        for number, column in enumerate(self._columns):
            box = QComboBox()
            box.setAccessibleName(f"What the column {column} holds")
            for field, words in _CHOICES.items():
                box.addItem(words, field)
            guess = fields.get(column, "")
            box.setCurrentIndex(max(0, box.findData("slot" if guess.startswith(SLOT) else guess)))
            box.activated.connect(lambda _index: self.changed.emit())
            self._boxes.addWidget(box, 0, number)
            self._boxes.setColumnStretch(number, 1)
            self.choices.append(box)
