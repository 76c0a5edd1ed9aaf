"""Equal loudness on playback (ITU-R BS.1770), so that a quiet take is not taken for a bad one."""

from __future__ import annotations

from typing import Final

import numpy as np

from core.audio.levels import Samples, rms_dbfs

TARGET_LUFS: Final = -23.0
"""Of EBU R 128."""
_BLOCK_S: Final = 0.4
"""BS.1770 measures blocks of this length; of less there is no loudness."""
_SILENT_DBFS: Final = -70.0
"""BS.1770's absolute gate: what is quieter is silence, and no gain makes it speech."""
_MOST_GAIN: Final = 10 ** (30 / 20)
_HEADROOM: Final = 0.98


def gain_to(samples: Samples, rate: int, target_lufs: float = TARGET_LUFS) -> float:
    """What to multiply mono `samples` [n] at `rate` Hz with to make them as loud as `target_lufs`.

    At most 30 dB, and no more than keeps every sample below full scale; 1 for silence. What is too short for
    BS.1770 goes by its plain level.
    """
    if rms_dbfs(samples) < _SILENT_DBFS:
        return 1.0
    loudness = _loudness(samples, rate) if samples.size >= _BLOCK_S * rate else rms_dbfs(samples)
    if not np.isfinite(loudness):
        return 1.0
    gain = 10 ** ((target_lufs - loudness) / 20)
    return float(min(gain, _MOST_GAIN, _HEADROOM / float(np.max(np.abs(samples)))))


def prepare() -> None:
    """Load what measures loudness, which takes most of a second: before somebody waits for a sound."""
    import pyloudnorm  # noqa: F401


def _loudness(samples: Samples, rate: int) -> float:
    import pyloudnorm  # and scipy with it: half a second that a start need not wait

    return float(pyloudnorm.Meter(rate).integrated_loudness(samples.astype(np.float64)))
