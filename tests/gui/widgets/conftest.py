"""A loudspeaker whose blocks and whose clock the test moves."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from core.audio.devices import AudioSystem
from core.audio.player import Player
from gui.context import AppContext
from tests.core.audio.fake_portaudio import FakePortAudio, FakeStream, device


class Loudspeaker:
    """`hear` plays the part of the device; `now` is the player's clock."""

    def __init__(self, settle: Callable[[], None]) -> None:
        self.now = 100.0
        self.system = FakePortAudio([device("Speakers", inputs=0, outputs=2)])
        self._settle = settle

    @property
    def stream(self) -> FakeStream:
        """The stream that was opened last, once everything asked for has been done."""
        self._settle()
        return self.system.streams[-1]

    @property
    def active(self) -> bool:
        """Whether any stream runs."""
        self._settle()
        return any(stream.active for stream in self.system.streams)

    def hear(self, seconds: float) -> np.ndarray:
        """What comes out in the next `seconds`, fetched in blocks of 10 ms at most; less when it ends."""
        stream = self.stream
        left, heard = round(seconds * stream.options["samplerate"]), [np.zeros(0, np.float32)]
        while left > 0 and stream.active:
            frames = min(left, stream.options["samplerate"] // 100)
            heard.append(stream.request(frames))
            self.now += frames / stream.options["samplerate"]
            left -= frames
        return np.concatenate(heard)


@pytest.fixture
def loudspeaker(context: AppContext, qtbot: QtBot) -> Loudspeaker:
    """The only loudspeaker of this computer."""

    def settle() -> None:
        qtbot.waitUntil(lambda: not context.background.busy())

    result = Loudspeaker(settle)
    context.audio = AudioSystem(lambda: result.system)
    context.player = Player(context.audio, lambda: result.now)
    return result
