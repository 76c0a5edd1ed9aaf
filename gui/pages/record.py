"""The Record page: sessions, the studio that records their takes, and the review that listens to them."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtWidgets import QStackedWidget, QWidget

from core.audio.loudness import prepare
from core.recording.recovery import Unfinished, sweep
from core.recording.session import Prompt, Session
from gui.context import AppContext
from gui.pages.label_dialog import LabelDialog
from gui.pages.recording_dialog import RecordingDialog
from gui.pages.session_dialog import SessionDialog
from gui.widgets.basics import primary_button
from gui.widgets.page_frame import PageFrame
from gui.widgets.review_panel import ReviewPanel
from gui.widgets.session_list import SessionList
from gui.widgets.studio import Studio


class RecordPage(PageFrame):
    """What was in progress when the program ended is offered once, when the page is first shown."""

    title = "Record"
    icon_name = "record"

    def __init__(self, context: AppContext, parent: QWidget | None = None) -> None:
        super().__init__(
            "Record", hint="Read texts aloud; the takes become speech of a dataset.", parent=parent
        )
        self._context = context
        self.sessions = SessionList(context)
        self.studio = Studio(context)
        self.review = ReviewPanel(context)
        self.stack = QStackedWidget()
        for each in (self.sessions, self.studio, self.review):
            self.stack.addWidget(each)
        self.new_button = primary_button("New session...", theme=context.theme, icon="plus")
        self.new_button.clicked.connect(self.begin)
        self.header.addWidget(self.new_button)
        self.body.addWidget(self.stack, 1)
        self.sessions.opened.connect(self.open_session)
        self.sessions.review_wanted.connect(self.open_review)
        self.sessions.new_wanted.connect(self.begin)
        self.studio.left.connect(self.show_sessions)
        self.studio.help_wanted.connect(self.show_keys)
        self.studio.label_wanted.connect(self.label)
        self.review.left.connect(self.show_sessions)
        self.review.help_wanted.connect(self.show_keys)
        context.background.run(lambda _task: sweep(context.recordings()), success=self._offer, owner=self)
        context.background.run(lambda _task: prepare(), owner=self)

    def activated(self) -> None:
        """The page comes to the front: where somebody was, they go on."""
        self.sessions.refresh()
        (self.stack.currentWidget() or self.stack).setFocus()

    def begin(self) -> None:
        """Set up a new session."""
        dialog = SessionDialog(self._context, self)
        dialog.begun.connect(self.open_session)
        dialog.open()

    def open_session(self, session: Session) -> None:
        """Record, from the first open prompt on."""
        self.studio.open_session(session)
        self._turn_to(self.studio)

    def open_review(self, session: Session) -> None:
        """Listen to the takes."""
        self.review.open_session(session)
        self._turn_to(self.review)

    def show_sessions(self) -> None:
        """Back to the list."""
        self.sessions.refresh()
        self._turn_to(self.sessions)

    def label(self, session: Session, prompt: Prompt) -> None:
        """Say what a prompt means that came as mere text."""
        dialog = LabelDialog(self._context, session, prompt, self)
        dialog.labelled.connect(self.studio.read_again)
        dialog.open()

    def show_keys(self) -> None:
        """The keys and how recording works."""
        dialog = RecordingDialog(self._context, self)
        dialog.finished.connect(self._settings_changed)
        dialog.open()

    def _settings_changed(self, _result: int) -> None:
        self.studio.follow_mode()

    def _turn_to(self, widget: QWidget) -> None:
        self.new_button.setVisible(widget is self.sessions)
        self.stack.setCurrentWidget(widget)
        widget.setFocus()

    def _offer(self, unfinished: Sequence[Unfinished]) -> None:
        self.sessions.offer(unfinished)
        self.sessions.refresh()
