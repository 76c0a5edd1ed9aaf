"""What the verdict on a take says of defects that were made, and of real recordings.

    python -m tests.benchmarks.take_verdicts [--each 32] [--recordings FOLDER]

Texts of the demo are spoken by espeak-ng and flite in a room's noise; each defect is made from them. Prints
how often each kind of finding was told, by defect, and how long a verdict takes; of the recordings in FOLDER
what was told of them. The thresholds were set on other sentences, those of `--seed 0`.
"""

from __future__ import annotations

import argparse
import random
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import numpy as np

from core.audio.files import SAMPLE_RATE, read_audio
from core.audio.levels import Samples
from core.audio.room import Room
from core.audio.vad import speech_probabilities
from core.audio.verdict import Circumstances, Kind, Verdict, judge
from core.data.importers import read_utterances
from core.data.importers.source import Source
from core.data.synthesis.engines import engines, speak
from core.paths import RESOURCES

ROOM_DBFS = -62.0
SPEECH_DBFS = -24.0
WANTED: dict[str, set[Kind]] = {
    "clean": set(),
    "clipped": {"clipped"},
    "quiet": {"quiet", "noisy"},
    "noisy": {"noisy"},
    "hum": {"hum", "noisy"},
    "cut at start": {"cut at start"},
    "cut at end": {"cut at end"},
    "silence": {"silent", "no speech"},
    "another text": {"too short", "too long"},
}


def noise(rng: np.random.Generator, count: int, dbfs: float) -> Samples:
    """Pink noise, as rooms have."""
    spectrum = np.fft.rfft(rng.standard_normal(count))
    spectrum /= np.sqrt(np.maximum(np.arange(spectrum.size), 1))
    wave = np.fft.irfft(spectrum, count)
    return (wave / np.sqrt(np.mean(wave**2)) * 10 ** (dbfs / 20)).astype(np.float32)


def loud(samples: Samples, dbfs: float) -> Samples:
    """With its loud half at this level."""
    frames = samples[: samples.size // 320 * 320].reshape(-1, 320)
    power = np.sort(np.mean(frames**2, axis=1))
    level = np.sqrt(power[power.size // 2 :].mean())
    return (samples * (10 ** (dbfs / 20) / level)).astype(np.float32)


def trimmed(samples: Samples) -> Samples:
    """Without the engine's silence around the words."""
    heard = np.flatnonzero(np.abs(samples) > 0.01 * np.abs(samples).max())
    return samples[heard[0] : heard[-1] + 1]


def in_room(rng: np.random.Generator, speech: Samples, before: float = 0.6, behind: float = 0.5) -> Samples:
    parts = [np.zeros(round(before * SAMPLE_RATE)), speech, np.zeros(round(behind * SAMPLE_RATE))]
    take = np.concatenate(parts).astype(np.float32)
    return np.clip(take + noise(rng, take.size, ROOM_DBFS), -1, 1)


def defects(rng: np.random.Generator) -> dict[str, Callable[[Samples], Samples]]:
    def hum(speech: Samples) -> Samples:
        take = in_room(rng, loud(speech, SPEECH_DBFS))
        times = np.arange(take.size) / SAMPLE_RATE
        mains = rng.choice([50, 60])
        wave = sum(np.sin(2 * np.pi * mains * n * times) / n for n in (1, 2, 3, 5))
        return (take + 10 ** (rng.uniform(-48, -36) / 20) * wave).astype(np.float32)

    def noisy(speech: Samples) -> Samples:
        take = in_room(rng, loud(speech, SPEECH_DBFS))
        return take + noise(rng, take.size, SPEECH_DBFS - rng.uniform(2, 12))

    def cut(speech: Samples, *, start: bool) -> Samples:
        # In the midst of a loud part: a word is really lost.
        at = round(rng.uniform(0.15, 0.3) * speech.size)
        kept = speech[at:] if start else speech[:-at]
        before, behind = (0.0, 0.5) if start else (0.6, 0.0)
        return in_room(rng, loud(kept, SPEECH_DBFS), before, behind)

    return {
        "clean": lambda speech: in_room(rng, loud(speech, rng.uniform(-32, -18))),
        "clipped": lambda speech: np.clip(in_room(rng, loud(speech, -20)) * rng.uniform(8, 16), -1, 1),
        "quiet": lambda speech: in_room(rng, loud(speech, rng.uniform(-56, -44))),
        "noisy": noisy,
        "hum": hum,
        "cut at start": lambda speech: cut(speech, start=True),
        "cut at end": lambda speech: cut(speech, start=False),
        "silence": lambda speech: in_room(rng, np.zeros(speech.size, np.float32)),
        "another text": lambda speech: in_room(rng, loud(speech, SPEECH_DBFS)),
    }


def sentences(seed: int, count: int) -> list[tuple[str, Samples]]:
    found, _ = read_utterances("jsonl", [Source(RESOURCES / "demo" / "manifest.jsonl")], "demo")
    texts = sorted({each.text for each in found if each.text and len(each.text) > 15})
    random.Random(7).shuffle(texts)
    half = texts[seed % 2 :: 2][:count]
    voices = [voice for engine in engines() for voice in engine.voices if voice.language.startswith("en")][:8]
    return [(text, trimmed(speak(voices[n % len(voices)], text))) for n, text in enumerate(half)]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--each", type=int, default=32)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--recordings", type=Path)
    options = parser.parse_args()
    rng = np.random.default_rng(options.seed)
    spoken = sentences(options.seed, options.each)
    room = Room(ROOM_DBFS, 0.0, 0.0)
    seconds: list[float] = []
    for name, make in defects(rng).items():
        told: Counter[str] = Counter()
        right = 0
        for number, (text, speech) in enumerate(spoken):
            take = make(speech)
            if name == "another text":
                text = text * 4 if number % 2 else "go"  # noqa: PLW2901
                take = in_room(rng, np.tile(loud(speech, SPEECH_DBFS), 1 if number % 2 else 3))
            heard = speech_probabilities(take)  # as is done while it is recorded
            begun = time.perf_counter()
            verdict = judge(take, Circumstances(text, room, probabilities=heard))
            seconds.append(time.perf_counter() - begun)
            told.update(finding.kind for finding in verdict.findings)
            right += is_right(name, verdict)
        kinds = ", ".join(f"{kind} {number}" for kind, number in told.most_common()) or "nothing"
        print(f"{name:14} {right:3} of {len(spoken)} right; told: {kinds}")
    times = 1000 * np.array(seconds)
    print(
        f"verdict: {np.median(times):.0f} ms, p95 {np.percentile(times, 95):.0f}, longest {times.max():.0f}"
    )
    if options.recordings:
        told = Counter()
        files = sorted(options.recordings.glob("*.flac")) + sorted(options.recordings.glob("*.wav"))
        for file in files:
            verdict = judge(read_audio(file), Circumstances())
            told.update([verdict.grade, *(finding.kind for finding in verdict.findings)])
        print(f"{len(files)} recordings: {dict(told.most_common())}")


def is_right(name: str, verdict: Verdict) -> bool:
    """Whether the defect was told, or nothing of what has none."""
    kinds = {finding.kind for finding in verdict.findings}
    return bool(kinds & WANTED[name]) if WANTED[name] else not kinds


if __name__ == "__main__":
    main()
