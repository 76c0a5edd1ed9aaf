"""Playing recordings one at a time, all as loud: a quiet recording is not a bad one."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Final

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from core.audio.files import SAMPLE_RATE, read_audio
from core.audio.levels import Samples
from core.audio.loudness import gain_to
from core.audio.player import Playback, Player
from core.errors import UserError
from gui.background import Task
from gui.context import AppContext

CHECK_MS: Final = 50


class _Clip:
    """A file on its way out. `playback` is written by the worker before it looks whether the task was
    cancelled, and read by who cancelled it afterwards: so one of them always stops it."""

    def __init__(self, sound: Path | Samples) -> None:
        self.sound = sound
        self.task: Task | None = None
        self.playback: Playback | None = None


class ClipPlayer(QObject):
    """One file at a time; another one takes its place."""

    changed = Signal()
    """another file plays, or none"""
    ended = Signal()
    """a file has played to its end"""
    failed = Signal(object)
    """the exception for which a file could not be played"""

    def __init__(self, context: AppContext, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self._clip: _Clip | None = None
        self._check = QTimer(self, interval=CHECK_MS)
        self._check.timeout.connect(self._look)

    @property
    def path(self) -> Path | None:
        """The file that plays or is about to."""
        sound = None if self._clip is None else self._clip.sound
        return sound if isinstance(sound, Path) else None

    @property
    def busy(self) -> bool:
        """Whether something plays or is about to."""
        return self._clip is not None

    def play(self, sound: Path | Samples) -> None:
        """Play this file, or 16 kHz [n], from its beginning, instead of what plays now."""
        self._silence()
        clip = self._clip = _Clip(sound)
        clip.task = self._context.background.run(
            partial(_begin, self._context.player, clip),
            success=lambda _nothing: self._check.start(),
            failure=self._refuse,
            owner=self,
        )
        self.changed.emit()

    def stop(self) -> None:
        """Be silent; harmless when it is."""
        if self._clip is not None:
            self._silence()
            self.changed.emit()

    @Slot()
    def _look(self) -> None:
        playback = None if self._clip is None else self._clip.playback
        if playback is None or playback.playing:
            return
        done, lost = playback.done, playback.lost
        self._rest()
        if done:
            self.ended.emit()
        elif lost:
            self.failed.emit(
                UserError(
                    "The sound device went away while the recording played.",
                    remedy="Plug it in again, or choose another output in the system. Then play it again.",
                )
            )

    def _refuse(self, error: Exception) -> None:
        self._rest()
        self.failed.emit(error)

    def _rest(self) -> None:
        self._check.stop()
        self._clip = None
        self.changed.emit()

    def _silence(self) -> None:
        clip, self._clip = self._clip, None
        self._check.stop()
        if clip is None:
            return
        if clip.task is not None:
            clip.task.cancel()
        player = self._context.player
        self._context.background.run(lambda _task: player.stop(clip.playback) if clip.playback else None)


def _begin(player: Player, clip: _Clip, task: Task) -> None:
    samples = read_audio(clip.sound) if isinstance(clip.sound, Path) else clip.sound
    task.raise_if_cancelled()
    clip.playback = player.play(samples * gain_to(samples, SAMPLE_RATE), SAMPLE_RATE)
    if task.is_cancelled():
        player.stop(clip.playback)
