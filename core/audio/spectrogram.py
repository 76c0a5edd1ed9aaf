"""Which pitches a recording holds at each moment, for a picture of it.

Levels of mel bands: equal steps in pitch as people hear it, low ones finer, up to what the models hear.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from core.audio.levels import FLOOR_DBFS, Samples
from core.errors import Cancelled

BANDS: Final = 80
HIGHEST_HZ: Final = 8_000.0
"""Half of the 16 000 samples per second that the models hear."""

_LOWEST_HZ: Final = 50.0
_WINDOW_S: Final = 0.025
_HOP_S: Final = 0.01
_MOST_FRAMES: Final = 6_000
"""A picture has fewer columns; of a recording longer than a minute the steps grow instead."""
_FRAMES_AT_ONCE: Final = 256
_SPREAD: Final = 1.5
"""A Hann window spreads a pure tone over neighbouring frequencies; their powers sum to 1.5 of its own."""


@dataclass(frozen=True)
class Spectrogram:
    """levels: float32 [bands, frames] in dBFS, the lowest band first; a full-scale tone is 0 to -6. The
    frames divide the recording's `seconds` evenly. centres_hz: float64 [bands]."""

    levels: NDArray[np.float32]
    centres_hz: NDArray[np.float64]
    seconds: float

    def peaks(self, columns: int) -> NDArray[np.float32]:
        """The highest level within each of `columns` equal parts, [bands, columns]; fewer frames than columns
        repeat. Raises ValueError for less than one column."""
        if columns < 1:
            raise ValueError(f"columns must be at least 1, not {columns}")
        frames = self.levels.shape[1]
        starts = np.arange(columns) * frames // columns
        peaks: NDArray[np.float32] = np.maximum.reduceat(self.levels, starts, axis=1)
        return peaks


def spectrogram(samples: Samples, rate: int, cancelled: Callable[[], bool] | None = None) -> Spectrogram:
    """The spectrogram of `samples` [n] at `rate` Hz; at least one frame, the floor for no sound.

    Raises Cancelled as soon as `cancelled` says so.
    """
    window = max(2, round(_WINDOW_S * rate))
    hop = max(1, round(_HOP_S * rate), -(-samples.size // _MOST_FRAMES))
    frames = max(1, -(-samples.size // hop))
    edges = _band_edges(rate)
    # No band may fall between two of the transform's own frequencies.
    size = 1 << max(window - 1, math.ceil(rate / (edges[1] - edges[0]))).bit_length()
    weights = _triangles(edges, np.arange(size // 2 + 1) * (rate / size))
    shape = np.hanning(window + 2)[1:-1].astype(np.float32)
    scale = (2.0 / float(shape.sum())) ** 2 / (_SPREAD * size / window)
    padded = np.zeros((frames - 1) * hop + window + hop, np.float32)
    lead = max(0, window - hop) // 2
    padded[lead : lead + samples.size] = samples[: padded.size - lead]
    pieces = np.lib.stride_tricks.sliding_window_view(padded, window)[::hop][:frames]
    levels = np.empty((BANDS, frames), np.float32)
    for first in range(0, frames, _FRAMES_AT_ONCE):
        if cancelled is not None and cancelled():
            raise Cancelled
        spectrum = np.fft.rfft(pieces[first : first + _FRAMES_AT_ONCE] * shape, size)
        power = (np.square(spectrum.real) + np.square(spectrum.imag)) @ weights.T * scale
        levels[:, first : first + len(power)] = np.maximum(
            FLOOR_DBFS, 10.0 * np.log10(np.maximum(power, 1e-12))
        ).T
    return Spectrogram(levels, edges[1:-1], samples.size / rate)


def _band_edges(rate: int) -> NDArray[np.float64]:
    """[bands + 2] in Hz: each band reaches from one edge to the next but one."""
    highest = min(HIGHEST_HZ, rate / 2)
    return _hertz(np.linspace(_mel(min(_LOWEST_HZ, highest / 2)), _mel(highest), BANDS + 2))


def _triangles(edges: NDArray[np.float64], frequencies: NDArray[np.float64]) -> NDArray[np.float64]:
    """How much of each frequency counts in each band [bands, frequencies]: all of it in its centre."""
    below, centres, above = (edges[first : first + BANDS, None] for first in range(3))
    rising = (frequencies - below) / (centres - below)
    falling = (above - frequencies) / (above - centres)
    return np.maximum(0.0, np.minimum(rising, falling))


def _mel(hertz: float) -> float:
    return float(2595.0 * np.log10(1.0 + hertz / 700.0))


def _hertz(mel: NDArray[np.float64]) -> NDArray[np.float64]:
    return 700.0 * (10.0 ** (mel / 2595.0) - 1.0)
