"""The list of runs as a table."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt
from PySide6.QtGui import QFont, QGuiApplication, QIcon

from core.evaluation.results import Interval
from core.runs.run import Run, RunState
from gui.formatting import duration, percent
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
    """A run and its exact match on the final test speech, None until that was taken."""

    run: Run
    exact_match: Interval | None


def seconds_taken(run: Run, now: float) -> float | None:
    """Time since the start, or from start to end; None for a run that has not started."""
    if run.started_at is None:
        return None
    return (run.ended_at if run.ended_at is not None and not run.is_live else now) - run.started_at


COLUMNS = ("State", "Name", "Scheme", "Speech", "Exact match, test speech", "Time")
NUMERIC = frozenset({3, 4, 5})


class RunTableModel(QAbstractTableModel):
    """Rows in the order given. An update with the same runs changes cells only, so the selection stays."""

    def __init__(self, theme: Theme, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._rows: list[RunRow] = []
        self._icons: dict[RunState, QIcon] = {}
        self._tabular = QFont()
        theme.changed.connect(self._repaint)
        self._repaint()

    def set_rows(self, rows: Sequence[RunRow]) -> None:
        if [row.run.id for row in rows] != [row.run.id for row in self._rows]:
            self.beginResetModel()
            self._rows = list(rows)
            self.endResetModel()
            return
        live = [index for index, row in enumerate(rows) if row != self._rows[index] or row.run.is_live]
        self._rows = list(rows)
        for index in live:
            self.dataChanged.emit(self.index(index, 0), self.index(index, len(COLUMNS) - 1))

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
        return None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        row, column = self._rows[index.row()], index.column()
        match role:
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
            return str(row.exact_match) if row.exact_match else "–"
        case _:
            taken = seconds_taken(run, time.time())
            return "–" if taken is None else duration(taken)
