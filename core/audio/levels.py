"""How loud a recording is: numbers for the level meter, the waveform and the "no speech heard" verdict.

All levels are in dBFS: decibels relative to a full-scale signal, so 0 is the loudest a file can hold and
quieter is more negative. Samples are float32, mono, in [-1, 1].
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Samples = NDArray[np.float32]

FLOOR_DBFS = -90.0
"""What digital silence is shown as; below what 16 bits can hold with dither, and finite for plots."""

SPEECH_DBFS = -50.0
"""A frame quieter than this holds no speech: a soft voice at a laptop is near -40, a quiet room under -55."""

SHORTEST_SPEECH_S = 0.2
"""The shortest word lasts longer; a key's click or a knock on the table does not."""

_FRAME_S = 0.02


def dbfs(amplitude: float) -> float:
    """A linear amplitude (1.0 = full scale) as dBFS, never below the floor."""
    return max(FLOOR_DBFS, 20.0 * math.log10(amplitude)) if amplitude > 0.0 else FLOOR_DBFS


def rms_dbfs(samples: Samples) -> float:
    """The mean level of `samples` [n]; the floor when there are none."""
    if not samples.size:
        return FLOOR_DBFS
    return dbfs(math.sqrt(float(np.mean(np.square(samples, dtype=np.float64)))))


def peak_dbfs(samples: Samples) -> float:
    """The level of the largest sample of `samples` [n]."""
    return dbfs(float(np.max(np.abs(samples)))) if samples.size else FLOOR_DBFS


def speech_seconds(samples: Samples, rate: int) -> float:
    """How many seconds of `samples` [n] at `rate` Hz are loud enough to be speech.

    Counted in frames of 20 ms, with the recording's constant offset (its median) taken off first: cheap
    sound cards add one, and it would pass for a steady sound.
    """
    frame = max(1, round(_FRAME_S * rate))
    count = samples.size // frame
    if not count:
        return 0.0
    centred = samples[: count * frame].astype(np.float64) - float(np.median(samples))
    frames = centred.reshape(count, frame)
    loud = np.sqrt(np.mean(np.square(frames), axis=1)) >= 10.0 ** (SPEECH_DBFS / 20.0)
    return float(np.count_nonzero(loud) * frame / rate)


def holds_speech(samples: Samples, rate: int) -> bool:
    """Whether `samples` [n] at `rate` Hz may hold a word at all: loud enough for long enough."""
    return speech_seconds(samples, rate) >= SHORTEST_SPEECH_S


def envelope(samples: Samples, columns: int) -> tuple[Samples, Samples]:
    """The lowest and the highest sample of each of `columns` equal parts of `samples` [n], for drawing.

    Two arrays [columns]. Fewer samples than columns repeat; no samples give zeros.
    """
    if columns < 1:
        raise ValueError(f"columns must be at least 1, not {columns}")
    if not samples.size:
        return np.zeros(columns, np.float32), np.zeros(columns, np.float32)
    starts = np.arange(columns) * samples.size // columns
    return np.minimum.reduceat(samples, starts), np.maximum.reduceat(samples, starts)


@dataclass
class PeakHold:
    """A meter's peak mark: jumps up at once, stays for `hold_s`, then falls `fall_db_per_s`."""

    hold_s: float = 1.0
    fall_db_per_s: float = 24.0
    value: float = FLOOR_DBFS
    _held_since: float = -math.inf
    _updated: float = math.inf

    def update(self, level_dbfs: float, now: float) -> float:
        """The mark after hearing a peak of `level_dbfs` at `now` seconds (any steadily growing clock)."""
        falling_s = max(0.0, now - max(self._updated, self._held_since + self.hold_s))
        fallen = self.value - self.fall_db_per_s * falling_s
        self._updated = now
        if level_dbfs >= fallen:
            self.value, self._held_since = level_dbfs, now
        else:
            self.value = max(FLOOR_DBFS, fallen)
        return self.value
