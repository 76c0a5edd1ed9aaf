"""What the Experiment page offers and says of base models."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from core.experiment.computer import Computer
from gui.base_model_choices import hint, list_base_models

LARGE = "Qwen/Qwen2-Audio-7B-Instruct"
LAPTOP = Computer(16_000_000_000, 12_000_000_000)


def put_into_the_cache(folder: Path, hub_id: str) -> None:
    """The Hub's cache as it lies on the disk."""
    repository, commit = folder / f"models--{hub_id.replace('/', '--')}", "0123456789" * 4
    (repository / "refs").mkdir(parents=True)
    (repository / "refs" / "main").write_text(commit)
    snapshot = repository / "snapshots" / commit
    snapshot.mkdir(parents=True)
    (snapshot / "config.json").write_text(json.dumps({"model_type": "qwen2_audio"}))
    (snapshot / "model.safetensors").write_bytes(b"")


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path))
    return tmp_path


def test_what_is_here_is_not_said_to_be_downloaded(cache: Path) -> None:
    offered = {choice.name: choice for choice in list_base_models()}
    assert "teaspoon" not in offered  # the list of the page begins with it
    assert offered[LARGE].title == f"{LARGE} (17 GB to download)"
    assert "Apache-2.0" in offered[LARGE].note
    assert "downloaded when the run begins: 17 GB" in hint(LARGE, None, LAPTOP)
    put_into_the_cache(cache, LARGE)
    assert {choice.name: choice.title for choice in list_base_models()}[LARGE] == LARGE
    assert hint(LARGE, None, LAPTOP) == ""


def test_the_verdict_is_about_what_the_run_needs(cache: Path) -> None:
    assert hint("teaspoon", 1e9, LAPTOP) == "Fits: needs about 1.0 GB, this computer has 16 GB."
    assert hint(LARGE, 40e9, LAPTOP).startswith("Does not fit: needs about 40 GB")
    assert hint("teaspoon", None, LAPTOP) == ""
    assert hint("some/model", None, LAPTOP) == "It is downloaded when the run begins."
