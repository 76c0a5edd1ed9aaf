"""The recording sessions: what each is for, how far it is, and what can be done with it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QFileDialog,
    QHBoxLayout,
    QHeaderView,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from core.recording.exchange import export_session, import_session
from core.recording.merging import Merged
from core.recording.recovery import Unfinished, discard, recover
from core.recording.session import Progress, Session
from gui.background import Task
from gui.context import AppContext
from gui.error_reporting import worded
from gui.formatting import counted
from gui.widgets.basics import Card, button
from gui.widgets.message import EmptyState, InlineMessage
from gui.widgets.table import dress_table

HEADINGS = ("Speaker", "Dataset", "Begun", "Done", "Minutes", "An hour")
_ZIP = "Recording session (*.zip)"


@dataclass(frozen=True)
class Listed:
    """A session and how far it is."""

    session: Session
    progress: Progress


class SessionList(QWidget):
    """opened, review_wanted: the `Session` to go on with, or to listen to. new_wanted: a new one."""

    opened = Signal(object)
    review_wanted = Signal(object)
    new_wanted = Signal()

    def __init__(self, context: AppContext, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self._listed: list[Listed] = []
        self._unfinished: list[Unfinished] = []
        self.table = QTableWidget(0, len(HEADINGS))
        self.table.setHorizontalHeaderLabels(HEADINGS)
        dress_table(self.table, "Recording sessions")
        header = self.table.horizontalHeader()
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        header.setSectionResizeMode(1, QHeaderView.ResizeMode.Stretch)
        self.table.itemSelectionChanged.connect(self._allow)
        self.table.itemActivated.connect(lambda _item: self._open())
        self.message = InlineMessage(context.theme)
        self.found = InlineMessage(context.theme)
        self.keep = button("Keep it as a take")
        self.forget = button("Forget it")
        self.keep.clicked.connect(lambda: self._settle(keep=True))
        self.forget.clicked.connect(lambda: self._settle(keep=False))
        self.resume = button("Go on", theme=context.theme, icon="record")
        self.review = button("Review", theme=context.theme, icon="play", tip="Listen to the takes")
        self.export = button("Export...", theme=context.theme, icon="export", tip="All of it as one file")
        self.take_in = button(
            "Import...", theme=context.theme, icon="import", tip="A session of another computer"
        )
        self.resume.clicked.connect(self._open)
        self.review.clicked.connect(lambda: self._with_chosen(self.review_wanted.emit))
        self.export.clicked.connect(lambda: self._with_chosen(self._export))
        self.take_in.clicked.connect(self._choose_import)
        self.empty = EmptyState(
            context.theme,
            "speech",
            "Nothing was recorded yet",
            "A session is a list of texts that somebody reads aloud. Its takes become speech of a dataset.",
        )
        self.empty.add_action("New session...", self.new_wanted.emit)
        self._lay_out()
        self._allow()

    def refresh(self) -> None:
        """Read the sessions anew."""

        def read(_task: Task) -> list[Listed]:
            store = self._context.recordings()
            return [Listed(session, store.progress(session.id)) for session in store.sessions()]

        self._context.background.run(read, success=self._show, owner=self)

    def offer(self, unfinished: Sequence[Unfinished]) -> None:
        """Ask what is to become of takes that were in progress when the program ended."""
        self._unfinished = list(unfinished)
        first = self._unfinished[0] if self._unfinished else None
        for each in (self.keep, self.forget):
            each.setVisible(first is not None)
        if first is None:
            self.found.clear()
            return
        more = f" {counted(len(self._unfinished) - 1, 'more')}." if len(self._unfinished) > 1 else ""
        self.found.say(
            "warn",
            f"A take of \u201c{first.prompt.text}\u201d was being recorded when Spoonful ended unexpectedly;"
            f" {first.seconds:.1f} s of it are there.{more}",
        )

    def choose(self, session_id: str) -> None:
        """Select a session."""
        for row, listed in enumerate(self._listed):
            if listed.session.id == session_id:
                self.table.selectRow(row)

    # ---- inside

    def _show(self, listed: list[Listed]) -> None:
        chosen = self._chosen()
        self._listed = listed
        self.table.setRowCount(len(listed))
        for row, each in enumerate(listed):
            session, progress = each.session, each.progress
            begun = datetime.fromtimestamp(session.created_at, UTC).astimezone()
            per_hour = "" if progress.per_hour is None else f"{progress.per_hour:.0f}"
            cells = (
                session.speaker.code,
                f"{session.dataset} / {session.split}",
                f"{begun:%Y-%m-%d %H:%M}",
                f"{progress.done} of {progress.total}",
                f"{progress.minutes:.1f}",
                per_hour,
            )
            for column, words in enumerate(cells):
                item = QTableWidgetItem(words)
                if column >= 3:
                    item.setTextAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
                self.table.setItem(row, column, item)
        self.empty.setVisible(not listed)
        self.table.setVisible(bool(listed))
        if chosen is not None:
            self.choose(chosen.id)
        if listed and self._chosen() is None:
            self.table.selectRow(0)
        self._allow()

    def _chosen(self) -> Session | None:
        rows = self.table.selectionModel().selectedRows()
        return self._listed[rows[0].row()].session if rows and rows[0].row() < len(self._listed) else None

    def _with_chosen(self, act: Callable[[Session], object]) -> None:
        session = self._chosen()
        if session is not None:
            act(session)

    def _open(self) -> None:
        self._with_chosen(self.opened.emit)

    def _settle(self, *, keep: bool) -> None:
        unfinished, self._unfinished = self._unfinished[0], self._unfinished[1:]

        def settle(_task: Task) -> None:
            if keep:
                recover(self._context.recordings(), unfinished)
            else:
                discard(unfinished)

        self.offer(self._unfinished)
        said = "It is among the takes of its prompt now." if keep else "It is forgotten."

        def failed(error: Exception) -> None:
            self._refuse(error)
            self.offer([unfinished, *self._unfinished])

        self._context.background.run(
            settle, success=lambda _nothing: self._tell(said), failure=failed, owner=self
        )

    def _tell(self, words: str) -> None:
        self.message.say("good", words)
        self.refresh()

    def _refuse(self, error: Exception) -> None:
        self.message.say_error(worded(error))

    def _export(self, session: Session) -> None:
        name = f"{session.speaker.code}-{session.short}.zip".replace("/", "_")
        chosen, _ = QFileDialog.getSaveFileName(self, "Export the session", name, _ZIP)
        if chosen:
            self.export_to(session, Path(chosen))

    def export_to(self, session: Session, path: Path) -> None:
        """Write a session into one file; one that is there is written over: the file dialog has asked."""
        self.message.say("info", "Writing the session...")
        self._context.background.run(
            lambda _task: export_session(self._context.recordings(), session.id, path, replace=True),
            success=lambda takes: self._tell(f"{counted(takes, 'take')} were written to {path}."),
            failure=self._refuse,
            owner=self,
        )

    def _choose_import(self) -> None:
        chosen, _ = QFileDialog.getOpenFileName(self, "Import a session", "", f"{_ZIP};;All files (*)")
        if chosen:
            self.import_from(Path(chosen))

    def import_from(self, path: Path) -> None:
        """Take in a session of another computer, or what is new of one that is here."""

        def told(merged: Merged) -> None:
            notes = "".join(f" {note}" for note in merged.notes)
            self._tell(f"{counted(merged.takes, 'take')} came in.{notes}")

        self.message.say("info", "Reading the session...")
        self._context.background.run(
            lambda _task: import_session(self._context.recordings(), path),
            success=told,
            failure=self._refuse,
            owner=self,
        )

    def _allow(self) -> None:
        for each in (self.resume, self.review, self.export):
            each.setEnabled(self._chosen() is not None)

    def _lay_out(self) -> None:
        card = Card(compact=True)
        card.body.addWidget(self.table, 1)
        card.body.addWidget(self.empty, 1)
        offer = QHBoxLayout()
        offer.setSpacing(8)
        offer.addWidget(self.found, 1)
        offer.addWidget(self.keep)
        offer.addWidget(self.forget)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(12)
        column.addLayout(offer)
        column.addWidget(self.message)
        column.addWidget(card, 1)
        row = QHBoxLayout()
        row.setSpacing(8)
        for each in (self.resume, self.review, self.export, self.take_in):
            row.addWidget(each)
        row.addStretch(1)
        column.addLayout(row)
        self.offer(())
