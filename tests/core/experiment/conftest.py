"""An experiment to change, and candidates like a small real dataset's."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from core.data.utterance import Candidate
from core.experiment.spec import ExperimentSpec, validate_experiment


@pytest.fixture
def experiment() -> Callable[..., ExperimentSpec]:
    """Makes an experiment of the given stages; `share`, `seed`, `batch_size`, `accumulation` as named."""

    def make(
        *stages: dict[str, Any],
        share: float = 0.1,
        seed: int = 17,
        batch_size: int = 16,
        accumulation: int = 1,
        audio_encoder: dict[str, float] | None = None,
    ) -> ExperimentSpec:
        return validate_experiment(
            {
                "schema_version": 1,
                "name": "test",
                "base_model": "teaspoon",
                "data": {"train": ["d"], "test": ["d"], "speech": {"share": share, "seed": seed}},
                "stage": [{"name": "stage", "learning_rate": 1e-3, **stage} for stage in stages],
                "audio_encoder": audio_encoder,
                "training": {
                    "batch_size": batch_size,
                    "gradient_accumulation": accumulation,
                    "seed": seed,
                },
            }
        )

    return make


@pytest.fixture
def candidates() -> list[Candidate]:
    """300 utterances with text, every third of them also with 2 s of audio by one of 5 speakers; 8 intents
    of very different size."""
    sizes = [120, 75, 48, 27, 15, 9, 3, 3]
    intents = [f"intent {number}" for number, size in enumerate(sizes) for _ in range(size)]
    return [
        Candidate(1000 + number, intent, True, number % 3 == 0, 2.0, f"speaker {number % 5}")
        for number, intent in enumerate(intents)
    ]
