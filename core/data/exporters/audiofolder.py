"""Recordings with what is said, as Hugging Face's `load_dataset("audiofolder", data_dir=...)` reads them.

A folder for each split, with the recordings and `metadata.jsonl`. Its lines have the same fields of the same
types in all files, or the library would not put the splits together: a missing text is empty, and slots are
JSON in a text, since a list without any slot would have no type.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from core.data.exporters.gathering import copy_recording
from core.data.importers.gathering import counted
from core.data.progress import Cancel, Progress
from core.data.utterance import SPLITS, Utterance
from core.errors import Cancelled, UserError


def write(
    utterances: Sequence[Utterance], folder: Path, progress: Progress | None, cancelled: Cancel
) -> list[str]:
    """`SPLIT/metadata.jsonl` and `SPLIT/audio/` for each split that has recordings. Utterances without a
    recording have no place there; a note tells of them."""
    spoken = [utterance for utterance in utterances if utterance.audio is not None]
    if not spoken:
        raise UserError(
            "There is no recording to write.",
            remedy="This form holds recordings only; export texts as a manifest (jsonl).",
        )
    synthetic = any(utterance.synthetic for utterance in spoken)
    lines: dict[str, list[str]] = {}
    numbers: Counter[str] = Counter()
    for done, utterance in enumerate(spoken, 1):
        if cancelled():
            raise Cancelled
        assert utterance.audio is not None  # noqa: S101 - chosen above
        numbers[utterance.split] += 1
        name = f"audio/{numbers[utterance.split]:06d}-{utterance.audio.name}"
        copy_recording(utterance.audio, folder / utterance.split / name)
        line = {
            "file_name": name,
            "id": utterance.key,
            "text": utterance.text or "",
            "intent": utterance.label.intent,
            "slots": json.dumps(
                [{"type": slot.type, "filler": slot.filler} for slot in utterance.label.slots],
                ensure_ascii=False,
            ),
            "language": utterance.language,
            "speaker": utterance.speaker,
            **({"synthetic": utterance.synthetic} if synthetic else {}),
        }
        lines.setdefault(utterance.split, []).append(json.dumps(line, ensure_ascii=False))
        if progress:
            progress(done, len(spoken))
    for split in (each for each in SPLITS if each in lines):
        written = "\n".join(lines[split]) + "\n"
        (folder / split / "metadata.jsonl").write_text(written, encoding="utf-8")
    left = len(utterances) - len(spoken)
    notes = [f"{counted(left, 'text')} without a recording not written: this form has none."] if left else []
    told = (_taken_for_times(folder / split / "metadata.jsonl") for split in lines)
    return [*notes, *(note for note in told if note)]


def _taken_for_times(metadata: Path) -> str:
    """A note where Hugging Face's library does not take a field's texts for texts, else nothing: it goes by
    their looks, and refuses folders in which one field is of two types."""
    from pyarrow import json as arrow_json
    from pyarrow import types

    whole = arrow_json.ReadOptions(block_size=max(metadata.stat().st_size, 1 << 20))
    schema = arrow_json.read_json(metadata, read_options=whole).schema
    found = [field.name for field in schema if not types.is_string(field.type)]
    if not found:
        return ""
    return (
        f"{metadata.parent.name}: every {' and every '.join(found)} looks like a time, and Hugging Face's"
        " library will take it for one, or refuse to load the folder. Parquet keeps texts as they are."
    )
