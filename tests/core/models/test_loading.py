"""What counts as a base model, and the words for what does not."""

from __future__ import annotations

import errno
import json
import shutil
import struct
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

from core.errors import UserError
from core.models.loading import (
    base_model_facts,
    load_family,
    resolve_base_model,
)
from core.models.qwen2_audio import Qwen2Audio
from core.paths import RESOURCES
from tests.core.models.fixtures import load_tiny


def test_teaspoon_is_built_in() -> None:
    assert resolve_base_model("teaspoon") == RESOURCES / "teaspoon"
    facts = base_model_facts("teaspoon")
    assert facts.parameters is not None
    assert facts.parameters > 1_000_000
    assert facts.window_s is not None
    assert facts.window_s >= 15
    assert facts.knows_pseudo_audio


def test_facts_cost_no_torch() -> None:
    code = (
        "import sys; from core.models.loading import base_model_facts; base_model_facts('teaspoon');"
        "sys.exit('torch' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_a_hub_id_is_left_for_the_hub() -> None:
    assert resolve_base_model("Qwen/Qwen2-Audio-7B-Instruct") == "Qwen/Qwen2-Audio-7B-Instruct"
    facts = base_model_facts("some/model")
    assert (facts.parameters, facts.knows_pseudo_audio) == (None, False)


def test_a_known_models_size_is_told_before_it_is_downloaded() -> None:
    assert base_model_facts("Qwen/Qwen2-Audio-7B-Instruct").parameters == pytest.approx(8.4e9, rel=0.01)


def empty(folder: Path) -> None:
    for file in folder.iterdir():
        file.unlink()


def unknown_type(folder: Path) -> None:
    (folder / "config.json").write_text(json.dumps({"model_type": "gpt2"}))


def broken_config(folder: Path) -> None:
    (folder / "config.json").write_text("{")


def no_weights(folder: Path) -> None:
    (folder / "model.safetensors").unlink()


def pickled(folder: Path) -> None:
    no_weights(folder)
    (folder / "pytorch_model.bin").write_bytes(b"\x80\x04.")


@pytest.mark.parametrize(
    ("damage", "words"),
    [
        (empty, "config.json is missing"),
        (unknown_type, 'type "gpt2"'),
        (broken_config, "config.json is missing or damaged"),
        (no_weights, "no weights"),
        (pickled, "can run hidden programs"),
    ],
)
def test_a_folder_that_is_no_model_is_refused_in_words(
    tiny_model: Path, tmp_path: Path, damage: Callable[[Path], None], words: str
) -> None:
    folder = shutil.copytree(tiny_model, tmp_path / "model")
    damage(folder)
    with pytest.raises(UserError, match=words) as caught:
        resolve_base_model(str(folder))
    assert str(folder) in caught.value.where
    assert caught.value.remedy


def test_damaged_weights_are_refused_in_words(tiny_model: Path, tmp_path: Path) -> None:
    folder = shutil.copytree(tiny_model, tmp_path / "model")
    (folder / "model.safetensors").write_bytes((folder / "model.safetensors").read_bytes()[:1000])
    with pytest.raises(UserError, match="could not be loaded"):
        load_tiny(folder)


def test_missing_weights_are_refused_and_not_made_up(tiny_model: Path, tmp_path: Path) -> None:
    folder = shutil.copytree(tiny_model, tmp_path / "model")
    weights = load_file(folder / "model.safetensors")
    del weights["multi_modal_projector.linear.weight"]
    save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})
    with pytest.raises(UserError, match="could not be loaded") as caught:
        load_tiny(folder)
    assert "1 weights are missing, such as model.multi_modal_projector" in caught.value.details


@pytest.mark.parametrize("content", ["{}", "[]", '{"feature_extractor": {}}', '{"feature_extractor": 3}'])
def test_a_processor_file_that_tells_no_window_is_refused_in_words(
    tiny_model: Path, tmp_path: Path, content: str
) -> None:
    folder = shutil.copytree(tiny_model, tmp_path / "model")
    (folder / "processor_config.json").write_text(content)
    with pytest.raises(UserError, match=r"processor_config\.json does not") as caught:
        base_model_facts(str(folder))
    assert str(folder) in caught.value.where


@pytest.mark.parametrize(
    "content",
    [b"ab", b"", b"\xff" * 8 + b"{}", struct.pack("<Q", 2) + b"[]", struct.pack("<Q", 7) + b'{"a": 1'],
    ids=["two bytes", "empty", "huge header", "a list", "cut off"],
)
def test_facts_of_damaged_weights_are_refused_in_words(
    tiny_model: Path, tmp_path: Path, content: bytes
) -> None:
    folder = shutil.copytree(tiny_model, tmp_path / "model")
    (folder / "model.safetensors").write_bytes(content)
    with pytest.raises(UserError, match="weights file cannot be read") as caught:
        base_model_facts(str(folder))
    assert caught.value.where == str(folder / "model.safetensors")
    assert "damaged" in caught.value.remedy


@pytest.mark.parametrize(
    "error",
    [
        MemoryError(),
        torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 20.00 GiB."),
        RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried to allocate 99 bytes."),
        OSError(errno.ENOMEM, "Cannot allocate memory"),
    ],
    ids=lambda error: type(error).__name__,
)
def test_a_lack_of_memory_is_not_taken_for_damaged_files(
    tiny_model: Path, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    def load(*_: object) -> None:
        raise error

    monkeypatch.setattr(Qwen2Audio, "load", load)
    with pytest.raises(UserError, match="not enough memory to load the base model") as caught:
        load_tiny(tiny_model)
    assert "smaller base model" in caught.value.remedy
    assert "damaged" not in caught.value.remedy
    assert caught.value.where == str(tiny_model)


def test_a_folder_called_memory_is_no_lack_of_it(tiny_model: Path, tmp_path: Path) -> None:
    folder = shutil.copytree(tiny_model, tmp_path / "memory")
    (folder / "tokenizer.json").unlink()
    with pytest.raises(UserError, match="could not be loaded"):
        load_tiny(folder)


@pytest.mark.parametrize("name", ["no-such-model", "/no/such/folder", "a b/c"])
def test_a_name_that_is_nothing_says_what_would_be_something(name: str) -> None:
    with pytest.raises(UserError, match="There is no base model here") as caught:
        resolve_base_model(name)
    assert "teaspoon" in caught.value.remedy


def test_loading_never_downloads_a_model_in_silence() -> None:
    with pytest.raises(UserError, match="not on this computer") as caught:
        load_family("nobody/nothing", dtype=torch.float32, device=torch.device("cpu"))
    assert "spoonful models download nobody/nothing" in caught.value.remedy
