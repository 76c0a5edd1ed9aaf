"""Level normalisation: loudness goes, the shape stays."""

from __future__ import annotations

import numpy as np
import pytest

from core.audio.normalize import normalize_level


@pytest.mark.parametrize("gain", [0.001, 0.1, 3.0])
def test_near_and_far_become_the_same(gain: float) -> None:
    speech = np.random.default_rng(0).standard_normal(16_000).astype(np.float32)
    assert np.allclose(normalize_level(gain * speech), normalize_level(speech), rtol=1e-4, atol=1e-6)


def test_pauses_do_not_pull_the_level() -> None:
    speech = np.random.default_rng(0).standard_normal(16_000).astype(np.float32)
    paused = np.concatenate([np.zeros(32_000, np.float32), speech])
    assert np.allclose(normalize_level(paused)[32_000:], normalize_level(speech), rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize(
    "samples", [np.zeros(8_000, np.float32), np.ones(100, np.float32), np.zeros(0, np.float32)]
)
def test_silence_and_snippets_stay_as_they_are(samples: np.ndarray) -> None:
    assert np.array_equal(normalize_level(samples), samples)
