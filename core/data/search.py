"""Which utterances of a dataset somebody wants to see, and in what order, as SQL."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

from core.data.utterance import Modality, Split

Order = Literal["import", "text", "intent", "speaker", "split", "seconds"]

_ORDERS: Final[Mapping[Order, str]] = {
    "import": "id",
    "text": "text COLLATE NOCASE",
    "intent": "intent",
    "speaker": "speaker COLLATE NOCASE",
    "split": "CASE split WHEN 'train' THEN 0 WHEN 'validation' THEN 1 ELSE 2 END",
    "seconds": "duration_s",
}
IN_USE: Final = "quarantined IS NULL"
_USABLE: Final[Mapping[Modality, str]] = {"text": "text IS NOT NULL", "speech": "audio IS NOT NULL"}
_UNSPACED: Final = ("CJK", "HIRAGANA", "KATAKANA", "THAI", "LAO", "KHMER", "MYANMAR")
"""How Unicode's names of letters begin that are written without spaces between words: an index of words is of
no use there."""
_PROBLEMS: Final = (
    "id IN (SELECT utterance_id FROM problem_utterances JOIN problems p ON p.id = problem_id"
    " WHERE p.dataset_id = utterances.dataset_id"
)


@dataclass(frozen=True)
class UtteranceQuery:
    """Which utterances of a dataset to show; None means any.

    search: words, or beginnings of words, that all stand in text, key, slots or speaker. problem: a kind of
    `core.data.checks.Problem` that the last check found, or "" for any. quarantined: only those that are.
    order: what they are sorted by, ties in the order of import.
    """

    dataset: str
    split: Split | None = None
    modality: Modality | None = None
    intent: str | None = None
    search: str | None = None
    language: str | None = None
    speaker: str | None = None
    problem: str | None = None
    key: str | None = None
    quarantined: bool = False
    order: Order = "import"
    descending: bool = False


def conditions(query: UtteranceQuery, dataset_id: int) -> tuple[str, list[object]]:
    """The WHERE of a SELECT from `utterances`, and its values."""
    clauses, values = ["dataset_id = ?"], list[object]([dataset_id])
    for column in ("split", "intent", "language", "speaker", "key"):
        wanted = getattr(query, column)
        if wanted is not None:
            clauses.append(f"{column} = ?")
            values.append(wanted)
    if query.quarantined:
        clauses.append(f"NOT {IN_USE}")
    if query.modality is not None:
        clauses.append(_USABLE[query.modality])
    if query.problem is not None:
        clauses.append(_PROBLEMS + (" AND p.kind = ?)" if query.problem else ")"))
        values += [query.problem] if query.problem else []
    if query.search:
        clause, sought = _search(query.search)
        clauses.append(clause)
        values += sought
    return " AND ".join(clauses), values


def order(query: UtteranceQuery) -> str:
    """The ORDER BY of a SELECT from `utterances`."""
    direction = " DESC" if query.descending else ""
    return "id" + direction if query.order == "import" else f"{_ORDERS[query.order]}{direction}, id"


def _search(sought: str) -> tuple[str, list[object]]:
    # As the index divides a text into words (fts5's unicode61).
    sought = unicodedata.normalize("NFC", sought)
    words = re.findall(r"[^\W_]+", sought)
    if words and not any(_is_unspaced(word) for word in words):
        match = " AND ".join(f'"{word}"*' for word in words)
        return "id IN (SELECT rowid FROM utterance_words WHERE utterance_words MATCH ?)", [match]
    escaped = re.sub("([!%_])", r"!\1", sought)
    alike = [f"{column} LIKE ? ESCAPE '!'" for column in ("text", "key", "slots", "speaker")]
    return f"({' OR '.join(alike)})", [f"%{escaped}%"] * len(alike)


def _is_unspaced(word: str) -> bool:
    return any(unicodedata.name(letter, "").startswith(_UNSPACED) for letter in word)
