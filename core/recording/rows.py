"""Sessions, prompts and takes as rows of the database, and back."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from core.data.rows import label_of, slots_of
from core.data.utterance import Utterance
from core.recording.session import Prompt, Review, Session, Speaker, TakeRow

SPEAKER: Final = ("code", "age_band", "gender", "accent", "notes", "consent_on", "id")
SESSION: Final = (
    *("id", "short", "created_at", "dataset", "split", "device", "rate", "keep_original", "seed", "source"),
)
PROMPT: Final = ("id", "position", "text", "intent", "slots", "language", "origin", "skipped_at")
TAKE: Final = (
    *("id", "prompt_id", "number", "recorded_at", "device", "rate", "duration_s", "path", "sha256"),
    *("original", "original_sha256", "verdict", "gaps", "state", "reason", "note"),
)
REVIEW: Final = ("id", "take_id", "reviewer", "time", "decision", "reason", "note")


def columns(names: Sequence[str], table: str) -> str:
    """The columns of a SELECT from several tables."""
    return ", ".join(f"{table}.{name}" for name in names)


def insert(table: str, names: Sequence[str]) -> str:
    """An INSERT with a place for the value of each column."""
    return f"INSERT INTO {table} ({', '.join(names)}) VALUES ({', '.join('?' * len(names))})"  # noqa: S608


def session_of(row: Sequence[Any]) -> Session:
    """The session of the values of SESSION and SPEAKER, one behind the other."""
    values = dict(zip(SESSION, row, strict=False))
    values["keep_original"] = bool(values["keep_original"])
    return Session(**values, speaker=Speaker(*row[len(SESSION) :]))


def prompt_of(row: Sequence[Any]) -> Prompt:
    """The prompt of the values of PROMPT."""
    id_, position, text, intent, slots, language, origin, skipped_at = row
    label = None if intent is None else label_of(intent, slots)
    return Prompt(id_, position, text, label, language, origin, skipped_at is not None)


def prompt_row(prompt: Prompt, skipped_at: float | None = None) -> tuple[object, ...]:
    """The values of PROMPT without the id."""
    intent, slots = (None, None) if prompt.label is None else (prompt.label.intent, slots_of(prompt.label))
    return prompt.position, prompt.text, intent, slots, prompt.language, prompt.origin, skipped_at


def take_of(row: Sequence[Any], home: Path) -> TakeRow:
    """The take of the values of TAKE."""
    values = dict(zip(TAKE, row, strict=True))
    values["path"] = home / values["path"]
    values["original"] = None if values["original"] is None else home / values["original"]
    values["verdict"] = tuple(json.loads(values["verdict"]))
    return TakeRow(**values)


def take_row(take: TakeRow, home: Path) -> tuple[object, ...]:
    """The values of TAKE."""
    values = {
        **vars(take),
        "path": str(take.path.relative_to(home)),
        "original": None if take.original is None else str(take.original.relative_to(home)),
        "verdict": json.dumps([dict(finding) for finding in take.verdict], ensure_ascii=False),
    }
    return tuple(values[name] for name in TAKE)


def review_row(review: Review) -> tuple[object, ...]:
    """The values of REVIEW."""
    return tuple(getattr(review, name) for name in REVIEW)


def utterance_of_take(session: Session, prompt: Prompt, take: TakeRow) -> Utterance | None:
    """What an accepted take is in the dataset; None while its prompt has no label."""
    if prompt.label is None:
        return None
    return Utterance(
        id=0,
        dataset=session.dataset,
        key=session.key_of(prompt),
        split=session.split,
        label=prompt.label,
        text=prompt.text,
        audio=take.path,
        duration_s=take.duration_s,
        language=prompt.language,
        speaker=session.speaker.code,
    )
