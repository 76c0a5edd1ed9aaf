"""A spectrogram shows which pitch sounded when, and how loud."""

from __future__ import annotations

import numpy as np
import pytest

from core.audio.levels import FLOOR_DBFS
from core.audio.spectrogram import BANDS, spectrogram
from core.errors import Cancelled


def tone(rate: int, hertz: float, seconds: float = 1.0) -> np.ndarray:
    return np.sin(2 * np.pi * hertz * np.arange(round(seconds * rate)) / rate).astype(np.float32)


@pytest.mark.parametrize("rate", [8_000, 16_000, 44_100, 48_000])
@pytest.mark.parametrize("hertz", [120.0, 440.0, 3_000.0])
def test_a_tone_is_brightest_in_its_own_band(rate: int, hertz: float) -> None:
    shown = spectrogram(tone(rate, hertz), rate)
    middle = shown.levels[:, shown.levels.shape[1] // 2]
    nearest = int(np.abs(shown.centres_hz - hertz).argmin())
    assert abs(int(middle.argmax()) - nearest) <= 1
    assert -6.0 < middle.max() <= 0.5
    assert np.median(middle) < -50


def test_sound_stands_at_its_time() -> None:
    rate = 16_000
    samples = np.concatenate(
        [np.zeros(rate, np.float32), tone(rate, 1_000.0), np.zeros(2 * rate, np.float32)]
    )
    shown = spectrogram(samples, rate)
    assert shown.seconds == pytest.approx(4.0)
    loud = np.flatnonzero(shown.levels.max(axis=0) > -20) / shown.levels.shape[1] * shown.seconds
    assert loud[0] == pytest.approx(1.0, abs=0.02)
    assert loud[-1] == pytest.approx(2.0, abs=0.02)


@pytest.mark.parametrize("rate", [11, 4_000, 16_000, 192_000])
def test_noise_of_every_sampling_rate_leaves_no_band_empty(rate: int) -> None:
    noise = 0.1 * np.random.default_rng(5).standard_normal(rate).astype(np.float32)
    assert spectrogram(noise, rate).levels.max(axis=1).min() > -80


@pytest.mark.parametrize("count", [0, 1, 7, 399])
def test_next_to_no_sound_has_one_frame_or_more(count: int) -> None:
    shown = spectrogram(np.zeros(count, np.float32), 16_000)
    assert shown.levels.shape[0] == BANDS
    assert shown.levels.shape[1] >= 1
    assert (shown.levels == FLOOR_DBFS).all()


def test_a_long_recording_is_kept_in_fewer_steps() -> None:
    assert spectrogram(np.zeros(16_000 * 300, np.float32), 16_000).levels.shape[1] <= 6_000


def test_a_click_is_not_lost_in_a_narrow_picture() -> None:
    samples = np.zeros(16_000 * 10, np.float32)
    samples[80_000:80_020] = 0.9
    shown = spectrogram(samples, 16_000)
    narrow = shown.peaks(20)
    assert narrow.shape == (BANDS, 20)
    assert narrow.max() == shown.levels.max()
    assert int(narrow.max(axis=0).argmax()) in {9, 10}


def test_a_wide_picture_repeats_frames() -> None:
    shown = spectrogram(tone(16_000, 440.0, 0.05), 16_000)
    assert shown.peaks(500).shape == (BANDS, 500)
    with pytest.raises(ValueError, match="columns"):
        shown.peaks(0)


def test_it_can_be_cancelled() -> None:
    with pytest.raises(Cancelled):
        spectrogram(tone(16_000, 440.0), 16_000, lambda: True)
