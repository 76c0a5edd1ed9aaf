"""Recording takes for the window: one at a time, each kept in the background while people read on."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QObject, Signal

from core.audio.following import follow_speech
from core.audio.levels import Samples
from core.audio.recorder import LONGEST_TAKE_S, Recorder
from core.audio.vad import PRESETS, PresetName
from core.audio.verdict import Verdict
from core.recording.session import Prompt, Session, TakeRow
from core.recording.taking import Conditions, Taking
from gui.background import Task
from gui.context import AppContext


class TakeRecorder(QObject):
    """Follows a recorder that a microphone bar keeps open; belongs to the window's thread."""

    began = Signal()
    judged = Signal(object, object)
    """the `Verdict` on the take that has just ended, and its samples [n] at 16 kHz"""
    kept = Signal(object)
    """the `TakeRow`, on the disk and in the database"""
    failed = Signal(object)
    """why a take could not be kept"""
    ended = Signal()
    """Nothing more is done about a take: it was kept, forgotten or could not be kept."""
    speech_began = Signal(int)
    speech_ended = Signal(int)
    """hands-free: at which position of the recorder's stream"""

    _was_judged = Signal(object, object, object)

    def __init__(self, context: AppContext, recorder: Recorder, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self._recorder = recorder
        self._taking: Taking | None = None
        self._keeping = 0
        self._newest: Taking | None = None
        self._following: Task | None = None
        # From the thread that keeps the take; queued, since this object lives on the window's.
        self._was_judged.connect(self._tell_verdict)
        # Whoever waits for what must be finished would wait for ever for a take that nobody ends.
        application = QCoreApplication.instance()
        if application is not None:
            application.aboutToQuit.connect(self._stop)

    @property
    def recording(self) -> bool:
        """Whether a take is being recorded."""
        return self._taking is not None

    @property
    def keeping(self) -> bool:
        """Whether takes that have ended are not on the disk yet."""
        return self._keeping > 0

    @property
    def full(self) -> bool:
        """Whether the take has reached the longest there may be."""
        return self._taking is not None and self._recorder.elapsed_s >= LONGEST_TAKE_S

    def begin(
        self,
        session: Session,
        prompt: Prompt,
        device: str,
        conditions: Conditions,
        at: int | None = None,
    ) -> bool:
        """Begin a take of the prompt; False when no sound arrives or one is being recorded."""
        if self._taking is not None or not self._recorder.begin(at):
            return False
        take = self._recorder.take
        assert take is not None  # noqa: S101 - it has just begun
        taking = Taking(take, session, prompt, device, conditions)
        self._taking = self._newest = taking
        self._keeping += 1

        def run(_task: Task) -> TakeRow | None:
            return taking.run(
                self._context.recordings(),
                lambda verdict, samples: self._was_judged.emit(taking, verdict, samples),
            )

        self._context.recording.run(
            run,
            success=lambda row: self._has_ended(taking, row),
            failure=lambda error: self._has_failed(taking, error),
            owner=self,
            must_finish=True,
        )
        self.began.emit()
        return True

    def release(self, at: int | None = None) -> None:
        """End the take; it is judged and kept."""
        taking, self._taking = self._taking, None
        pending = self._recorder.release(at)
        if taking is not None:
            taking.release(pending)

    def cancel(self) -> None:
        """Forget the take that is being recorded; those kept stay."""
        taking, self._taking = self._taking, None
        if taking is not None:
            self._recorder.release()
            taking.cancel()

    def _stop(self) -> None:
        self.follow(None)
        self.release()

    def follow(self, preset: PresetName | None) -> None:
        """Tell where speech begins and ends from now on; None to listen no more."""
        if self._following is not None:
            self._following.cancel()
            self._following = None
        if preset is None:
            return

        def follow(task: Task) -> None:
            follow_speech(
                self._recorder,
                PRESETS[preset],
                lambda event, at: (self.speech_began if event == "start" else self.speech_ended).emit(at),
                task.is_cancelled,
            )

        self._following = self._context.recording.run(follow, owner=self)

    def _has_ended(self, taking: Taking, row: TakeRow | None) -> None:
        self._settle(taking)
        if row is not None:
            self.kept.emit(row)
        self.ended.emit()

    def _has_failed(self, taking: Taking, error: Exception) -> None:
        self._settle(taking)
        self.failed.emit(error)
        self.ended.emit()

    def _settle(self, taking: Taking) -> None:
        self._keeping -= 1
        if self._taking is taking:  # it ended by itself: the disk is full, or the microphone is gone
            self._taking = None
            self._recorder.release()

    def _tell_verdict(self, taking: Taking, verdict: Verdict, samples: Samples) -> None:
        if taking is self._newest:
            self.judged.emit(verdict, samples)
