"""What was said before: to be searched, heard again, asked again, corrected, taken along or removed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Final

from PySide6.QtCore import QModelIndex, QSignalBlocker, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import (
    QFileDialog,
    QHBoxLayout,
    QLineEdit,
    QMessageBox,
    QVBoxLayout,
    QWidget,
)

from core.audio.levels import Samples
from core.tryout.export import export_exchanges
from core.tryout.kept import HistoryQuery, KeptExchange, Line
from core.tryout.store import TalkSession
from gui.background import Task
from gui.clip_player import ClipPlayer
from gui.context import AppContext
from gui.error_reporting import worded
from gui.formatting import counted, grouped, moment
from gui.history import MOST_LINES, History
from gui.icons import set_icon
from gui.item_models.history import HistoryTable
from gui.widgets.basics import ElidedLabel, IconLabel, button, icon_button
from gui.widgets.elided_combo import ElidedComboBox
from gui.widgets.history_view import HistoryView
from gui.widgets.message import InlineMessage

SESSION_WIDTH: Final = 210
_SEARCH_MS: Final = 200
PRIVATE = "Nothing is kept: what is said now is gone when the program ends."


class HistoryPanel(QWidget):
    """The list is read in the background; while nothing is kept it shows what is in memory. P plays or stops,
    Enter or a double click shows again, Delete removes."""

    wanted = Signal(object)
    """a `KeptExchange` to be shown again"""
    correction_wanted = Signal(object)
    """a `KeptExchange` that was answered wrongly"""

    def __init__(self, context: AppContext, history: History, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self._history = history
        self._reading: Task | None = None
        self._playing = ""
        """The exchange that sounds."""
        self.player = ClipPlayer(context, self)
        self.session = ElidedComboBox()
        self.search = QLineEdit()
        self.play = button("Play", theme=context.theme, icon="play")
        self.show_again = button("Show", tip="Ask the chosen model about it again")
        self.correct = button("Correct...")
        self.remove = button("Remove...", "danger")
        self.remove_all = icon_button("trash", "Remove the whole session...", context.theme)
        self.export = icon_button("export", "Export what is listed...", context.theme)
        self.model = HistoryTable(context.theme, self)
        self.table = HistoryView()
        self.count = ElidedLabel(role="hint")
        self.count.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.private = IconLabel(context.theme, "info", PRIVATE, "accent", elided=True)
        self.message = InlineMessage(context.theme)
        self._searching = QTimer(self, singleShot=True, interval=_SEARCH_MS)
        self._show_sessions([])
        self._lay_out()
        self._connect()
        self._allow()

    def refresh(self) -> None:
        """Read the list again."""
        self.private.setVisible(self._history.keeps_nothing)
        self._searching.stop()
        if self._reading is not None:
            self._reading.cancel()
            self._reading = None
        if not self.isVisible():
            return
        session, search = self.chosen_session, self.search.text()

        def read(_task: Task) -> tuple[list[Line], list[TalkSession]]:
            return self._history.lines(session, search), self._history.sessions()

        self._reading = self._context.background.run(
            read, success=lambda found: self._show(*found), failure=self._refuse, owner=self
        )

    @property
    def chosen_session(self) -> str | None:
        """The session that is listed; None for all."""
        chosen: str | None = self.session.currentData()
        return chosen

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.refresh()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self.player.stop()

    @Slot(str)
    def _follow(self, id_: str) -> None:
        """Something is new: one line where it is known which, so that what one reads stays where it is."""
        if not id_ or self._reading is not None or not self.isVisible():
            self.refresh()
            return
        session, search = self.chosen_session, self.search.text()

        def read(_task: Task) -> list[Line]:
            return self._history.lines(session, search, only=id_)

        def put(found: list[Line]) -> None:
            if (session, search) == (self.chosen_session, self.search.text()) and self._reading is None:
                self.model.put(id_, found[0] if found else None)
                self._allow()

        self._context.background.run(read, success=put, failure=self._refuse, owner=self)

    def _show(self, lines: list[Line], sessions: list[TalkSession]) -> None:
        self._reading = None
        chosen = self._selected()
        self._show_sessions(sessions)
        self.model.dated = self.chosen_session is None
        self.model.show_lines(lines)
        row = None if chosen is None else self.model.row_of(chosen.id)
        if row is not None:
            self.table.selectRow(row)
        self._allow()

    def _show_sessions(self, sessions: list[TalkSession]) -> None:
        here = self._history.session
        chosen = self.session.currentData() if self.session.count() else here
        with QSignalBlocker(self.session):
            self.session.clear()
            self.session.addItem("This session", here)
            self.session.addItem("All sessions", None)
            for each in sessions:
                if each.id != here:
                    self.session.addItem(
                        f"{moment(each.began_at)} ({counted(each.exchanges, 'exchange')})", each.id
                    )
            known = [self.session.itemData(row) for row in range(self.session.count())]
            self.session.setCurrentIndex(known.index(chosen) if chosen in known else 0)

    def _selected(self) -> Line | None:
        row = self.table.selectionModel().currentIndex().row()
        return self.model.lines[row] if 0 <= row < len(self.model.lines) else None

    # -- what can be done with a line ------------------------------------------------------------------

    @Slot()
    def play_or_stop(self) -> None:
        """Play the recording of the chosen line, or stop it when it is the one that plays."""
        line = self._selected()
        if line is None or not line.recorded:
            return
        if self._playing == line.id:
            self.player.stop()
            return

        def play(found: Path | Samples | None) -> None:
            if found is not None:
                self.player.play(found)
                self._playing = line.id
                self._allow()

        def find(_task: Task) -> Path | Samples | None:
            samples = self._history.samples(line.id)
            exchange = self._history.exchange(line.id) if samples is None else None
            return samples if exchange is None else exchange.recording

        self._context.background.run(find, success=play, failure=self._refuse, owner=self)

    @Slot()
    def _notice_player(self) -> None:
        if not self.player.busy:
            self._playing = ""
        self._allow()

    def _with_exchange(self, tell: Callable[[KeptExchange], None]) -> None:
        line = self._selected()
        if line is not None:
            self._history.fetch(line.id, tell)

    @Slot()
    def _ask_remove(self) -> None:
        line = self._selected()
        if line is not None:
            said = line.said or "this recording"
            self._ask(
                f"Remove \N{LEFT DOUBLE QUOTATION MARK}{said}\N{RIGHT DOUBLE QUOTATION MARK}?",
                lambda: self._history.delete([line.id]),
            )

    @Slot()
    def _ask_remove_all(self) -> None:
        session = self.chosen_session
        if session is not None:
            name = self.session.currentText()
            self._ask(f"Remove all of: {name}?", lambda: self._history.delete_session(session))

    def ask_to_forget(self) -> None:
        """Nothing is to be kept from now on: what about that which this session has kept?"""
        here = self._history.session

        def ask(sessions: list[TalkSession]) -> None:
            kept = sum(each.exchanges for each in sessions if each.id == here)
            if kept and self._history.keeps_nothing:
                self._ask(
                    f"This session has kept {counted(kept, 'exchange')} so far. Remove them, too?",
                    lambda: self._history.delete_session(here),
                )

        self._context.background.run(
            lambda _task: self._history.sessions(), success=ask, failure=self._refuse, owner=self
        )

    def _ask(self, question: str, remove: Callable[[], None]) -> None:
        box = QMessageBox(self.window())
        box.setIcon(QMessageBox.Icon.Question)
        box.setWindowTitle("Remove")
        box.setText(question)
        box.setInformativeText(
            "The recordings go, too; what was corrected stays in its dataset. This cannot be undone."
        )
        yes = box.addButton("Remove", QMessageBox.ButtonRole.DestructiveRole)
        box.setDefaultButton(box.addButton("Keep", QMessageBox.ButtonRole.RejectRole))
        box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        yes.clicked.connect(remove)
        box.open()

    def _ask_export(self) -> None:
        dialog = QFileDialog(self, "Export what is listed", "talk.zip", "Zip (*.zip)")
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setDefaultSuffix("zip")
        dialog.fileSelected.connect(lambda chosen: self.export_to(Path(chosen)))
        dialog.open()

    def export_to(self, target: Path) -> None:
        """Write what is listed and kept, with its recordings, into a zip."""
        query = HistoryQuery(self.chosen_session, self.search.text())

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

    # -- building --------------------------------------------------------------------------------------

    def _allow(self, _index: QModelIndex | None = None) -> None:
        line, lines = self._selected(), self.model.lines
        self.play.setEnabled(line is not None and line.recorded)
        sounds = line is not None and line.id == self._playing
        if (self.play.text() == "Stop") != sounds:
            self.play.setText("Stop" if sounds else "Play")
            self.play.setAccessibleName(self.play.text())
            set_icon(self.play, "stop" if sounds else "play", self._context.theme, size=16)
        for each in (self.show_again, self.remove):
            each.setEnabled(line is not None)
        self.correct.setEnabled(line is not None and not line.unheard)
        self.remove_all.setEnabled(bool(lines) and self.chosen_session is not None)
        self.export.setEnabled(any(each.kept for each in lines))
        if len(lines) >= MOST_LINES:
            self.count.setText(f"The newest {grouped(MOST_LINES)}. Search to find older ones.")
        elif not lines and self.search.text():
            self.count.setText("Nothing was found. Clear the search, or look at all sessions.")
        else:
            self.count.setText(counted(len(lines), "exchange") if lines else "Nothing was said yet.")

    def _connect(self) -> None:
        self._history.changed.connect(self._follow)
        self._searching.timeout.connect(self.refresh)
        self.search.textChanged.connect(lambda _text: self._searching.start())
        self.session.currentIndexChanged.connect(lambda _index: self.refresh())
        self.player.changed.connect(self._notice_player)
        self.player.failed.connect(self._refuse)
        self.play.clicked.connect(self.play_or_stop)
        self.show_again.clicked.connect(self._show_again)
        self.correct.clicked.connect(lambda: self._with_exchange(self.correction_wanted.emit))
        self.remove.clicked.connect(self._ask_remove)
        self.remove_all.clicked.connect(self._ask_remove_all)
        self.export.clicked.connect(self._ask_export)
        self.table.selectionModel().currentRowChanged.connect(self._allow)
        self.table.doubleClicked.connect(lambda _index: self._show_again())
        self.table.play_asked.connect(self.play_or_stop)
        self.table.show_asked.connect(self._show_again)
        self.table.remove_asked.connect(self._ask_remove)

    @Slot()
    def _show_again(self) -> None:
        self._with_exchange(self.wanted.emit)

    def _lay_out(self) -> None:
        self.session.setAccessibleName("Session")
        self.search.setPlaceholderText("Search")
        self.search.setAccessibleName("Search what was said and answered")
        self.search.setClearButtonEnabled(True)
        self.table.setModel(self.model)
        self.session.setMaximumWidth(SESSION_WIDTH)
        self.session.setMinimumContentsLength(12)
        self.table.fit_columns()
        top = QHBoxLayout()
        top.setSpacing(8)
        top.addWidget(self.session)
        top.addWidget(self.search, 1)
        top.addWidget(self.export)
        top.addWidget(self.remove_all)
        tools = QHBoxLayout()
        tools.setSpacing(4)
        for tool in (self.play, self.show_again, self.correct, self.remove):
            tools.addWidget(tool)
        tools.addWidget(self.count, 1)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 8, 0, 0)
        whole.setSpacing(8)
        whole.addLayout(top)
        whole.addWidget(self.private)
        whole.addWidget(self.message)
        whole.addWidget(self.table, 1)
        whole.addLayout(tools)
