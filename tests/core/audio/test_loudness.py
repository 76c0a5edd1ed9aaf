"""Equal loudness: what is played sounds alike, and nothing is cut off."""

from __future__ import annotations

import numpy as np
import pyloudnorm
import pytest

from core.audio.files import SAMPLE_RATE
from core.audio.levels import Samples
from core.audio.loudness import gain_to


def tone(seconds: float, amplitude: float) -> Samples:
    times = np.arange(round(seconds * SAMPLE_RATE)) / SAMPLE_RATE
    return (amplitude * np.sin(2 * np.pi * 440 * times)).astype(np.float32)


@pytest.mark.parametrize("amplitude", [0.01, 0.1, 0.6])
def test_quiet_and_loud_takes_come_out_alike(amplitude: float) -> None:
    take = tone(2.0, amplitude)
    played = gain_to(take, SAMPLE_RATE) * take
    assert pyloudnorm.Meter(SAMPLE_RATE).integrated_loudness(played.astype(float)) == pytest.approx(
        -23, abs=0.1
    )


def test_a_word_shorter_than_a_block_of_the_standard_is_as_loud() -> None:
    assert gain_to(tone(0.3, 0.01), SAMPLE_RATE) == pytest.approx(10.0, rel=0.1)


def test_silence_stays_silence() -> None:
    assert gain_to(np.zeros(SAMPLE_RATE, np.float32), SAMPLE_RATE) == 1.0
    assert gain_to(tone(1.0, 1e-5), SAMPLE_RATE) == 1.0


def test_one_loud_click_keeps_its_head() -> None:
    take = tone(1.0, 0.005)
    take[100] = 0.9
    assert np.max(np.abs(gain_to(take, SAMPLE_RATE) * take)) <= 0.98 + 1e-6
