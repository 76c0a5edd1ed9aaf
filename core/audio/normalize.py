"""One loudness for every utterance: the same sentence, near or far from the microphone, looks alike."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

_FRAME = 400
"""Samples of one level frame: 25 ms at 16 kHz."""
_SPEECH_RANGE = 10.0 ** (-30.0 / 10.0)
"""Frames within 30 dB of the loudest (in power) count as speech; pauses do not pull the level."""
_TARGET_RMS = 0.1


def normalize_level(samples: NDArray[np.float32]) -> NDArray[np.float32]:
    """Scale `samples` so that their speech has the level Teaspoon was trained at (RMS 0.1, -20 dBFS).

    samples: mono, 16 kHz, shape [n]. Returns float32 of the same shape. Peaks may pass 1.0, which is
    harmless before feature extraction. Digital silence, or less than one 25 ms frame, is returned as it is.
    """
    frames = samples[: len(samples) // _FRAME * _FRAME].reshape(-1, _FRAME)
    power = np.mean(np.square(frames, dtype=np.float64), axis=1)
    if not power.size or power.max() == 0.0:
        return samples.astype(np.float32, copy=False)
    speech = power[power >= power.max() * _SPEECH_RANGE].mean()
    levelled: NDArray[np.float32] = (samples * (_TARGET_RMS / np.sqrt(speech))).astype(np.float32)
    return levelled
