"""What the checks say about a dataset: each problem with its place, what to do about it, and quarantine."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from PySide6.QtCore import (
    QAbstractTableModel,
    QItemSelection,
    QItemSelectionModel,
    QModelIndex,
    QPersistentModelIndex,
    QSize,
    Qt,
    Signal,
)
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
from core.data.findings import Findings
from core.data.problem import Problem
from gui.background import Task
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
    """What the last check of a dataset found, or a first check in the background; closing it cancels that.

    changed: it was checked, or utterances were quarantined or released. utterance_asked: somebody wants to
    see the utterance with this key; the dialog closes.
    """

    changed = Signal()
    utterance_asked = Signal(str)

    def __init__(self, context: AppContext, dataset: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(f"Check of {dataset}")
        self.resize(SMALL)
        self._context = context
        self._dataset = dataset
        self._done: list[Sequence[str]] = []
        self.model = ProblemTable(context.theme)
        self.outcome = InlineMessage(context.theme)
        self._bar = QProgressBar(textVisible=False, maximum=0)
        self._bar.setAccessibleName("Progress of the check")
        self.table = QTableView()
        self.alike = button("Select all of this kind")
        self.alike.clicked.connect(self._select_alike)
        self.quarantine = button(
            "Quarantine", tip="Keep these utterances, but neither train nor test on them"
        )
        self.quarantine.clicked.connect(self._quarantine)
        self.undo = button("Undo")
        self.undo.clicked.connect(self._undo)
        self._when = label("", "hint")
        self._again = button("Check again")
        self._again.clicked.connect(self._check)
        self._again.hide()
        self._lay_out(dataset)
        self._allow()
        self._task = context.background.run(
            lambda _task: context.open_library().findings.of(dataset), success=self._show_last, owner=self
        )

    def done(self, result: int) -> None:
        self._task.cancel()
        super().done(result)

    def _show_last(self, findings: Findings | None) -> None:
        if findings is None:
            self._check()
            return
        self._bar.hide()
        self._show(findings.problems)
        when = f"{datetime.fromisoformat(findings.when).astimezone():%d %b %H:%M}"
        changes = f"; {_count(findings.changes, 'change')} by hand since" if findings.changes else ""
        self._when.setText(f"Checked {when}{changes}")
        self._again.show()

    def _check(self) -> None:
        self._bar.setRange(0, 0)
        self._bar.show()
        self._again.setEnabled(False)
        self._task = self._context.background.run(
            lambda task: check_dataset(
                self._context.open_library(),
                self._dataset,
                progress=task.report,
                cancelled=task.is_cancelled,
            ),
            success=self._checked,
            owner=self,
        )
        self._task.progress.connect(self._show_progress)
        self._task.finished.connect(self._ended)

    def _ended(self) -> None:
        self._bar.hide()
        self._again.setEnabled(True)

    def _checked(self, problems: Sequence[Problem]) -> None:
        self._when.clear()
        self._show(problems)
        self.changed.emit()

    def _show_progress(self, done: int, total: int) -> None:
        self._bar.setRange(0, total)
        self._bar.setValue(done)

    def _show(self, problems: Sequence[Problem]) -> None:
        self.model.show_problems(problems)
        for widget in (self.table, self.alike, self.quarantine, self.undo):
            widget.setVisible(bool(problems))
        if problems:
            self.resize(LARGE)
        errors = sum(problem.severity == "error" for problem in problems)
        warnings = len(problems) - errors
        if errors:
            self.outcome.say(
                "bad", f"{_count(errors, 'error')} and {_count(warnings, 'warning')}: {_kinds(problems)}."
            )
        elif warnings:
            self.outcome.say("warn", f"No errors, {_count(warnings, 'warning')}: {_kinds(problems)}.")
        else:
            self.outcome.say("good", "No problems found.")

    def _open_utterance(self, index: QModelIndex) -> None:
        keys = self.model.in_use(index.row())
        if keys:
            self.utterance_asked.emit(keys[0])
            self.accept()

    # ---- quarantine

    def _chosen(self) -> list[Problem]:
        rows = self.table.selectionModel().selectedRows()
        return [self.model.problem(index.row()) for index in rows]

    def _select_alike(self) -> None:
        kinds = {problem.kind for problem in self._chosen()}
        selection = QItemSelection()
        for row in range(self.model.rowCount()):
            if self.model.problem(row).kind in kinds:
                index = self.model.index(row, 0)
                selection.select(index, index)
        flags = QItemSelectionModel.SelectionFlag
        self.table.selectionModel().select(selection, flags.ClearAndSelect | flags.Rows)

    def _quarantine(self) -> None:
        reasons: dict[str, set[str]] = defaultdict(set)
        for problem in self._chosen():
            reasons[problem.kind].update(problem.keys)

        def work(_task: Task) -> list[str]:
            library = self._context.open_library()
            return [
                key
                for reason, keys in reasons.items()
                for key in library.quarantine(self._dataset, sorted(keys), reason)
            ]

        self._context.background.run(work, success=self._quarantined, owner=self)

    def _quarantined(self, keys: Sequence[str]) -> None:
        if keys:
            self._done.append(keys)
        self._changed()

    def _undo(self) -> None:
        keys = self._done.pop()
        self._context.background.run(
            lambda _task: self._context.open_library().release(self._dataset, keys),
            success=lambda _released: self._changed(),
            owner=self,
        )

    def _changed(self) -> None:
        self.model.mark_quarantined({key for keys in self._done for key in keys})
        self._allow()
        self.changed.emit()

    def _allow(self) -> None:
        chosen = self._chosen()
        keys = {key for problem in chosen for key in problem.keys} - self.model.quarantined
        self.quarantine.setText(f"Quarantine {_count(len(keys), 'utterance')}" if keys else "Quarantine")
        self.quarantine.setEnabled(bool(keys))
        self.alike.setEnabled(bool(chosen))
        self.undo.setEnabled(bool(self._done))

    def _lay_out(self, dataset: str) -> None:
        dress_table(self.table, "Problems", ROW_HEIGHT)
        self.table.setModel(self.model)
        self.table.doubleClicked.connect(self._open_utterance)
        self.table.setSelectionMode(QTableView.SelectionMode.ExtendedSelection)
        self.table.selectionModel().selectionChanged.connect(self._allow)
        header = self.table.horizontalHeader()
        for column, width in enumerate((152, 180)):
            self.table.setColumnWidth(column, width)
        header.setSectionResizeMode(len(HEADINGS) - 1, QHeaderView.ResizeMode.Stretch)
        self.table.setItemDelegateForColumn(
            len(HEADINGS) - 1, TwoLineDelegate(self._context.theme, self.table)
        )
        close = button("Close")
        close.clicked.connect(self.accept)
        buttons = QHBoxLayout()
        for each in (self.alike, self.quarantine, self.undo):
            buttons.addWidget(each)
            each.hide()
        self.table.hide()
        buttons.addStretch(1)
        buttons.addWidget(close)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(24, 20, 24, 16)
        layout.setSpacing(16)
        heading = QHBoxLayout()
        heading.addWidget(label(f"Check of {dataset}", "section"))
        heading.addStretch(1)
        heading.addWidget(self._when)
        heading.addWidget(self._again)
        layout.addLayout(heading)
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
        self.quarantined: frozenset[str] = frozenset()

    def show_problems(self, problems: Sequence[Problem]) -> None:
        self.beginResetModel()
        self._problems = sorted(problems, key=lambda problem: problem.severity != "error")
        self.endResetModel()

    def problem(self, row: int) -> Problem:
        return self._problems[row]

    def in_use(self, row: int) -> list[str]:
        """The utterances with this problem that are not set aside, by key."""
        return [key for key in self._problems[row].keys if key not in self.quarantined]

    def mark_quarantined(self, keys: Iterable[str]) -> None:
        """These utterances are set aside now, and no others."""
        self.quarantined = frozenset(keys)
        self.dataChanged.emit(self.index(0, 0), self.index(self.rowCount() - 1, 0))

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
            state = "Quarantined" if self._is_settled(problem) else _WORDS[problem.severity]
            return (state, _short(problem.where), problem.what)[index.column()]
        if role == SECOND_LINE:
            return problem.remedy
        if role == Qt.ItemDataRole.ToolTipRole:
            opens = "\nDouble-click to see it." if self.in_use(index.row()) else ""
            return f"{problem.where}\n{problem.what}\n{problem.remedy}{opens}"
        if role == Qt.ItemDataRole.DecorationRole and index.column() == 0:
            name, color = ("good", "muted") if self._is_settled(problem) else _ICONS[problem.severity]
            return icon(name, self._theme, color, 16)
        return None

    def _is_settled(self, problem: Problem) -> bool:
        return bool(problem.keys) and self.quarantined.issuperset(problem.keys)


def _count(number: int, word: str) -> str:
    return f"1 {word}" if number == 1 else f"{grouped(number)} {word}s"


def _kinds(problems: Sequence[Problem]) -> str:
    """ "209 silence behind, 47 noisy"."""
    return ", ".join(f"{number} {kind}" for kind, number in Counter(p.kind for p in problems).most_common())


def _short(where: str) -> str:
    """Of a path its end, which tells files apart; the tooltip has all of it."""
    path = Path(where)
    return path.name if path.is_absolute() else where
