"""What recording is about: who reads which texts for which dataset, the takes, and how far it is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal

from core.data.utterance import Label, Split

TakeState = Literal["kept", "accepted", "rejected"]
Decision = Literal["accept", "reject"]
Verdict = tuple[Mapping[str, Any], ...]
"""Findings about a take's sound, each fit for JSON; empty when nothing was found or nobody looked."""


@dataclass(frozen=True)
class Speaker:
    """Who reads. id: empty until stored. code: what utterances name the speaker by; a name or a code.
    consent_on: the day of the consent to be recorded, ISO 8601; None without it. Only the code leaves the
    tables of recording; nothing of a speaker is in a file's name."""

    code: str
    age_band: str = ""
    gender: str = ""
    accent: str = ""
    notes: str = ""
    consent_on: str | None = None
    id: str = ""


@dataclass(frozen=True)
class Prompt:
    """A text to be read. id: database row id (0 before it is stored). position: in its session, from 1 (0
    before). label: None where nobody has labelled the text yet. origin: where it comes from, for people."""

    id: int
    position: int
    text: str
    label: Label | None = None
    language: str = ""
    origin: str = ""
    skipped: bool = False


@dataclass(frozen=True)
class SessionPlan:
    """What the user asks for. dataset: where accepted takes go, made when missing. rate: Hz of the device,
    None for its own choice. keep_original: whether a file at the device's rate is kept beside the 16 kHz.
    seed: of the order of prompts, None for the order as it is. source: where they come from, for people."""

    dataset: str
    speaker: Speaker
    split: Split = "test"
    device: str = ""
    rate: int | None = None
    keep_original: bool = False
    seed: int | None = None
    source: str = ""


@dataclass(frozen=True)
class Session:
    """A stored session. short: what the keys of its utterances begin with. created_at: seconds since the
    Unix epoch. The rest as in SessionPlan."""

    id: str
    short: str
    created_at: float
    dataset: str
    split: Split
    speaker: Speaker
    device: str
    rate: int | None
    keep_original: bool
    seed: int | None
    source: str

    def key_of(self, prompt: Prompt) -> str:
        """The key of a prompt's utterance in the dataset."""
        return f"{self.short}-{prompt.position}"


@dataclass(frozen=True)
class TakeRow:
    """One recording of a prompt. number: from 1 within its prompt (0 before it is stored). recorded_at:
    seconds since the Unix epoch. rate: Hz of the device. path: its 16 kHz mono FLAC, absolute; original: that
    at the device's rate, None where it is not kept; sha256 of either file. reason: why it was rejected. gaps:
    how often sound was lost."""

    id: str
    prompt_id: int
    number: int
    recorded_at: float
    device: str
    rate: int
    duration_s: float
    path: Path
    sha256: str
    original: Path | None = None
    original_sha256: str | None = None
    verdict: Verdict = ()
    gaps: int = 0
    state: TakeState = "kept"
    reason: str = ""
    note: str = ""


@dataclass(frozen=True)
class Review:
    """What a listener said of a take. time: seconds since the Unix epoch."""

    id: str
    take_id: str
    reviewer: str
    time: float
    decision: Decision
    reason: str = ""
    note: str = ""


@dataclass(frozen=True)
class Break:
    """A time without anything recorded or decided; seconds since the Unix epoch."""

    start: float
    end: float

    @property
    def seconds(self) -> float:
        return self.end - self.start


@dataclass(frozen=True)
class Progress:
    """How far a session is. done: prompts with an accepted take. skipped: of the others. left: neither.
    to_record_again: of those left, how many have a rejected take. minutes: of accepted takes. intents,
    slot_types: name -> (done, all) prompts. active_s: worked so far, without breaks. per_hour: done in an
    hour of work; None before a minute has passed."""

    total: int
    done: int
    skipped: int
    left: int
    to_record_again: int
    takes: int
    minutes: float
    active_s: float
    per_hour: float | None
    breaks: tuple[Break, ...] = ()
    intents: Mapping[str, tuple[int, int]] = field(default_factory=lambda: MappingProxyType({}))
    slot_types: Mapping[str, tuple[int, int]] = field(default_factory=lambda: MappingProxyType({}))
