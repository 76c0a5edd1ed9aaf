"""Slower sound keeps its length's promise, its pitch and its smoothness."""

from __future__ import annotations

import numpy as np
import pytest

from core.audio.time_stretch import stretch
from core.errors import Cancelled

SPEEDS = [0.5, 0.75, 0.9, 1.5]


def tone(rate: int, seconds: float = 2.0, hertz: float = 440.0) -> np.ndarray:
    return (0.5 * np.sin(2 * np.pi * hertz * np.arange(round(seconds * rate)) / rate)).astype(np.float32)


@pytest.mark.parametrize("rate", [8_000, 16_000, 44_100])
@pytest.mark.parametrize("speed", SPEEDS)
def test_a_tone_lasts_longer_and_keeps_its_pitch(rate: int, speed: float) -> None:
    slowed = stretch(tone(rate), rate, speed)
    assert slowed.dtype == np.float32
    assert len(slowed) == pytest.approx(2 * rate / speed, rel=0.02)
    spectrum = np.abs(np.fft.rfft(slowed * np.hanning(len(slowed))))
    assert spectrum.argmax() * rate / len(slowed) == pytest.approx(440, abs=1)


@pytest.mark.parametrize("speed", SPEEDS)
@pytest.mark.parametrize("hertz", [97.0, 440.0, 1_234.5])
def test_a_steady_tone_stays_steady(speed: float, hertz: float) -> None:
    rate = 16_000
    slowed = stretch(tone(rate, hertz=hertz), rate, speed)
    inside = slowed[rate // 10 : -rate // 10]
    # A frame of 25 ms holds two periods or more, so its energy hardly depends on where it begins.
    frames = inside[: len(inside) // 400 * 400].reshape(-1, 400)
    levels = 20 * np.log10(np.sqrt(np.mean(frames**2, axis=1)))
    assert np.ptp(levels) < 2.0
    # A click is a step; a sine takes none larger than its slope.
    assert np.abs(np.diff(inside)).max() < 1.1 * 0.5 * 2 * np.pi * hertz / rate


@pytest.mark.parametrize("speed", SPEEDS)
def test_moments_of_the_recording_stay_in_proportion(speed: float) -> None:
    rate = 16_000
    noise = 0.1 * np.random.default_rng(3).standard_normal(3 * rate).astype(np.float32)
    noise[:rate] = 0.0
    noise[2 * rate :] = 0.0
    heard = np.flatnonzero(np.abs(stretch(noise, rate, speed)) > 0.02) / rate
    assert heard[0] == pytest.approx(1 / speed, abs=0.05)
    assert heard[-1] == pytest.approx(2 / speed, abs=0.05)


def test_the_beginning_is_not_faded() -> None:
    constant = np.full(16_000, 0.5, np.float32)
    np.testing.assert_allclose(stretch(constant, 16_000, 0.5)[:16_000], 0.5, atol=1e-3)


@pytest.mark.parametrize("count", [0, 1, 7, 801])
def test_next_to_no_sound_is_stretched_too(count: int) -> None:
    assert len(stretch(np.ones(count, np.float32), 16_000, 0.5)) == 2 * count


def test_at_full_speed_nothing_changes() -> None:
    samples = tone(16_000)
    assert stretch(samples, 16_000, 1.0) is samples


def test_silence_stays_silent() -> None:
    assert not stretch(np.zeros(16_000, np.float32), 16_000, 0.75).any()


@pytest.mark.parametrize("speed", [0.0, -1.0, 0.1, 9.0])
def test_senseless_speeds_are_refused(speed: float) -> None:
    with pytest.raises(ValueError, match="speed"):
        stretch(tone(16_000), 16_000, speed)


def test_it_can_be_cancelled() -> None:
    with pytest.raises(Cancelled):
        stretch(tone(16_000), 16_000, 0.5, lambda: True)
