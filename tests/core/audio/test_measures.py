"""Measuring recordings whose levels, pauses and defects are known."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile
import soxr
from numpy.typing import NDArray

from core.audio.measures import measure

RATE = 16_000


def speech_like(seconds: float, level_dbfs: float, seed: int = 3) -> NDArray[np.float64]:
    """Noise in syllables of 150 ms with pauses of 100 ms."""
    count = round(seconds * RATE)
    syllables = (np.arange(count) / RATE % 0.25) < 0.15
    return 10 ** (level_dbfs / 20) * np.random.default_rng(seed).standard_normal(count) * syllables


def noise(seconds: float, level_dbfs: float) -> NDArray[np.float64]:
    return 10 ** (level_dbfs / 20) * np.random.default_rng(5).standard_normal(round(seconds * RATE))


def saved(folder: Path, samples: NDArray[np.float64], rate: int = RATE) -> Path:
    path = folder / "sound.wav"
    soundfile.write(path, np.clip(samples, -1, 1), rate)
    return path


@pytest.mark.parametrize("snr_db", [5, 15, 30])
def test_levels_noise_and_pauses_are_measured(tmp_path: Path, snr_db: int) -> None:
    quiet = np.zeros(round(0.8 * RATE))
    speech = np.concatenate([quiet, speech_like(2.95, -20), quiet, quiet])
    found = measure(saved(tmp_path, speech + noise(len(speech) / RATE, -20 - snr_db)))
    assert found.speech_dbfs == pytest.approx(-20, abs=2)
    assert found.snr_db == pytest.approx(snr_db, abs=2.5)
    assert found.leading_s == pytest.approx(0.8, abs=0.05)
    assert found.trailing_s == pytest.approx(1.7, abs=0.1)
    assert found.seconds == pytest.approx(len(speech) / RATE)


def test_a_sound_without_pauses_has_no_noise_to_measure(tmp_path: Path) -> None:
    found = measure(saved(tmp_path, noise(2, -20)))
    assert found.snr_db is None
    assert found.leading_s == pytest.approx(0, abs=0.05)


def test_peaks_cut_off_before_a_resampler_are_counted(tmp_path: Path) -> None:
    """As a sound server hands them on: nothing stands still at the limit any more."""
    at_device = soxr.resample(speech_like(2, -12), RATE, 48_000)
    cut = soxr.resample(np.clip(3 * at_device, -1, 1), 48_000, RATE)
    assert measure(saved(tmp_path, cut)).clipped > 100
    assert measure(saved(tmp_path, cut * 0.9 / np.abs(cut).max())).clipped < 10


@pytest.mark.parametrize("limit", [1.0, 0.7])
def test_cut_off_peaks_are_counted_wherever_they_are_cut(tmp_path: Path, limit: float) -> None:
    loud = np.clip(4 * np.sin(2 * np.pi * 200 * np.arange(RATE) / RATE), -limit, limit)
    assert measure(saved(tmp_path, loud)).clipped > 5_000
    tall = 0.999 * np.sin(2 * np.pi * 50 * np.arange(RATE) / RATE)
    assert measure(saved(tmp_path, tall)).clipped < 10
    assert measure(saved(tmp_path, speech_like(2, -15))).clipped < 10


def test_channels_that_cancel_are_told(tmp_path: Path) -> None:
    one = speech_like(2, -20)
    assert measure(saved(tmp_path, np.stack([one, -one], axis=1))).channels_cancel
    assert not measure(saved(tmp_path, np.stack([one, 0.3 * one], axis=1))).channels_cancel


def test_equal_sounds_have_equal_digests_whatever_holds_them(tmp_path: Path) -> None:
    wav = saved(tmp_path, speech_like(1, -20))
    samples, _ = soundfile.read(wav, dtype="int16")
    soundfile.write(tmp_path / "same.flac", samples, RATE)
    soundfile.write(tmp_path / "other.flac", samples[1:], RATE)
    assert (
        measure(tmp_path / "same.flac").digest
        == measure(wav).digest
        != measure(tmp_path / "other.flac").digest
    )
