"""Hearing one recording: where the playhead is, what is selected, how fast it plays, whether it repeats."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Final

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from core.audio.levels import Samples
from core.audio.listening import Recording
from core.audio.player import Part, Playback, Player
from core.audio.time_stretch import stretch
from core.errors import UserError
from gui.background import Task
from gui.context import AppContext

SPEEDS: Final = (1.0, 0.75, 0.5)
SHORTEST_SELECTION_S: Final = 0.05
"""A loop of less is a buzz, no sound to recognise."""

FRAME_MS: Final = 40
_AT_END_S: Final = 0.005

Span = tuple[float, float]


class _Attempt:
    """A sound that is being started. `playback` is written by the worker before it looks whether the task was
    cancelled, and read by who cancelled it afterwards: so one of them always stops it."""

    def __init__(self) -> None:
        self.task: Task | None = None
        self.playback: Playback | None = None
        self.moved = False


class ListeningSound(QObject):
    """The sound's side of the listening panel; all of it is used on the UI thread.

    moved: the playhead, in seconds. changed: it began or ceased to play; another selection, loop or speed.
    """

    moved = Signal(float)
    changed = Signal()

    def __init__(self, context: AppContext, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self._recording: Recording | None = None
        self._sounds: dict[float, Samples] = {}
        self._attempt: _Attempt | None = None
        self._playback: Playback | None = None
        self._position = self._began_at = 0.0
        self._span: Span | None = None
        self._looped = False
        self._speed = SPEEDS[0]
        self._frame = QTimer(self, interval=FRAME_MS)
        self._frame.timeout.connect(self._follow)

    @property
    def playing(self) -> bool:
        """Whether it plays or is about to."""
        return self._attempt is not None or self._playback is not None

    @property
    def position_s(self) -> float:
        """Where the playhead is, in seconds."""
        return self._position

    @property
    def span(self) -> Span | None:
        """From where to where it is selected, in seconds; None when nothing is."""
        return self._span

    @property
    def looped(self) -> bool:
        """Whether the selection, or without one everything, repeats."""
        return self._looped

    @property
    def speed(self) -> float:
        """1.0 is as recorded."""
        return self._speed

    @property
    def seconds(self) -> float:
        """How long the recording lasts; 0 without one."""
        return 0.0 if self._recording is None else self._recording.seconds

    def load(self, recording: Recording | None) -> None:
        """Take another recording, at its beginning and silent. Loop and speed stay as they are."""
        self.pause()
        self._recording = recording
        self._sounds = {} if recording is None else {1.0: recording.samples}
        self._span = None
        self._go_to(0.0)
        self.changed.emit()

    def toggle(self) -> None:
        """Play from the playhead, or pause there. With a selection, only that is heard."""
        if self.playing:
            self.pause()
        elif self._recording is not None:
            self._go_to(self._part().start_s)
            self._launch(self._recording)
            self.changed.emit()

    def pause(self) -> None:
        """Be silent; the playhead stays where it is. Harmless in silence."""
        if self._playback is not None and self._playback.playing:
            self._position = self._playback.position_s
        self._rest(self._position)

    def go_home(self) -> None:
        """Be silent and go to the beginning of what is selected."""
        self._rest(0.0 if self._span is None else self._span[0])

    def seek(self, seconds: float) -> None:
        """Put the playhead there, playing or not."""
        self._go_to(min(max(0.0, seconds), self.seconds))
        self._reroute()

    def select(self, span: Span | None) -> None:
        """Select a stretch (of at least 50 ms, as far as the recording has them), or nothing."""
        if span is not None and self._recording is not None:
            first = max(0.0, min(*span, self.seconds - SHORTEST_SELECTION_S))
            span = first, min(self.seconds, max(*span, first + SHORTEST_SELECTION_S))
        if span != self._span:
            self._span = span
            self._catch_up()
            self._reroute()
            self.changed.emit()

    def set_looped(self, looped: bool) -> None:
        """Repeat the selection, or without one everything."""
        if looped != self._looped:
            self._looped = looped
            self._catch_up()
            self._reroute()
            self.changed.emit()

    def change_speed(self, steps: int) -> None:
        """Play slower (positive) or faster by so many of `SPEEDS`."""
        index = SPEEDS.index(self._speed) + steps
        if 0 <= index < len(SPEEDS):
            self._speed = SPEEDS[index]
            if self._recording is not None and self.playing:
                self._catch_up()
                self._launch(self._recording)
            self.changed.emit()

    # ---- inside

    def _part(self) -> Part:
        first, last = self._span or (0.0, self.seconds)
        inside = first <= self._position < last - _AT_END_S
        return Part(self._position if inside else first, first, last, self._looped)

    def _go_to(self, seconds: float) -> None:
        self._began_at = seconds
        self._show(seconds)

    def _show(self, seconds: float) -> None:
        self._position = seconds
        self.moved.emit(seconds)

    def _catch_up(self) -> None:
        if self._playback is not None and self._playback.playing:
            self._position = self._playback.position_s

    def _reroute(self) -> None:
        part = self._part()
        if self._attempt is not None:
            self._attempt.moved = True
        if self._playback is not None:
            self._playback.move(part)

    def _launch(self, recording: Recording) -> None:
        if self._attempt is not None and self._attempt.task is not None:
            self._attempt.task.cancel()
        attempt = self._attempt = _Attempt()
        sound = _Sound(self._sounds, recording.rate, self._speed)
        attempt.task = self._context.background.run(
            partial(_begin, self._context.player, sound, self._part(), self._playback, attempt),
            success=lambda _nothing: self._begun(attempt),
            failure=self._refused,
            owner=self,
        )

    def _begun(self, attempt: _Attempt) -> None:
        self._attempt, self._playback = None, attempt.playback
        if attempt.moved:
            self._reroute()
        self._frame.start()

    def _refused(self, error: Exception) -> None:
        self._rest(self._position)
        self._context.errors.report(error)

    @Slot()
    def _follow(self) -> None:
        playback = self._playback
        if playback is None:
            return
        if playback.playing:
            self._show(playback.position_s)
        elif playback.lost:
            self._rest(self._position)
            self._context.errors.report(
                UserError(
                    "The sound device went away while the recording played.",
                    remedy="Plug it in again, or choose another output in the system. Then press Play.",
                )
            )
        elif playback.done:
            self._rest(self._began_at)
        elif self._attempt is None:  # else it was stopped to be continued at another speed
            self._rest(self._position)

    def _rest(self, position: float) -> None:
        attempt, playback = self._attempt, self._playback
        self._attempt = self._playback = None
        self._frame.stop()
        if attempt is not None and attempt.task is not None:
            attempt.task.cancel()
        if attempt is not None or playback is not None:
            self._context.background.run(partial(_silence, self._context.player, attempt, playback))
            self.changed.emit()
        self._go_to(position)


class _Sound:
    """What a worker plays: the recording's samples by speed, slowed when first wanted."""

    def __init__(self, by_speed: dict[float, Samples], rate: int, speed: float) -> None:
        self.by_speed = by_speed
        self.rate = rate
        self.speed = speed

    def samples(self, task: Task) -> Samples:
        if self.speed not in self.by_speed:
            self.by_speed[self.speed] = stretch(self.by_speed[1.0], self.rate, self.speed, task.is_cancelled)
        return self.by_speed[self.speed]


def _begin(
    player: Player, sound: _Sound, part: Part, previous: Playback | None, attempt: _Attempt, task: Task
) -> None:
    samples = sound.samples(task)
    task.raise_if_cancelled()
    if previous is not None and previous.playing:  # it went on while the sound was slowed
        part = replace(part, start_s=previous.position_s)
    attempt.playback = player.play(samples, sound.rate, part, sound.speed)
    if task.is_cancelled():
        player.stop(attempt.playback)


def _silence(player: Player, attempt: _Attempt | None, playback: Playback | None, _task: Task) -> None:
    for each in (playback, attempt.playback if attempt is not None else None):
        if each is not None:
            player.stop(each)
