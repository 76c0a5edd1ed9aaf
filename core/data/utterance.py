"""The vocabulary every part shares: an utterance and its label."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal, NamedTuple

Split = Literal["train", "validation", "test"]
SPLITS: tuple[Split, ...] = ("train", "validation", "test")

Modality = Literal["text", "speech"]
MODALITIES: tuple[Modality, ...] = ("text", "speech")


@dataclass(frozen=True, order=True)
class Slot:
    """One slot: its type and the filler exactly as the dataset writes it."""

    type: str
    filler: str


@dataclass(frozen=True)
class Label:
    """Intent + slots. A slot type may repeat; the order is the dataset's own."""

    intent: str
    slots: tuple[Slot, ...] = ()

    @property
    def words(self) -> str:
        """As people read it: "light_on, room: kitchen"."""
        return ", ".join([self.intent, *(f"{slot.type}: {slot.filler}" for slot in self.slots)])


@dataclass(frozen=True)
class Utterance:
    """One thing said or written: text and/or audio, plus label, language, speaker, split.

    id: database row id (0 before it is stored). key: the dataset's own id, unique in the dataset.
    audio: absolute path or None. duration_s: seconds of audio or None. origin: what its source says beyond
    that, as a JSON object with the format's own names; empty when it says no more.
    quarantined: why it was set aside; empty when it is in use. synthetic: the engine and voice that spoke the
    recording ("espeak-ng: en-gb"); empty for a person's.
    """

    id: int
    dataset: str
    key: str
    split: Split
    label: Label
    text: str | None = None
    audio: Path | None = None
    duration_s: float | None = None
    language: str = ""
    speaker: str = ""
    origin: str = ""
    quarantined: str = ""
    synthetic: str = ""

    def has(self, modality: Modality) -> bool:
        """Whether the utterance can be used as a pair of this modality."""
        return (self.text if modality == "text" else self.audio) is not None


class Candidate(NamedTuple):
    """What choosing and ordering training data needs to know of an utterance. id: its row id."""

    id: int
    intent: str
    has_text: bool
    has_audio: bool
    duration_s: float
    speaker: str
    language: str = ""
    dataset: str = ""


@dataclass(frozen=True)
class Ontology:
    """The intents and slot types a model may answer with, sorted; what constrained decoding obeys."""

    intents: tuple[str, ...]
    slot_types: tuple[str, ...]
