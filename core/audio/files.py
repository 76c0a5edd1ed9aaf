"""Sound files: reading anything libsndfile reads as 16 kHz mono, and writing WAV whole or not at all."""

from __future__ import annotations

import io
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import soundfile
import soxr
from numpy.typing import NDArray

from core.errors import UserError
from core.storage.files import write_bytes_atomically

SAMPLE_RATE: Final = 16_000
"""Samples per second that every model here hears."""

SHORTEST_S: Final = 0.1
"""Seconds a recording must last: less is a click, and the towers' strides leave nothing of a few frames."""


@dataclass(frozen=True)
class AudioInfo:
    """What a file's header says. duration_s: seconds; sample_rate: Hz; subtype: for instance PCM_16."""

    duration_s: float
    sample_rate: int
    channels: int
    subtype: str


def audio_info(path: Path) -> AudioInfo:
    """The header of a sound file. Raises UserError when it is missing, no sound file, or without sound."""
    _refuse_missing(path)
    try:
        info = soundfile.info(str(path))
    except soundfile.SoundFileError as error:
        raise _unreadable(path, error) from error
    _refuse_silent_length(path, info.frames)
    return AudioInfo(info.frames / info.samplerate, info.samplerate, info.channels, info.subtype)


def decode(path: Path) -> tuple[NDArray[np.float32], int]:
    """The sound as it is stored: float32 [samples, channels], and its samples per second.

    Raises UserError when the file is missing, damaged, no sound file, or without sound.
    """
    _refuse_missing(path)
    try:
        channels, rate = soundfile.read(str(path), dtype="float32", always_2d=True)
    except soundfile.SoundFileError as error:
        raise _unreadable(path, error) from error
    _refuse_silent_length(path, len(channels))
    if not np.isfinite(channels).all():
        raise UserError(
            "The sound file holds values that are not numbers.",
            where=str(path),
            remedy="Record or convert it again.",
        )
    return channels, rate


def read_audio(path: Path) -> NDArray[np.float32]:
    """The sound as float32 [samples], 16 kHz, mono (the channels' mean), within [-1, 1].

    Raises UserError when the file is missing, damaged, no sound file, or without sound.
    """
    channels, rate = decode(path)
    samples: NDArray[np.float32] = channels.mean(axis=1)
    if rate != SAMPLE_RATE:
        samples = soxr.resample(samples, rate, SAMPLE_RATE)
        # Resampling a handful of samples downwards may leave none.
        _refuse_silent_length(path, len(samples))
    return np.clip(samples, -1, 1, out=samples)


def write_wav(path: Path, samples: NDArray[np.float32], rate: int = SAMPLE_RATE) -> None:
    """Write mono [samples] within [-1, 1] as 16-bit WAV: after a crash the file is whole or the old one.

    Raises UserError when the disk is full or the folder is not writable.
    """
    buffer = io.BytesIO()
    soundfile.write(buffer, samples, rate, format="WAV", subtype="PCM_16")
    write_bytes_atomically(path, buffer.getvalue())


def _refuse_missing(path: Path) -> None:
    try:
        found = path.is_file()
    except OSError as error:  # a name too long for the disk, or a folder that may not be entered
        raise UserError(
            f"The sound file cannot be opened ({error.strerror or error}).",
            where=str(path),
            remedy="Correct the path, or give the file a shorter name.",
        ) from error
    if not found:
        raise UserError(
            "The sound file is missing.",
            where=str(path),
            remedy="Put it back, or correct the path in the manifest and import again.",
        )


def _refuse_silent_length(path: Path, frames: int) -> None:
    if frames == 0:
        raise UserError(
            "The sound file holds no sound (its length is zero).",
            where=str(path),
            remedy="Record it again, or leave it out.",
        )


def _unreadable(path: Path, error: Exception) -> UserError:
    return UserError(
        "The sound file is empty." if path.stat().st_size == 0 else "The sound file cannot be read.",
        where=str(path),
        remedy="It may be damaged or of an unknown format; WAV, FLAC, Ogg and MP3 are read.",
        details=str(error),
    )
