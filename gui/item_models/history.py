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
        self.dated = False
        """Whether times tell the day, too: of exchanges of several days."""
        self._paint_icons()
        theme.changed.connect(self._paint_icons)

    def show_lines(self, lines: Sequence[Line]) -> None:
        """These from now on."""
        self.beginResetModel()
        self.lines = list(lines)
        self.endResetModel()

    def put(self, id_: str, line: Line | None) -> None:
        """An exchange reads like this now; None when it is not among those that are shown."""
        row = self.row_of(id_)
        if line is None:
            if row is not None:
                self.beginRemoveRows(QModelIndex(), row, row)
                del self.lines[row]
                self.endRemoveRows()
        elif row is None:
            at = next((n for n, each in enumerate(self.lines) if each.at <= line.at), len(self.lines))
            self.beginInsertRows(QModelIndex(), at, at)
            self.lines.insert(at, line)
            self.endInsertRows()
        else:
            self.lines[row] = line
            self.dataChanged.emit(self.index(row, 0), self.index(row, len(HEADINGS) - 1))

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
            return _when(line, self.dated) if column == Column.TIME else _shown(line, column)
        if role == Qt.ItemDataRole.DecorationRole and column == Column.ANSWER and line.correction:
            return self._right_icon if line.right else self._wrong_icon
        if role == Qt.ItemDataRole.TextAlignmentRole and column in (Column.SURE, Column.TOOK):
            return RIGHT
        return None

    def _paint_icons(self) -> None:
        self._right_icon = icon("good", self._theme, "good", 16)
        self._wrong_icon = icon("edit", self._theme, "warn", 16)


def _when(line: Line, dated: bool) -> str:
    moment = datetime.fromtimestamp(line.at).astimezone()
    return f"{moment:%d %b %H:%M}" if dated else f"{moment:%H:%M:%S}"


def _shown(line: Line, column: Column) -> str:
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
        return "No label" if line.models else "Not answered"
    slots = [f"{kind}: {filler}" for kind, filler in json.loads(line.slots)]
    return ", ".join([line.intent, *slots])
