"""Gemma 4: layers that see only the latest tokens, and models of that name that cannot hear."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch

from core.errors import UserError
from core.inference.decoding import Session
from core.models.family import LalmFamily, ModelInput
from tests.core.models.families.tiny_gemma4 import build
from tests.core.models.fixtures import load_tiny


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("gemma4")
    build(path)
    return path


def session(family: LalmFamily, *texts: str) -> Session:
    batch = family.collate([ModelInput(text=text) for text in texts])
    return Session(family, batch, family.embed(batch), ())


@torch.no_grad()
def test_a_row_with_gaps_sees_as_far_back_as_one_without(folder: Path) -> None:
    family = load_tiny(folder)
    one, other = family.tokenize("lights_on room"), family.tokenize("alarm_set time")
    both = session(
        family, "set an alarm", "play some jazz in the living room, please, and turn on the lights"
    )
    alone = session(family, "set an alarm")
    for _ in range(3):
        # While the other row waits, and then goes on alone.
        both.advance([one, []])
        both.advance([[], other])
        alone.advance([one])
    both.advance([one, other])
    alone.advance([one])
    assert both.logits[0] == pytest.approx(alone.logits[0], abs=1e-4)


def test_a_gemma_without_ears_is_refused_in_words(folder: Path, tmp_path: Path) -> None:
    settings = json.loads((folder / "config.json").read_text())
    settings["audio_config"] = None
    (tmp_path / "config.json").write_text(json.dumps(settings))
    (tmp_path / "model.safetensors").write_bytes(b"")
    with pytest.raises(UserError, match="cannot hear") as caught:
        load_tiny(tmp_path)
    assert caught.value.where == str(tmp_path)
    assert "E2B" in caught.value.remedy
