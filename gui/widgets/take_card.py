"""The recording the page speaks about: its picture, its length, playing it back."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PySide6.QtCore import QTimer, Slot
from PySide6.QtGui import QHideEvent
from PySide6.QtWidgets import QWidget

from core.audio.files import SAMPLE_RATE, read_audio
from core.audio.levels import Samples
from core.audio.loudness import gain_to
from gui.background import Task
from gui.context import AppContext
from gui.icons import set_icon
from gui.widgets.basics import Card, button, label
from gui.widgets.message import InlineMessage
from gui.widgets.waveform import Waveform

_FRAME_MS = 40


class TakeCard(Card):
    """Empty, then a take that grows, then a take that can be played."""

    def __init__(
        self, context: AppContext, heading: str = "What it heard", parent: QWidget | None = None
    ) -> None:
        super().__init__(heading, parent=parent)
        self._context = context
        self._samples: Samples = np.zeros(0, np.float32)
        self._task: Task | None = None
        self._reading: Task | None = None
        self.waveform = Waveform(context.theme)
        self.length = label("", "hint")
        self.message = InlineMessage(context.theme)
        self.play_button = button("Play", theme=context.theme, icon="play")
        self.play_button.setDisabled(True)
        self.header.addWidget(self.length)
        self.header.addWidget(self.play_button)
        self.body.addWidget(self.waveform, 1)
        self.body.addWidget(self.message)
        self._frame = QTimer(self, interval=_FRAME_MS)
        self._frame.timeout.connect(self._follow_playback)
        self.play_button.clicked.connect(self._play_or_stop)

    def show_recording(self, samples: Samples, rate: int) -> None:
        """A take in progress: `samples` [n] at `rate` Hz."""
        self.message.clear()
        self.play_button.setDisabled(True)
        self.waveform.show_recording(samples, rate)
        self.length.setText(f"{samples.size / rate:.1f} s")

    def empty(self) -> None:
        """Nothing was heard yet."""
        self.show_take(np.zeros(0, np.float32))
        self.length.setText("")

    def show_take(self, samples: Samples, remark: str = "") -> None:
        """A finished take of 16 kHz; `remark` says what is wrong with it."""
        self.stop()
        self._samples = samples
        self.waveform.show_take(samples)
        self.length.setText(f"{samples.size / SAMPLE_RATE:.1f} s")
        self.play_button.setEnabled(bool(samples.size))
        if remark:
            self.message.say("warn", remark)
        else:
            self.message.clear()

    def show_file(self, path: Path, *, play: bool) -> None:
        """Show a take of a file, and play it if that is wanted."""

        def show(samples: Samples) -> None:
            self.show_take(samples)
            if play:
                self._play_or_stop()

        self.stop()
        self._reading = self._context.background.run(
            lambda _task: read_audio(path), success=show, failure=self._refused, owner=self
        )

    def stop(self) -> None:
        """End the playback, if it is ours, also one that is still to begin."""
        if self._reading is not None:
            self._reading.cancel()
        if self._task is not None:
            self._task.cancel()
            self._ended()
            self._context.background.run(lambda _task: self._context.player.stop())

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self.stop()

    @Slot()
    def _play_or_stop(self) -> None:
        if self._task is not None:
            self.stop()
            return
        samples = self._samples
        self._look("Stop", "stop")
        self._task = self._context.background.run(
            # All takes as loud: a quiet one is not a bad one.
            lambda _task: self._context.player.play(samples * gain_to(samples, SAMPLE_RATE), SAMPLE_RATE),
            success=lambda _nothing: self._frame.start(),
            failure=self._refused,
            owner=self,
        )

    @Slot()
    def _follow_playback(self) -> None:
        if self._context.player.playing:
            share = self._context.player.position_s * SAMPLE_RATE / self._samples.size
            self.waveform.set_position(min(1.0, share))
        else:
            self._ended()

    def _refused(self, error: Exception) -> None:
        self._ended()
        self._context.errors.report(error)

    def _ended(self) -> None:
        self._task = None
        self._frame.stop()
        self.waveform.set_position(None)
        self._look("Play", "play")

    def _look(self, text: str, icon: str) -> None:
        self.play_button.setText(text)
        self.play_button.setAccessibleName(text)
        set_icon(self.play_button, icon, self._context.theme, size=16)
