"""Which column of a table holds what, beside its first rows."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QComboBox,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from core.data.importers.columns import SLOT, guess_columns
from core.data.importers.table import TablePreview
from gui.widgets.basics import label
from gui.widgets.table import dress_table

_SLOT: Final = "slot"
_CHOICES: Final[Mapping[str, str]] = {
    "": "Left out",
    "text": "Text",
    "audio": "Recording",
    "intent": "Intent",
    _SLOT: "Slot",
    "slots": "Slots as JSON",
    "annotation": "Text with [slot : filler]",
    "id": "Id",
    "speaker": "Speaker",
    "language": "Language",
    "split": "Split",
    "synthetic": "Engine and voice",
}
_SHOWN_ROWS: Final = 5
_ROW_HEIGHT: Final = 30
_CHOICE_HEIGHT: Final = 40
_COLUMN_WIDTH: Final = 170


class ColumnChoice(QWidget):
    """The table's first rows, and above each column what it holds. changed: the user chose otherwise."""

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._columns: tuple[str, ...] = ()
        self.choices: list[QComboBox] = []
        self.table = QTableWidget()
        dress_table(self.table, "First rows of the table", _ROW_HEIGHT)
        header = self.table.horizontalHeader()
        header.setDefaultSectionSize(_COLUMN_WIDTH)
        header.setStretchLastSection(True)
        self.table.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        layout.addWidget(label("What the columns hold", "strong"))
        layout.addWidget(self.table)
        self.hide()

    def show_table(self, found: TablePreview) -> None:
        """Show these rows, with what each column likely holds; the same columns keep what was chosen."""
        rows = found.rows[:_SHOWN_ROWS]
        self.table.setRowCount(1 + len(rows))
        if found.columns != self._columns:
            self._columns = found.columns
            self.table.setColumnCount(len(found.columns))
            self.table.setHorizontalHeaderLabels(found.columns)
            self._make_choices(guess_columns(found.columns))
        for number, row in enumerate(rows, 1):
            for column, value in enumerate(row):
                self.table.setItem(number, column, QTableWidgetItem(value))
        self.table.setRowHeight(0, _CHOICE_HEIGHT)
        bars = self.table.horizontalHeader().sizeHint() + self.table.horizontalScrollBar().sizeHint()
        frame = 2 * self.table.frameWidth()
        self.table.setFixedHeight(bars.height() + _CHOICE_HEIGHT + len(rows) * _ROW_HEIGHT + frame)
        self.show()

    def forget(self) -> None:
        """There is no table any more."""
        self._columns = ()
        self.hide()

    @property
    def columns(self) -> dict[str, str]:
        """Field -> column, as `core.data.importers.source.Options` takes it."""
        chosen: dict[str, str] = {}
        for column, box in zip(self._columns, self.choices, strict=True):
            field: str = box.currentData()
            if field:
                chosen[f"{SLOT}{column.removeprefix(SLOT)}" if field == _SLOT else field] = column
        return chosen

    def choose(self, number: int, field: str) -> None:
        """Say what the column of this number holds; of everything but slots there is one, so another column
        that was said to hold it is left out."""
        for other, box in enumerate(self.choices):
            if other != number and field != _SLOT and box.currentData() == field:
                box.setCurrentIndex(0)
        self.choices[number].setCurrentIndex(self.choices[number].findData(field))
        self.changed.emit()

    def _make_choices(self, guessed: Mapping[str, str]) -> None:
        fields = {column: field for field, column in guessed.items()}
        self.choices = []
        for number, column in enumerate(self._columns):
            box = QComboBox()
            box.setAccessibleName(f"What the column {column} holds")
            for field, words in _CHOICES.items():
                box.addItem(words, field)
            guess = fields.get(column, "")
            box.setCurrentIndex(box.findData(_SLOT if guess.startswith(SLOT) else guess))
            box.activated.connect(partial(self._chosen, number))
            self.table.setCellWidget(0, number, box)
            self.choices.append(box)

    def _chosen(self, number: int, _index: int) -> None:
        self.choose(number, self.choices[number].currentData())
