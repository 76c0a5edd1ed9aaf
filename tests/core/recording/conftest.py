"""A store on a fresh home, with a clock to turn, and takes without a microphone."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import pytest

from core.audio.levels import Samples
from core.data.utterance import Label, Slot, Utterance
from core.paths import AppPaths
from core.recording.finishing import finish_take
from core.recording.session import Prompt, Session, SessionPlan, Speaker, TakeRow
from core.recording.spool import Spool, new_facts
from core.recording.store import RecordingStore
from core.storage.database import open_database

LAMP = Label("lamp_on", (Slot("room", "kitchen"),))
PROMPTS = (
    Prompt(0, 0, "turn on the kitchen lamp", LAMP, "en"),
    Prompt(0, 0, "good morning", Label("greet"), "en"),
    Prompt(0, 0, "nobody labelled this", None, "en"),
)
ANN = Speaker("ann", age_band="30-39", notes="sits near the window", consent_on="2026-11-27")


@dataclass
class Clock:
    now: float = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def store(app_paths: AppPaths, clock: Clock) -> Iterator[RecordingStore]:
    with open_database(app_paths.database) as db:
        yield RecordingStore(db, app_paths, clock)


@pytest.fixture
def session(store: RecordingStore) -> Session:
    return store.begin(SessionPlan("mine", ANN, device="USB microphone"), PROMPTS)


def tone(seconds: float = 0.6, rate: int = 16_000, pitch: float = 440.0) -> Samples:
    """[n] at `rate` Hz."""
    times = np.arange(round(seconds * rate)) / rate
    return (0.3 * np.sin(2 * np.pi * pitch * times)).astype(np.float32)


def spool_of(store: RecordingStore, prompt: Prompt, seconds: float = 0.6, rate: int = 16_000) -> Spool:
    """A take in progress of which so much was heard."""
    session = store.session_of_prompt(prompt.id)
    facts = new_facts(session.id, prompt.id, "USB microphone", rate, store.clock())
    spool = Spool.begin(store.folder(session.id), facts)
    for block in np.array_split(tone(seconds, rate), 10):
        spool.append(block)
    return spool


Record = Callable[..., TakeRow]


@pytest.fixture
def record(store: RecordingStore) -> Record:
    """record(prompt, seconds, rate): a take of it, kept."""

    def make(prompt: Prompt, seconds: float = 0.6, rate: int = 16_000) -> TakeRow:
        return finish_take(store, spool_of(store, prompt, seconds, rate))

    return make


def utterances(store: RecordingStore, dataset: str = "mine") -> dict[str, Utterance]:
    """Those in use, by key; none where the dataset is missing."""
    if dataset not in store.library.names():
        return {}
    return {utterance.key: utterance for utterance in store.library.utterances([dataset])}
