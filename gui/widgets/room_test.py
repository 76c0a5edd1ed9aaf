"""The microphone test: three seconds of nobody speaking, and what the room is like."""

from __future__ import annotations

import time
from typing import Final

from PySide6.QtWidgets import QVBoxLayout, QWidget

from core.audio.files import to_16_khz
from core.audio.recorder import Recorder
from core.audio.room import Room, measure_room
from core.errors import UserError
from gui.background import Task
from gui.context import AppContext
from gui.error_reporting import worded
from gui.widgets.basics import button
from gui.widgets.message import InlineMessage

SECONDS: Final = 3.0
_WAIT_S: Final = 8.0


class RoomTest(QWidget):
    """room: as it was measured last; None before, and with another microphone."""

    def __init__(self, context: AppContext, recorder: Recorder, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self._recorder = recorder
        self.room: Room | None = None
        self.start = button(
            "Test the room", theme=context.theme, icon="volume", tip="Say nothing for three seconds"
        )
        self.start.clicked.connect(self._measure)
        self.message = InlineMessage(context.theme)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addWidget(self.start)
        column.addWidget(self.message)

    def forget(self) -> None:
        """What was measured is of another microphone."""
        self.room = None
        self.message.clear()

    def _measure(self) -> None:
        self.start.setEnabled(False)
        self.message.say("info", "Say nothing for three seconds.")
        self._context.background.run(self._listen, success=self._show, failure=self._refuse, owner=self)

    def _listen(self, task: Task) -> Room | None:
        recorder, rate = self._recorder, self._recorder.rate
        if not recorder.listening:
            raise UserError("The microphone is not ready.", remedy="Choose one, then test again.")
        begun, wanted = recorder.position, round(SECONDS * rate)
        give_up_at = time.monotonic() + _WAIT_S
        while recorder.position < begun + wanted and time.monotonic() < give_up_at:
            task.raise_if_cancelled()
            time.sleep(0.05)
        samples = recorder.heard(begun, begun + wanted)
        if samples.size < wanted:
            raise UserError("No sound came.", remedy="Look at the microphone, then test again.")
        return measure_room(to_16_khz(samples, rate))

    def _show(self, room: Room | None) -> None:
        self.start.setEnabled(True)
        if room is None:
            self.message.say("warn", "Somebody spoke: test again while nobody does.")
            return
        self.room = room
        self.message.say(room.grade, room.words)

    def _refuse(self, error: Exception) -> None:
        self.start.setEnabled(True)
        self.message.say_error(worded(error))
