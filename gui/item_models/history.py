"""What was said, as a table: one line an exchange, the newest first."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from enum import IntEnum
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from core.tryout.kept import Line
from gui.icons import icon
from gui.theme import Theme
from gui.widgets.confidence_bars import whole_percent

Index = QModelIndex | QPersistentModelIndex
RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


class Column(IntEnum):
    TIME = 0
    SAID = 1
    ANSWER = 2
    SURE = 3
    TOOK = 4


HEADINGS = ("Time", "Said", "Answered", "Sure", "Seconds")


class HistoryTable(QAbstractTableModel):
    """All lines at once: a list is bounded by who reads it."""

    def __init__(self, theme: Theme, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.lines: list[Line] = []

    def show_lines(self, lines: Sequence[Line]) -> None:
        """These from now on."""
        self.beginResetModel()
        self.lines = list(lines)
        self.endResetModel()

    def row_of(self, id_: str) -> int | None:
        """Where an exchange stands."""
        return next((row for row, line in enumerate(self.lines) if line.id == id_), None)

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own signature
        return 0 if parent.isValid() else len(self.lines)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own signature
        return 0 if parent.isValid() else len(HEADINGS)

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        if orientation == Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return HEADINGS[section]
        return None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        line, column = self.lines[index.row()], Column(index.column())
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole):
            return _shown(line, column)
        if role == Qt.ItemDataRole.DecorationRole and column == Column.ANSWER and line.correction:
            name = "good" if line.right else "edit"
            return icon(name, self._theme, "good" if line.right else "warn", size=16)
        if role == Qt.ItemDataRole.TextAlignmentRole and column in (Column.SURE, Column.TOOK):
            return RIGHT
        return None


def _shown(line: Line, column: Column) -> str:
    if column == Column.TIME:
        return f"{datetime.fromtimestamp(line.at).astimezone():%H:%M:%S}"
    if column == Column.SAID:
        length = "" if line.duration_s is None else f" of {line.duration_s:.1f} s"
        return line.said or f"(recording{length})"
    if column == Column.ANSWER:
        answered = answer_in_words(line)
        if not line.correction:
            return answered
        return f"{answered} (right)" if line.right else f"{answered}, corrected: {line.correction}"
    if column == Column.SURE:
        return "" if line.confidence is None else whole_percent(line.confidence)
    return "" if line.took_s is None else f"{line.took_s:.2f}"


def answer_in_words(line: Line) -> str:
    """What was answered, or why nothing was."""
    if line.unheard:
        return line.unheard
    if line.intent is None:
        return "no label"
    slots = [f"{kind}: {filler}" for kind, filler in json.loads(line.slots)]
    return ", ".join([line.intent, *slots])
