"""The rows of a batch as a table: what was asked, what should come, what came."""

from __future__ import annotations

from collections.abc import Sequence
from enum import IntEnum
from typing import Any, Final

from PySide6.QtCore import (
    QAbstractTableModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QSortFilterProxyModel,
    Qt,
)

from core.inference.batch import BatchRow
from gui.icons import icon
from gui.theme import Theme
from gui.widgets.confidence_bars import whole_percent

Index = QModelIndex | QPersistentModelIndex
RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
SORT_ROLE: Final = Qt.ItemDataRole.UserRole


class Column(IntEnum):
    VERDICT = 0
    NAME = 1
    GOLD = 2
    ANSWER = 3
    CONFIDENCE = 4


HEADINGS = ("", "What it is", "Wanted", "Answered", "Sure")


class BatchTable(QAbstractTableModel):
    """Rows only ever come, until all go."""

    def __init__(self, theme: Theme, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.rows: list[BatchRow] = []

    def clear(self) -> None:
        """Begin anew."""
        self.beginResetModel()
        self.rows = []
        self.endResetModel()

    def add(self, rows: Sequence[BatchRow]) -> None:
        """More answers."""
        first = len(self.rows)
        self.beginInsertRows(QModelIndex(), first, first + len(rows) - 1)
        self.rows += rows
        self.endInsertRows()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own signature
        return 0 if parent.isValid() else len(self.rows)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own signature
        return 0 if parent.isValid() else len(HEADINGS)

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        if orientation == Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return HEADINGS[section]
        return None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        row, column = self.rows[index.row()], Column(index.column())
        if role == Qt.ItemDataRole.DisplayRole:
            return _shown(row, column)
        if role == SORT_ROLE:
            return _sorted(row, column)
        if role == Qt.ItemDataRole.DecorationRole and column == Column.VERDICT:
            name = verdict_icon(row)
            return icon(name, self._theme, "muted" if name == "info" else name, size=16)
        if role == Qt.ItemDataRole.TextAlignmentRole and column == Column.CONFIDENCE:
            return RIGHT
        if role in (Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.AccessibleTextRole):
            return row.problem or _shown(row, column)
        return None


class BatchFilter(QSortFilterProxyModel):
    """Errors only, one cell of the confusion matrix, words."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.errors_only = False
        self.cell: tuple[str, str] | None = None
        self.search = ""
        self.setSortRole(SORT_ROLE)

    def refresh(self) -> None:
        """The conditions changed."""
        self.beginFilterChange()
        self.endFilterChange()

    def filterAcceptsRow(self, source_row: int, _parent: Index) -> bool:
        model = self.sourceModel()
        assert isinstance(model, BatchTable)  # noqa: S101 - it is made for nothing else
        row = model.rows[source_row]
        if self.errors_only and row.right is not False and not row.problem:
            return False
        if self.cell is not None and (
            row.item.gold is None or (row.item.gold.intent, row.answered) != self.cell
        ):
            return False
        words = " ".join(_shown(row, column) for column in (Column.NAME, Column.GOLD, Column.ANSWER))
        return self.search.casefold() in words.casefold()


def verdict_icon(row: BatchRow) -> str:
    """good, bad, or info where nobody knows."""
    if row.problem:
        return "warn"
    return "info" if row.right is None else "good" if row.right else "bad"


def _shown(row: BatchRow, column: Column) -> str:
    if column == Column.VERDICT:
        if row.problem:
            return "Problem"
        return "" if row.right is None else "Right" if row.right else "Wrong"
    if column == Column.NAME:
        return row.item.text or row.item.name
    if column == Column.GOLD:
        return "" if row.item.gold is None else row.item.gold.words
    if column == Column.ANSWER:
        label = None if row.answer is None else row.answer.label
        return row.problem or ("no label" if label is None else label.words)
    return "" if row.answer is None else whole_percent(row.answer.confidence)


def _sorted(row: BatchRow, column: Column) -> Any:
    if column == Column.CONFIDENCE:
        return -1.0 if row.answer is None else row.answer.confidence
    return _shown(row, column).casefold()
