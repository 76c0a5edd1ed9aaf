"""What a recording is like, in numbers: levels, noise, pauses, clipping.

Speech and noise are told apart by level alone: noise is what the quietest tenth of the 20 ms frames holds,
speech what is in the upper half, in decibels, between that and the loudest.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from core.audio.files import decode
from core.audio.levels import FLOOR_DBFS, Samples, peak_dbfs

FRAME_S: Final = 0.02
_STEADY_DB: Final = 6.0
"""Where quiet and loud frames differ less there is no pause to measure the noise in."""
_SPEECH_STARTS: Final = 0.35
"""Part of the way from the noise to the loudest frame, in dB: soft consonants are above it."""
_CUT_RUN: Final = 3
"""Samples in a row at the loudest value: a wave that nobody cut off touches it once or twice."""
_STEP: Final = 2.0**-15
"""One step of 16 bits."""
_CAN_BE_CUT: Final = 0.5
"""Below half of full scale nothing was cut off."""
_FULL_SCALE: Final = 1 - 2.0**-11
"""A wave that was cut and then resampled, as sound servers do, ripples about full scale and does not stand
there. Others come so near once or twice."""
_CANCELS: Final = 0.1


@dataclass(frozen=True)
class Measures:
    """seconds: of all. peak_dbfs: of the mean of its channels. speech_dbfs: mean level of the loud frames.
    snr_db: how much that is above the noise, None for a sound without pauses. leading_s, trailing_s: before
    the first and behind the last loud frame. clipped: samples cut off at the loudest value.
    channels_cancel: whether the mean of its channels is much quieter than they are. digest: of the sound;
    equal for equal sounds alone.
    """

    seconds: float
    sample_rate: int
    channels: int
    peak_dbfs: float
    speech_dbfs: float
    snr_db: float | None
    leading_s: float
    trailing_s: float
    clipped: int
    channels_cancel: bool
    digest: str


def measure(path: Path) -> Measures:
    """Decode a sound file and measure it. Raises UserError as `core.audio.files.read_audio`."""
    return measure_sound(*decode(path))


def measure_sound(channels: NDArray[np.float32], rate: int) -> Measures:
    """Measure a sound, [n, channels] at `rate` Hz, n at least 1."""
    mixed: Samples = channels.mean(axis=1)
    levels = frame_levels(mixed, rate)
    noise, loudest = float(np.percentile(levels, 10)), float(levels.max())
    loud = np.flatnonzero(levels >= noise + _SPEECH_STARTS * (loudest - noise))
    speech = mean_level(levels[levels >= (noise + loudest) / 2])
    return Measures(
        seconds=len(mixed) / rate,
        sample_rate=rate,
        channels=channels.shape[1],
        peak_dbfs=peak_dbfs(mixed),
        speech_dbfs=speech,
        snr_db=None if loudest - noise < _STEADY_DB else speech - noise,
        leading_s=float(loud[0]) * FRAME_S,
        trailing_s=float(len(levels) - 1 - loud[-1]) * FRAME_S,
        clipped=sum(clipped_samples(channel) for channel in channels.T),
        channels_cancel=_rms(mixed) < _CANCELS * _rms(channels),
        digest=hashlib.sha256(channels.tobytes() + str(rate).encode()).hexdigest(),
    )


def frame_levels(samples: Samples, rate: int) -> NDArray[np.float64]:
    """dBFS of each frame of FRAME_S, at least one; the constant offset that cheap sound cards add is taken
    off."""
    frame = max(1, round(FRAME_S * rate))
    centred = samples.astype(np.float64) - float(np.median(samples))
    count = max(1, len(centred) // frame)
    frames = np.array_split(centred[: count * frame], count)
    power = np.array([np.mean(np.square(part)) for part in frames])
    levels: NDArray[np.float64] = np.maximum(FLOOR_DBFS, 10 * np.log10(np.maximum(power, 1e-12)))
    return levels


def mean_level(levels: NDArray[np.float64]) -> float:
    """The level, in dBFS, of the mean power of frames of these levels [n], n at least 1."""
    return float(10 * np.log10(np.mean(10 ** (levels / 10))))


def usual_level(levels: NDArray[np.float64]) -> float:
    """As `mean_level`, without the loudest tenth: a click or a slammed door is not the room."""
    return mean_level(levels[levels <= np.percentile(levels, 90)])


def _rms(samples: NDArray[np.float32]) -> float:
    return float(np.sqrt(np.mean(np.square(samples, dtype=np.float64))))


def clipped_samples(samples: Samples) -> int:
    """How many of `samples` [n] stand in runs at the largest or smallest value, or at full scale and beyond:
    the wave was cut."""
    cut = [_in_runs(side >= limit - _STEP) for side, limit in _sides(samples) if limit >= _CAN_BE_CUT]
    return max(sum(cut), int(np.count_nonzero(np.abs(samples) >= _FULL_SCALE)))


def _sides(samples: Samples) -> list[tuple[Samples, float]]:
    return [(samples, float(samples.max())), (-samples, float(-samples.min()))]


def _in_runs(cut: NDArray[np.bool_]) -> int:
    """How many True stand in runs of at least _CUT_RUN."""
    edges = np.flatnonzero(np.diff(np.concatenate(([False], cut, [False])).astype(np.int8)))
    lengths = edges[1::2] - edges[::2]
    return int(lengths[lengths >= _CUT_RUN].sum())
