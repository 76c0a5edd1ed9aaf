"""What the verdict on a take says of defects that were made, and of real recordings.

    python -m tests.benchmarks.take_verdicts [--each 32] [--half report] [--recordings FOLDER] [--noise FILE]

Texts of the demo are spoken by espeak-ng and flite, in rooms that echo a little and hiss; each defect is made
from them. Prints what was told of each defect, by kind, and how long a verdict takes. One half of the texts,
`--half tune`, is for setting the thresholds, the other for the figures that are reported.

Real recordings are taken as they are, and with the defects that do not need a clean room made in them.
"""

from __future__ import annotations

import argparse
import random
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import get_args

import numpy as np
import soxr

from core.audio.disturbances import reverberated
from core.audio.files import SAMPLE_RATE, read_audio
from core.audio.levels import Samples
from core.audio.measures import frame_levels, mean_level
from core.audio.room import Room
from core.audio.vad import speech_probabilities
from core.audio.verdict import Circumstances, Kind, Verdict, judge
from core.data.importers import read_utterances
from core.data.importers.source import Source
from core.data.synthesis.engines import engines, speak
from core.paths import RESOURCES

SPEECH_DBFS = -24.0
WANTED: dict[str, set[Kind]] = {
    "clean": set(),
    "clean, tight": set(),
    "clipped": {"clipped"},
    "clipped, resampled": {"clipped"},
    "too quiet": {"quiet"},
    "noisy": {"noisy"},
    "hum": {"hum"},
    "cut at start": {"cut at start"},
    "cut at end": {"cut at end"},
    "room without speech": {"no speech"},
    "muted": {"silent"},
    "half of the text": {"too short"},
    "other, short text": {"too long"},
    "long silence": {"long silence"},
}


@dataclass(frozen=True)
class Made:
    """A take with a defect, the text it is held against, and the level of the room's noise."""

    samples: Samples
    text: str
    room_dbfs: float


