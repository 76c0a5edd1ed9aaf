"""What every engine hands back: sound at the model's rate with the times of words and phones."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import soxr
from numpy.typing import NDArray

SAMPLE_RATE = 16_000


@dataclass(frozen=True)
class Phone:
    """A phone in the engine's own notation and when it starts, in seconds."""

    symbol: str
    start: float


@dataclass(frozen=True)
class Word:
    """The stretch text[first:last] (one word, or several said as one) and its time in seconds."""

    first: int
    last: int
    start: float
    end: float


@dataclass(frozen=True)
class Speech:
    """samples: float32, mono, 16 kHz, shape [n]."""

    samples: NDArray[np.float32]
    phones: tuple[Phone, ...]
    words: tuple[Word, ...]


def to_model_rate(samples: NDArray[np.float32], rate: int) -> NDArray[np.float32]:
    """Mono samples at `rate` resampled to 16 kHz."""
    resampled: NDArray[np.float32] = soxr.resample(samples, rate, SAMPLE_RATE, quality="MQ")
    return resampled


def words_from_ends(text: str, ends: list[tuple[str, float]], begin: float) -> tuple[Word, ...]:
    """Times of the words of `text` from an engine's (word, end time) list.

    Engines split words differently ("o'clock", hyphens): when the counts differ, the times in between are
    taken in proportion, which keeps every stretch within a syllable or so.
    """
    pieces = text.split()
    times = [begin, *(end for _, end in ends)]
    if len(ends) != len(pieces):
        at = np.linspace(0, len(ends), len(pieces) + 1)
        times = np.interp(at, np.arange(len(times)), times).tolist()
    words, char = [], 0
    for index, piece in enumerate(pieces):
        first = text.index(piece, char)
        char = first + len(piece)
        words.append(Word(first, char, times[index], times[index + 1]))
    return tuple(words)
