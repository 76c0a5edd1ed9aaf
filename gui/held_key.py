"""A key that is held while speaking: told once when it goes down and once when it comes up."""

from __future__ import annotations

import time
from typing import Final

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtGui import QKeyEvent, QKeySequence

SETTLE_MS: Final = 40
"""Longer than a repeat's release and press are apart, shorter than a hand can let go and press again."""


class HeldKey(QObject):
    """A held key repeats as a release and a press at once, and on a busy X11 desktop Qt does not always tell
    that these are repeats: it is let go only when no press follows within SETTLE_MS."""

    pressed = Signal()
    released = Signal()

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.key = "Space"
        """As Qt writes it; a foot pedal is a key, too."""
        self.down = False
        self.let_go_at = 0.0
        """When it really came up, on `time.perf_counter`."""
        self._settling = QTimer(self, singleShot=True, interval=SETTLE_MS)
        self._settling.timeout.connect(self._let_go)

    def is_it(self, event: QKeyEvent) -> bool:
        """Whether the event is about this key."""
        pressed = QKeySequence(event.keyCombination())
        return pressed.toString(QKeySequence.SequenceFormat.PortableText) == self.key

    def goes_down(self, event: QKeyEvent) -> None:
        """Its press, or a repeat of it."""
        event.accept()
        self._settling.stop()
        if not event.isAutoRepeat() and not self.down:
            self.down = True
            self.pressed.emit()

    def comes_up(self, event: QKeyEvent) -> None:
        """Its release, or a repeat of it."""
        event.accept()
        if self.down and not event.isAutoRepeat():
            self.let_go_at = time.perf_counter()
            self._settling.start()

    def forget(self) -> None:
        """What becomes of the key is not known any more: it counts as let go, which is not told."""
        self._settling.stop()
        self.down = False

    def _let_go(self) -> None:
        self.down = False
        self.released.emit()
