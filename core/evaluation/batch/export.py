"""The table of a batch as a file for other programs: CSV for a spreadsheet, JSONL for a script."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from core.data.utterance import Label
from core.errors import UserError
from core.evaluation.batch.answers import BatchAnswer
from core.storage.files import write_bytes_atomically

_BOM: Final = b"\xef\xbb\xbf"
"""Without it, Excel takes UTF-8 for something else."""


def write_table(path: Path, answers: Sequence[BatchAnswer]) -> None:
    """Write one line per answer, as CSV or JSONL by the ending of `path`: whole, or the old file stays.

    Fields: name, audio, text, label and answer as intent and slots, confidence, correct, problem; what is
    unknown is empty (CSV) or null (JSONL). Slots are a JSON list of objects of one entry, since a type may
    repeat. Raises UserError for another ending, and when the file
    cannot be written.
    """
    rows = [_row(answer) for answer in answers]
    if path.suffix.lower() == ".jsonl":
        lines = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
        write_bytes_atomically(path, lines.encode())
        return
    if path.suffix.lower() != ".csv":
        raise UserError(
            "The table can be written as CSV or JSONL only.",
            where=str(path),
            remedy="Give the file a name that ends in .csv or .jsonl.",
        )
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, fieldnames=list(_row(answers[0])) if answers else [])
    writer.writeheader()
    writer.writerows({name: _cell(value) for name, value in row.items()} for row in rows)
    write_bytes_atomically(path, _BOM + text.getvalue().encode())


def _row(answer: BatchAnswer) -> dict[str, Any]:
    item, said = answer.item, answer.answer
    return {
        "name": item.name,
        "audio": None if item.audio is None else str(item.audio),
        "text": item.text,
        **_label("label", item.label),
        **_label("answer", None if said is None else said.label),
        "confidence": None if said is None else round(said.confidence, 4),
        "correct": answer.correct,
        "problem": problem_in_words(answer),
    }


def problem_in_words(answer: BatchAnswer) -> str | None:
    """Why there is no answer, or why it should not be trusted; None when nothing is wrong."""
    if answer.error is not None:
        return f"{answer.error.what} {answer.error.remedy}".strip()
    return None if answer.silent is None else f"{answer.silent[0]}: {answer.silent[1]}"


def _label(name: str, label: Label | None) -> dict[str, Any]:
    return {
        f"{name}_intent": None if label is None else label.intent,
        f"{name}_slots": None if label is None else [{slot.type: slot.filler} for slot in label.slots],
    }


def _cell(value: object) -> object:
    if isinstance(value, bool):
        return "true" if value else "false"
    return json.dumps(value, ensure_ascii=False) if isinstance(value, list) else value
