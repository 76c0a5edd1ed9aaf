"""What was said before: to be searched, heard again, asked again, corrected, taken along or removed."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QModelIndex, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent, QShowEvent
from PySide6.QtWidgets import (
    QComboBox,
    QFileDialog,
    QHBoxLayout,
    QLineEdit,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from core.audio.files import SAMPLE_RATE, read_audio
from core.audio.loudness import gain_to
from core.tryout.export import export_exchanges
from core.tryout.kept import HistoryQuery, KeptExchange, Line
from core.tryout.store import TalkSession
from gui.background import Task
from gui.context import AppContext
from gui.error_reporting import worded
from gui.formatting import counted, moment
from gui.history import History
from gui.item_models.history import Column, HistoryTable
from gui.widgets.basics import button, label
from gui.widgets.message import InlineMessage
from gui.widgets.table import dress_table

_SEARCH_MS = 200
PRIVATE = "Nothing is kept: what is said now is gone when the program ends."


class HistoryPanel(QWidget):
    """The list is read in the background; while nothing is kept it shows what is in memory."""

    wanted = Signal(object)
    """a `KeptExchange` to be shown again"""
    correction_wanted = Signal(object)
    """a `KeptExchange` that was answered wrongly"""

    def __init__(self, context: AppContext, history: History, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self._history = history
        self._reading: Task | None = None
        self._sessions: list[str] = [history.session]
        self.session = QComboBox()
        self.search = QLineEdit()
        self.play = button("Play", theme=context.theme, icon="play")
        self.show_again = button("Show")
        self.correct = button("Correct...")
        self.remove = button("Remove", "danger")
        self.export = button("Export...", theme=context.theme, icon="export")
        self.model = HistoryTable(context.theme, self)
        self.table = QTableView()
        self.private = label(PRIVATE, "hint")
        self.message = InlineMessage(context.theme)
        self._searching = QTimer(self, singleShot=True, interval=_SEARCH_MS)
        self._lay_out()
        self._connect()
        self._show_sessions([])
        self._allow()

    def refresh(self) -> None:
        """Read the list again."""
        if not self.isVisible():
            return
        session, search = self._sessions[self.session.currentIndex()], self.search.text()
        if self._reading is not None:
            self._reading.cancel()

        def read(_task: Task) -> tuple[list[Line], list[TalkSession]]:
            return self._history.lines(session, search), self._history.sessions()

        self._reading = self._context.background.run(
            read, success=lambda found: self._show(*found), failure=self._refuse, owner=self
        )

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.refresh()

    def _show(self, lines: list[Line], sessions: list[TalkSession]) -> None:
        chosen = self._selected()
        self.model.show_lines(lines)
        row = None if chosen is None else self.model.row_of(chosen.id)
        if row is not None:
            self.table.selectRow(row)
        self._show_sessions(sessions)
        self.private.setVisible(self._history.keeps_nothing)
        self._allow()

    def _show_sessions(self, sessions: list[TalkSession]) -> None:
        chosen = self._sessions[max(0, self.session.currentIndex())]
        others = [each for each in sessions if each.id != self._history.session]
        self._sessions = [self._history.session, *(each.id for each in others)]
        names = [f"{moment(each.began_at)} ({counted(each.exchanges, 'answer')})" for each in others]
        self.session.blockSignals(True)
        self.session.clear()
        self.session.addItems(["This session", *names])
        self.session.setCurrentIndex(self._sessions.index(chosen) if chosen in self._sessions else 0)
        self.session.blockSignals(False)

    def _selected(self) -> Line | None:
        row = self.table.selectionModel().currentIndex().row()
        return self.model.lines[row] if 0 <= row < len(self.model.lines) else None

    # -- what can be done with a line ------------------------------------------------------------------

    def _play(self) -> None:
        line = self._selected()
        if line is None:
            return

        def play(_task: Task) -> None:
            samples = self._history.samples(line.id)
            if samples is None:
                exchange = self._history.exchange(line.id)
                if exchange is None or exchange.recording is None:
                    return
                samples = read_audio(exchange.recording)
            self._context.player.play(samples * gain_to(samples, SAMPLE_RATE), SAMPLE_RATE)

        self._context.background.run(play, failure=self._refuse, owner=self)

    def _with_exchange(self, signal: Signal) -> None:
        line = self._selected()
        if line is not None:
            self._context.background.run(
                lambda _task: self._history.exchange(line.id),
                success=lambda found: signal.emit(found) if found is not None else None,  # type: ignore[attr-defined]
                failure=self._refuse,
                owner=self,
            )

    def _remove(self) -> None:
        line = self._selected()
        if line is not None:
            self._history.delete([line.id])

    def _ask_export(self) -> None:
        dialog = QFileDialog(self, "Export what is listed", "talk.zip", "Zip (*.zip)")
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setDefaultSuffix("zip")
        dialog.fileSelected.connect(lambda chosen: self.export_to(Path(chosen)))
        dialog.open()

    def export_to(self, target: Path) -> None:
        """Write what is listed and kept, with its recordings, into a zip."""
        query = HistoryQuery(self._sessions[self.session.currentIndex()], self.search.text())

        def export(task: Task) -> tuple[int, int]:
            found: list[KeptExchange] = self._context.tryouts().find(query)
            corrected = export_exchanges(
                found, self._context.open_library(), target, task.report, task.is_cancelled
            )
            return len(found), corrected

        self._context.background.run(
            export,
            success=lambda counts: self.message.say(
                "good", f"Written: {counts[0]} ({counts[1]} corrected), {target}"
            ),
            failure=self._refuse,
            owner=self,
        )

    def _refuse(self, error: Exception) -> None:
        self.message.say_error(worded(error))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_P:
            self._play()
        elif event.key() == Qt.Key.Key_Delete:
            self._remove()
        else:
            super().keyPressEvent(event)

    # -- building --------------------------------------------------------------------------------------

    def _allow(self, _index: QModelIndex | None = None) -> None:
        line = self._selected()
        self.play.setEnabled(line is not None and line.recorded)
        for each in (self.show_again, self.remove):
            each.setEnabled(line is not None)
        self.correct.setEnabled(line is not None and not line.unheard)
        self.export.setEnabled(any(each.kept for each in self.model.lines))

    def _connect(self) -> None:
        self._history.changed.connect(self.refresh)
        self._searching.timeout.connect(self.refresh)
        self.search.textChanged.connect(lambda _text: self._searching.start())
        self.session.currentIndexChanged.connect(lambda _index: self.refresh())
        self.play.clicked.connect(self._play)
        self.show_again.clicked.connect(lambda: self._with_exchange(self.wanted))  # type: ignore[arg-type]
        self.correct.clicked.connect(lambda: self._with_exchange(self.correction_wanted))  # type: ignore[arg-type]
        self.remove.clicked.connect(self._remove)
        self.export.clicked.connect(self._ask_export)
        self.table.selectionModel().currentRowChanged.connect(self._allow)
        self.table.doubleClicked.connect(lambda _index: self._with_exchange(self.wanted))  # type: ignore[arg-type]

    def _lay_out(self) -> None:
        self.session.setAccessibleName("Session")
        self.search.setPlaceholderText("Search")
        self.search.setAccessibleName("Search what was said and answered")
        self.search.setClearButtonEnabled(True)
        dress_table(self.table, "What was said")
        self.table.setModel(self.model)
        header = self.table.horizontalHeader()
        for column, width in ((Column.TIME, 84), (Column.SAID, 190), (Column.ANSWER, 190), (Column.SURE, 56)):
            header.resizeSection(column, width)
        header.setStretchLastSection(True)
        top = QHBoxLayout()
        top.setSpacing(8)
        top.addWidget(self.session)
        top.addWidget(self.search, 1)
        tools = QHBoxLayout()
        tools.setSpacing(8)
        for tool in (self.play, self.show_again, self.correct, self.remove):
            tools.addWidget(tool)
        tools.addStretch(1)
        tools.addWidget(self.export)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 8, 0, 0)
        whole.setSpacing(8)
        whole.addLayout(top)
        whole.addWidget(self.private)
        whole.addWidget(self.message)
        whole.addWidget(self.table, 1)
        whole.addLayout(tools)
