"""Runs: all runs in a table, and the selected one live."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import (
    QFrame,
    QGridLayout,
    QMessageBox,
    QScrollArea,
    QSplitter,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from core.runs.run import Run
from core.runs.store import LOG_FILE
from gui.context import AppContext
from gui.formatting import moment
from gui.item_models.runs import begun_at
from gui.run_watcher import RunDetails, RunWatcher, Snapshot
from gui.widgets.answer_list import AnswerList
from gui.widgets.basics import Card, button, primary_button
from gui.widgets.final_scores import FinalScores
from gui.widgets.log_window import LogWindow, read_tail
from gui.widgets.message import EmptyState
from gui.widgets.page_frame import PageFrame
from gui.widgets.run_plots import RunPlots
from gui.widgets.run_summary import RunSummary
from gui.widgets.run_table import RunTable


class RunsPage(PageFrame):
    """Shows what the database says about the runs; reads nothing while hidden."""

    title = "Runs"
    icon_name = "runs"
    try_run = Signal(str)

    def __init__(self, context: AppContext) -> None:
        super().__init__("Runs", hint="Training goes on by itself, also while the window is closed")
        self._context = context
        self._shown: RunDetails | None = None
        self._table = RunTable(context.theme)
        self._summary = RunSummary(context.theme)
        self._plots = RunPlots(context.theme)
        self._answers = AnswerList(context.theme)
        self._scores = FinalScores(context.theme)
        self._area = QScrollArea()
        self._stack = QStackedWidget()
        self._watcher = RunWatcher(context, self)
        self._lay_out()
        self._make_buttons()
        self._table.chosen.connect(self._watcher.watch)
        self._watcher.changed.connect(self._show)

    def select_run(self, run_id: str) -> None:
        """Bring a run into view; it may have been created this instant."""
        self._table.choose(run_id)
        self._watcher.look_now()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._watcher.start()

    def hideEvent(self, event: QHideEvent) -> None:
        self._watcher.stop()
        super().hideEvent(event)

    def _show(self, snapshot: Snapshot) -> None:
        self._stack.setCurrentIndex(1 if snapshot.rows else 0)
        self._table.show_rows(snapshot.rows)
        details = snapshot.details
        if details is None or details is self._shown:
            self._allow(details.run if details else None)
            return
        before, self._shown = self._shown, details
        if before is None or before.run.id != details.run.id:
            self._area.verticalScrollBar().setValue(0)
        self._details.setVisible(True)
        self._summary.show_details(details)
        self._plots.show_details(details)
        if before is None or before.predictions != details.predictions:
            self._answers.show_answers(details.predictions)
        if before is None or before.evaluations != details.evaluations:
            self._scores.show_scores(details.evaluations)
        self._allow(details.run)

    # ---- what can be done to the selected run

    def _make_buttons(self) -> None:
        self._delete = button("Delete...", "danger")
        self._log = button("Open log")
        self._stop = button("Stop")
        self._resume = button("Resume")
        self._try = primary_button("Try it")
        actions: list[tuple[Any, Callable[[Run], None]]] = [
            (self._delete, self._ask_delete),
            (self._log, self._open_log),
            (self._stop, self._stop_run),
            (self._resume, self._resume_run),
            (self._try, lambda run: self.try_run.emit(run.id)),
        ]
        for widget, act in actions:
            widget.clicked.connect(lambda _checked=False, act=act: self._with_run(act))
        footer = self.footer
        footer.addWidget(self._delete)
        footer.addWidget(self._log)
        footer.addStretch(1)
        for widget in (self._stop, self._resume, self._try):
            footer.addWidget(widget)
        self._allow(None)

    def _allow(self, run: Run | None) -> None:
        """Enable what this run's state allows; a disabled button says why on hover."""
        live = run is not None and run.is_live
        stopping = run is not None and (run.state == "stopping" or run.request == "stop")
        allowed = {
            self._delete: (run is not None and not live, "Stop the run before you delete it."),
            self._log: (run is not None, "Select a run."),
            self._stop: (live and not stopping, "Already stopping." if stopping else "The run has ended."),
            self._resume: (run is not None and run.is_resumable, "Only a run that ended early can go on."),
            self._try: (
                run is not None and run.state == "completed",
                "The run has no finished model yet.",
            ),
        }
        for widget, (possible, reason) in allowed.items():
            if possible:
                widget.setEnabled(True)
            else:
                self._disable(widget)
            widget.setToolTip("" if possible else reason)

    def _disable(self, widget: QWidget) -> None:
        # Qt would hand the keyboard on to the first button of the window.
        if widget.hasFocus():
            self._table.setFocus()
        widget.setEnabled(False)

    def _with_run(self, act: Callable[[Run], None]) -> None:
        if self._shown is not None:
            act(self._shown.run)

    def _stop_run(self, run: Run) -> None:
        self._disable(self._stop)
        self._change(lambda: self._context.supervisor.stop(run.id))

    def _resume_run(self, run: Run) -> None:
        self._disable(self._resume)
        self._change(lambda: self._context.supervisor.resume(run.id))

    def _ask_delete(self, run: Run) -> None:
        box = QMessageBox(self)
        box.setIcon(QMessageBox.Icon.Warning)
        box.setWindowTitle("Delete run")
        box.setText(f"Delete the run “{run.name}” of {moment(begun_at(run))}?")
        box.setInformativeText(
            f"Run {run.id}. Its model, checkpoints, plots and scores are removed. This cannot be undone."
        )
        delete = box.addButton("Delete", QMessageBox.ButtonRole.DestructiveRole)
        keep = box.addButton("Keep", QMessageBox.ButtonRole.RejectRole)
        box.setDefaultButton(keep)
        box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        delete.clicked.connect(lambda: self._change(lambda: self._context.run_store().delete(run.id)))
        box.open()

    def _change(self, act: Callable[[], object]) -> None:
        """Do something to a run off the UI thread, then look again; trouble goes to the error bar."""
        task = self._context.background.run(lambda _: act(), owner=self)
        task.finished.connect(self._watcher.look_now)

    def _open_log(self, run: Run) -> None:
        path = self._context.paths.run(run.id) / LOG_FILE
        self._context.background.run(
            lambda _: read_tail(path),
            success=lambda text: LogWindow(path, text, self).show(),
            owner=self,
        )

    # ---- layout

    def _lay_out(self) -> None:
        empty = EmptyState(
            self._context.theme,
            "runs",
            "No runs yet",
            "Start one on the Experiment page. Its progress, plots and scores appear here.",
        )
        card = Card()
        card.setContentsMargins(-15, -15, -15, -8)
        card.body.addWidget(self._table)
        card.setMinimumHeight(150)
        split = QSplitter(Qt.Orientation.Vertical)
        split.setChildrenCollapsible(False)
        split.setHandleWidth(12)
        split.addWidget(card)
        split.addWidget(self._make_details())
        split.setStretchFactor(0, 1)
        split.setStretchFactor(1, 3)
        split.setSizes([150, 450])
        self._stack.addWidget(empty)
        self._stack.addWidget(split)
        self.body.addWidget(self._stack)

    def _make_details(self) -> QWidget:
        inside = QWidget()
        inside.setProperty("role", "scrolled")
        grid = QGridLayout(inside)
        grid.setContentsMargins(0, 0, 4, 0)
        grid.setSpacing(16)
        grid.addWidget(self._scores, 0, 0, 1, 2)
        grid.addWidget(self._plots, 1, 0, 1, 2)
        grid.addWidget(self._answers, 2, 0, 1, 2)
        area = self._area
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setWidgetResizable(True)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.setWidget(inside)
        self._details = QWidget()
        column = QVBoxLayout(self._details)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(16)
        column.addWidget(self._summary)
        column.addWidget(area, 1)
        self._details.setVisible(False)
        return self._details
