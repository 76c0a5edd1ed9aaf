"""Looking through a dataset: filters, the lazy table, and listening."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import (
    QHBoxLayout,
    QHeaderView,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from core.audio.files import SAMPLE_RATE, read_audio
from core.data.summary import DatasetSummary
from core.data.utterance import Utterance
from gui.background import Task
from gui.context import AppContext
from gui.formatting import counted
from gui.item_models.utterances import Column, UtteranceTable
from gui.widgets.basics import button, label
from gui.widgets.table import dress_table
from gui.widgets.two_lines import ROW_HEIGHT, TwoLineDelegate
from gui.widgets.utterance_filters import UtteranceFilters

PLAYING_CHECK_MS = 100
_WIDTHS = {
    Column.PLAY: 36,
    Column.PROBLEM: 30,
    Column.SPLIT: 92,
    Column.SECONDS: 74,
}


class UtteranceBrowser(QWidget):
    """The utterances of one dataset. Enter, Space, a double click or the arrow plays a recording.

    changed: quarantined utterances are used again. chosen: another row is the current one, or what it shows
    has changed; None when there is none. widened: the choice of an intent was given up.
    """

    changed = Signal()
    widened = Signal()
    chosen = Signal(object)

    def __init__(self, context: AppContext, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self._dataset: str | None = None
        self._intent: str | None = None
        self._playing: Utterance | None = None
        self._chosen: Utterance | None = None
        self._wanted: int | None = None
        """The utterance to be chosen once the rows that hold it are there."""
        self._loading: Task | None = None
        self.model = UtteranceTable(context, self)
        self.table = _PlayableTable()
        self.release = button("Use these again", tip="End the quarantine of the selected utterances")
        self.release.clicked.connect(self._release)
        self.release.hide()
        self.model.counted.connect(self._say_count)
        self.filters = UtteranceFilters(context)
        self.filters.changed.connect(self._show)
        self.count = label("", "hint")
        self._make_table()
        self._playing_check = QTimer(self, interval=PLAYING_CHECK_MS)
        self._playing_check.timeout.connect(self._notice_end)
        self._lay_out()

    def show_dataset(self, dataset: DatasetSummary | None) -> None:
        """Show another dataset from its beginning, with the filters it has in common with the last one."""
        self.stop()
        name = None if dataset is None else dataset.name
        if name != self._dataset:
            self._intent = None
        self._dataset = name
        if dataset is None:
            self.filters.show_dataset(None, ())
            self._show()
            return
        self._context.background.run(
            lambda _task: self._context.open_library().findings.kinds(dataset.name),
            success=lambda kinds: self._offer(dataset, kinds),
            owner=self,
        )

    def _offer(self, dataset: DatasetSummary, problems: Sequence[tuple[str, int]]) -> None:
        if dataset.name == self._dataset:
            self.filters.show_dataset(dataset, problems)
            self._show()

    def open_utterance(self, utterance_id: int) -> None:
        """Choose this utterance, without the filters where they leave it out."""
        if self._select(utterance_id):
            return
        self._wanted = utterance_id
        self._intent = None
        self.filters.widen()
        self.widened.emit()
        self._show()

    def _select(self, utterance_id: int) -> bool:
        row = self.model.row_of(utterance_id)
        if row is None:
            return False
        index = self.model.index(row, Column.UTTERANCE)
        index.data()  # has its page read, should it not be in sight
        self.table.selectRow(row)
        self.table.scrollTo(index)
        return True

    def _take_rows(self) -> None:
        self._choose()
        if self._wanted is not None and self._select(self._wanted):
            self._wanted = None

    def read_again(self) -> None:
        """An utterance was changed: show it as it is now, and the rest where it was."""
        self.model.read_again()

    def show_intent(self, intent: str | None) -> None:
        """Only utterances of this intent; None for all."""
        self._intent = intent
        self._show()

    def play(self, row: int) -> None:
        """Play the recording of a row, or stop it when it is the one that plays."""
        utterance = self.model.utterance(row)
        if utterance is None or utterance.audio is None:
            return
        if self._playing is not None and self._playing.id == utterance.id:
            self.stop()
            return
        self._forget_playing()
        self._playing = utterance
        self.model.mark_playing(utterance.id)
        self._loading = self._context.background.run(
            partial(self._play_file, utterance.audio),
            success=self._started,
            failure=self._failed,
            owner=self,
        )

    def stop(self) -> None:
        """End the sound; harmless in silence."""
        if self._playing is not None:
            self._forget_playing()
            self._context.background.run(self._silence)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        # The longest names of voices are whole in a usual window; a narrow one belongs to the utterances.
        self.table.setColumnWidth(Column.SPEAKER, max(110, min(212, round(0.28 * self.width()))))

    # ---- inside

    def _lay_out(self) -> None:
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        layout.addWidget(self.filters)
        layout.addWidget(self.table, 1)
        below = QHBoxLayout()
        below.addWidget(self.count, 1)
        below.addWidget(self.release)
        layout.addLayout(below)

    def _make_table(self) -> None:
        dress_table(self.table, "Utterances", ROW_HEIGHT)
        self.table.setItemDelegateForColumn(
            Column.UTTERANCE, TwoLineDelegate(self._context.theme, self.table)
        )
        self.table.setItemDelegateForColumn(Column.SPEAKER, _MiddleElided(self.table))
        self.table.setModel(self.model)
        self.table.clicked.connect(self._click)
        self.table.doubleClicked.connect(self._double_click)
        self.table.play_asked.connect(self.play)
        header = self.table.horizontalHeader()
        for column, width in _WIDTHS.items():
            self.table.setColumnWidth(column, width)
        header.setSectionResizeMode(Column.UTTERANCE, QHeaderView.ResizeMode.Stretch)
        for column in (Column.PLAY, Column.PROBLEM):
            header.setSectionResizeMode(column, QHeaderView.ResizeMode.Fixed)
        # As imported until somebody asks for another order; a third click brings that back.
        self.table.setSortingEnabled(True)
        header.setSortIndicatorClearable(True)
        header.setSortIndicator(-1, Qt.SortOrder.AscendingOrder)
        self.table.selectionModel().currentRowChanged.connect(lambda *_: self._choose())
        self.model.modelReset.connect(self._take_rows)
        self.model.dataChanged.connect(lambda *_: self._choose())

    def _show(self) -> None:
        quarantined = self.filters.quarantined
        self.release.setVisible(quarantined)
        selection = QTableView.SelectionMode
        self.table.setSelectionMode(selection.ExtendedSelection if quarantined else selection.SingleSelection)
        if self._dataset is None:
            self.model.show_query(None)
            return
        self.model.show_query(self.filters.query(self._dataset, self._intent))

    def _say_count(self, count: int) -> None:
        filtered = self._intent is not None or self.filters.narrow
        if count == 0 and filtered:
            self.count.setText("No utterance matches. Widen the filters or clear the search.")
        else:
            self.count.setText(counted(count, "utterance"))

    def _choose(self) -> None:
        index = self.table.currentIndex()
        utterance = self.model.utterance(index.row())
        if utterance is None and index.isValid():
            return  # its page is still to be read
        if utterance != self._chosen:
            self._chosen = utterance
            self.chosen.emit(utterance)

    def _release(self) -> None:
        dataset = self._dataset
        rows = [self.model.utterance(index.row()) for index in self.table.selectionModel().selectedRows()]
        keys = [utterance.key for utterance in rows if utterance is not None]
        if dataset is not None and keys:
            self._context.background.run(
                lambda _task: self._context.open_library().release(dataset, keys),
                success=lambda _released: self._released(),
                owner=self,
            )

    def _released(self) -> None:
        self._show()
        self.changed.emit()

    def _click(self, index: QModelIndex) -> None:
        if index.column() == Column.PLAY:
            self.play(index.row())

    def _double_click(self, index: QModelIndex) -> None:
        # The first click of a double click on the arrow has played already.
        if index.column() != Column.PLAY:
            self.play(index.row())

    def _play_file(self, audio: Path, task: Task) -> None:
        samples = read_audio(audio)
        task.raise_if_cancelled()
        self._context.player.play(samples, SAMPLE_RATE)

    def _silence(self, _task: Task) -> None:
        # Not when the next recording was asked for meanwhile: its start has replaced this sound.
        if self._playing is None:
            self._context.player.stop()

    def _started(self, _nothing: None) -> None:
        self._playing_check.start()

    def _failed(self, error: Exception) -> None:
        self._forget_playing()
        self._context.errors.report(error)

    def _notice_end(self) -> None:
        if not self._context.player.playing:
            self._forget_playing()

    def _forget_playing(self) -> None:
        self._playing_check.stop()
        self._playing = None
        if self._loading is not None:
            self._loading.cancel()
        self.model.mark_playing(None)


class _MiddleElided(QStyledItemDelegate):
    """Names that begin alike, such as those of voices, are told apart by their ends."""

    def initStyleOption(
        self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        super().initStyleOption(option, index)
        option.textElideMode = Qt.TextElideMode.ElideMiddle


class _PlayableTable(QTableView):
    play_asked = Signal(int)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        # What is heard and changed below stays in sight when that takes up room.
        if self.currentIndex().isValid():
            self.scrollTo(self.currentIndex())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        keys = (Qt.Key.Key_Space, Qt.Key.Key_Return, Qt.Key.Key_Enter)
        if event.key() in keys and self.currentIndex().isValid():
            self.selectRow(self.currentIndex().row())
            self.play_asked.emit(self.currentIndex().row())
        elif event.key() in (Qt.Key.Key_Down, Qt.Key.Key_Up) and not self.selectionModel().hasSelection():
            # Qt makes the first row current as the keyboard arrives, without a sign; Down would skip it.
            self.selectRow(max(0, self.currentIndex().row()))
        else:
            super().keyPressEvent(event)
