"""Log-mel features, equal to the shipped feature extractor's but without its padding to the whole window."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from transformers import WhisperFeatureExtractor

from core.teaspoon.speech import SAMPLE_RATE

HOP = 250
"""Samples between frames: 64 frames a second, of which four make one audio token."""
WINDOW_SECONDS = 15
MELS = 80
EXTRA_FRAMES = 3
"""Silent frames kept behind the true end: what the convolutions see there in a padded window."""
_FFT = 400


def feature_extractor() -> WhisperFeatureExtractor:
    """The extractor that is shipped; `normalize_level` asks the program to level the waveform before it."""
    make: Any = WhisperFeatureExtractor
    extractor: WhisperFeatureExtractor = make(
        feature_size=MELS,
        sampling_rate=SAMPLE_RATE,
        hop_length=HOP,
        chunk_length=WINDOW_SECONDS,
        n_fft=_FFT,
        return_attention_mask=True,
        normalize_level=True,
    )
    return extractor


class LogMel:
    """Whisper's log-mel spectrogram at the true length."""

    def __init__(self) -> None:
        extractor = feature_extractor()
        self._filters: NDArray[np.float32] = np.asarray(extractor.mel_filters, np.float32)
        self._window = np.hanning(_FFT + 1)[:-1].astype(np.float32)

    def __call__(self, samples: NDArray[np.float32]) -> NDArray[np.float16]:
        """samples [n], mono, 16 kHz, levelled -> features [ceil(n / 250) + 3, 80], float16."""
        frames = -(-len(samples) // HOP) + EXTRA_FRAMES
        padded = np.zeros(frames * HOP + _FFT, np.float32)
        padded[_FFT // 2 : _FFT // 2 + len(samples)] = samples
        padded[: _FFT // 2] = samples[_FFT // 2 : 0 : -1]
        windows = np.lib.stride_tricks.sliding_window_view(padded, _FFT)[::HOP][:frames] * self._window
        power = np.abs(np.fft.rfft(windows, axis=1)).astype(np.float32) ** 2
        log = np.log10(np.maximum(power @ self._filters, 1e-10))
        log = np.maximum(log, log.max() - 8.0)
        features: NDArray[np.float16] = ((log + 4.0) / 4.0).astype(np.float16)
        return features
