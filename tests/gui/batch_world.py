"""A model bar with a model that answers batches as a test wants, and recordings to ask about."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
from pytestqt.qtbot import QtBot

from core.data.utterance import Label
from core.errors import UserError
from core.inference.client import LoadedModel
from core.inference.prediction import Prediction
from gui.context import AppContext
from gui.widgets.model_bar import ModelBar
from tests.conftest import WavMaker
from tests.gui.window import utterance


def prediction(label: Label | None, confidence: float = 0.9) -> Prediction:
    return Prediction(label, "raw", confidence, (), (), {})


class FakeInference:
    """Answers with `answer`; what that raises is the item's error. `gate` holds every batch back."""

    def __init__(self) -> None:
        self.answer: Callable[[Any], Label | None] = lambda _item: Label("light_on")
        self.failure: UserError | None = None
        self.asked: list[list[Any]] = []
        self.of: set[str] = set()
        self.gate = threading.Event()
        self.gate.set()

    def load(self, model: str, datasets: object = None, progress: object = None) -> LoadedModel:
        values: dict[str, Any] = {
            "model": model,
            "datasets": datasets,
            "intents": ("light_off", "light_on"),
            "slot_types": (),
            "window_s": 15.0,
            "transcribes": False,
        }
        return LoadedModel(**{each.name: values[each.name] for each in fields(LoadedModel)})

    def predict_batch(
        self, items: Sequence[Any], *, of: LoadedModel | None = None, constrained: bool = True
    ) -> list[Prediction | UserError]:
        assert constrained
        assert of is not None
        self.of.add(of.model)
        self.gate.wait(10)
        self.asked.append(list(items))
        if self.failure is not None:
            raise self.failure
        return [self._one(item) for item in items]

    def _one(self, item: Any) -> Prediction | UserError:
        try:
            return prediction(self.answer(item))
        except UserError as error:
            return error

    def close(self) -> None:
        self.gate.set()


@pytest.fixture
def inference(context: AppContext) -> FakeInference:
    fake = FakeInference()
    context.inference = fake  # type: ignore[assignment]
    return fake


@pytest.fixture
def voices(wav_file: WavMaker) -> list[Path]:
    """Six recordings; the longer, the earlier it is asked about."""
    return [wav_file(f"voices/{number}.wav", seconds=0.5 + number / 10) for number in range(6)]


@pytest.fixture
def home(context: AppContext, voices: list[Path]) -> list[str]:
    """The dataset "home": six recorded test utterances, light_on and light_off in turn. Their keys."""
    utterances = [
        utterance(
            number,
            text=f"light number {number}",
            intent="light_off" if number % 2 else "light_on",
            split="test",
            audio=path,
            duration_s=0.5 + number / 10,
            synthetic="flite: awb" if number == 0 else "",
        )
        for number, path in enumerate(voices)
    ]
    context.open_library().add_dataset("home", "test", utterances)
    return [each.key for each in utterances]


@pytest.fixture
def model(context: AppContext, inference: FakeInference, home: list[str], qtbot: QtBot) -> ModelBar:
    """Ready to answer."""
    bar = ModelBar(context)
    qtbot.addWidget(bar)
    bar.refresh()
    qtbot.waitUntil(lambda: bar.is_ready)
    return bar
