"""A recording as a picture."""

from __future__ import annotations

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from gui.theme import Theme
from gui.widgets.waveform import Waveform

RATE = 16_000


def orange(waveform: Waveform) -> np.ndarray:
    """Which pixel columns hold something in the colour of speech."""
    image = waveform.grab().toImage()
    colors = [[image.pixelColor(x, y) for y in range(image.height())] for x in range(image.width())]
    return np.array([any(c.red() > c.blue() + 80 for c in column) for column in colors])


@pytest.fixture
def waveform(qtbot: QtBot) -> Waveform:
    waveform = Waveform(Theme())
    qtbot.addWidget(waveform)
    waveform.resize(120, 64)
    return waveform


def test_a_take_fills_the_width_and_sound_stands_where_it_was(waveform: Waveform) -> None:
    samples = np.zeros(RATE, np.float32)
    samples[RATE // 2 :] = 0.5 * np.sign(np.sin(np.arange(RATE // 2)))
    waveform.show_take(samples)
    seen = orange(waveform)
    assert seen[70:].mean() > 0.6
    assert not seen[:50].any()


def test_the_first_second_of_a_recording_leaves_room_for_more(waveform: Waveform) -> None:
    waveform.show_recording(0.5 * np.sign(np.sin(np.arange(RATE))).astype(np.float32), RATE)
    seen = orange(waveform)
    assert seen[:38].any()
    assert not seen[45:].any()


@pytest.mark.parametrize("count", [0, 1, 7])
def test_next_to_no_sound_can_be_drawn(waveform: Waveform, count: int) -> None:
    waveform.show_take(np.ones(count, np.float32))
    waveform.set_position(0.5)
    waveform.grab()
    waveform.clear()
    waveform.grab()
