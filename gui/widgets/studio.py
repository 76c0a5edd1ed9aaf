"""The studio: one prompt in large type, the sound as it comes, the verdict, and keys for one hand."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from PySide6.QtCore import QEvent, QObject, Qt, QTimer, Signal
from PySide6.QtGui import QHideEvent, QKeyEvent, QShowEvent
from PySide6.QtWidgets import QWidget

from core.audio.levels import Samples
from core.audio.recorder import READING
from core.audio.room import Room
from core.audio.verdict import Thresholds, Verdict
from core.recording.session import Progress, Prompt, Session, TakeRow
from core.recording.taking import Conditions
from gui.context import AppContext
from gui.error_reporting import worded
from gui.recording_keys import action_of, keys_of
from gui.take_recorder import TakeRecorder
from gui.widgets.studio_view import StudioView

HELD_S = 0.5
"""A key that is down longer was held: the take ends when it is let go."""
_FRAME_MS = 50


class Studio(StudioView):
    """left: somebody wants to see the sessions. help_wanted: to see the keys."""

    left = Signal()
    help_wanted = Signal()

    def __init__(self, context: AppContext, parent: QWidget | None = None) -> None:
        super().__init__(context, parent)
        self._context = context
        self._session: Session | None = None
        self._prompt: Prompt | None = None
        self._newest: TakeRow | None = None
        self._verdict: Verdict | None = None
        self._then: Callable[[], None] | None = None
        """What waits until the take is kept."""
        self._begun_by_key = False
        self._asked = 0
        self.room: Room | None = None
        self.takes = TakeRecorder(context, self.microphone.recorder, self)
        self._frame = QTimer(self, interval=_FRAME_MS)
        self._connect()

    # ---- what is shown

    def open_session(self, session: Session) -> None:
        """Go on with a session at its first open prompt."""
        self._session = session
        self.microphone.listen_at_own_rate(session.keep_original)
        self.message.clear()
        self._go_to(lambda: self._context.recordings().first_open(session.id))

    def _go_to(self, find: Callable[[], Prompt | None]) -> None:
        """Show the prompt that `find` gives, on a background thread; None: all are done."""
        session = self._session
        if session is None:
            return

        def read(_task: object) -> tuple[Prompt | None, list[TakeRow], Progress]:
            store, prompt = self._context.recordings(), find()
            return prompt, store.takes(prompt.id) if prompt else [], store.progress(session.id)

        self._asked += 1
        asked = self._asked

        def show(found: tuple[Prompt | None, list[TakeRow], Progress]) -> None:
            # Of several that were on their way at once, the one asked for last.
            if asked == self._asked:
                self._show(*found)

        self._context.background.run(read, success=show, failure=self._refuse, owner=self)

    def _show(self, prompt: Prompt | None, takes: list[TakeRow], progress: Progress) -> None:
        same = prompt is not None and self._prompt is not None and prompt.id == self._prompt.id
        self._prompt = prompt
        self.show_prompt(prompt, progress)
        self.list.show_takes(takes)
        if not same:
            self._newest = takes[-1] if takes else None
            self._verdict = None
            self.verdict.clear()
            self.take_card.empty()
        self._allow()

    def _read_again(self) -> None:
        prompt = self._prompt
        if prompt is not None:
            self._go_to(lambda: self._context.recordings().prompt(prompt.id))

    # ---- recording

    def record_or_stop(self) -> None:
        """Begin a take, or end the one that is being recorded."""
        if self.takes.recording:
            self.takes.release()
        else:
            self._begin(None)

    def _begin(self, at: int | None) -> None:
        if self._session is None or self._prompt is None:
            return
        problem = self.microphone.problem()
        if not problem and not self._ready:
            problem = "The microphone has just begun to listen. Try again in a moment."
        if problem:
            self.message.say("warn", problem)
            return
        self.message.clear()
        self.take_card.stop()
        self.verdict.clear()
        self.microphone.meter.forget_clipping()
        device = self.microphone.choice.currentText()
        if self.takes.begin(self._session, self._prompt, device, self._conditions(), at):
            self.microphone.lock(True)
            self._frame.start()
        self._allow()

    @property
    def _ready(self) -> bool:
        """Whether a take would have all of its pre-roll."""
        recorder = self.microphone.recorder
        return recorder.listening and recorder.position >= READING.pre_s * recorder.rate

    def _conditions(self) -> Conditions:
        changed = self._context.settings.current.recording_thresholds
        return Conditions(self.room, Thresholds.model_validate(changed))

    def _follow(self) -> None:
        self.take_card.show_recording(*self.microphone.recorder.so_far())
        if self.takes.full:
            self.takes.release()
            self.message.say("info", "The take ended: this is the longest there may be.")
        if not self.takes.recording:
            self._frame.stop()
            self.microphone.lock(False)
        self._allow()

    def _judge(self, verdict: Verdict, samples: Samples) -> None:
        self._verdict = verdict
        self._frame.stop()
        self.microphone.lock(False)
        self.take_card.show_take(samples)
        self.verdict.show_verdict(verdict)
        self._allow()

    def _keep(self, take: TakeRow) -> None:
        if self._prompt is None or take.prompt_id != self._prompt.id:
            return
        self._newest = take
        then, self._then = self._then, None
        good = self._verdict is not None and self._verdict.grade == "good"
        if then is not None:
            then()
        elif good and self.auto.isChecked():
            self.accept()
        else:
            self._read_again()

    def _refuse(self, error: Exception) -> None:
        self._then = None
        self._frame.stop()
        self.microphone.lock(False)
        self.message.say_error(worded(error))
        self._allow()

    # ---- decisions

    def accept(self) -> None:
        """Accept the newest take and go on; a take still being recorded ends first."""
        if self.takes.recording:
            self._then = self.accept
            self.takes.release()
        elif self.takes.keeping:
            self._then = self.accept
        elif self._newest is not None:
            take, self._newest = self._newest, None
            self._decide(take, go_on=True)

    def _decide(self, take: TakeRow, *, go_on: bool) -> None:
        session, prompt = self._session, self._prompt
        if session is None or prompt is None:
            return

        def decide() -> Prompt | None:
            store = self._context.recordings()
            store.decisions.accept(take.id)
            return store.first_open(session.id, prompt.position) if go_on else store.prompt(prompt.id)

        self._go_to(decide)

    def again(self) -> None:
        """Record the prompt once more; the takes there are stay."""
        if self.takes.recording:
            self.takes.cancel()
        self._begin(None)

    def skip(self) -> None:
        """Leave the prompt out for now."""
        session, prompt = self._session, self._prompt
        if session is None or prompt is None or self.takes.recording:
            return

        def skip() -> Prompt | None:
            store = self._context.recordings()
            store.decisions.skip(prompt.id)
            return store.first_open(session.id, prompt.position)

        self._go_to(skip)

    def previous(self) -> None:
        """Back to the prompt before, whatever was decided about it."""
        session, prompt = self._session, self._prompt
        if session is None or self.takes.recording:
            return

        def before() -> Prompt | None:
            prompts = self._context.recordings().prompts(session.id)
            position = len(prompts) + 1 if prompt is None else prompt.position
            return prompts[max(0, position - 2)]

        self._go_to(before)

    def undo(self) -> None:
        """Take the last decision back and show its prompt."""
        session, prompt = self._session, self._prompt
        if session is None or self.takes.recording:
            return

        def undo() -> Prompt | None:
            store = self._context.recordings()
            undone = store.decisions.undo(session.id)
            at = undone.prompt_id if undone else prompt.id if prompt else None
            return None if at is None else store.prompt(at)

        self._go_to(undo)

    def cancel(self) -> None:
        """Forget the take that is being recorded."""
        if self.takes.recording:
            self.takes.cancel()
            self._frame.stop()
            self.microphone.lock(False)
            self.take_card.empty()
            self.message.say("info", "The take was forgotten; the others are as they were.")
            self._allow()

    # ---- hands-free

    def _set_mode(self) -> None:
        hands_free = bool(self.mode.currentIndex())
        self._context.remember(recording_mode="hands-free" if hands_free else "press")
        self.takes.follow(
            self._context.settings.current.recording_preset if hands_free and self.isVisible() else None
        )
        self._allow()

    def _speech_began(self, at: int) -> None:
        # While a take is looked at, or none is wanted, nothing begins by itself.
        if not self.takes.recording and not self.takes.keeping and self._prompt is not None:
            self._begin(at)

    def _speech_ended(self, at: int) -> None:
        if self.mode.currentIndex() and self.takes.recording:
            self.takes.release(at)

    # ---- keys

    def keyPressEvent(self, event: QKeyEvent) -> None:
        action = self._action(event)
        if action is None:
            super().keyPressEvent(event)
            return
        event.accept()
        if event.isAutoRepeat():
            return
        self._begun_by_key = action == "record" and not self.takes.recording
        self._actions[action]()

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        held = self._begun_by_key and self.microphone.recorder.elapsed_s >= HELD_S
        if self._action(event) == "record" and not event.isAutoRepeat() and held and self.takes.recording:
            self.takes.release()
        super().keyReleaseEvent(event)

    def _action(self, event: QKeyEvent) -> str | None:
        return action_of(event, self._context.settings.current.recording_keys)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """A click on a button gives the keys back to the studio."""
        if event.type() == QEvent.Type.MouseButtonRelease:
            QTimer.singleShot(0, self, self.setFocus)
        return super().eventFilter(watched, event)

    # ---- building

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.microphone.listen(True)
        self._set_mode()
        self.setFocus()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self.takes.follow(None)
        self.takes.release()
        self._frame.stop()
        self.microphone.lock(False)
        self.microphone.listen(False)

    def _hears(self, _listening: bool) -> None:
        self._allow()
        QTimer.singleShot(round(1000 * READING.pre_s) + _FRAME_MS, self, self._allow)

    def _lost(self) -> None:
        """The microphone is gone: what it heard is kept, and the verdict says so."""
        self.takes.release()

    @property
    def _actions(self) -> Mapping[str, Callable[[], None]]:
        return {
            "record": self.record_or_stop,
            "accept": self.accept,
            "again": self.again,
            "play": self.take_card.play_button.click,
            "previous": self.previous,
            "skip": self.skip,
            "cancel": self.cancel,
            "undo": self.undo,
            "help": self.help_wanted.emit,
        }

    def _allow(self) -> None:
        recording, ready = self.takes.recording, self._ready
        open_prompt = self._prompt is not None
        self.record_button.setText("Stop" if recording else "Record")
        self.record_button.setAccessibleName(self.record_button.text())
        self.record_button.setEnabled(open_prompt)
        self.accept_button.setEnabled(open_prompt and (recording or self._newest is not None))
        bad = self._verdict is not None and self._verdict.grade == "bad" and not recording
        self.accept_button.setText("Accept all the same" if bad else "Accept and next")
        self.accept_button.setAccessibleName(self.accept_button.text())
        self.skip_button.setEnabled(open_prompt and not recording)
        self.again_button.setEnabled(open_prompt and self._newest is not None)
        self.previous_button.setEnabled(not recording)
        self.undo_button.setEnabled(not recording)
        if recording:
            self.state.set("record", f"Recording, {self.microphone.recorder.elapsed_s:.1f} s", "bad")
        elif self.takes.keeping:
            self.state.set("clock", "Saving the take", "muted")
        elif not open_prompt:
            self.state.set("good", "Nothing is left to record", "good")
        elif not ready:
            self.state.set("clock", "Waiting for the microphone", "muted")
        elif self.mode.currentIndex():
            self.state.set("speech", "Listening: it records when you speak", "accent")
        else:
            key = keys_of(self._context.settings.current.recording_keys)["record"]
            self.state.set("speech", f"Ready: press {key}, then read", "accent")

    def _set_room(self, room: Room) -> None:
        self.room = room

    def _connect(self) -> None:
        self._frame.timeout.connect(self._follow)
        self.takes.judged.connect(self._judge)
        self.takes.kept.connect(self._keep)
        self.takes.failed.connect(self._refuse)
        self.takes.began.connect(self._allow)
        self.takes.speech_began.connect(self._speech_began)
        self.takes.speech_ended.connect(self._speech_ended)
        self.microphone.lost.connect(self._lost)
        self.microphone.ready_changed.connect(self._hears)
        self.room_test.measured.connect(self._set_room)
        self.list.chosen.connect(lambda take: self.take_card.play_file(take.path))
        self.list.wanted.connect(lambda take: self._decide(take, go_on=False))
        self.mode.currentIndexChanged.connect(lambda _index: self._set_mode())
        self.auto.toggled.connect(lambda on: self._context.remember(recording_auto_advance=on))
        for each, act in (
            (self.record_button, self.record_or_stop),
            (self.accept_button, self.accept),
            (self.again_button, self.again),
            (self.previous_button, self.previous),
            (self.skip_button, self.skip),
            (self.undo_button, self.undo),
            (self.keys_button, self.help_wanted.emit),
            (self.leave_button, self.left.emit),
        ):
            each.clicked.connect(act)
        for widget in self.findChildren(QWidget):
            if widget.focusPolicy() == Qt.FocusPolicy.TabFocus:
                widget.installEventFilter(self)
