"""Utterances of a dataset as a table that reads only what is looked at, never on the UI thread."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from enum import IntEnum
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt, Signal

from core.data.library import UtteranceQuery
from core.data.utterance import Label, Utterance
from gui.background import Task
from gui.context import AppContext
from gui.icons import icon
from gui.widgets.two_lines import SECOND_LINE

PAGE_ROWS = 100
KEPT_PAGES = 40
PAGES_UNDER_WAY = 3
"""More than a screen can show at once, so what is dropped in a fast scroll is never what is visible."""

Index = QModelIndex | QPersistentModelIndex
RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


class Column(IntEnum):
    PLAY = 0
    UTTERANCE = 1
    SPEAKER = 2
    SPLIT = 3
    SECONDS = 4


HEADINGS = ("", "Utterance", "Speaker", "Split", "Seconds")


class UtteranceTable(QAbstractTableModel):
    """Rows of one query. A row that is not read yet shows "..." and fills itself in."""

    counted = Signal(int)
    """The query's number of rows is known and the first page is there."""

    def __init__(self, context: AppContext, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self._query: UtteranceQuery | None = None
        self._rows = 0
        self._pages: OrderedDict[int, list[Utterance]] = OrderedDict()
        self._under_way: OrderedDict[int, Task] = OrderedDict()
        self._counting: Task | None = None
        self._playing: int | None = None
        self._paint_icons()
        context.theme.changed.connect(self._paint_icons)

    def show_query(self, query: UtteranceQuery | None) -> None:
        """Show other utterances; the old rows stay until the new ones are known. None empties the table."""
        self._query = query
        if self._counting is not None:
            self._counting.cancel()
        if query is None:
            self._reset(0, [])
            return
        self._counting = self._context.background.run(
            lambda _task: self._count(query), success=lambda found: self._reset(*found), owner=self
        )

    def utterance(self, row: int) -> Utterance | None:
        """The utterance of a row; None while it is still being read."""
        page = self._pages.get(row // PAGE_ROWS)
        if page is None:
            return None
        self._pages.move_to_end(row // PAGE_ROWS)
        offset = row % PAGE_ROWS
        # Shorter than expected when another process deleted utterances meanwhile.
        return page[offset] if offset < len(page) else None

    def mark_playing(self, utterance_id: int | None) -> None:
        """Which utterance sounds now: its row shows "stop" instead of "play"."""
        self._playing = utterance_id
        if self._rows:
            column = Column.PLAY
            self.dataChanged.emit(self.index(0, column), self.index(self._rows - 1, column))

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own signature
        return 0 if parent.isValid() else self._rows

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(Column)

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        if orientation != Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return HEADINGS[section]
        if role == Qt.ItemDataRole.TextAlignmentRole and section == Column.SECONDS:
            return RIGHT
        return None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        column = Column(index.column())
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return RIGHT if column is Column.SECONDS else None
        if role not in _SHOWN_ROLES:
            return None
        utterance = self.utterance(index.row())
        if utterance is None:
            self._fetch(index.row() // PAGE_ROWS)
            return "..." if role == Qt.ItemDataRole.DisplayRole and column is Column.UTTERANCE else None
        if role == Qt.ItemDataRole.DecorationRole:
            return self._icon(utterance) if column is Column.PLAY else None
        if role == Qt.ItemDataRole.AccessibleTextRole and column is Column.PLAY:
            return "has a recording" if utterance.audio else "no recording"
        if role == SECOND_LINE:
            return label_in_words(utterance.label) if column is Column.UTTERANCE else None
        if role == Qt.ItemDataRole.ToolTipRole:
            return _tip(utterance, column)
        return _CELLS[column](utterance)

    def _icon(self, utterance: Utterance) -> Any:
        if utterance.audio is None:
            return None
        return self._stop_icon if utterance.id == self._playing else self._play_icon

    def _paint_icons(self) -> None:
        self._play_icon = icon("play", self._context.theme, "accent", 16)
        self._stop_icon = icon("stop", self._context.theme, "accent", 16)

    def _count(self, query: UtteranceQuery) -> tuple[int, list[Utterance]]:
        library = self._context.open_library()
        return library.count(query), library.page(query, 0, PAGE_ROWS)

    def _reset(self, rows: int, first: list[Utterance]) -> None:
        self.beginResetModel()
        for task in self._under_way.values():
            task.cancel()
        self._under_way.clear()
        self._pages.clear()
        self._rows = rows
        if rows:
            self._pages[0] = first
        self.endResetModel()
        self.counted.emit(rows)

    def _fetch(self, number: int) -> None:
        query = self._query
        if query is None or number in self._under_way:
            return
        while len(self._under_way) >= PAGES_UNDER_WAY:
            _, forgotten = self._under_way.popitem(last=False)
            forgotten.cancel()
        self._under_way[number] = self._context.background.run(
            lambda _task: self._context.open_library().page(query, number * PAGE_ROWS, PAGE_ROWS),
            success=lambda page: self._take(number, page),
            owner=self,
        )

    def _take(self, number: int, page: list[Utterance]) -> None:
        self._under_way.pop(number, None)
        self._pages[number] = page
        while len(self._pages) > KEPT_PAGES:
            self._pages.popitem(last=False)
        first = number * PAGE_ROWS
        last = min(first + PAGE_ROWS, self._rows) - 1
        self.dataChanged.emit(self.index(first, 0), self.index(last, len(Column) - 1))


def label_in_words(label: Label) -> str:
    """The intent and behind it the slots, as the table shows them."""
    slots = ", ".join(f"{slot.type}: {slot.filler}" for slot in label.slots)
    return f"{label.intent}   {slots}" if slots else label.intent


def _seconds(utterance: Utterance) -> str:
    return "" if utterance.duration_s is None else f"{utterance.duration_s:.1f}"


def _text(utterance: Utterance) -> str:
    return "(recording only)" if utterance.text is None else utterance.text


def _tip(utterance: Utterance, column: Column) -> str:
    if column is Column.PLAY:
        return "Play" if utterance.audio else ""
    if column is Column.UTTERANCE:
        return f"{_text(utterance)}\n{label_in_words(utterance.label)}"
    if column is Column.SPLIT and utterance.quarantined:
        return f"Quarantined from {utterance.split}: {utterance.quarantined}"
    return _CELLS[column](utterance)


_SHOWN_ROLES = frozenset(
    {
        Qt.ItemDataRole.DisplayRole,
        Qt.ItemDataRole.DecorationRole,
        Qt.ItemDataRole.ToolTipRole,
        Qt.ItemDataRole.AccessibleTextRole,
        SECOND_LINE,
    }
)
_CELLS: dict[Column, Callable[[Utterance], str]] = {
    Column.PLAY: lambda _utterance: "",
    Column.UTTERANCE: _text,
    Column.SPEAKER: lambda utterance: utterance.speaker,
    Column.SPLIT: lambda utterance: "quarantine" if utterance.quarantined else utterance.split,
    Column.SECONDS: _seconds,
}
