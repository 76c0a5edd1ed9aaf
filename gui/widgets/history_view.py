"""The table of what was said, and its keys."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QHeaderView, QTableView, QWidget

from gui.item_models.history import Column
from gui.widgets.table import dress_table

NARROW: Final = 440
_MOVES: Final = frozenset(
    {
        Qt.Key.Key_Up,
        Qt.Key.Key_Down,
        Qt.Key.Key_PageUp,
        Qt.Key.Key_PageDown,
        Qt.Key.Key_Home,
        Qt.Key.Key_End,
        Qt.Key.Key_Tab,
        Qt.Key.Key_Backtab,
    }
)


class HistoryView(QTableView):
    """P plays, Enter shows again, Delete removes. Space is not its own: it talks."""

    play_asked = Signal()
    show_asked = Signal()
    remove_asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        dress_table(self, "What was said")

    def fit_columns(self) -> None:
        """Words share the room; the model is set."""
        header = self.horizontalHeader()
        for column, width in ((Column.TIME, 92), (Column.SURE, 56), (Column.TOOK, 72)):
            header.resizeSection(column, width)
        for column in (Column.SAID, Column.ANSWER):
            header.setSectionResizeMode(column, QHeaderView.ResizeMode.Stretch)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        # In a narrow window the room belongs to the words.
        for column in (Column.TIME, Column.TOOK):
            self.setColumnHidden(column, self.width() < NARROW)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        keys = {
            Qt.Key.Key_P: self.play_asked,
            Qt.Key.Key_Return: self.show_asked,
            Qt.Key.Key_Enter: self.show_asked,
            Qt.Key.Key_Delete: self.remove_asked,
        }
        if event.key() in keys:
            keys[Qt.Key(event.key())].emit()
        elif event.key() in _MOVES:
            super().keyPressEvent(event)
        else:
            event.ignore()
