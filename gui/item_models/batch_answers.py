"""What a model answered to each item of a batch, as a table that stays quick with many thousands of rows."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from functools import cached_property
from typing import Any, Final

from PySide6.QtCore import (
    QAbstractTableModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    Qt,
    QTimer,
    Signal,
)
from PySide6.QtGui import QIcon

from core.data.utterance import Label
from core.evaluation.batch.answers import BatchAnswer
from core.evaluation.batch.export import problem_in_words
from core.evaluation.batch.items import BatchItem
from core.evaluation.batch.scores import NO_LABEL
from gui.icons import icon
from gui.theme import Theme
from gui.widgets.two_lines import SECOND_COLOR, SECOND_LINE

Index = QModelIndex | QPersistentModelIndex
RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
ARRANGE_MS: Final = 300
"""While answers come, rows are put in their places no more often than this."""

_MOST_GAPS: Final = 50
"""Each one moves all rows behind it."""


class Column(IntEnum):
    VERDICT = 0
    UTTERANCE = 1
    EXPECTED = 2
    ANSWER = 3
    CONFIDENCE = 4


HEADINGS: Final = ("", "Utterance", "Expected", "Answered", "Sure")


@dataclass(frozen=True)
class Verdict:
    """How an answer is judged on the screen. rank: the order when sorted, the worst first."""

    icon: str
    word: str
    color: str
    rank: int


WRONG = Verdict("bad", "Wrong", "bad", 0)
NO_ANSWER = Verdict("warn", "No answer", "warn", 1)
NO_SPEECH = Verdict("volume", "No speech", "warn", 2)
RIGHT_ONE = Verdict("good", "Right", "good", 3)
UNJUDGED = Verdict("info", "No label", "muted", 4)
WAITING = Verdict("clock", "Waiting", "muted", 5)
WENT_WRONG: Final = frozenset({WRONG, NO_ANSWER, NO_SPEECH})


def verdict(answer: BatchAnswer | None) -> Verdict:
    """How an answer is judged; None: it has not come yet."""
    if answer is None:
        return WAITING
    if answer.error is not None:
        return NO_ANSWER
    if answer.answer is None:
        return NO_SPEECH
    if answer.correct is None:
        return UNJUDGED
    return RIGHT_ONE if answer.correct else WRONG


@dataclass(frozen=True)
class Filter:
    """Which rows are shown. cell: only those of this intent (first) that were answered by this one."""

    search: str = ""
    wrong_only: bool = False
    cell: tuple[str, str] | None = None

    @cached_property
    def words(self) -> list[str]:
        """What all stands in a row that is shown."""
        return self.search.casefold().split()


class BatchTable(QAbstractTableModel):
    """Rows are numbers of items; those that are shown, in their order, are put together anew when filter,
    order or answers change."""

    arranged = Signal()
    """other rows are shown, or in another order"""

    def __init__(self, theme: Theme, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._items: Sequence[BatchItem] = ()
        self._found: dict[int, BatchAnswer] = {}
        self._words: dict[int, str] = {}
        """what is searched of the items, in lower case, once it was"""
        self._shown: list[int] = []
        self._rows: dict[int, int] = {}
        self._filter = Filter()
        self._column = -1
        self._descending = False
        self._icons: dict[Verdict, QIcon] = {}
        self._paint_icons()
        theme.changed.connect(self._paint_icons)
        self._pause = QTimer(self, interval=ARRANGE_MS, singleShot=True)
        self._pause.timeout.connect(self._arrange)

    def show_items(self, items: Sequence[BatchItem]) -> None:
        """Begin with other items, none of them answered."""
        self._items, self._found, self._words = items, {}, {}
        self._arrange()

    def take(self, found: Mapping[int, BatchAnswer]) -> None:
        """Show these answers."""
        self._found.update(found)
        for index in found:
            self._words.pop(index, None)
            if (row := self._rows.get(index)) is not None:
                self.dataChanged.emit(self.index(row, 0), self.index(row, len(Column) - 1))
        answers_matter = self._column in (Column.VERDICT, Column.ANSWER, Column.CONFIDENCE)
        if (self._filter != Filter() or answers_matter) and not self._pause.isActive():
            self._pause.start()

    def narrow(self, wanted: Filter) -> None:
        """Show only some rows."""
        if wanted != self._filter:
            self._filter = wanted
            self._arrange()

    @property
    def filter(self) -> Filter:
        """Which rows are shown."""
        return self._filter

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        """Order the rows by a column; a negative one: as they stand in the batch."""
        self._column, self._descending = column, order == Qt.SortOrder.DescendingOrder
        self._arrange()

    def item_at(self, row: int) -> int:
        """The number of the item in a row."""
        return self._shown[row]

    def row_of(self, item: int) -> int | None:
        """The row of an item; None while it is not shown."""
        return self._rows.get(item)

    def items_shown(self) -> list[int]:
        """The numbers of all items shown, from the top."""
        return list(self._shown)

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own signature
        return 0 if parent.isValid() else len(self._shown)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(Column)

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        if orientation == Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return HEADINGS[section]
        if role == Qt.ItemDataRole.TextAlignmentRole and section == Column.CONFIDENCE:
            return RIGHT
        return None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        column = Column(index.column())
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return RIGHT if column is Column.CONFIDENCE else None
        number = self._shown[index.row()]
        item, answer = self._items[number], self._found.get(number)
        judged = verdict(answer)
        if role == Qt.ItemDataRole.DecorationRole:
            return self._icons[judged] if column is Column.VERDICT else None
        if role == Qt.ItemDataRole.DisplayRole:
            return _CELLS[column](item, answer)[0]
        if role == SECOND_LINE:
            return _CELLS[column](item, answer)[1]
        if role == SECOND_COLOR and column is Column.ANSWER and answer is not None and answer.silent:
            return "warn"
        if role == Qt.ItemDataRole.ToolTipRole:
            return "\n".join(part for part in _CELLS[column](item, answer) if part)
        if role == Qt.ItemDataRole.AccessibleTextRole and column is Column.VERDICT:
            return judged.word
        return None

    def _arrange(self) -> None:
        self._pause.stop()
        shown = [number for number in range(len(self._items)) if self._wanted(number)]
        if self._column >= 0:
            key = _KEYS[Column(self._column)]
            shown.sort(key=lambda number: key(self._items[number], self._found.get(number)))
            if self._descending:
                shown.reverse()
        if shown == self._shown:
            return
        gaps = _gaps(self._shown, shown)
        if gaps is None:  # who shows the table finds the chosen row again by `row_of`
            self.beginResetModel()
            self._take_rows(shown)
            self.endResetModel()
        else:  # rows only come: what is chosen and where one has scrolled to stays
            for first, last in gaps:
                self.beginInsertRows(QModelIndex(), first, last)
                self._take_rows([*self._shown[:first], *shown[first : last + 1], *self._shown[first:]])
                self.endInsertRows()
        self.arranged.emit()

    def _take_rows(self, shown: list[int]) -> None:
        self._shown = shown
        self._rows = {number: row for row, number in enumerate(shown)}

    def _wanted(self, number: int) -> bool:
        wanted, item, answer = self._filter, self._items[number], self._found.get(number)
        if wanted.wrong_only and verdict(answer) not in WENT_WRONG:
            return False
        if wanted.cell is not None and cell_of(answer) != wanted.cell:
            return False
        sought = wanted.words
        if not sought:
            return True
        if number not in self._words:
            self._words[number] = _words(item, answer)
        words = self._words[number]
        return all(each in words for each in sought)

    def _paint_icons(self) -> None:
        for each in (WRONG, NO_ANSWER, NO_SPEECH, RIGHT_ONE, UNJUDGED, WAITING):
            self._icons[each] = icon(each.icon, self._theme, each.color, 16)


def cell_of(answer: BatchAnswer | None) -> tuple[str, str] | None:
    """The intent in the label and the one answered; None without the one or the other."""
    if answer is None or answer.answer is None or answer.item.label is None:
        return None
    predicted = answer.answer.label
    return answer.item.label.intent, NO_LABEL if predicted is None else predicted.intent


def answer_in_words(answer: BatchAnswer) -> str:
    """What was answered, on one line; without an answer, why there is none."""
    if answer.answer is None:
        return problem_in_words(answer) or ""
    label = answer.answer.label
    return f"no label: {answer.answer.raw or '(nothing)'}" if label is None else label.words


def _gaps(before: Sequence[int], after: Sequence[int]) -> list[tuple[int, int]] | None:
    """First and last rows of `after` that are new, when all of `before` is still there in its order and they
    are few."""
    if not before:
        return None
    gaps: list[tuple[int, int]] = []
    at = 0
    for row, number in enumerate(after):
        if at < len(before) and before[at] == number:
            at += 1
        elif gaps and gaps[-1][1] == row - 1:
            gaps[-1] = (gaps[-1][0], row)
        else:
            gaps.append((row, row))
    return gaps if at == len(before) and len(gaps) <= _MOST_GAPS else None


def _words(item: BatchItem, answer: BatchAnswer | None) -> str:
    parts = [item.name, item.text or "", item.label.words if item.label else ""]
    if answer is not None:
        parts += [answer_in_words(answer), verdict(answer).word]
    return " ".join(parts).casefold()


Cell = tuple[str, str]
"""The cell's first line and the smaller one below it."""


