"""Speech by flite (one short process per sentence), with the time of every phone and word."""

from __future__ import annotations

import subprocess
import tempfile
from pathlib import Path

import numpy as np
import soundfile

from core.teaspoon.speech import Phone, Speech, to_model_rate, words_from_ends

_PAUSE = "pau"


class Flite:
    """The engine. It prints when each phone ends, but not which word it belongs to: a word's share of the
    phones is known from saying the word alone, which is remembered here."""

    def __init__(self) -> None:
        self._phones_of: dict[str, int] = {}

    def say(self, text: str, voice: str, *, stretch: float = 1.0, pitch: float | None = None) -> Speech:
        """`text` spoken by a flite voice ("slt", "rms", "awb", "kal16").

        stretch: > 1 is slower. pitch: mean fundamental frequency in Hz; None keeps the voice's own.
        """
        with tempfile.TemporaryDirectory() as folder:
            wav = Path(folder) / "speech.wav"
            options = ["--setf", f"duration_stretch={stretch:.3f}"]
            if pitch is not None:
                options += ["--setf", f"int_f0_target_mean={pitch:.1f}"]
            ends = _run(text, voice, str(wav), options)
            samples, rate = soundfile.read(wav, dtype="float32")
        starts = [0.0, *(end for _, end in ends[:-1])]
        phones = tuple(Phone(symbol, start) for (symbol, _), start in zip(ends, starts, strict=True))
        begin = next(phone.start for phone in phones if phone.symbol != _PAUSE)
        spoken = [end for symbol, end in ends if symbol != _PAUSE]
        words = words_from_ends(text, self._word_ends(text.split(), spoken), begin)
        return Speech(to_model_rate(np.asarray(samples), rate), phones, words)

    def _word_ends(self, words: list[str], phone_ends: list[float]) -> list[tuple[str, float]]:
        counts = np.array([self._phone_count(word) for word in words])
        last = np.cumsum(counts) - 1
        if last[-1] + 1 != len(phone_ends):
            # A word is pronounced otherwise in its context: share the phones out in proportion.
            last = np.round((last + 1) * len(phone_ends) / (last[-1] + 1)).astype(int) - 1
        return [(word, phone_ends[index]) for word, index in zip(words, last.clip(0), strict=True)]

    def _phone_count(self, word: str) -> int:
        if word not in self._phones_of:
            spoken = [symbol for symbol, _ in _run(word, "kal16", "none", []) if symbol != _PAUSE]
            self._phones_of[word] = max(1, len(spoken))
        return self._phones_of[word]


def _run(text: str, voice: str, target: str, options: list[str]) -> list[tuple[str, float]]:
    """(phone, end time in seconds) of `text`, spoken into the file `target`."""
    command = ["flite", "-voice", voice, *options, "-psdur", "-t", f"{text} ", "-o", target]
    listing = subprocess.run(command, capture_output=True, check=True, text=True).stdout
    items = (item.rpartition(":") for item in listing.split())
    return [(symbol, float(end)) for symbol, _, end in items]