class Maker:
    """Takes with and without defects. noise: of a real room, at 16 kHz; else pink noise."""

    def __init__(self, rng: np.random.Generator, noise: Samples | None) -> None:
        self._rng = rng
        self._noise = noise

    def noise(self, count: int, dbfs: float) -> Samples:
        if self._noise is not None:
            at = int(self._rng.integers(0, self._noise.size - count))
            wave = self._noise[at : at + count]
        else:
            spectrum = np.fft.rfft(self._rng.standard_normal(count))
            spectrum /= np.sqrt(np.maximum(np.arange(spectrum.size), 1))
            wave = np.fft.irfft(spectrum, count)
        return (wave / np.sqrt(np.mean(wave**2)) * 10 ** (dbfs / 20)).astype(np.float32)

    def take(
        self, speech: Samples, dbfs: float = SPEECH_DBFS, before: float = 0.6, behind: float = 0.5
    ) -> tuple[Samples, float]:
        """`speech` at `dbfs`, its silence around it, in a room; and the level of the room's noise."""
        room_dbfs = dbfs - self._rng.uniform(26, 45)
        parts = [
            np.zeros(round(before * SAMPLE_RATE)),
            at_level(speech, dbfs),
            np.zeros(round(behind * SAMPLE_RATE)),
        ]
        sound = np.concatenate(parts).astype(np.float32)
        return sound + self.noise(sound.size, room_dbfs), room_dbfs

    def make(self, name: str, text: str, speech: Samples) -> Made:
        """The defect called `name` in WANTED."""
        rng = self._rng
        echoing = reverberated(speech, rng.uniform(0.1, 0.4), rng.uniform(3, 12), rng)
        special: dict[str, Callable[[], tuple[Samples, float]]] = {
            "clean": lambda: self.take(echoing, rng.uniform(-33, -18)),
            "clean, tight": lambda: self.take(
                speech, before=rng.uniform(0.1, 0.2), behind=rng.uniform(0.1, 0.2)
            ),
            "clipped": lambda: clipped(self.take(echoing), rng.uniform(10, 16)),
            "clipped, resampled": lambda: clipped(self.take(echoing), rng.uniform(10, 16), 48_000),
            "too quiet": lambda: self.take(echoing, rng.uniform(-54, -42)),
            "noisy": lambda: self._noisy(echoing),
            "hum": lambda: self._humming(echoing),
            "cut at start": lambda: self._cut(speech, start=True),
            "cut at end": lambda: self._cut(speech, start=False),
            "room without speech": lambda: self.take(np.zeros(speech.size, np.float32)),
            "muted": lambda: (self.noise(speech.size, -88), -88.0),
            "half of the text": lambda: self.take(echoing),
            "other, short text": lambda: self.take(np.tile(echoing, 2)),
            "long silence": lambda: self.take(
                echoing, before=float(rng.choice([0.6, 3.0])), behind=rng.uniform(2.6, 5)
            ),
        }
        samples, room_dbfs = special[name]()
        texts = {"half of the text": f"{text} {text}", "other, short text": "yes"}
        return Made(np.clip(samples, -1, 1), texts.get(name, text), room_dbfs)

    def _noisy(self, speech: Samples) -> tuple[Samples, float]:
        sound, _ = self.take(speech)
        noise_dbfs = SPEECH_DBFS - self._rng.uniform(0, 12)
        return sound + self.noise(sound.size, noise_dbfs), noise_dbfs

    def _humming(self, speech: Samples) -> tuple[Samples, float]:
        sound, room_dbfs = self.take(speech)
        times = np.arange(sound.size) / SAMPLE_RATE
        mains = self._rng.choice([50, 60]) * (1 + self._rng.uniform(-0.002, 0.002))
        wave = sum(np.sin(2 * np.pi * mains * n * times + n) / n for n in (1, 2, 3, 5))
        return (sound + 10 ** (self._rng.uniform(-52, -36) / 20) * wave).astype(np.float32), room_dbfs

    def _cut(self, speech: Samples, *, start: bool) -> tuple[Samples, float]:
        """Amid a word: where the sound is loud."""
        levels = frame_levels(speech, SAMPLE_RATE)
        loud = np.flatnonzero(levels > mean_level(levels) - 6)
        part = loud[(loud > 0.1 * levels.size) & (loud < 0.4 * levels.size)]
        if not start:
            part = loud[(loud > 0.6 * levels.size) & (loud < 0.9 * levels.size)]
        at = round((int(self._rng.choice(part)) + 0.5) * 0.02 * SAMPLE_RATE)
        return self.take(speech[at:], before=0.0) if start else self.take(speech[:at], behind=0.0)


def at_level(samples: Samples, dbfs: float) -> Samples:
    """With its loud half at this level; silence stays silence."""
    if not samples.any():
        return samples
    levels = frame_levels(samples, SAMPLE_RATE)
    level = mean_level(levels[levels >= np.median(levels)])
    return (samples * 10 ** ((dbfs - level) / 20)).astype(np.float32)


def clipped(take: tuple[Samples, float], gain: float, rate: int = SAMPLE_RATE) -> tuple[Samples, float]:
    """Cut off at full scale by a device of `rate` Hz."""
    samples, room_dbfs = take
    at_device = samples if rate == SAMPLE_RATE else soxr.resample(samples, SAMPLE_RATE, rate)
    cut = np.clip(gain * at_device, -1, 1).astype(np.float32)
    heard = cut if rate == SAMPLE_RATE else soxr.resample(cut, rate, SAMPLE_RATE)
    return heard, room_dbfs + 20 * float(np.log10(gain))


def trimmed(samples: Samples) -> Samples:
    """Without the engine's silence around the words."""
    heard = np.flatnonzero(np.abs(samples) > 0.02 * np.abs(samples).max())
    return samples[heard[0] : heard[-1] + 1]


