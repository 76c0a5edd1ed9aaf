"""Choosing a microphone and seeing that it hears: list, level meter, and what is wrong when it does not."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

from PySide6.QtCore import QSignalBlocker, QTimer, Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from core.audio.devices import Microphone, no_microphone
from core.audio.recorder import TALKING, Recorder, Rolls
from gui.background import Task
from gui.context import AppContext
from gui.error_reporting import worded
from gui.widgets.basics import icon_button, label
from gui.widgets.elided_combo import ElidedComboBox
from gui.widgets.level_meter import LevelMeter
from gui.widgets.message import InlineMessage

T = TypeVar("T")

_POLL_MS = 33


class MicrophoneBar(QWidget):
    """Keeps its recorder listening to the chosen microphone while `listen(True)` holds.

    PortAudio may block for seconds, so looking for devices and opening them happen in the background, one
    step at a time: when one ends, the next is chosen from what is wanted by then.
    """

    ready_changed = Signal(bool)
    """whether sound arrives, so that a take can begin"""
    lost = Signal()
    """The microphone listened to is gone; the message says so. A take may still be released now."""

    def __init__(self, context: AppContext, rolls: Rolls = TALKING, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self._wanted = False
        self._own_rate = False
        self._stale = True
        self._busy = False
        self._microphones: list[Microphone] = []
        self._opened: Microphone | None = None
        self._failed: Microphone | None = None
        self._was_listening = False
        self.recorder = Recorder(context.audio, rolls)
        self.choice = ElidedComboBox()
        self.choice.setAccessibleName("Microphone")
        self.look_again = icon_button("refresh", "Look for microphones again", context.theme)
        self.meter = LevelMeter(context.theme)
        self.status = label("", "hint")
        self.message = InlineMessage(context.theme)
        self._lay_out()
        self._poll = QTimer(self, interval=_POLL_MS)
        self._poll.timeout.connect(self._follow_sound)
        self.choice.currentIndexChanged.connect(self._choose)
        self.look_again.clicked.connect(self.rescan)

    def listen(self, wanted: bool) -> None:
        """Open the microphone, or let go of it; returns at once."""
        if wanted == self._wanted:
            return
        self._wanted = wanted
        if wanted:
            self.rescan()  # something may have been plugged in meanwhile
        else:
            self._settle()

    def listen_at_own_rate(self, wanted: bool) -> None:
        """Take the sound at the device's own rate instead of 16 kHz, from now on."""
        if wanted != self._own_rate:
            self._own_rate = wanted
            if self._wanted:
                self.rescan()

    @Slot()
    def rescan(self) -> None:
        """Look for microphones anew and listen to the chosen one."""
        self._stale = True
        self._failed = None
        self.message.clear()
        self._settle()

    def lock(self, locked: bool) -> None:
        """The microphone must not be changed in the midst of a take."""
        self.choice.setDisabled(locked or not self._microphones)
        self.look_again.setDisabled(locked)

    def problem(self) -> str:
        """What keeps one from recording now, in words; empty when nothing does."""
        if self.recorder.listening:
            return ""
        return self.message.text() or "The microphone is still starting. Try again in a moment."

    # -- one step at a time ----------------------------------------------------------------------------

    def _settle(self) -> None:
        target = self._target()
        if not self._busy and self._wanted and self._stale:
            self._stale = False
            self._opened = None
            self._run(self._find, self._found)
        elif not self._busy and target != self._opened:
            self._opened = target
            self._run(self._close if target is None else self._open(target), self._done)
        self._show_status()

    def _target(self) -> Microphone | None:
        index = self.choice.currentIndex()
        if not self._wanted or not 0 <= index < len(self._microphones):
            return None
        chosen = self._microphones[index]
        return None if chosen == self._failed else chosen

    def _run(self, op: Callable[[Task], T], success: Callable[[T], None]) -> None:
        self._busy = True
        self._context.background.run(op, success=success, failure=self._refused, owner=self)

    def _find(self, _task: Task) -> list[Microphone]:
        self.recorder.close()  # PortAudio finds new devices only when no stream is open
        return self._context.audio.microphones()

    def _open(self, microphone: Microphone) -> Callable[[Task], None]:
        own_rate = self._own_rate
        return lambda _task: self.recorder.open(microphone, own_rate=own_rate)

    def _close(self, _task: Task) -> None:
        self.recorder.close()

    def _found(self, microphones: list[Microphone]) -> None:
        self._microphones = microphones
        names = [microphone.name for microphone in microphones]
        remembered = self._context.settings.current.microphone
        with QSignalBlocker(self.choice):
            self.choice.clear()
            self.choice.addItems([microphone.label for microphone in microphones] or ["No microphone"])
            self.choice.setCurrentIndex(names.index(remembered) if remembered in names else 0)
        self.choice.setEnabled(bool(microphones))
        if not microphones:
            self.message.say("info", str(no_microphone()))
        self._done(None)

    def _done(self, _nothing: None) -> None:
        self._busy = False
        self._settle()

    def _refused(self, error: Exception) -> None:
        self._failed, self._opened = self._opened, None
        self.message.say_error(worded(error))
        self._done(None)

    @Slot()
    def _choose(self) -> None:
        target = self.choice.currentIndex()
        if 0 <= target < len(self._microphones):
            self._context.remember(microphone=self._microphones[target].name)
        self._failed = None
        self.message.clear()
        self._settle()

    # -- while it listens ------------------------------------------------------------------------------

    @Slot()
    def _follow_sound(self) -> None:
        problem = None if self._busy else self.recorder.problem()
        if problem is not None:
            self.message.say_error(problem)
            self.lost.emit()
            self._failed = self._opened
            self._settle()
        elif self.recorder.listening:
            self.meter.show_level(self.recorder.level(), time.monotonic())
        self._show_status()

    def _show_status(self) -> None:
        listening = self.recorder.listening
        if self._opened is None or self._busy:
            self._poll.stop()
        elif not self._poll.isActive():
            self._poll.start()
        if not listening:
            self.meter.clear()
        if listening:
            words = "Listening: the bar moves when you speak."
        elif self._busy or self._opened is not None:
            words = "Starting the microphone\N{HORIZONTAL ELLIPSIS}"
        else:
            words = ""
        self.status.setText(words)
        self.status.setVisible(bool(words))
        if listening != self._was_listening:
            self._was_listening = listening
            self.ready_changed.emit(listening)

    def _lay_out(self) -> None:
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(self.choice, 1)
        row.addWidget(self.look_again)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addLayout(row)
        column.addWidget(self.meter)
        column.addWidget(self.status)
        column.addWidget(self.message)
