"""The recording side of Try it: a button held, or speech that a detector hears, becomes a `Heard`."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final
from uuid import uuid4

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from core.audio.following import follow_speech
from core.audio.recorder import LONGEST_TAKE_S, TALKING, save_take
from core.audio.spoken import SpokenTake
from core.audio.vad import Preset
from core.errors import UserError
from gui.background import Task
from gui.context import AppContext
from gui.exchange import Heard
from gui.formatting import counted
from gui.widgets.microphone_bar import MicrophoneBar

_FRAME_MS: Final = 50
_TAIL_S: Final = 0.15
"""A detector calls the end of a soft consonant silence; what follows it was heard long ago."""


@dataclass
class _Utterance:
    """A take with what its end says about it; written by the window before the take's thread may read it."""

    taking: SpokenTake
    by_hand: bool
    released_at: float | None = None
    remark: str = ""


class Talk(QObject):
    """Turns what the microphone hears into takes, one at a time, by hand or by itself."""

    began = Signal()
    growing = Signal(object, int)
    """the take so far [n] and its rate in Hz, while it is recorded"""
    ended = Signal()
    """the recording is over; `heard` follows, or `failed`"""
    heard = Signal(object)
    """a `Heard`"""
    failed = Signal(object)
    """an exception: the take could not be kept"""

    _speech_began = Signal(int)
    _speech_ended = Signal(int)

    def __init__(
        self, context: AppContext, microphone: MicrophoneBar, window_s: Callable[[], float | None]
    ) -> None:
        """window_s: the longest recording that the model hears; None when there is no limit."""
        super().__init__(microphone)
        self._context = context
        self._microphone = microphone
        self._window_s = window_s
        self._current: _Utterance | None = None
        self._following: Task | None = None
        self._frame = QTimer(self, interval=_FRAME_MS)
        self._frame.timeout.connect(self._follow_recording)
        self._speech_began.connect(self._begin_by_itself)
        self._speech_ended.connect(self._end_by_itself)
        microphone.lost.connect(self.release)

    @property
    def recording(self) -> bool:
        """Whether a take has begun and not ended."""
        return self._current is not None

    def press(self) -> str:
        """Begin a take; what keeps it from beginning, in words, or an empty string."""
        problem = self._microphone.problem()
        if not problem and not self._begin(None):
            problem = "The microphone has just begun to listen. Try again in a moment."
        return problem

    @Slot()
    def release(self, released_at: float | None = None) -> None:
        """End the take. released_at: when a hand let go, on `time.perf_counter`; without it that is now."""
        self._end(None, time.perf_counter() if released_at is None else released_at)

    def follow(self, preset: Preset | None) -> None:
        """Take by itself what is said from now on; None to do so no more."""
        if self._following is not None:
            self._following.cancel()
            self._following = None
            if self._current is not None and not self._current.by_hand:
                self.release()
        if preset is None:
            return

        def follow(task: Task) -> None:
            follow_speech(
                self._microphone.recorder,
                preset,
                lambda event, at: (self._speech_began if event == "start" else self._speech_ended).emit(at),
                task.is_cancelled,
            )

        self._following = self._context.recording.run(follow, owner=self)

    def _begin(self, at: int | None) -> bool:
        recorder = self._microphone.recorder
        if self._current is not None or not recorder.begin(at):
            return False
        take = recorder.take
        assert take is not None  # noqa: S101 - it has just begun
        by_hand = at is None
        current = _Utterance(SpokenTake(take, hands_free=not by_hand), by_hand)
        self._current = current
        self._microphone.lock(True)
        self._frame.start()
        self._context.recording.run(
            self._listener(current),
            success=lambda heard: self._has_ended(current, heard),
            failure=lambda error: self._has_failed(current, error),
            owner=self,
        )
        self.began.emit()
        return True

    def _listener(self, current: _Utterance) -> Callable[[Task], Heard]:
        folder = None if self._context.settings.current.keep_nothing else self._context.paths.audio / "takes"

        def listen(_task: Task) -> Heard:
            spoken = current.taking.run()
            take = spoken.take
            lost = f"Sound was lost {counted(take.gaps, 'time')}: the computer was busy." if take.gaps else ""
            path, trouble = None, ""
            if folder is not None:
                try:
                    path = save_take(take, folder)
                except UserError as error:  # it is answered all the same
                    trouble = f"The recording is not kept: {error}"
            return Heard(
                id=uuid4().hex,
                at=time.time(),
                source="microphone",
                samples=take.samples,
                path=path,
                silent=spoken.silent,
                remark=" ".join(part for part in (current.remark, lost, trouble) if part),
                released_at=current.released_at,
                ready_at=time.perf_counter(),
                hands_free=not current.by_hand,
            )

        return listen

    def _has_ended(self, current: _Utterance, heard: Heard) -> None:
        self._settle(current)
        self.heard.emit(heard)

    def _has_failed(self, current: _Utterance, error: Exception) -> None:
        self._settle(current)
        self.failed.emit(error)

    def _settle(self, current: _Utterance) -> None:
        if self._current is current:  # it ended by itself: the microphone is gone
            self.release()

    def _end(self, at: int | None, released_at: float, remark: str = "") -> None:
        current, self._current = self._current, None
        recorder = self._microphone.recorder
        take = recorder.take
        if take is not None:
            # However late the window is, a take is never longer than the model hears.
            longest = take.pressed + round(self._longest_s() * take.rate)
            at = min(longest, recorder.position if at is None else at)
        pending = recorder.release(at)
        if current is None:
            return
        current.released_at, current.remark = released_at, remark
        self._frame.stop()
        self._microphone.lock(False)
        current.taking.release(pending)
        self.ended.emit()

    @Slot()
    def _follow_recording(self) -> None:
        recorder, longest_s = self._microphone.recorder, self._longest_s()
        self.growing.emit(*recorder.so_far())
        if recorder.elapsed_s >= longest_s:
            remark = f"The recording ended after {longest_s:.0f} s: the model hears no more at once."
            self._end(None, time.perf_counter(), remark)

    def _longest_s(self) -> float:
        """How long a take may be without its rolls: the model hears no more than its window."""
        return min(LONGEST_TAKE_S, self._window_s() or LONGEST_TAKE_S) - TALKING.pre_s - TALKING.post_s

    @Slot(int)
    def _begin_by_itself(self, at: int) -> None:
        # Not what the loudspeaker says.
        if self._following is not None and not self._context.player.playing:
            self._begin(at)

    @Slot(int)
    def _end_by_itself(self, at: int) -> None:
        recorder = self._microphone.recorder
        if self._current is None or self._current.by_hand or not recorder.rate:
            return
        ago_s = (recorder.position - at) / recorder.rate
        self._end(at + round(_TAIL_S * recorder.rate), time.perf_counter() - ago_s)
