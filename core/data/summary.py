"""A dataset in numbers: counted when it changes and kept with it, since counting reads every utterance."""

# ruff: noqa: S608 - SQL is put together from this module's own constants only; every value is bound.

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from core.data.search import IN_USE
from core.data.utterance import MODALITIES, SPLITS, Modality, Split


class IntentCount(NamedTuple):
    """How many utterances of an intent have a text and how many have a recording."""

    intent: str
    text: int
    speech: int


@dataclass(frozen=True)
class DatasetSummary:
    """A dataset in numbers, without what is quarantined.

    counts[split][modality]: utterances usable as pairs of that modality. distribution: the most frequent
    intent first. quarantined: how many are. problems: errors and warnings of the last check, None when it was
    never checked since its import. synthetic: recordings that an engine spoke.
    """

    name: str
    source: str
    created_at: str
    utterances: int
    counts: dict[Split, dict[Modality, int]]
    minutes: float
    intents: tuple[str, ...]
    slot_types: tuple[str, ...]
    languages: tuple[str, ...]
    speakers: tuple[str, ...]
    distribution: tuple[IntentCount, ...] = ()
    quarantined: int = 0
    problems: tuple[int, int] | None = None
    synthetic: int = 0


_NAMES: Final = ("intents", "slot_types", "languages", "speakers")


def counted_facts(connection: sqlite3.Connection, dataset_id: int) -> str:
    """What `facts_of` takes, counted now."""
    counts: dict[Split, dict[Modality, int]] = {split: dict.fromkeys(MODALITIES, 0) for split in SPLITS}
    total, seconds, synthetic = 0, 0.0, 0
    of_intent: Counter[str] = Counter()
    texts: Counter[str] = Counter()
    recordings: Counter[str] = Counter()
    for split, intent, number, text, speech, duration, spoken in connection.execute(
        "SELECT split, intent, count(*), count(text), count(audio), total(duration_s),"
        " sum(audio IS NOT NULL AND synthetic <> '') FROM utterances"
        f" WHERE dataset_id = ? AND {IN_USE} GROUP BY split, intent",
        (dataset_id,),
    ):
        counts[split]["text"] += text
        counts[split]["speech"] += speech
        total += number
        seconds += duration
        synthetic += spoken
        of_intent[intent] += number
        texts[intent] += text
        recordings[intent] += speech
    aside = connection.execute(
        f"SELECT count(*) FROM utterances WHERE dataset_id = ? AND NOT {IN_USE}", (dataset_id,)
    )
    facts = {
        "utterances": total,
        "counts": counts,
        "minutes": seconds / 60,
        "intents": sorted(intent for intent in of_intent if intent),
        "slot_types": slot_types_of(connection, f"dataset_id = ? AND {IN_USE}", dataset_id),
        "languages": _distinct(connection, "language", dataset_id),
        "speakers": _distinct(connection, "speaker", dataset_id),
        "distribution": [
            (intent, texts[intent], recordings[intent])
            for intent in sorted(of_intent, key=lambda each: (-of_intent[each], each))
        ],
        "quarantined": aside.fetchone()[0],
        "synthetic": synthetic,
    }
    return json.dumps(facts, ensure_ascii=False)


def facts_of(connection: sqlite3.Connection, dataset_id: int, kept: str | None) -> dict[str, Any]:
    """The fields of a DatasetSummary that count its utterances. kept: as `counted_facts` gave them; counted
    anew where it is None or of an earlier Spoonful that counted less."""
    facts: dict[str, Any] = json.loads(kept) if kept else {}
    if "distribution" not in facts:
        facts = json.loads(counted_facts(connection, dataset_id))
    facts |= {name: tuple(facts[name]) for name in _NAMES}
    facts["distribution"] = tuple(IntentCount(*row) for row in facts["distribution"])
    return facts


def slot_types_of(connection: sqlite3.Connection, where: str, dataset_id: int) -> list[str]:
    """The types of the slots of a dataset's utterances, sorted. where: which of them, with one value."""
    rows = connection.execute(
        "SELECT DISTINCT json_extract(slot.value, '$[0]')"
        f" FROM utterances, json_each(slots) AS slot WHERE {where} ORDER BY 1",
        (dataset_id,),
    )
    return [slot_type for (slot_type,) in rows]


def _distinct(connection: sqlite3.Connection, column: str, dataset_id: int) -> list[str]:
    rows = connection.execute(
        f"SELECT DISTINCT {column} FROM utterances WHERE dataset_id = ? AND {column} <> '' AND {IN_USE}"
        " ORDER BY 1",
        (dataset_id,),
    )
    return [value for (value,) in rows]
