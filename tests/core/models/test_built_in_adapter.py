"""Adapters that base models bring along: heard with as in the stock model, and never in the way."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from peft.tuners.lora import LoraLayer
from safetensors.torch import load_file, save_file
from transformers import GraniteSpeechForConditionalGeneration, Phi4MultimodalForCausalLM, PreTrainedModel

from core.data.targets import INSTRUCTION
from core.errors import UserError
from core.models.family import ModelInput, Samples
from core.models.loading import base_model_fingerprint
from tests.core.models.families.contract import tiny_family
from tests.core.models.fixtures import load_tiny, own_logits

SUBFOLDERS = {"granite_speech": "", "phi4_multimodal": "speech-lora"}


@pytest.fixture(scope="module", params=SUBFOLDERS)
def model_type(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def folder(model_type: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("tiny")
    tiny_family(model_type).build(path)
    return path


def stock_model(model_type: str, folder: Path) -> PreTrainedModel:
    """As its card loads it."""
    if model_type == "granite_speech":
        model: PreTrainedModel = GraniteSpeechForConditionalGeneration.from_pretrained(folder)
    else:
        model = Phi4MultimodalForCausalLM.from_pretrained(folder)
        model.load_adapter(str(folder), "speech", adapter_kwargs={"subfolder": "speech-lora"})
    assert any(isinstance(module, LoraLayer) for module in model.modules())
    return model.eval()


def without_adapter(model_type: str, folder: Path, tmp_path: Path) -> Path:
    bare = shutil.copytree(folder, tmp_path / "bare")
    for file in (bare / SUBFOLDERS[model_type]).glob("adapter_*"):
        file.unlink()
    return bare


def test_speech_is_heard_as_by_the_stock_model_with_its_adapter(
    model_type: str, folder: Path, noise: Callable[[int], Samples]
) -> None:
    samples = noise(20_000)
    family = load_tiny(folder)
    assert not any(isinstance(module, LoraLayer) for module in family.model.modules())
    inputs = tiny_family(model_type).stock_inputs(folder, None, samples, INSTRUCTION)
    with torch.no_grad():
        expected = stock_model(model_type, folder)(**inputs).logits
    assert (own_logits(family, [ModelInput(samples=samples)])[0] - expected).abs().max() < 1e-4


@pytest.mark.expects_log("may hear badly")
def test_a_missing_adapter_is_told(model_type: str, folder: Path, tmp_path: Path) -> None:
    bare = load_tiny(without_adapter(model_type, folder, tmp_path))
    question = ModelInput(text="set an alarm")
    assert (own_logits(bare, [question])[0] - own_logits(load_tiny(folder), [question])[0]).abs().max() > 0.01


def test_an_adapter_with_the_names_of_older_releases_is_the_same(tmp_path: Path) -> None:
    tiny_family("granite_speech").build(tmp_path)
    question = ModelInput(text="set an alarm")
    expected = own_logits(load_tiny(tmp_path), [question])[0]
    file = tmp_path / "adapter_model.safetensors"
    weights = {
        name.replace("model.model.language_model.", "model.language_model.model."): weight
        for name, weight in load_file(file).items()
    }
    assert weights.keys() != load_file(file).keys()
    save_file(weights, file, metadata={"format": "pt"})
    assert torch.equal(own_logits(load_tiny(tmp_path), [question])[0], expected)


def test_a_pickled_adapter_is_never_opened(model_type: str, folder: Path, tmp_path: Path) -> None:
    copy = shutil.copytree(folder, tmp_path / "copy")
    file = copy / SUBFOLDERS[model_type] / "adapter_model.safetensors"
    file.rename(file.with_suffix(".bin"))
    with pytest.raises(UserError, match="could not be loaded") as caught:
        load_tiny(copy)
    assert "adapter_model.safetensors" in caught.value.details


def test_another_adapter_makes_another_base_model(model_type: str, folder: Path, tmp_path: Path) -> None:
    before = base_model_fingerprint(str(folder))
    assert base_model_fingerprint(str(without_adapter(model_type, folder, tmp_path))) != before
