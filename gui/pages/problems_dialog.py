"""What the checks say about a dataset: each problem with its place and what to do about it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, QSize, Qt
from PySide6.QtWidgets import (
    QDialog,
    QHBoxLayout,
    QHeaderView,
    QProgressBar,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from core.data.checks import check_dataset
from core.data.checks.problem import Problem
from gui.context import AppContext
from gui.formatting import grouped
from gui.icons import icon
from gui.theme import Theme
from gui.widgets.basics import button, label
from gui.widgets.message import InlineMessage
from gui.widgets.table import dress_table
from gui.widgets.two_lines import ROW_HEIGHT, SECOND_LINE, TwoLineDelegate

Index = QModelIndex | QPersistentModelIndex
SMALL, LARGE = QSize(560, 190), QSize(900, 520)
HEADINGS = ("Kind", "Where", "Problem and what to do")
_ICONS = {"error": ("bad", "bad"), "warning": ("warn", "warn")}
_WORDS = {"error": "Error", "warning": "Warning"}


class ProblemsDialog(QDialog):
    """Checks a dataset in the background and lists what it finds. Closing it cancels the check."""

    def __init__(self, context: AppContext, dataset: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(f"Check of {dataset}")
        self.resize(SMALL)
        self._theme = context.theme
        self.model = ProblemTable(context.theme)
        self.outcome = InlineMessage(context.theme)
        self._bar = QProgressBar(textVisible=False, maximum=0)
        self._bar.setAccessibleName("Progress of the check")
        self.table = QTableView()
        self._lay_out(dataset)
        self._task = context.background.run(
            lambda task: check_dataset(
                context.open_library(), dataset, progress=task.report, cancelled=task.is_cancelled
            ),
            success=self._show,
            owner=self,
        )
        self._task.progress.connect(self._show_progress)
        self._task.finished.connect(self._bar.hide)

    def done(self, result: int) -> None:
        self._task.cancel()
        super().done(result)

    def _show_progress(self, done: int, total: int) -> None:
        self._bar.setRange(0, total)
        self._bar.setValue(done)

    def _show(self, problems: Sequence[Problem]) -> None:
        self.model.show_problems(problems)
        self.table.setVisible(bool(problems))
        if problems:
            self.resize(LARGE)
        errors = sum(problem.severity == "error" for problem in problems)
        warnings = len(problems) - errors
        if errors:
            self.outcome.say("bad", f"{_count(errors, 'error')} and {_count(warnings, 'warning')}.")
        elif warnings:
            self.outcome.say("warn", f"No errors, {_count(warnings, 'warning')}.")
        else:
            self.outcome.say("good", "No problems found.")

    def _lay_out(self, dataset: str) -> None:
        dress_table(self.table, "Problems", ROW_HEIGHT)
        self.table.setModel(self.model)
        header = self.table.horizontalHeader()
        for column, width in enumerate((104, 180)):
            self.table.setColumnWidth(column, width)
        header.setSectionResizeMode(len(HEADINGS) - 1, QHeaderView.ResizeMode.Stretch)
        self.table.setItemDelegateForColumn(len(HEADINGS) - 1, TwoLineDelegate(self._theme, self.table))
        self.table.hide()
        close = button("Close")
        close.clicked.connect(self.accept)
        buttons = QHBoxLayout()
        buttons.addStretch(1)
        buttons.addWidget(close)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(24, 20, 24, 16)
        layout.setSpacing(16)
        layout.addWidget(label(f"Check of {dataset}", "section"))
        layout.addWidget(self._bar)
        layout.addWidget(self.outcome)
        layout.addWidget(self.table, 1)
        layout.addStretch(0)
        layout.addLayout(buttons)


class ProblemTable(QAbstractTableModel):
    """Problems, errors first."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._problems: Sequence[Problem] = ()

    def show_problems(self, problems: Sequence[Problem]) -> None:
        self.beginResetModel()
        self._problems = sorted(problems, key=lambda problem: problem.severity != "error")
        self.endResetModel()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own signature
        return 0 if parent.isValid() else len(self._problems)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(HEADINGS)

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        if orientation == Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return HEADINGS[section]
        return None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        problem = self._problems[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return (_WORDS[problem.severity], problem.where, problem.what)[index.column()]
        if role == SECOND_LINE:
            return problem.remedy
        if role == Qt.ItemDataRole.ToolTipRole:
            return f"{problem.where}\n{problem.what}\n{problem.remedy}"
        if role == Qt.ItemDataRole.DecorationRole and index.column() == 0:
            name, color = _ICONS[problem.severity]
            return icon(name, self._theme, color, 16)
        return None


def _count(number: int, word: str) -> str:
    return f"1 {word}" if number == 1 else f"{grouped(number)} {word}s"
