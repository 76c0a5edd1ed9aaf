"""A history on a fresh home, and things said without a microphone."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

from core.audio.files import write_wav
from core.data.library import Library
from core.data.utterance import Label, Slot
from core.inference.prediction import Prediction
from core.paths import AppPaths
from core.storage.database import Database, open_database
from core.tryout.kept import KeptAnswer, KeptExchange
from core.tryout.store import TryoutStore

LAMP = Label("lamp_on", (Slot("room", "Küche"),))
Say = Callable[..., KeptExchange]


@pytest.fixture
def database(app_paths: AppPaths) -> Iterator[Database]:
    with open_database(app_paths.database) as db:
        yield db


@pytest.fixture
def store(database: Database, app_paths: AppPaths) -> TryoutStore:
    return TryoutStore(database, app_paths)


@pytest.fixture
def library(database: Database, app_paths: AppPaths) -> Library:
    return Library(database, app_paths)


def answer(label: Label | None = LAMP, *, at: float = 1.0, model: str = "run-1", **more: Any) -> KeptAnswer:
    """What a run, or with `datasets` a base model, answered."""
    prediction = Prediction(
        label=label,
        raw="{}",
        confidence=0.9,
        slot_confidence=() if label is None else tuple(0.8 for _ in label.slots),
        runner_up=(("lamp_off", 0.1),),
        timings_ms={"features": 10.0, "decoding": 20.0},
    )
    values = {"datasets": None, **more}
    return KeptAnswer(at, f"{model}-key", f"The {model}", model, prediction=prediction, **values)


@pytest.fixture
def say(store: TryoutStore) -> Say:
    """say(id, at=..., spoken=True, ...): an exchange that is kept, with a recording of its own if spoken."""

    def make(id_: str, *, at: float = 0.0, spoken: bool = False, **more: Any) -> KeptExchange:
        values: dict[str, Any] = {"session": "today", "source": "text", "answers": (answer(),)} | more
        if spoken:
            path = store.paths.takes / f"{id_}.wav"
            path.parent.mkdir(exist_ok=True)
            write_wav(path, tone(at))
            digest = hashlib.sha256(path.read_bytes()).hexdigest()
            values |= {"source": "microphone", "recording": path, "sha256": digest, "duration_s": 0.5}
        exchange = KeptExchange(id=id_, at=at, **values)
        store.keep(exchange)
        return exchange

    return make


def tone(pitch: float = 0.0) -> np.ndarray:
    """Half a second at 16 kHz, of another pitch for each number."""
    return (0.3 * np.sin(2 * np.pi * (300 + 10 * pitch) * np.arange(8_000) / 16_000)).astype(np.float32)
