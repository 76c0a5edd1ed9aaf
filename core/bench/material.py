"""What both sides of a speed measurement learn from: one file of pairs, from a manifest or generated."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from random import Random
from typing import Any, Final

import numpy as np

from core.audio.files import SAMPLE_RATE, write_wav
from core.data.importers.jsonl import read as read_manifest
from core.data.importers.source import Source
from core.data.splits import Entry
from core.data.targets import target_text
from core.data.utterance import Label, Slot, Utterance
from core.errors import UserError
from core.paths import RESOURCES

_SEED: Final = 17
ORDERS_S: Final = (4.6, 14.9)
"""Shortest and longest generated recording: as people order coffee, with the silence around."""


def write_pairs(
    folder: Path,
    *,
    texts: int,
    recordings: int,
    manifests: Sequence[Path] = (),
    seconds: tuple[float, float] = ORDERS_S,
) -> Path:
    """A JSON Lines file of so many text pairs and speech pairs, chosen and shuffled by a fixed seed.

    Each line has `text` or `audio` (an absolute path), and `target`, what the model shall answer. manifests:
    where the pairs are taken from; without any, texts and labels are the demo's and recordings are noise of
    `seconds` (shortest and longest), since what is said does not change the time it takes. Raises UserError
    when they hold too few.
    """
    folder.mkdir(parents=True, exist_ok=True)
    rng = Random(_SEED)
    files = [Source(path) for path in manifests] or [Source(RESOURCES / "demo" / "manifest.jsonl")]
    entries, _ = read_manifest(files)
    rng.shuffle(entries)
    written = _some([entry for entry in entries if entry.text is not None], texts, "texts")
    rows = [{"text": entry.text, **_answer(entry.label)} for entry in written]
    spoken = [entry for entry in entries if entry.audio is not None or not manifests]
    for number, entry in enumerate(_some(spoken, recordings, "recordings")):
        audio = (
            entry.audio if manifests else _noise(folder / f"noise-{number}.wav", rng.uniform(*seconds), rng)
        )
        rows.append({"audio": str(audio), **_answer(entry.label)})
    rng.shuffle(rows)
    file = folder / "pairs.jsonl"
    file.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return file


def read_pairs(file: Path) -> list[Utterance]:
    """The pairs as utterances, numbered from 1; each has either a text or a recording."""
    utterances = []
    for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), start=1):
        row = json.loads(line)
        label = Label(row["intent"], tuple(Slot(kind, filler) for kind, filler in row["slots"]))
        audio = Path(row["audio"]) if "audio" in row else None
        text = None if audio else row["text"]
        utterances.append(Utterance(number, "bench", str(number), "train", label, text, audio))
    return utterances


def words_in(file: Path) -> list[str]:
    """Everything that is written in the pairs, for a tokenizer."""
    rows = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
    return [words for row in rows for words in (row.get("text", ""), row["target"])]


def _some(found: Sequence[Entry], wanted: int, what: str) -> Sequence[Entry]:
    if len(found) < wanted:
        raise UserError(
            f"The manifests hold {len(found)} {what}; the measurement needs {wanted}.",
            remedy="Give a larger manifest, or none: then the recordings are generated.",
        )
    return found[:wanted]


def _answer(label: Label) -> dict[str, Any]:
    slots = [(slot.type, slot.filler) for slot in label.slots]
    return {"target": target_text(label), "intent": label.intent, "slots": slots}


def _noise(file: Path, seconds: float, rng: Random) -> Path:
    generator = np.random.default_rng(rng.getrandbits(32))
    samples = 0.1 * generator.standard_normal(round(seconds * SAMPLE_RATE))
    write_wav(file, samples.astype(np.float32))
    return file
