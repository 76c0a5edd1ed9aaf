"""The answers of a batch: a table to search, sort and hear, and beside it which intents were confused."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Final

from PySide6.QtCore import QSize, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QApplication,
    QCheckBox,
    QFileDialog,
    QHBoxLayout,
    QHeaderView,
    QLineEdit,
    QSplitter,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from core.evaluation.batch.answers import BatchAnswer
from core.evaluation.batch.export import write_table
from core.evaluation.batch.items import Batch
from core.evaluation.batch.scores import NO_LABEL, BatchScores
from gui.batch_run import BatchRun
from gui.clip_player import ClipPlayer
from gui.context import AppContext
from gui.formatting import counted, grouped
from gui.item_models.batch_answers import BatchTable, Column, Filter
from gui.widgets.basics import button, label
from gui.widgets.confusion_matrix import ConfusionMatrix
from gui.widgets.listening_bar import ListeningBar
from gui.widgets.table import dress_table
from gui.widgets.two_lines import ROW_HEIGHT, TwoLineDelegate

SEARCH_PAUSE_MS: Final = 200
_WIDTHS: Final = {Column.VERDICT: 112, Column.CONFIDENCE: 70}
_SHARES: Final = (0.56, 0.44)
"""Of the width, for the table and for the confusions beside it."""
_FORMATS: Final = "Table (*.csv);;JSON lines (*.jsonl)"


class BatchResults(QWidget):
    """Shows what `run` brings. Space, P or a double click plays the selected recording, and stops it."""

    def __init__(self, context: AppContext, run: BatchRun, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self._run = run
        self._chosen: int | None = None
        self.player = ClipPlayer(context, self)
        self.player.failed.connect(context.errors.report)
        self.model = BatchTable(context.theme, self)
        self.table = _AnswerTable()
        self.matrix = ConfusionMatrix(context.theme)
        self.listening = ListeningBar(context.theme, self.player)
        self.search = QLineEdit(placeholderText="Search utterances and answers", clearButtonEnabled=True)
        self.search.setAccessibleName("Search utterances and answers")
        self.wrong_only = QCheckBox("Errors only")
        self.wrong_only.setToolTip("Wrong answers, recordings without an answer, and those without speech")
        self.cell = button("", theme=context.theme, icon="close", tip="Show all cells again")
        self.cell.hide()
        self.count = label("", "hint")
        self.listen = button("Listen to the errors", theme=context.theme, icon="play")
        self.confused = button("Confusions")
        self.confused.setCheckable(True)
        self.export = button("Export\N{HORIZONTAL ELLIPSIS}", theme=context.theme, icon="export")
        self._split = QSplitter(Qt.Orientation.Horizontal)
        self._pause = QTimer(self, interval=SEARCH_PAUSE_MS, singleShot=True)
        self._make_table()
        self._connect()
        self._lay_out()
        self._say()

    def show_batch(self, batch: Batch) -> None:
        """Begin anew with what will be asked."""
        self.silence()
        self._chosen = None
        self._leave_cell()
        self.model.show_items(batch.items)
        self.show_scores(None)
        self._say()

    def take(self, found: Mapping[int, BatchAnswer]) -> None:
        """Some answers have come."""
        self.model.take(found)
        self._say()

    def show_scores(self, scores: BatchScores | None) -> None:
        """Show who is taken for whom; nothing while that is unknown."""
        self.matrix.show_confusions(None if scores is None else scores.confusions)
        self.confused.setEnabled(scores is not None)
        self.confused.setChecked(scores is not None and bool(scores.confusions.wrong))

    def silence(self) -> None:
        """End all sound; harmless without."""
        self.listening.stop()
        self.player.stop()

    def play_or_stop(self) -> None:
        """Play the selected recording; once more, and it stops."""
        answer = None if self._chosen is None else self._run.found.get(self._chosen)
        batch = self._run.batch
        if self.player.path is not None:
            self.silence()
        elif batch is not None and self._chosen is not None:
            audio = (answer.item if answer is not None else batch.items[self._chosen]).audio
            if audio is not None:
                self.player.play(audio)

    def write(self, path: Path) -> None:
        """Export all answers so far to a file, by its ending."""
        answers = self._run.in_order
        self._context.background.run(
            lambda _task: write_table(path, answers),
            success=lambda _nothing: self.count.setText(f"Written: {path}"),
            owner=self,
            must_finish=True,
        )

    # ---- inside

    def _connect(self) -> None:
        self.search.textChanged.connect(lambda _text: self._pause.start())
        self._pause.timeout.connect(self._narrow)
        self.wrong_only.toggled.connect(self._narrow)
        self.cell.clicked.connect(self._leave_cell)
        self.model.arranged.connect(self._find_chosen)
        self.table.selectionModel().currentRowChanged.connect(self._choose)
        self.table.play_asked.connect(self.play_or_stop)
        self.table.doubleClicked.connect(self.play_or_stop)
        self.matrix.clicked.connect(partial(self._open_cell, play_all=False))
        self.matrix.entered.connect(partial(self._open_cell, play_all=True))
        self.listening.at.connect(self._select)
        self.listening.ended.connect(self._take_keyboard_back)
        self.listen.clicked.connect(self._listen_to_errors)
        self.confused.toggled.connect(self._show_matrix)
        self.export.clicked.connect(self._ask_where)

    @Slot(bool)
    def _show_matrix(self, shown: bool) -> None:
        self.matrix.setVisible(shown)
        if shown:
            self._split.setSizes([round(share * self._split.width()) for share in _SHARES])

    @Slot()
    def _narrow(self) -> None:
        self._set_filter(self.model.filter.cell)

    def _set_filter(self, cell: tuple[str, str] | None) -> None:
        self._pause.stop()
        self.model.narrow(Filter(self.search.text(), self.wrong_only.isChecked(), cell))
        self.cell.setVisible(cell is not None)
        if cell is not None:
            words = f"{cell[0]} \N{RIGHTWARDS ARROW} {'no label' if cell[1] == NO_LABEL else cell[1]}"
            self.cell.setText(words)
            self.cell.setAccessibleName(f"Only {words}; press to show all again")
        self._say()

    @Slot()
    def _leave_cell(self) -> None:
        self._set_filter(None)

    def _open_cell(self, expected: str, answered: str, *, play_all: bool) -> None:
        """List the cell's answers and hear the first, or all of them."""
        self.wrong_only.setChecked(False)
        self.search.clear()
        self._set_filter((expected, answered))
        numbers = self.model.items_shown()
        if numbers:
            self._select(numbers[0])
            self._hear(numbers if play_all else numbers[:1])

    @Slot()
    def _listen_to_errors(self) -> None:
        numbers = [number for number in self.model.items_shown() if self._is_wrong(number)]
        self._hear(numbers or [number for number in sorted(self._run.found) if self._is_wrong(number)])
        self.listening.setFocus()

    @Slot()
    def _take_keyboard_back(self) -> None:
        if self.listening.hasFocus() or self.listening.isAncestorOf(QApplication.focusWidget() or self):
            self.table.setFocus()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape and self.player.path is not None:
            self.silence()
        else:
            super().keyPressEvent(event)

    def _hear(self, numbers: list[int]) -> None:
        self.silence()
        self.listening.listen([(number, self._run.found[number]) for number in numbers])

    def _is_wrong(self, number: int) -> bool:
        answer = self._run.found.get(number)
        return answer is not None and answer.correct is False

    @Slot()
    def _choose(self) -> None:
        index = self.table.currentIndex()
        if index.isValid():
            self._chosen = self.model.item_at(index.row())

    @Slot(int)
    def _select(self, number: int) -> None:
        self._chosen = number
        self._find_chosen()

    @Slot()
    def _find_chosen(self) -> None:
        """Other rows are shown: the chosen one stays so, wherever it stands now."""
        row = None if self._chosen is None else self.model.row_of(self._chosen)
        if row is not None and self.table.currentIndex().row() != row:
            self.table.selectRow(row)
            self.table.scrollTo(self.model.index(row, 0))
        self._say()

    @Slot()
    def _ask_where(self) -> None:
        name = f"{self._run.title or 'answers'}.csv".replace("/", "-")
        chosen, kind = QFileDialog.getSaveFileName(self, "Export the answers", name, _FORMATS)
        if chosen:
            path = Path(chosen)
            self.write(path if path.suffix else path.with_suffix(".jsonl" if "jsonl" in kind else ".csv"))

    def _say(self) -> None:
        batch, found = self._run.batch, self._run.found
        total = 0 if batch is None else len(batch.items)
        shown = self.model.rowCount()
        wrong = sum(answer.correct is False for answer in found.values())
        if total and not shown:
            self.count.setText("Nothing matches. Clear the search or the filter.")
        elif shown == total:
            self.count.setText(counted(total, "utterance"))
        else:
            self.count.setText(f"{grouped(shown)} of {counted(total, 'utterance')}")
        heard = batch is not None and batch.input == "speech"
        self.listen.setEnabled(bool(wrong) and heard)
        self.listen.setToolTip(
            "Play the recordings that were answered wrongly, one after the other, of those shown in the table"
            if heard
            else "Texts cannot be heard: ask about recordings"
        )
        self.export.setEnabled(bool(found))

    def _make_table(self) -> None:
        table, theme = self.table, self._context.theme
        dress_table(table, "Answers", ROW_HEIGHT)
        table.setIconSize(QSize(16, 16))
        for column in (Column.UTTERANCE, Column.EXPECTED, Column.ANSWER):
            table.setItemDelegateForColumn(column, TwoLineDelegate(theme, table))
        table.setModel(self.model)
        header = table.horizontalHeader()
        for fixed, width in _WIDTHS.items():
            table.setColumnWidth(fixed, width)
        for column in (Column.UTTERANCE, Column.EXPECTED, Column.ANSWER):
            header.setSectionResizeMode(column, QHeaderView.ResizeMode.Stretch)
        # As they stand in the batch until somebody asks for another order; a third click brings that back.
        table.setSortingEnabled(True)
        header.setSortIndicatorClearable(True)
        header.setSortIndicator(-1, Qt.SortOrder.AscendingOrder)

    def _lay_out(self) -> None:
        above = QHBoxLayout()
        above.setSpacing(8)
        above.addWidget(self.search, 1)
        for each in (self.wrong_only, self.cell, self.listen, self.confused, self.export):
            above.addWidget(each)
        split = self._split
        split.setChildrenCollapsible(False)
        split.addWidget(self.table)
        split.addWidget(self.matrix)
        split.setHandleWidth(16)
        self.table.setMinimumWidth(380)
        self.matrix.setMinimumWidth(260)
        self.matrix.hide()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        layout.addLayout(above)
        layout.addWidget(self.listening)
        layout.addWidget(split, 1)
        layout.addWidget(self.count)


class _AnswerTable(QTableView):
    play_asked = Signal()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Space, Qt.Key.Key_P) and not event.modifiers():
            # The keyboard's first arrival makes a row current without selecting it.
            if self.currentIndex().isValid():
                self.selectRow(self.currentIndex().row())
            self.play_asked.emit()
        else:
            super().keyPressEvent(event)
