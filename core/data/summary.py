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

    counts[split][modality]: utterances usable as pairs of that modality. distribution: the intent with the
    most pairs first. quarantined: how many are. problems: errors and warnings of the last check, None when it
    was never checked since its import. synthetic: recordings that an engine spoke.
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
        texts[intent] += text
        recordings[intent] += speech
    aside = connection.execute(
        f"SELECT count(*) FROM utterances WHERE dataset_id = ? AND NOT {IN_USE}", (dataset_id,)
    )
    facts = {
        "utterances": total,
        "counts": counts,
        "minutes": seconds / 60,
        "intents": sorted(intent for intent in texts if intent),
        "slot_types": slot_types_of(connection, f"dataset_id = ? AND {IN_USE}", dataset_id),
        "languages": _distinct(connection, "language", dataset_id),
        "speakers": _distinct(connection, "speaker", dataset_id),
        "distribution": _in_order([(intent, texts[intent], recordings[intent]) for intent in texts]),
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


class CountedRow(NamedTuple):
    """The columns of an utterance that count in its dataset's numbers."""

    split: Split
    intent: str
    slots: str
    text: str | None
    audio: str | None
    duration_s: float | None
    language: str
    speaker: str
    quarantined: str | None
    synthetic: str


def facts_with(kept: str, before: CountedRow | None, now: CountedRow) -> str | None:
    """What `counted_facts` would give with one utterance more (before is None), or with another recording of
    one; None where more than that changed, and all has to be counted again."""
    facts: dict[str, Any] = json.loads(kept)
    if "distribution" not in facts or now.quarantined is not None:
        return None
    if before is not None:
        alike = before._replace(audio=now.audio, duration_s=now.duration_s) == now
        if not alike or before.audio is None or now.audio is None:
            return None
        facts["minutes"] += ((now.duration_s or 0) - (before.duration_s or 0)) / 60
        return json.dumps(facts, ensure_ascii=False)
    facts["utterances"] += 1
    facts["minutes"] += (now.duration_s or 0) / 60
    facts["synthetic"] += now.audio is not None and now.synthetic != ""
    counts = facts["counts"][now.split]
    counts["text"] += now.text is not None
    counts["speech"] += now.audio is not None
    types = [slot_type for slot_type, _ in json.loads(now.slots)]
    for name, values in (
        ("intents", [now.intent]),
        ("slot_types", types),
        ("languages", [now.language]),
        ("speakers", [now.speaker]),
    ):
        facts[name] = sorted({*facts[name], *(value for value in values if value)})
    counted = {intent: (text, speech) for intent, text, speech in facts["distribution"]}
    text, speech = counted.get(now.intent, (0, 0))
    counted[now.intent] = text + (now.text is not None), speech + (now.audio is not None)
    facts["distribution"] = _in_order([(intent, *numbers) for intent, numbers in counted.items()])
    return json.dumps(facts, ensure_ascii=False)


def _in_order(counts: list[tuple[str, int, int]]) -> list[tuple[str, int, int]]:
    return sorted(counts, key=lambda count: (-count[1] - count[2], count[0]))


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
