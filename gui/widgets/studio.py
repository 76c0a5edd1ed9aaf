"""The studio: prompts read one after the other by keys alone, each take judged, kept and decided about."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping
from typing import Final

from PySide6.QtCore import QEvent, QTimer, Signal
from PySide6.QtGui import QHideEvent, QKeyEvent, QShowEvent
from PySide6.QtWidgets import QApplication, QWidget

from core.audio.levels import Samples
from core.audio.recorder import READING
from core.audio.verdict import Verdict
from core.recording.session import Progress, Prompt, Session, TakeRow
from core.recording.steps import (
    accept_and_go_on,
    accept_and_stay,
    go_back,
    skip_and_go_on,
    undo_and_show,
)
from core.recording.store import RecordingStore
from core.recording.taking import Conditions
from gui.background import Task
from gui.context import AppContext
from gui.error_reporting import worded
from gui.recording_keys import Wish, action_of, keys_of
from gui.take_recorder import TakeRecorder
from gui.widgets.keys_back import KeysBack
from gui.widgets.studio_view import StudioView

HELD_S = 0.5
"""A key that is down longer was held: the take ends when it is let go."""
_FRAME_MS = 50
_MOST_WISHES: Final = 2
"""Keys pressed ahead of what the studio is busy with; more were pressed by mistake."""

Step = Callable[[RecordingStore], Prompt | None]


class Studio(StudioView):
    """left: somebody wants to see the sessions. help_wanted: to see the keys. label_wanted: to say what a
    prompt means; its session and itself.

    One thing happens after the other. While a take is being kept or a decision is on its way, what is asked
    for waits, so that nothing is ever decided about a take or a prompt that was not in sight.
    """

    left = Signal()
    help_wanted = Signal()
    label_wanted = Signal(object, object)

    def __init__(self, context: AppContext, parent: QWidget | None = None) -> None:
        super().__init__(context, parent)
        self._context = context
        self._session: Session | None = None
        self._prompt: Prompt | None = None
        self._takes: list[TakeRow] = []
        self._own: TakeRow | None = None
        """The take that was recorded last, of the prompt that is shown."""
        self._verdict: Verdict | None = None
        self._asked = 0
        self._asking = False
        self._wishes: deque[Wish] = deque()
        self._begun_by_key = False
        self.takes = TakeRecorder(context, self.microphone.recorder, self)
        self._frame = QTimer(self, interval=_FRAME_MS)
        self._actions: Mapping[str, Callable[[], None]] = {
            "previous": lambda: self._step(go_back),
            "skip": lambda: self._step(skip_and_go_on),
            "undo": lambda: self._step(undo_and_show),
        }
        self._connect()

    # ---- what is shown

    def open_session(self, session: Session) -> None:
        """Go on with a session at its first open prompt."""
        self.takes.release()
        self._session, self._prompt, self._own, self._verdict = session, None, None, None
        self._wishes.clear()
        self.microphone.listen_at_own_rate(session.keep_original)
        self.message.clear()
        self._ask(lambda store: store.first_open(session.id))

    def _ask(self, step: Step) -> None:
        """Show the prompt that a step leads to, in the background; None: all are done."""
        session = self._session
        if session is None:
            return

        def read(_task: Task) -> tuple[Prompt | None, list[TakeRow], Progress]:
            store = self._context.recordings()
            prompt = step(store)
            return prompt, store.takes(prompt.id) if prompt else [], store.progress(session.id)

        self._asking, self._asked = True, self._asked + 1
        asked = self._asked

        def show(found: tuple[Prompt | None, list[TakeRow], Progress]) -> None:
            if asked == self._asked:  # and no other session was opened meanwhile
                self._show(*found)

        self._context.background.run(read, success=show, failure=self._refuse, owner=self, must_finish=True)
        self._allow()

    def _show(self, prompt: Prompt | None, takes: list[TakeRow], progress: Progress) -> None:
        self._asking = False
        another = prompt is None or self._prompt is None or prompt.id != self._prompt.id
        self._prompt, self._takes = prompt, takes
        if another:
            self._own, self._verdict = None, None
            self.verdict.clear()
            self.take_card.empty()
            self._look_at(self._candidate())
        own = self._own.id if self._own else ""
        self._own = next((take for take in takes if take.id == own), None)  # as it is now
        self.show_prompt(prompt, progress)
        self.list.show_takes(takes)
        self._go_on()

    def _go_on(self) -> None:
        """Do what waits, as far as nothing is under way."""
        self._allow()
        if self._busy or not self._wishes:
            return
        wish = self._wishes.popleft()
        bad = self._verdict is not None and self._verdict.grade == "bad"
        if wish.action == "record":
            self._begin(wish.at)
        elif wish.action != "accept":
            self._actions[wish.action]()
        elif wish.prompt_id != self._prompt_id:
            self._go_on()  # pressed twice: the take of this prompt was not in sight
        elif wish.ahead and bad:
            self._wishes.clear()
            words = "Not accepted yet: look at the verdict. The key accepts it all the same."
            self.message.say("warn", words)
            self.read_again()
        else:
            self._accept()

    @property
    def _prompt_id(self) -> int | None:
        return None if self._prompt is None else self._prompt.id

    @property
    def _busy(self) -> bool:
        return self._asking or self.takes.recording or self.takes.keeping

    def _candidate(self) -> TakeRow | None:
        """The take that accepting is about: the one just recorded, else the accepted one, else the newest
        that was not rejected."""
        usable = [take for take in self._takes if take.state != "rejected"]
        accepted = [take for take in usable if take.state == "accepted"]
        return self._own or next(iter(accepted or usable[-1:]), None)

    # ---- recording

    def act(self, name: str) -> None:
        """Do what a key or a button stands for, now or as soon as it can be."""
        if name == "record" and self.takes.recording:
            self.takes.release()
        elif name in ("help", "play"):
            (self.help_wanted.emit if name == "help" else self.take_card.play_button.click)()
        elif name == "cancel":
            self._cancel()
        elif self.takes.recording and name not in ("accept", "again"):
            return
        else:
            at = self.microphone.recorder.position
            ahead = self.takes.recording or self.takes.keeping
            if self.takes.recording:
                self.takes.release()
            if len(self._wishes) < _MOST_WISHES:
                # To record once more is to record: the takes there are stay.
                name = "record" if name == "again" else name
                self._wishes.append(Wish(name, at, self._prompt_id, ahead))
            self._go_on()

    def _begin(self, at: int) -> None:
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
        conditions = Conditions(self.room_test.room, self._context.settings.current.recording_thresholds)
        self.takes.begin(self._session, self._prompt, self.microphone.choice.currentText(), conditions, at)

    @property
    def _ready(self) -> bool:
        """Whether a take would have all of its pre-roll."""
        recorder = self.microphone.recorder
        return recorder.listening and recorder.position >= READING.pre_s * recorder.rate

    def _follow(self) -> None:
        self.take_card.show_recording(*self.microphone.recorder.so_far())
        if self.takes.full:
            self.takes.release()
            self.message.say("info", "The take ended: this is the longest there may be.")
        self._allow()

    def _judge(self, verdict: Verdict, samples: Samples) -> None:
        self._verdict = verdict
        self._allow()  # before the take is shown, which a picture of it still growing would cover
        self.take_card.show_take(samples)
        self.verdict.show_verdict(verdict)

    def _keep(self, take: TakeRow) -> None:
        prompt = self._prompt
        if prompt is None or take.prompt_id != prompt.id:
            return
        self._own = take
        good = self._verdict is not None and self._verdict.grade == "good"
        if good and self.auto.isChecked() and not self._wishes:
            self._wishes.append(Wish("accept", 0, prompt.id, ahead=False))
        if not self._wishes:
            self.read_again()

    def read_again(self) -> None:
        """What is shown may have changed."""
        prompt = self._prompt
        if prompt is not None:
            self._ask(lambda store: store.prompt(prompt.id))

    def _refuse(self, error: Exception) -> None:
        self._asking = False
        self._wishes.clear()
        self.message.say_error(worded(error))
        self._allow()

    def _cancel(self) -> None:
        if self.takes.recording:
            self.takes.cancel()
            self.take_card.empty()
            self.message.say("info", "The take was forgotten; the others are as they were.")
            self._allow()

    # ---- decisions

    def _accept(self) -> None:
        take = self._candidate()
        if take is not None:
            self._decide(take, go_on=True)

    def _decide(self, take: TakeRow, *, go_on: bool) -> None:
        session, prompt = self._session, self._prompt
        if session is None or prompt is None or self._busy:
            return
        if go_on:
            self._ask(lambda store: accept_and_go_on(store, session, prompt, take))
        else:
            self._own = take
            self._ask(lambda store: accept_and_stay(store, prompt, take))

    def _step(self, step: Callable[[RecordingStore, Session, Prompt | None], Prompt | None]) -> None:
        session, prompt = self._session, self._prompt
        if session is not None:
            self._ask(lambda store: step(store, session, prompt))

    # ---- hands-free

    def follow_mode(self) -> None:
        """Listen for speech as the mode and the settings say now."""
        hands_free = bool(self.mode.currentIndex())
        self._context.remember(recording_mode="hands-free" if hands_free else "press")
        preset = self._context.settings.current.recording_preset
        self.takes.follow(preset if hands_free and self.isVisible() else None)
        self._allow()

    def _speech_began(self, at: int) -> None:
        # Not the loudspeaker's, nor what is said while something else is looked at.
        elsewhere = QApplication.activeModalWidget() is not None or self._context.player.playing
        if self.isVisible() and not elsewhere and not self._busy and not self._wishes:
            self._begin(at)

    def _speech_ended(self, at: int) -> None:
        if self.mode.currentIndex() and self.takes.recording:
            self.takes.release(at)

    # ---- keys

    def event(self, event: QEvent) -> bool:
        """While a take runs, Esc is the studio's and not the window's."""
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent):
            action = self._action(event)
            if action is not None and (action != "cancel" or self.takes.recording):
                event.accept()
                return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        action = self._action(event)
        if action is None:
            super().keyPressEvent(event)
            return
        event.accept()
        if not event.isAutoRepeat():
            if action == "record":
                self._begun_by_key = not self.takes.recording
            self.act(action)

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        held = self._begun_by_key and self.microphone.recorder.elapsed_s >= HELD_S
        if self._action(event) == "record" and not event.isAutoRepeat() and held and self.takes.recording:
            self.takes.release()
        super().keyReleaseEvent(event)

    def _action(self, event: QKeyEvent) -> str | None:
        return action_of(event, self._context.settings.current.recording_keys)

    # ---- coming and going

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.microphone.listen(True)
        self.follow_mode()
        self.setFocus()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self.takes.follow(None)
        self.takes.release()
        self._wishes.clear()
        self._let_go()

    def _let_go(self) -> None:
        """Close the microphone, but not before the end of the take is heard."""
        if not self.isVisible() and not self.takes.keeping:
            self.microphone.listen(False)

    def _has_ended(self) -> None:
        self._let_go()
        self._go_on()

    def _allow(self) -> None:
        recording, open_prompt = self.takes.recording, self._prompt is not None
        self.microphone.lock(recording)
        if recording != self._frame.isActive():
            (self._frame.start if recording else self._frame.stop)()
        bad = self._verdict is not None and self._verdict.grade == "bad" and self._own is not None
        self.show_buttons(
            recording=recording,
            open_prompt=open_prompt,
            acceptable=recording or self._candidate() is not None,
            bad=bad and not recording,
        )
        if recording:
            self.state.set("record", f"Recording, {self.microphone.recorder.elapsed_s:.1f} s", "bad")
        elif self.takes.keeping:
            self.state.set("clock", "Saving the take", "muted")
        else:
            key = keys_of(self._context.settings.current.recording_keys)["record"]
            self.show_rest(open_prompt=open_prompt, ready=self._ready, key=key)

    def _hears(self, _listening: bool) -> None:
        self._allow()
        QTimer.singleShot(round(1000 * READING.pre_s) + _FRAME_MS, self, self._allow)

    def _look_at(self, take: TakeRow | None, *, play: bool = False) -> None:
        """Show a take that was kept before, and what was said of it."""
        if take is not None and not self.takes.recording:
            self.verdict.show_findings(take.verdict)
            self.take_card.show_file(take.path, play=play)

    def _connect(self) -> None:
        self._frame.timeout.connect(self._follow)
        self.takes.judged.connect(self._judge)
        self.takes.kept.connect(self._keep)
        self.takes.failed.connect(self._refuse)
        self.takes.began.connect(self._allow)
        self.takes.ended.connect(self._has_ended)
        self.takes.speech_began.connect(self._speech_began)
        self.takes.speech_ended.connect(self._speech_ended)
        # What it heard until then is kept, and the verdict says so.
        self.microphone.lost.connect(self.takes.release)
        self.microphone.ready_changed.connect(self._hears)
        self.microphone.choice.currentIndexChanged.connect(self.room_test.forget)
        self.list.chosen.connect(lambda take: self._look_at(take, play=True))
        self.list.wanted.connect(lambda take: self._decide(take, go_on=False))
        self.mode.currentIndexChanged.connect(lambda _index: self.follow_mode())
        self.auto.toggled.connect(lambda on: self._context.remember(recording_auto_advance=on))
        self.leave_button.clicked.connect(self.left.emit)
        self.label_button.clicked.connect(lambda: self.label_wanted.emit(self._session, self._prompt))
        for name, each in self.buttons.items():
            each.clicked.connect(lambda _checked=False, name=name: self.act(name))
        KeysBack(self)
