"""A recording as a person listens to it: its sound as it is stored, its picture, and its figures."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from core.audio.files import decode
from core.audio.levels import Samples, peak_dbfs, rms_dbfs
from core.audio.spectrogram import Spectrogram, spectrogram


@dataclass(frozen=True, eq=False)
class Recording:
    """samples: float32 [n], the channels' mean, at the file's own `rate` in Hz. channels: of the file.
    peak_dbfs, rms_dbfs: of the samples."""

    samples: Samples
    rate: int
    channels: int
    peak_dbfs: float
    rms_dbfs: float
    spectrogram: Spectrogram

    @property
    def seconds(self) -> float:
        """How long it lasts."""
        return self.samples.size / self.rate


def read_recording(path: Path, cancelled: Callable[[], bool] | None = None) -> Recording:
    """Read a sound file to hear and see it.

    Raises UserError as `core.audio.files.decode`, Cancelled as soon as `cancelled` says so.
    """
    channels, rate = decode(path)
    samples: Samples = channels.mean(axis=1)
    return Recording(
        samples=samples,
        rate=rate,
        channels=channels.shape[1],
        peak_dbfs=peak_dbfs(samples),
        rms_dbfs=rms_dbfs(samples),
        spectrogram=spectrogram(samples, rate, cancelled),
    )
