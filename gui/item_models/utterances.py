"""Utterances of a dataset as a table that reads only what is looked at, never on the UI thread."""

from __future__ import annotations

from array import array
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from enum import IntEnum
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt, Signal

from core.data.problem import Problem
from core.data.search import Order, UtteranceQuery
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
    PROBLEM = 1
    UTTERANCE = 2
    SPEAKER = 3
    SPLIT = 4
    SECONDS = 5


HEADINGS = ("", "", "Utterance", "Speaker", "Split", "Seconds")
_SORTED_BY: Mapping[Column, Order] = {
    Column.UTTERANCE: "text",
    Column.SPEAKER: "speaker",
    Column.SPLIT: "split",
    Column.SECONDS: "seconds",
}


@dataclass(frozen=True)
class _Page:
    """Some rows one after the other, and the problems of those that have any, by id."""

    utterances: list[Utterance]
    problems: Mapping[int, list[Problem]] = field(default_factory=dict)


class UtteranceTable(QAbstractTableModel):
    """Rows of one query. A row that is not read yet shows "..." and fills itself in."""

    counted = Signal(int)
    """The query's number of rows is known and the first page is there."""

    def __init__(self, context: AppContext, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self._query: UtteranceQuery | None = None
        self._order: Order = "import"
        self._descending = False
        self._ids = array("q")
        self._pages: OrderedDict[int, _Page] = OrderedDict()
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
            self._reset(array("q"), _Page([]))
            return
        query = replace(query, order=self._order, descending=self._descending)
        self._counting = self._context.background.run(
            lambda _task: self._find(query), success=lambda found: self._reset(*found), owner=self
        )

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        """Order all rows by a column, now and in later queries; a negative one: as they were imported."""
        self._order = _SORTED_BY.get(Column(column), "import") if column >= 0 else "import"
        self._descending = order == Qt.SortOrder.DescendingOrder and self._order != "import"
        self.show_query(self._query)

    def read_again(self) -> None:
        """What the rows show may have changed; the rows stay the same."""
        for task in self._under_way.values():
            task.cancel()
        self._under_way.clear()
        # Those looked at last are on the screen; the others are read when they are looked at again.
        while len(self._pages) > PAGES_UNDER_WAY:
            self._pages.popitem(last=False)
        for number in self._pages:
            self._fetch(number)

    def row_of(self, utterance_id: int) -> int | None:
        """The row of an utterance; None where the query does not find it."""
        try:
            return self._ids.index(utterance_id)
        except ValueError:
            return None

    def utterance(self, row: int) -> Utterance | None:
        """The utterance of a row; None while it is still being read."""
        page = self._pages.get(row // PAGE_ROWS)
        if page is None:
            return None
        self._pages.move_to_end(row // PAGE_ROWS)
        offset = row % PAGE_ROWS
        # Shorter than expected when another process deleted utterances meanwhile.
        return page.utterances[offset] if offset < len(page.utterances) else None

    def problems(self, row: int) -> list[Problem]:
        """What the last check found wrong with the utterance of a row, errors first."""
        utterance = self.utterance(row)
        return [] if utterance is None else self._pages[row // PAGE_ROWS].problems.get(utterance.id, [])

    def mark_playing(self, utterance_id: int | None) -> None:
        """Which utterance sounds now: its row shows "stop" instead of "play"."""
        self._playing = utterance_id
        if self._ids:
            column = Column.PLAY
            self.dataChanged.emit(self.index(0, column), self.index(len(self._ids) - 1, column))

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own signature
        return 0 if parent.isValid() else len(self._ids)

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
        if column in (Column.PROBLEM, Column.PLAY):
            return (self._problem if column is Column.PROBLEM else self._play)(index.row(), role)
        if role in (Qt.ItemDataRole.DecorationRole, Qt.ItemDataRole.AccessibleTextRole):
            return None
        if role == SECOND_LINE:
            return label_in_words(utterance.label) if column is Column.UTTERANCE else None
        if role == Qt.ItemDataRole.ToolTipRole:
            return _tip(utterance, column)
        return _CELLS[column](utterance)

    def _play(self, row: int, role: int) -> Any:
        utterance = self.utterance(row)
        assert utterance is not None  # noqa: S101 - `data` has looked
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return "has a recording" if utterance.audio else "no recording"
        if utterance.audio is None:
            return None
        if role == Qt.ItemDataRole.DecorationRole:
            return self._stop_icon if utterance.id == self._playing else self._play_icon
        return "Play" if role == Qt.ItemDataRole.ToolTipRole else None

    def _problem(self, row: int, role: int) -> Any:
        problems = self.problems(row)
        if not problems:
            return None
        if role == Qt.ItemDataRole.DecorationRole:
            return self._error_icon if problems[0].severity == "error" else self._warning_icon
        if role in (Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.AccessibleTextRole):
            return "\n".join(f"{problem.severity.capitalize()}: {problem.what}" for problem in problems)
        return None

    def _paint_icons(self) -> None:
        self._error_icon = icon("bad", self._context.theme, "bad", 16)
        self._warning_icon = icon("warn", self._context.theme, "warn", 16)
        self._play_icon = icon("play", self._context.theme, "accent", 16)
        self._stop_icon = icon("stop", self._context.theme, "accent", 16)

    def _find(self, query: UtteranceQuery) -> tuple[array[int], _Page]:
        ids = self._context.open_library().find(query)
        return ids, self._read(ids[:PAGE_ROWS])

    def _read(self, ids: array[int]) -> _Page:
        library = self._context.open_library()
        found = library.by_ids(ids)
        return _Page([found[id_] for id_ in ids if id_ in found], library.findings.of_utterances(ids))

    def _reset(self, ids: array[int], first: _Page) -> None:
        self.beginResetModel()
        for task in self._under_way.values():
            task.cancel()
        self._under_way.clear()
        self._pages.clear()
        self._ids = ids
        if ids:
            self._pages[0] = first
        self.endResetModel()
        self.counted.emit(len(ids))

    def _fetch(self, number: int) -> None:
        if number in self._under_way:
            return
        while len(self._under_way) >= PAGES_UNDER_WAY:
            _, forgotten = self._under_way.popitem(last=False)
            forgotten.cancel()
        ids = self._ids[number * PAGE_ROWS : (number + 1) * PAGE_ROWS]
        self._under_way[number] = self._context.background.run(
            lambda _task: self._read(ids),
            success=lambda page: self._take(number, page),
            owner=self,
        )

    def _take(self, number: int, page: _Page) -> None:
        self._under_way.pop(number, None)
        self._pages[number] = page
        while len(self._pages) > KEPT_PAGES:
            self._pages.popitem(last=False)
        first = number * PAGE_ROWS
        last = min(first + PAGE_ROWS, len(self._ids)) - 1
        self.dataChanged.emit(self.index(first, 0), self.index(last, len(Column) - 1))


def label_in_words(label: Label) -> str:
    """The intent and behind it the slots, as the table shows them."""
    slots = ", ".join(f"{slot.type}: {slot.filler}" for slot in label.slots)
    return f"{label.intent}   {slots}" if slots else label.intent


def _seconds(utterance: Utterance) -> str:
    return "" if utterance.duration_s is None else f"{utterance.duration_s:.1f}"


def _text(utterance: Utterance) -> str:
    return "(recording only)" if utterance.text is None else utterance.text


def _speaker(utterance: Utterance) -> str:
    marks = (utterance.speaker, "synthetic" if utterance.synthetic else "")
    return ", ".join(mark for mark in marks if mark)


def _tip(utterance: Utterance, column: Column) -> str:
    if column is Column.UTTERANCE:
        return f"{_text(utterance)}\n{label_in_words(utterance.label)}"
    if column is Column.SPLIT and utterance.quarantined:
        return f"Quarantined from {utterance.split}: {utterance.quarantined}"
    if column is Column.SPEAKER and utterance.synthetic:
        return f"{_speaker(utterance)}: the recording was made by a machine, {utterance.synthetic}"
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
    Column.UTTERANCE: _text,
    Column.SPEAKER: _speaker,
    Column.SPLIT: lambda utterance: "quarantine" if utterance.quarantined else utterance.split,
    Column.SECONDS: _seconds,
}
