"""The list of runs as a table."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt
from PySide6.QtGui import QFont, QGuiApplication, QIcon

from core.evaluation.results import Interval
from core.runs.pace import seconds_taken
from core.runs.run import Run, RunState
from gui.formatting import duration, moment, percent, short_moment
from gui.icons import icon
from gui.theme import Theme, tabular

Index = QModelIndex | QPersistentModelIndex
ROOT = QModelIndex()


class StateLook(NamedTuple):
    """How a state is shown: always a word beside the icon, never colour alone."""

    word: str
    icon: str
    color: str


STATE_LOOKS: dict[RunState, StateLook] = {
    "starting": StateLook("Starting", "clock", "muted"),
    "running": StateLook("Running", "play", "accent"),
    "stopping": StateLook("Stopping", "pause", "warn"),
    "completed": StateLook("Completed", "good", "good"),
    "stopped": StateLook("Stopped", "stop", "muted"),
    "failed": StateLook("Failed", "bad", "bad"),
    "crashed": StateLook("Crashed", "bad", "bad"),
    "lost": StateLook("Lost", "warn", "warn"),
}


@dataclass(frozen=True)
class RunRow:
    """A run and its exact match on the final test speech, None until that was taken. break_s: see
    `core.runs.pace.seconds_of_breaks`. synthetic: whether some of that speech was an engine's."""

    run: Run
    exact_match: Interval | None
    break_s: float = 0.0
    synthetic: bool = False


TIME_TIP = "How long the run worked; the time between a stop and its resumption does not count."


def begun_at(run: Run) -> float:
    """When it started; for one that is being launched, when it was made."""
    return run.created_at if run.started_at is None else run.started_at


COLUMNS = ("State", "Name", "Scheme", "Speech", "Exact match, test speech", "Started", "Time")
NUMERIC = frozenset({3, 4, 5, 6})
STARTED, TIME = 5, 6


class RunTableModel(QAbstractTableModel):
    """Rows, those started last first until `sort` asks for another order. An update that changes no row's
    place changes cells only, so the selection stays."""

    def __init__(self, theme: Theme, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._rows: list[RunRow] = []
        self._sorted_by = STARTED
        self._order = Qt.SortOrder.DescendingOrder
        self._icons: dict[RunState, QIcon] = {}
        self._tabular = QFont()
        theme.changed.connect(self._repaint)
        self._repaint()

    def set_rows(self, rows: Sequence[RunRow]) -> None:
        rows = self._in_order(rows)
        if [row.run.id for row in rows] != [row.run.id for row in self._rows]:
            self.beginResetModel()
            self._rows = list(rows)
            self.endResetModel()
            return
        live = [index for index, row in enumerate(rows) if row != self._rows[index] or row.run.is_live]
        self._rows = list(rows)
        for index in live:
            self.dataChanged.emit(self.index(index, 0), self.index(index, len(COLUMNS) - 1))

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        """Order the rows, also those that come later. Views lose their selection."""
        self._sorted_by, self._order = column, order
        self.beginResetModel()
        self._rows = self._in_order(self._rows)
        self.endResetModel()

    def row_of(self, run_id: str) -> int | None:
        """Where a run stands in the table."""
        return next((index for index, row in enumerate(self._rows) if row.run.id == run_id), None)

    def run_at(self, row: int) -> Run:
        return self._rows[row].run

    def rowCount(self, parent: Index = ROOT) -> int:
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: Index = ROOT) -> int:
        return 0 if parent.isValid() else len(COLUMNS)

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        if orientation != Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return COLUMNS[section]
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _alignment(section)
        if role == Qt.ItemDataRole.ToolTipRole and section == TIME:
            return TIME_TIP
        return None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        row, column = self._rows[index.row()], index.column()
        match role:
            case Qt.ItemDataRole.ToolTipRole if column == STARTED:
                return moment(begun_at(row.run))
            case Qt.ItemDataRole.DisplayRole | Qt.ItemDataRole.ToolTipRole:
                return _words(row, column)
            case Qt.ItemDataRole.TextAlignmentRole:
                return _alignment(column)
            case Qt.ItemDataRole.DecorationRole if column == 0:
                return self._icons[row.run.state]
            case Qt.ItemDataRole.FontRole if column in NUMERIC:
                return self._tabular
            case Qt.ItemDataRole.AccessibleTextRole:
                return f"{COLUMNS[column]}: {_words(row, column)}"
        return None

    def _in_order(self, rows: Sequence[RunRow]) -> list[RunRow]:
        now = time.time()
        return sorted(
            rows,
            key=lambda row: _sort_key(row, self._sorted_by, now),
            reverse=self._order == Qt.SortOrder.DescendingOrder,
        )

    def _repaint(self) -> None:
        self._tabular = tabular(QGuiApplication.font())
        self._icons = {state: icon(look.icon, self._theme, look.color) for state, look in STATE_LOOKS.items()}
        if self._rows:
            self.dataChanged.emit(self.index(0, 0), self.index(len(self._rows) - 1, len(COLUMNS) - 1))


def _alignment(column: int) -> Qt.AlignmentFlag:
    side = Qt.AlignmentFlag.AlignRight if column in NUMERIC else Qt.AlignmentFlag.AlignLeft
    return side | Qt.AlignmentFlag.AlignVCenter


def _words(row: RunRow, column: int) -> str:
    run = row.run
    match column:
        case 0:
            return STATE_LOOKS[run.state].word
        case 1:
            return run.name
        case 2:
            return run.scheme.capitalize()
        case 3:
            return percent(run.speech_share) if run.speech_share else "–"
        case 4:
            return f"{row.exact_match}{', synthetic' * row.synthetic}" if row.exact_match else "–"
        case 5:
            return short_moment(begun_at(run), time.time())
        case _:
            taken = seconds_taken(run, time.time(), row.break_s)
            return "–" if taken is None else duration(taken)


def _sort_key(row: RunRow, column: int, now: float) -> tuple[Any, float]:
    """What a column sorts by; where that is the same, the run started last counts as more."""
    run = row.run
    match column:
        case 0 | 1 | 2:
            value: str | float = _words(row, column).casefold()
        case 3:
            value = run.speech_share
        case 4:
            value = -1.0 if row.exact_match is None else row.exact_match.value
        case 5:
            value = begun_at(run)
        case _:
            value = seconds_taken(run, now, row.break_s) or 0.0
    return value, begun_at(run)
