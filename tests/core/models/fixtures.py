"""Fixtures around the tiny random model, for every folder of tests that needs a model."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
import torch
from huggingface_hub import close_session

from core.data.targets import target_segments
from core.data.utterance import Label, Ontology, Slot
from core.models.family import LalmFamily, ModelInput, Samples
from core.models.loading import load_family
from tests.core.models.hub import CHUNK, TinyHub
from tests.core.models.tiny import build_tiny_model

ONTOLOGY = Ontology(
    intents=("alarm", "alarm_set", "lights_off", "lights_on", "music_play"),
    slot_types=("genre", "room", "room_time", "time"),
)
"""Names that begin one another, so that an end is a choice."""

TARGET = tuple(target_segments(Label("alarm_set", (Slot("time", "eight o'clock"),))))


@pytest.fixture(scope="session")
def tiny_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder of the tiny model whose tokenizer holds each JSON piece as one token."""
    return build_tiny_model(tmp_path_factory.mktemp("tiny"))


@pytest.fixture(scope="session")
def tiny_model_of_pieces(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder of a tiny model whose tokenizer needs several tokens for each JSON piece."""
    return build_tiny_model(tmp_path_factory.mktemp("pieces"), skeleton_tokens=False)


@pytest.fixture
def online_hub(tiny_model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[TinyHub]:
    """A Hub that has a copy of the tiny model, reached instead of the real one, with a cache of its own."""
    with TinyHub(shutil.copytree(tiny_model, tmp_path / "hub")).serving() as hub:
        for name, value in {
            "ENDPOINT": hub.url,
            "HUGGINGFACE_CO_URL_TEMPLATE": f"{hub.url}/{{repo_id}}/resolve/{{revision}}/{{filename}}",
            "HF_HUB_CACHE": str(tmp_path / "cache"),
            "HF_HUB_OFFLINE": False,
            "DOWNLOAD_CHUNK_SIZE": CHUNK,
        }.items():
            monkeypatch.setattr(f"huggingface_hub.constants.{name}", value)
        yield hub
        close_session()


@pytest.fixture
def family(tiny_model: Path) -> LalmFamily:
    """The tiny model, loaded anew: a test may put an adapter into it."""
    return load_tiny(tiny_model)


def target_ids(family: LalmFamily) -> list[int]:
    """TARGET as the family's tokens, with the end of the turn."""
    return [token for segment in TARGET for token in family.tokenize(segment)] + [family.end_id]


def own_logits(family: LalmFamily, items: list[ModelInput]) -> list[torch.Tensor]:
    """What the family makes of each item, [tokens, vocabulary], all of them in one batch."""
    batch = family.collate(items)
    with torch.no_grad():
        hidden = family.hidden(
            batch.input_ids,
            attention_mask=batch.attention_mask,
            positions=batch.positions,
            inputs_embeds=family.embed(batch),
        )
        logits = family.logits(hidden)
    return [row[mask] for row, mask in zip(logits, batch.attention_mask, strict=True)]


def load_tiny(folder: Path) -> LalmFamily:
    return load_family(str(folder), dtype=torch.float32, device=torch.device("cpu"))


@pytest.fixture
def noise() -> Callable[[int], Samples]:
    """Makes `count` samples of noise, other ones at each call, the same ones in each run."""
    generator = np.random.default_rng(17)
    return lambda count: (0.1 * generator.standard_normal(count)).astype(np.float32)
