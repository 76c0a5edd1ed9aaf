"""Builds the demo dataset: sentences of the demo grammar, some of them spoken, as a JSONL manifest."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from random import Random

import soundfile

from core.audio.normalize import normalize_level
from core.teaspoon.demo_grammar import DEMO
from core.teaspoon.grammar import Sentence
from core.teaspoon.speech import SAMPLE_RATE
from core.teaspoon.voices import (
    ACCENTS,
    FESTIVAL_VOICES,
    FLITE_VOICES,
    TEST_VARIANTS,
    TRAIN_VARIANTS,
    UNSEEN_ENGINE_VOICE,
    VALIDATION_VARIANTS,
    Speakers,
    Voice,
)

SEED = 17
TEXT_ONLY = 2_400
SPOKEN = {"train": 720, "validation": 180, "test": 340}
UNSEEN_ENGINE_TEST = 50
"""Test utterances spoken by the engine voice that no training ever hears."""


def demo_sentences(count: int, seed: int = SEED) -> list[Sentence]:
    """`count` different sentences in random order; intents even, as far as each has enough to say."""
    rng = Random(seed)
    found: dict[str, Sentence] = {}
    intents = sorted(DEMO.intents)
    while len(found) < count:
        for intent in intents:
            sentence = DEMO.sample(rng, intent)
            found.setdefault(sentence.text, sentence)
    sentences = list(found.values())[:count]
    rng.shuffle(sentences)
    return sentences


def _paired(variants: Sequence[str], count: int) -> list[Voice]:
    """`count` espeak voices, each variant in turn with another accent."""
    return [
        Voice("espeak", f"{ACCENTS[(3 * index) % len(ACCENTS)]}+{variants[index % len(variants)]}")
        for index in range(count)
    ]


def demo_voices() -> dict[str, list[Voice]]:
    """The voices of each split; no voice variant or engine voice is in two splits."""
    return {
        "train": [*_paired(TRAIN_VARIANTS[::3], 18), *FLITE_VOICES, *FESTIVAL_VOICES],
        "validation": _paired(VALIDATION_VARIANTS, 4),
        "test": _paired(TEST_VARIANTS, 6),
    }


def build_demo(folder: Path) -> None:
    """Write `folder`/manifest.jsonl and `folder`/audio/*.ogg (Opus, 16 kHz, mono)."""
    audio = folder / "audio"
    audio.mkdir(parents=True, exist_ok=True)
    for stale in audio.glob("*.ogg"):
        stale.unlink()
    sentences = demo_sentences(TEXT_ONLY + sum(SPOKEN.values()))
    rows = [_row(f"text-{index:04d}", s, "train") for index, s in enumerate(sentences[:TEXT_ONLY])]
    speakers, at = Speakers(), TEXT_ONLY
    for split, voices in demo_voices().items():
        mine = sentences[at : at + SPOKEN[split]]
        at += len(mine)
        unseen = UNSEEN_ENGINE_TEST if split == "test" else 0
        shares: list[tuple[Voice, list[Sentence]]] = [
            (voice, mine[: len(mine) - unseen][index :: len(voices)]) for index, voice in enumerate(voices)
        ]
        if unseen:
            shares.append((UNSEEN_ENGINE_VOICE, mine[-unseen:]))
        for voice, share in shares:
            rows += _speak(speakers, voice, share, split, folder, Random(f"{SEED} {voice.speaker}"))
    lines = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    (folder / "manifest.jsonl").write_text(lines, encoding="utf-8")


def _speak(
    speakers: Speakers, voice: Voice, sentences: list[Sentence], split: str, folder: Path, rng: Random
) -> list[dict[str, object]]:
    rows = []
    spoken = speakers.say_all(voice, [sentence.text for sentence in sentences], rng)
    for index, (sentence, speech) in enumerate(zip(sentences, spoken, strict=True)):
        key = f"{split}-{voice.speaker}-{index:03d}".replace("+", "-")
        file = folder / "audio" / f"{key}.ogg"
        samples = normalize_level(speech.samples)
        samples *= min(1.0, 0.95 / max(abs(samples)))
        soundfile.write(file, samples, SAMPLE_RATE, format="OGG", subtype="OPUS", compression_level=0.9)
        spoken_by = {"speaker": voice.speaker, "synthetic": voice.synthetic}
        rows.append(_row(key, sentence, split) | {"audio": f"audio/{file.name}"} | spoken_by)
    return rows


def _row(key: str, sentence: Sentence, split: str) -> dict[str, object]:
    slots: dict[str, str | list[str]] = {}
    for slot, filler in sentence.slots:
        before = slots.get(slot)
        if before is None:
            slots[slot] = filler
        else:
            slots[slot] = [*([before] if isinstance(before, str) else before), filler]
    return {
        "id": key, "text": sentence.text, "intent": sentence.intent, "slots": slots, "language": "en",
        "split": split,
    }  # fmt: skip
