"""The program's own manifest, with the recordings beside it: see `core.data.importers.jsonl`."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from core.data.exporters.gathering import copies
from core.data.progress import Cancel, Progress
from core.data.utterance import Utterance


def write(
    utterances: Sequence[Utterance], folder: Path, progress: Progress | None, cancelled: Cancel
) -> list[str]:
    """`manifest.jsonl` and `audio/`."""
    copied = copies(folder, utterances, progress, cancelled)
    with (folder / "manifest.jsonl").open("w", encoding="utf-8") as file:
        for utterance in utterances:
            line = {
                "id": utterance.key,
                "text": utterance.text,
                "audio": None if utterance.audio is None else copied.add(utterance.audio),
                "intent": utterance.label.intent,
                # A list: a type may repeat, and the order is the dataset's own.
                "slots": [{slot.type: slot.filler} for slot in utterance.label.slots],
                "language": utterance.language or None,
                "speaker": utterance.speaker or None,
                "split": utterance.split,
                "synthetic": utterance.synthetic or None,
            }
            file.write(
                json.dumps({k: v for k, v in line.items() if v is not None}, ensure_ascii=False) + "\n"
            )
    return []
