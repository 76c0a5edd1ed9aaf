"""Qwen2.5-Omni's and Qwen3-Omni's own ways: which part is loaded, and what its files must hold."""

from __future__ import annotations

from pathlib import Path

import pytest
from safetensors.torch import load_file, save_file

from core.errors import UserError
from core.models.loading import base_model_facts
from tests.core.models.families.contract import tiny_family
from tests.core.models.fixtures import load_tiny

pytestmark = pytest.mark.parametrize("model_type", ["qwen2_5_omni", "qwen3_omni_moe"])


@pytest.fixture
def folder(model_type: str, tmp_path: Path) -> Path:
    tiny_family(model_type).build(tmp_path)
    return tmp_path


def test_what_it_speaks_with_is_not_loaded(folder: Path) -> None:
    family, stored = load_tiny(folder), load_file(folder / "model.safetensors")
    assert any(name.startswith("talker.") for name in stored)
    loaded = sum(weight.numel() for weight in family.model.parameters())
    assert loaded == sum(weight.numel() for name, weight in stored.items() if name.startswith("thinker."))
    assert loaded == base_model_facts(str(folder)).parameters


def test_weights_that_are_missing_are_not_made_up(folder: Path) -> None:
    stored = load_file(folder / "model.safetensors")
    del stored["thinker.audio_tower.ln_post.weight"]
    save_file(stored, folder / "model.safetensors", metadata={"format": "pt"})
    with pytest.raises(UserError, match="could not be loaded") as caught:
        load_tiny(folder)
    assert "audio_tower.ln_post.weight" in caught.value.details
