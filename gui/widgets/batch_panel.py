"""Many recordings or texts through the chosen model: answers, scores, and the errors by ear."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

from PySide6.QtCore import QModelIndex, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QCheckBox,
    QFileDialog,
    QHBoxLayout,
    QLineEdit,
    QProgressBar,
    QSplitter,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from core.evaluation.results import METRIC_TITLES, synthetic_in_words
from core.inference.batch import (
    Batch,
    BatchRow,
    confusion,
    run_batch,
    scores_of,
    write_rows,
)
from core.inference.client import LoadedModel
from gui.background import Task
from gui.context import AppContext
from gui.error_reporting import worded
from gui.formatting import counted, rough_duration
from gui.item_models.batch import BatchFilter, BatchTable, Column
from gui.widgets.basics import Card, button, label, primary_button
from gui.widgets.batch_source import BatchSource
from gui.widgets.confusion_matrix import ConfusionMatrix
from gui.widgets.message import InlineMessage
from gui.widgets.model_bar import ModelBar
from gui.widgets.table import dress_table
from gui.widgets.take_card import TakeCard

_PAUSE_MS: Final = 600
"""Between two errors that are listened to."""

Load = Callable[[], Batch]


class BatchPanel(QWidget):
    """One batch at a time; what came of it stays until the next begins. Questions from the microphone go
    first."""

    _came = Signal(object)
    """rows, from the thread that asks"""

    def __init__(self, context: AppContext, model: ModelBar, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self._model = model
        self._task: Task | None = None
        self._total = 0
        self._begun_at = 0.0
        self.source = BatchSource(context)
        self.asked = label("", "hint")
        self.start = primary_button("Start", theme=context.theme, icon="play")
        self.stop = button("Stop", theme=context.theme, icon="stop")
        self.export = button("Export...", theme=context.theme, icon="export")
        self.progress = QProgressBar()
        self.state = label("", "hint")
        self.scores = label("")
        self.message = InlineMessage(context.theme)
        self.search = QLineEdit()
        self.errors_only = QCheckBox("Errors only")
        self.listen = button("Listen to the errors", theme=context.theme, icon="volume")
        self.listen.setCheckable(True)
        self.model = BatchTable(context.theme, self)
        self.filter = BatchFilter(self)
        self.filter.setSourceModel(self.model)
        self.table = QTableView()
        self.matrix = ConfusionMatrix(context.theme)
        self.cell = label("", "hint")
        self.all_cells = button("All", "quiet")
        self.take_card = TakeCard(context, "Listen")
        self._next = QTimer(self, singleShot=True, interval=_PAUSE_MS)
        self._playing = QTimer(self, interval=100)
        self._lay_out()
        self._connect()
        self._allow()

    # -- running ---------------------------------------------------------------------------------------

    def begin(self) -> None:
        """Ask the chosen model about everything."""
        model, load = self._model.model, self.source.load()
        if model is None or not self._model.is_ready:
            self.message.say("warn", "The model is not ready yet. Try again in a moment.")
            return
        if load is None:
            self.source.ask_folder()
            return
        self.message.clear()
        self.model.clear()
        self._show_cell(None)
        self.scores.setText("")
        self._begun_at, self._total = time.monotonic(), 0
        self._task = self._context.background.run(
            self._work(load, model), success=self._finish, failure=self._fail, owner=self
        )
        self._task.progress.connect(self._show_progress)
        self._task.finished.connect(self._has_ended)
        self._allow()

    def _work(self, load: Load, model: LoadedModel) -> Callable[[Task], Batch]:
        def work(task: Task) -> Batch:
            batch = load()
            done = 0
            task.report(done, len(batch.items))
            ask = self._context.inference.predict_batch
            for rows in run_batch(batch, lambda items: ask(items, of=model), task.is_cancelled):
                done += len(rows)
                self._came.emit((task, rows))
                task.report(done, len(batch.items))
            return batch

        return work

    def _take(self, came: tuple[Task, list[BatchRow]]) -> None:
        task, rows = came
        if task is not self._task or task.is_cancelled():
            return
        self.model.add(rows)
        self.matrix.show_counts(confusion(self.model.rows))

    def _show_progress(self, done: int, total: int) -> None:
        self._total = total
        self.progress.setRange(0, max(1, total))
        self.progress.setValue(done)
        rest = ""
        if done:
            left_s = (time.monotonic() - self._begun_at) / done * (total - done)
            rest = f", {rough_duration(left_s)} left" if done < total else ""
        self.state.setText(f"{done} of {total}{rest}")

    def _finish(self, batch: Batch) -> None:
        if batch.notes:
            self.message.say("info", " ".join(batch.notes))

    def _fail(self, error: Exception) -> None:
        self.message.say_error(worded(error))

    def _halt(self) -> None:
        if self._task is not None:
            self._task.cancel()
            self.state.setText(f"Stopped after {len(self.model.rows)} of {self._total}")
            self._has_ended()

    def _has_ended(self) -> None:
        self._task = None
        self._show_scores()
        self._allow()

    def _show_scores(self) -> None:
        rows = self.model.rows
        found, n = scores_of(rows)
        parts = [f"{METRIC_TITLES[metric]} {score}" for metric, score in found.items()]
        wrong = sum(row.right is False for row in rows)
        problems = sum(bool(row.problem) for row in rows)
        lines = [f"{', '.join(parts)} ({counted(n, 'utterance')})" if parts else ""]
        lines.append(f"{counted(problems, 'problem')}." if problems else "")
        lines.append(synthetic_in_words(sum(row.item.synthetic for row in rows), len(rows)) if parts else "")
        self.scores.setText(" ".join(line for line in lines if line))
        self.listen.setText(f"Listen to the {counted(wrong, 'error')}" if wrong else "Listen to the errors")

    # -- looking and listening -------------------------------------------------------------------------

    def _filter(self) -> None:
        self.filter.errors_only = self.errors_only.isChecked()
        self.filter.search = self.search.text().strip()
        self.filter.refresh()

    def open_cell(self, gold: str, answered: str) -> None:
        """Show the rows of a cell of the matrix, and play the first."""
        self._show_cell((gold, answered))
        if self.filter.rowCount():
            self.table.selectRow(0)
            self.play()

    def _show_cell(self, cell: tuple[str, str] | None) -> None:
        self.filter.cell = cell
        self.filter.refresh()
        self.all_cells.setVisible(cell is not None)

    def _selected(self) -> BatchRow | None:
        index = self.table.selectionModel().currentIndex()
        return self.model.rows[self.filter.mapToSource(index).row()] if index.isValid() else None

    def play(self) -> None:
        """Play the selected recording."""
        row = self._selected()
        if row is not None and row.item.audio is not None:
            self.take_card.show_file(row.item.audio, play=True)

    def _show_row(self, _index: QModelIndex) -> None:
        row = self._selected()
        if row is not None and row.item.audio is not None and not self.listen.isChecked():
            self.take_card.show_file(row.item.audio, play=False)

    def _tour(self, on: bool) -> None:
        """Go through the errors by ear, from the first."""
        if not on:
            self._playing.stop()
            self._next.stop()
            self.take_card.stop()
            return
        self.errors_only.setChecked(True)
        self.table.clearSelection()
        self.table.setCurrentIndex(QModelIndex())
        self._go_on()

    def _go_on(self) -> None:
        row = self.table.selectionModel().currentIndex().row() + 1
        if row >= self.filter.rowCount():
            self.listen.setChecked(False)
            return
        self.table.selectRow(row)
        self.play()
        QTimer.singleShot(_PAUSE_MS, self._playing, self._playing.start)

    def _follow_playing(self) -> None:
        if not self._context.player.playing:
            self._playing.stop()
            if self.listen.isChecked():
                self._next.start()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_P, Qt.Key.Key_Space):
            self.play()
        else:
            super().keyPressEvent(event)

    # -- files -----------------------------------------------------------------------------------------

    def _ask_export(self) -> None:
        dialog = QFileDialog(self, "Export the answers", "answers.csv", "Table (*.csv);;JSON lines (*.jsonl)")
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.fileSelected.connect(lambda chosen: self.export_to(Path(chosen)))
        dialog.open()

    def export_to(self, file: Path) -> None:
        """Write all rows into a file: CSV, or JSON lines by its name."""
        rows = list(self.model.rows)
        self._context.background.run(
            lambda _task: write_rows(rows, file),
            success=lambda _nothing: self.message.say("good", f"Written: {file}"),
            failure=self._fail,
            owner=self,
            must_finish=True,
        )

    # -- building --------------------------------------------------------------------------------------

    def _allow(self) -> None:
        running = self._task is not None
        self.start.setDisabled(running)
        self.source.setDisabled(running)
        self.stop.setEnabled(running)
        self.progress.setVisible(running)
        for widget in (self.export, self.listen, self.errors_only, self.search):
            widget.setEnabled(bool(self.model.rows))

    def _connect(self) -> None:
        self._came.connect(self._take)
        self.start.clicked.connect(self.begin)
        self.stop.clicked.connect(self._halt)
        self.export.clicked.connect(self._ask_export)
        self.errors_only.toggled.connect(lambda _on: self._filter())
        self.search.textChanged.connect(lambda _text: self._filter())
        self.listen.toggled.connect(self._tour)
        self.matrix.opened.connect(self.open_cell)
        self.matrix.chosen.connect(self.cell.setText)
        self.all_cells.clicked.connect(lambda: self._show_cell(None))
        self.table.selectionModel().currentRowChanged.connect(self._show_row)
        self.table.doubleClicked.connect(lambda _index: self.play())
        self._next.timeout.connect(self._go_on)
        self._playing.timeout.connect(self._follow_playing)
        self._model.listed.connect(self.source.refresh)
        self._model.chosen.connect(lambda choice: self.asked.setText(f"Asked is {choice.title}"))

    def _lay_out(self) -> None:
        self.search.setPlaceholderText("Search")
        self.search.setAccessibleName("Search the answers")
        self.search.setClearButtonEnabled(True)
        self.progress.setTextVisible(False)
        self.progress.setAccessibleName("Progress")
        self.scores.setWordWrap(True)
        dress_table(self.table, "Answers")
        self.table.setModel(self.filter)
        self.table.setSortingEnabled(True)
        self.table.sortByColumn(-1, Qt.SortOrder.AscendingOrder)
        header = self.table.horizontalHeader()
        for column, width in (
            (Column.VERDICT, 92),
            (Column.NAME, 180),
            (Column.GOLD, 110),
            (Column.ANSWER, 110),
        ):
            header.resizeSection(column, width)
        header.setStretchLastSection(True)
        top = QHBoxLayout()
        top.setSpacing(8)
        top.addWidget(self.source, 1)
        top.addWidget(self.stop)
        top.addWidget(self.start)
        tools = QHBoxLayout()
        tools.setSpacing(8)
        tools.addWidget(self.search, 1)
        for tool in (self.errors_only, self.all_cells, self.listen, self.export):
            tools.addWidget(tool)
        left = Card(compact=True)
        left.body.addLayout(tools)
        left.body.addWidget(self.table, 1)
        matrix = Card("Which intent is taken for which")
        matrix.body.addWidget(self.matrix, 1)
        matrix.body.addWidget(self.cell)
        self.take_card.setMaximumHeight(160)
        right = QWidget()
        beside = QVBoxLayout(right)
        beside.setContentsMargins(0, 0, 0, 0)
        beside.setSpacing(12)
        beside.addWidget(matrix, 1)
        beside.addWidget(self.take_card)
        halves = QSplitter(Qt.Orientation.Horizontal)
        halves.setChildrenCollapsible(False)
        halves.setHandleWidth(12)
        halves.addWidget(left)
        halves.addWidget(right)
        halves.setSizes([560, 480])
        halves.setStretchFactor(0, 1)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(8)
        whole.addLayout(top)
        whole.addWidget(self.asked)
        for line in (self.progress, self.state, self.scores, self.message):
            whole.addWidget(line)
        whole.addWidget(halves, 1)
