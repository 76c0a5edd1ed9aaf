"""An utterance as a row of the database, and back."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from core.data.utterance import Label, Slot, Utterance

INSERTED: Final = "key, split, text, audio, duration_s, intent, slots, language, speaker, origin, synthetic"
"""The columns that `row_of` gives."""
COLUMNS: Final = (
    "u.id, d.name, u.key, u.split, u.text, u.audio, u.duration_s, u.intent, u.slots, u.language, u.speaker,"
    " u.origin, u.quarantined, u.synthetic"
)
"""What `utterance_of` takes, of `utterances u` and `datasets d`."""
_JSON: Final = json.JSONEncoder(ensure_ascii=False)
"""Made once: `json.dumps` makes one for each row, which takes longer than the row's slots."""


def row_of(utterance: Utterance, home: Path) -> tuple[object, ...]:
    """The values of INSERTED. home: of the program; audio inside it is stored relative to it."""
    # Audio inside the home is stored relative to it: the home can be moved or restored elsewhere.
    audio = utterance.audio
    return (
        utterance.key,
        utterance.split,
        utterance.text,
        None if audio is None else str(audio.relative_to(home) if audio.is_relative_to(home) else audio),
        utterance.duration_s,
        utterance.label.intent,
        slots_of(utterance.label),
        utterance.language,
        utterance.speaker,
        utterance.origin,
        utterance.synthetic,
    )


def utterance_of(row: Sequence[Any], home: Path) -> Utterance:
    """The utterance of the values of COLUMNS."""
    (
        id_,
        dataset,
        key,
        split,
        text,
        audio,
        duration_s,
        intent,
        slots,
        language,
        speaker,
        origin,
        quarantined,
        synthetic,
    ) = row
    return Utterance(
        id=id_,
        dataset=dataset,
        key=key,
        split=split,
        label=label_of(intent, slots),
        text=text,
        audio=None if audio is None else home / audio,
        duration_s=duration_s,
        language=language,
        speaker=speaker,
        origin=origin,
        quarantined=quarantined or "",
        synthetic=synthetic,
    )


def slots_of(label: Label) -> str:
    """A label's slots as the column holds them: JSON, a list of [type, filler]."""
    return _JSON.encode([(slot.type, slot.filler) for slot in label.slots])


def label_of(intent: str, slots: str) -> Label:
    """The label of the columns intent and slots."""
    return Label(intent, tuple(Slot(kind, filler) for kind, filler in json.loads(slots)))