def sentences(half: str, count: int) -> list[tuple[str, Samples]]:
    """Texts of one half, each spoken by the next voice, the engines taking turns."""
    found, _ = read_utterances("jsonl", [Source(RESOURCES / "demo" / "manifest.jsonl")], "demo")
    texts = sorted({each.text for each in found if each.text and len(each.text) > 15})
    random.Random(7).shuffle(texts)
    mine = texts[half == "report" :: 2][:count]
    voices = [[voice for voice in engine.voices if voice.language.startswith("en")] for engine in engines()]
    speakers = [
        voices[n % len(voices)][n // len(voices) % len(voices[n % len(voices)])] for n in range(count)
    ]
    return [(text, trimmed(speak(voice, text))) for voice, text in zip(speakers, mine, strict=True)]


def recorded(folder: Path, half: str) -> list[tuple[str, Samples]]:
    """Recordings without silence around their words; what was said is not known."""
    files = sorted(folder.rglob("*.flac")) + sorted(folder.rglob("*.wav"))
    return [("", read_audio(file)) for file in files[half == "report" :: 2]]


def spoken_part(samples: Samples) -> Samples | None:
    speech = judge(samples, Circumstances()).speech
    if speech is None:
        return None
    return samples[round(max(0.0, speech[0] - 0.05) * SAMPLE_RATE) : round(speech[1] * SAMPLE_RATE)]


def table(maker: Maker, spoken: Sequence[tuple[str, Samples]]) -> list[float]:
    """Print what was told of each defect; returns how long each verdict took, in seconds."""
    seconds: list[float] = []
    kinds = get_args(Kind)
    print(f"{'':20} right of  good " + " ".join(f"{kind[:12]:>12}" for kind in kinds[2:]))
    for name, wanted in WANTED.items():
        told: Counter[str] = Counter()
        right = number = 0
        for text, speech in spoken:
            if not text and wanted & {"too short", "too long"}:
                continue
            made = maker.make(name, text, speech)
            heard = speech_probabilities(made.samples)  # as is done while it is recorded
            begun = time.perf_counter()
            room = Room(made.room_dbfs, 0.0, 0.0)
            verdict = judge(made.samples, Circumstances(made.text, room, probabilities=heard))
            seconds.append(time.perf_counter() - begun)
            told.update({finding.kind for finding in verdict.findings} or {"good"})
            right += is_right(wanted, verdict)
            number += 1
        if number:
            cells = " ".join(f"{told[kind] or '.':>12}" for kind in kinds[2:])
            print(f"{name:20} {right:5} {number:2} {told['good'] or '.':>5} {cells}")
    return seconds


def is_right(wanted: set[Kind], verdict: Verdict) -> bool:
    """Whether the defect was told, or nothing of what has none."""
    kinds = {finding.kind for finding in verdict.findings}
    return wanted <= kinds if wanted else not kinds


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--each", type=int, default=32)
    parser.add_argument("--half", choices=["tune", "report"], default="report")
    parser.add_argument("--recordings", type=Path)
    parser.add_argument("--noise", type=Path)
    options = parser.parse_args()
    maker = Maker(
        np.random.default_rng(options.half == "report"), read_audio(options.noise) if options.noise else None
    )
    print("spoken by engines:")
    seconds = table(maker, sentences(options.half, options.each))
    if options.recordings:
        real = recorded(options.recordings, options.half)
        told: Counter[str] = Counter()
        for _, samples in real:
            verdict = judge(samples, Circumstances())
            told.update([verdict.grade, *(finding.kind for finding in verdict.findings)])
        print(f"\n{len(real)} recordings as they are: {dict(told.most_common())}")
        print("recordings, defects made in them:")
        parts = [("", part) for _, samples in real if (part := spoken_part(samples)) is not None]
        seconds += table(maker, parts[: options.each])
    times = 1000 * np.array(seconds)
    middle, late, longest = np.percentile(times, [50, 95, 100])
    print(f"\nverdict: {middle:.1f} ms, p95 {late:.1f}, longest {longest:.1f} ({times.size} takes)")


if __name__ == "__main__":
    main()
