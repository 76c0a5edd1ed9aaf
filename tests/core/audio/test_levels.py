"""Levels: what the meter shows and what counts as speech."""

from __future__ import annotations

import numpy as np
import pytest

from core.audio.levels import (
    FLOOR_DBFS,
    PeakHold,
    dbfs,
    envelope,
    holds_speech,
    peak_dbfs,
    rms_dbfs,
    speech_seconds,
)

RATE = 16_000


def tone(seconds: float, amplitude: float, rate: int = RATE) -> np.ndarray:
    times = np.arange(round(seconds * rate)) / rate
    return (amplitude * np.sin(2 * np.pi * 200 * times)).astype(np.float32)


def test_levels_are_relative_to_full_scale() -> None:
    assert dbfs(1.0) == 0.0
    assert rms_dbfs(tone(1, 1.0)) == pytest.approx(-3.01, abs=0.01)
    assert peak_dbfs(tone(1, 0.1)) == pytest.approx(-20.0, abs=0.01)


@pytest.mark.parametrize("samples", [np.zeros(0, np.float32), np.zeros(100, np.float32)])
def test_silence_has_a_finite_level(samples: np.ndarray) -> None:
    assert rms_dbfs(samples) == FLOOR_DBFS
    assert peak_dbfs(samples) == FLOOR_DBFS


@pytest.mark.parametrize("rate", [8_000, 16_000, 44_100])
def test_a_soft_word_in_silence_is_speech_at_every_rate(rate: int) -> None:
    silence = np.zeros(rate // 2, np.float32)
    take = np.concatenate([silence, tone(0.3, 0.01, rate), silence])
    assert speech_seconds(take, rate) == pytest.approx(0.3, abs=0.03)
    assert holds_speech(take, rate)


def test_neither_silence_nor_faint_noise_nor_a_click_is_speech() -> None:
    noise = (0.001 * np.random.default_rng(17).standard_normal(2 * RATE)).astype(np.float32)
    click = noise.copy()
    click[RATE : RATE + 800] = 0.9
    for take in (np.zeros(2 * RATE, np.float32), noise, click, tone(0.15, 0.5), np.zeros(3, np.float32)):
        assert not holds_speech(take, RATE)


def test_a_constant_offset_is_not_speech() -> None:
    assert not holds_speech(np.full(2 * RATE, 0.1, np.float32), RATE)


def test_the_envelope_keeps_every_extreme() -> None:
    samples = np.zeros(10_000, np.float32)
    samples[4_567], samples[9_999] = 1.0, -0.5
    low, high = envelope(samples, 100)
    assert (low.shape, high.shape) == ((100,), (100,))
    assert high[45] == 1.0
    assert low[99] == -0.5
    assert np.count_nonzero(high) == 1


@pytest.mark.parametrize("count", [0, 1, 3])
def test_an_envelope_wider_than_its_sound_is_drawn_all_the_same(count: int) -> None:
    low, high = envelope(np.ones(count, np.float32), 10)
    assert low.shape == (10,)
    assert (low <= high).all()


def test_the_peak_mark_jumps_up_holds_and_falls() -> None:
    mark = PeakHold(hold_s=1.0, fall_db_per_s=20.0)
    assert mark.update(-10.0, now=100.0) == -10.0
    assert mark.update(-60.0, now=100.9) == -10.0
    assert mark.update(-60.0, now=101.5) == pytest.approx(-20.0)
    assert mark.update(-60.0, now=102.0) == pytest.approx(-30.0)
    assert mark.update(-5.0, now=102.1) == -5.0
    assert mark.update(FLOOR_DBFS, now=1_000.0) == FLOOR_DBFS
