"""The program's own manifest, with the recordings beside it: see `core.data.importers.jsonl`."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from core.data.exporters.gathering import copies
from core.data.progress import Cancel, Progress
from core.data.utterance import Utterance

MANIFEST: Final = "manifest.jsonl"


def write(
    utterances: Sequence[Utterance], folder: Path, progress: Progress | None, cancelled: Cancel
) -> list[str]:
    """`manifest.jsonl` and `audio/`."""
    copied = copies(folder, utterances, progress, cancelled)
    with (folder / MANIFEST).open("w", encoding="utf-8") as file:
        for utterance in utterances:
            file.write(
                manifest_line(utterance, None if utterance.audio is None else copied.add(utterance.audio))
            )
    return []


def manifest_line(utterance: Utterance, audio: str | None) -> str:
    """An utterance's line of a manifest. audio: where its recording lies, relative to the manifest."""
    line = {
        "id": utterance.key,
        "text": utterance.text,
        "audio": audio,
        "intent": utterance.label.intent,
        # A list: a type may repeat, and the order is the dataset's own.
        "slots": [{slot.type: slot.filler} for slot in utterance.label.slots],
        "language": utterance.language or None,
        "speaker": utterance.speaker or None,
        "split": utterance.split,
        "synthetic": utterance.synthetic or None,
    }
    return json.dumps({k: v for k, v in line.items() if v is not None}, ensure_ascii=False) + "\n"
