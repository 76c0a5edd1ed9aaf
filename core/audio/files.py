"""Sound files: reading anything libsndfile reads as 16 kHz mono, and writing WAV whole or not at all."""

from __future__ import annotations

import io
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

import numpy as np
import soundfile
import soxr
from numpy.typing import NDArray

from core.errors import UserError
from core.storage.files import write_bytes_atomically

SAMPLE_RATE: Final = 16_000
"""Samples per second that every model here hears."""

_UNKNOWN_LENGTH: Final = 0x7FFFF000
"""Bytes; a header that tells of more was written by somebody who could not know."""

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
    """The header of a sound file. Raises UserError when it is missing, no sound file, without sound, or, of
    WAV, AIFF and FLAC, shorter than the header says."""
    _refuse_missing(path)
    try:
        with soundfile.SoundFile(str(path)) as sound:
            info = AudioInfo(sound.frames / sound.samplerate, sound.samplerate, sound.channels, sound.subtype)
            _refuse_silent_length(path, sound.frames)
            whole = sound.format != "FLAC" or _has_its_end(sound)
    except soundfile.SoundFileError as error:
        raise _unreadable(path, error) from error
    if not whole or _lacks_bytes(path):
        raise UserError(
            "The sound file is cut off: its header tells of more sound than there is.",
            where=str(path),
            remedy="Copy or download it again.",
        )
    return info


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
    samples = to_16_khz(channels.mean(axis=1), rate)
    # Resampling a handful of samples downwards may leave none.
    _refuse_silent_length(path, len(samples))
    return np.clip(samples, -1, 1, out=samples)


def to_16_khz(samples: NDArray[np.float32], rate: int) -> NDArray[np.float32]:
    """Mono [n] at `rate` Hz as [m] at 16 kHz."""
    if rate == SAMPLE_RATE or not samples.size:
        return samples
    return np.asarray(soxr.resample(samples, rate, SAMPLE_RATE), np.float32)


def write_wav(path: Path, samples: NDArray[np.float32], rate: int = SAMPLE_RATE) -> None:
    """Write mono [samples] within [-1, 1] as 16-bit WAV: after a crash the file is whole or the old one.

    Raises UserError when the disk is full or the folder is not writable.
    """
    buffer = io.BytesIO()
    soundfile.write(buffer, samples, rate, format="WAV", subtype="PCM_16")
    write_bytes_atomically(path, buffer.getvalue())


def encode_flac(
    samples: NDArray[np.float32], rate: int = SAMPLE_RATE, subtype: Literal["PCM_16", "PCM_24"] = "PCM_16"
) -> bytes:
    """Mono [samples] as a FLAC file of so many bits; what is beyond [-1, 1] is cut off."""
    buffer = io.BytesIO()
    soundfile.write(buffer, np.clip(samples, -1, 1), rate, format="FLAC", subtype=subtype)
    return buffer.getvalue()


def _has_its_end(sound: soundfile.SoundFile) -> bool:
    try:
        sound.seek(sound.frames - 1)
        return len(sound.read(1)) == 1
    except soundfile.SoundFileError:
        return False


def _lacks_bytes(path: Path) -> bool:
    """Whether a WAV or AIFF file is shorter than its header says; libsndfile takes what there is."""
    with path.open("rb") as file:
        head = file.read(8)
    order: Literal["little", "big"] = "little" if head.startswith(b"RIFF") else "big"
    told = int.from_bytes(head[4:], order) if head[:4] in {b"RIFF", b"FORM"} else 0
    # Who writes into a pipe cannot know the length and gives the greatest one. A last byte that is there only
    # to make the number even is often left out.
    return told < _UNKNOWN_LENGTH and told + 8 > path.stat().st_size + 1


def _refuse_missing(path: Path) -> None:
    try:
        mode = path.stat().st_mode
    except (FileNotFoundError, NotADirectoryError, ValueError):  # ValueError: a NUL in the name
        raise UserError(
            "The sound file is missing.",
            where=str(path),
            remedy="Put it back, or correct the path in the manifest and import again.",
        ) from None
    except OSError as error:  # links in a circle, a name too long, a folder that may not be entered
        raise UserError(
            f"The sound file cannot be opened ({error.strerror or error}).",
            where=str(path),
            remedy="Correct the path, or give the file a shorter name.",
        ) from error
    if not stat.S_ISREG(mode):
        raise UserError(
            "This is a folder, not a sound file."
            if stat.S_ISDIR(mode)
            else "This is a device, not a sound file.",
            where=str(path),
            remedy="Name the sound file itself.",
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
