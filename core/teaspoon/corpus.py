"""The pretraining corpus: sentences, spoken by all training voices, as shards of features with word times.

A shard is one `.npz`; a finished shard is never made again, so synthesis can be stopped at any time.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from random import Random

import click
import numpy as np
from numpy.typing import NDArray

from core.audio.normalize import normalize_level
from core.teaspoon.augmentation import disturb, padded
from core.teaspoon.demo import SPOKEN, TEXT_ONLY, demo_sentences
from core.teaspoon.domains import DOMAINS
from core.teaspoon.features import HOP, WINDOW_SECONDS, LogMel
from core.teaspoon.free_text import FREE
from core.teaspoon.speech import SAMPLE_RATE, Speech
from core.teaspoon.voices import (
    FESTIVAL_VOICES,
    FLITE_VOICES,
    TRAIN_VARIANTS,
    UNSEEN_ENGINE_VOICE,
    VALIDATION_VARIANTS,
    Speakers,
    Voice,
    espeak_voices,
    speed,
)

SHARD = 400
_LONG = 0.06
"""Share of utterances made of several sentences, so that long recordings are met too."""
_PADDED = 1.0 / 3.0
_NOISY = 0.3
_BABBLE_EVERY = 4
"""Every fourth utterance of a shard is kept as babble for later ones."""
_MAX_CHARACTERS = 170


@dataclass(frozen=True)
class Text:
    """A sentence of the corpus; domain is "" when it carries no label."""

    text: str
    domain: str
    intent: str
    slots: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Part:
    """A part of the corpus: how many shards, and who speaks them."""

    name: str
    shards: int
    voices: tuple[Voice, ...]
    speeds: tuple[float, float]

    @property
    def training(self) -> bool:
        return self.name.startswith("train")


PARTS = (
    Part("train-festival", 12, FESTIVAL_VOICES, (0.84, 1.2)),
    Part("train-flite", 14, FLITE_VOICES, (0.84, 1.2)),
    Part("train-espeak", 60, espeak_voices(TRAIN_VARIANTS), (0.9, 1.12)),
    Part("validation-espeak", 1, espeak_voices(VALIDATION_VARIANTS), (1.0, 1.0)),
    Part("validation-ked", 1, (UNSEEN_ENGINE_VOICE,), (1.0, 1.0)),
)


def corpus_texts(rng: Random, forbidden: frozenset[str]) -> Iterator[Text]:
    """Endless sentences: half from task domains, half free; never one of `forbidden`."""
    while True:
        labelled = rng.random() < 0.5
        domain = rng.choice(DOMAINS) if labelled else FREE
        sentence = domain.sample(rng)
        if sentence.text in forbidden:
            continue
        if rng.random() < _LONG:
            others = (rng.choice((*DOMAINS, FREE)).sample(rng).text for _ in range(rng.randint(1, 3)))
            joined = " ".join((sentence.text, *others))
            if len(joined) <= _MAX_CHARACTERS and joined not in forbidden:
                yield Text(joined, "", "", ())
        elif len(sentence.text) <= _MAX_CHARACTERS:
            slots, name = (sentence.slots, domain.name) if labelled else ((), "")
            yield Text(sentence.text, name, sentence.intent if labelled else "", slots)


def demo_texts() -> frozenset[str]:
    """The demo's sentences, which pretraining must never see."""
    return frozenset(s.text for s in demo_sentences(TEXT_ONLY + sum(SPOKEN.values())))


def synthesise(folder: Path, *, scale: float = 1.0, processes: int = 2) -> None:
    """Make every missing shard of every part; `scale` < 1 makes a smaller training corpus."""
    folder.mkdir(parents=True, exist_ok=True)
    forbidden = demo_texts()
    jobs = [
        (part, index, folder, forbidden)
        for part in PARTS
        for index in range(max(1, round(part.shards * (scale if part.training else 1.0))))
        if not _shard_file(folder, part.name, index).exists()
    ]
    with ProcessPoolExecutor(processes) as pool:
        for name in pool.map(_make_shard, jobs):
            click.echo(f"synthesised {name}")


def _shard_file(folder: Path, part: str, index: int) -> Path:
    return folder / f"{part}-{index:03d}.npz"


def _make_shard(job: tuple[Part, int, Path, frozenset[str]]) -> str:
    part, index, folder, forbidden = job
    rng = Random(f"{part.name} {index}")
    texts = corpus_texts(rng, forbidden)
    speakers, log_mel = _speakers(), LogMel()
    voices = [rng.choice(part.voices) for _ in range(SHARD // 20)]
    features: list[NDArray[np.float16]] = []
    rows: list[dict[str, object]] = []
    babble: list[NDArray[np.float32]] = []
    for voice in voices:
        mine = [next(texts) for _ in range(SHARD // len(voices))]
        for text, speech in zip(mine, speakers.say_all(voice, [t.text for t in mine], rng), strict=True):
            spoken = speed(speech, rng.uniform(*part.speeds))
            if len(spoken.samples) > WINDOW_SECONDS * SAMPLE_RATE:
                continue
            if part.training:
                clean, spoken = spoken.samples, _padded_where_it_fits(spoken, rng)
                recording = disturb(spoken.samples, rng, babble)
                if len(rows) % _BABBLE_EVERY == 0:
                    babble.append(clean)
            else:
                recording = _noise(spoken.samples, rng)
            features.append(log_mel(normalize_level(recording)))
            rows.append(asdict(text) | {"voice": voice.speaker} | _times(spoken, voice))
    _write(_shard_file(folder, part.name, index), features, rows)
    return f"{part.name}-{index:03d}"


@functools.cache
def _speakers() -> Speakers:
    """One per process: flite's words, once counted, are known for all its shards."""
    return Speakers()


def _padded_where_it_fits(speech: Speech, rng: Random) -> Speech:
    """A third of the utterances begin and end in silence, as recordings do."""
    if rng.random() >= _PADDED:
        return speech
    longer = padded(speech, rng)
    return longer if len(longer.samples) <= WINDOW_SECONDS * SAMPLE_RATE else speech


def _noise(samples: NDArray[np.float32], rng: Random) -> NDArray[np.float32]:
    """Some validation utterances get a little white noise, and nothing else: all error rates so far were
    measured on just that."""
    if rng.random() >= _NOISY:
        return samples
    level = float(np.sqrt(np.mean(samples**2))) * 10.0 ** (-rng.uniform(15.0, 45.0) / 20.0)
    noise = np.random.default_rng(rng.getrandbits(32)).standard_normal(len(samples), np.float32)
    noisy: NDArray[np.float32] = samples + level * noise
    return noisy


def _times(speech: Speech, voice: Voice) -> dict[str, object]:
    """Word stretches and phones with their times in frames."""
    scale = SAMPLE_RATE / HOP
    family = "espeak" if voice.engine == "espeak" else "radio"
    return {
        "words": [
            (w.first, w.last, round(w.start * scale, 2), round(w.end * scale, 2)) for w in speech.words
        ],
        "phones": [(f"{family} {p.symbol}", round(p.start * scale, 2)) for p in speech.phones],
    }


def _write(file: Path, features: list[NDArray[np.float16]], rows: list[dict[str, object]]) -> None:
    temporary = file.with_suffix(".tmp")
    with temporary.open("wb") as out:
        np.savez(
            out,
            features=np.concatenate(features),
            lengths=np.array([len(f) for f in features]),
            rows=np.array([json.dumps(row) for row in rows]),
        )
    temporary.replace(file)