def _lines(label: Label | None, none: str) -> Cell:
    if label is None:
        return none, ""
    return label.intent, ", ".join(f"{slot.type}: {slot.filler}" for slot in label.slots)


def _utterance(item: BatchItem, _answer: BatchAnswer | None) -> Cell:
    return (item.name, "") if item.text is None else (item.text, item.name)


def _answered(_item: BatchItem, answer: BatchAnswer | None) -> Cell:
    if answer is None:
        return "", ""
    if answer.answer is None:
        first, _, rest = answer_in_words(answer).partition(". ")
        return ("", answer.silent[1]) if answer.silent else (first, rest)
    if answer.silent:
        return answer.answer.label.words if answer.answer.label else "no label", answer.silent[0]
    return _lines(answer.answer.label, "no label")


def _confidence(_item: BatchItem, answer: BatchAnswer | None) -> Cell:
    return ("" if answer is None or answer.answer is None else f"{100 * answer.answer.confidence:.0f} %"), ""


_CELLS: Final[Mapping[Column, Callable[[BatchItem, BatchAnswer | None], Cell]]] = {
    Column.VERDICT: lambda _item, answer: (verdict(answer).word, ""),
    Column.UTTERANCE: _utterance,
    Column.EXPECTED: lambda item, _answer: _lines(item.label, ""),
    Column.ANSWER: _answered,
    Column.CONFIDENCE: _confidence,
}
_KEYS: Final[Mapping[Column, Callable[[BatchItem, BatchAnswer | None], Any]]] = {
    Column.VERDICT: lambda _item, answer: verdict(answer).rank,
    Column.UTTERANCE: lambda item, _answer: item.name.casefold(),
    Column.EXPECTED: lambda item, _answer: item.label.words.casefold() if item.label else "",
    Column.ANSWER: lambda _item, answer: "" if answer is None else answer_in_words(answer).casefold(),
    Column.CONFIDENCE: lambda _item, answer: (
        answer.answer.confidence if answer is not None and answer.answer is not None else -1.0
    ),
}
