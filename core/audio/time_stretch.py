"""Slower or faster sound at the same pitch, by overlapping pieces that fit each other (WSOLA).

Pieces of 50 ms are laid down half a piece apart. Each is taken near the place that the speed says, but moved
by up to 12 ms so that it continues the piece before it: waves meet in step, and nothing clicks.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import numpy as np
from numpy.typing import NDArray

from core.audio.levels import Samples
from core.errors import Cancelled

SLOWEST: Final = 0.25
FASTEST: Final = 4.0

_PIECE_S: Final = 0.05
"""Its half, which overlaps, holds two periods of the deepest voice (80 Hz)."""
_REACH_S: Final = 0.0125
"""One period of that voice: within it a piece in step can be found."""
_SILENT: Final = 1e-5
"""Below one step of 16 bits there is no wave to keep in step."""
_ASK_EVERY: Final = 64


def stretch(
    samples: Samples, rate: int, speed: float, cancelled: Callable[[], bool] | None = None
) -> Samples:
    """`samples` [n] at `rate` Hz, played at `speed` (0.5 = half as fast): float32 [about n / speed].

    A moment t of the recording is heard at t / speed, give or take 25 ms of it. Raises ValueError for a
    speed outside 0.25 to 4, Cancelled as soon as `cancelled` says so.
    """
    if not SLOWEST <= speed <= FASTEST:
        raise ValueError(f"speed must be {SLOWEST} to {FASTEST}, not {speed}")
    if speed == 1.0 or not samples.size:
        return samples
    hop = max(1, round(_PIECE_S * rate / 2))
    reach = max(1, round(_REACH_S * rate))
    length = round(samples.size / speed)
    # One piece begins before the sound, so that two overlap everywhere.
    count = -(-length // hop) + 1
    margin = hop + reach
    source = np.concatenate([np.zeros(margin, np.float32), samples, np.zeros(8 * hop + reach, np.float32)])
    fade = (0.5 - 0.5 * np.cos(np.pi * (np.arange(hop) + 0.5) / hop)).astype(np.float32)
    result = np.zeros((count + 1) * hop, np.float32)
    finder = _Finder(2 * hop, reach)
    begin = margin - hop
    for index in range(count):
        if index % _ASK_EVERY == 0 and cancelled is not None and cancelled():
            raise Cancelled
        if index:
            aim = round(index * hop * speed) + margin - hop
            begin = aim + finder.best_shift(source, begin + hop, aim)
        at = index * hop
        result[at : at + hop] += source[begin : begin + hop] * fade
        result[at + hop : at + 2 * hop] = source[begin + hop : begin + 2 * hop] * fade[::-1]
    return result[hop : hop + length]


class _Finder:
    """Finds the piece that is most like another, by the correlation of their samples."""

    def __init__(self, piece: int, reach: int) -> None:
        self._piece = piece
        self._reach = reach
        # No wrap-around reaches the shifts asked for.
        self._size = 1 << (piece + 2 * reach - 1).bit_length()

    def best_shift(self, source: Samples, wanted: int, aim: int) -> int:
        """By how many samples to move from `aim` in `source` to continue as from `wanted`; 0 in silence."""
        template = source[wanted : wanted + self._piece]
        window = source[aim - self._reach : aim + self._reach + self._piece]
        spectrum = np.fft.rfft(window, self._size) * np.conj(np.fft.rfft(template, self._size))
        fit = np.fft.irfft(spectrum, self._size)[: 2 * self._reach + 1]
        fit /= np.sqrt(_energies(window, self._piece))
        if float(np.max(np.abs(template))) < _SILENT or float(fit.max()) <= 0.0:
            return 0
        return int(fit.argmax()) - self._reach


def _energies(window: Samples, piece: int) -> NDArray[np.float64]:
    """The energy of each piece within `window`, one for each shift."""
    sums = np.concatenate([[0.0], np.cumsum(np.square(window, dtype=np.float64))])
    energies: NDArray[np.float64] = np.maximum(sums[piece:] - sums[:-piece], 1e-9)
    return energies
