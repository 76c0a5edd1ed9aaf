"""Quantisation: refused in words where it cannot work, and asked for exactly where it can.

Without a graphics card only the last test quantises, and only where bitsandbytes is installed: on the
processor.
"""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest
import torch
from torch import nn
from transformers import BitsAndBytesConfig

from core.errors import UserError
from core.experiment.spec import LoraSpec
from core.models.family import LoadOptions, ModelInput
from core.models.loading import load_family
from core.models.lora import add_adapter
from core.models.quantization import refuse_quantization, refuse_quantized_experts
from core.models.qwen2_audio import Qwen2Audio

CPU = torch.device("cpu")
WHOLE = ("model.audio_tower", "model.multi_modal_projector", "lm_head")


def test_without_a_card_it_is_refused_before_anything_is_loaded(
    tiny_model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Qwen2Audio, "load", lambda *_: pytest.fail("it was loaded"))
    with pytest.raises(UserError, match="need a graphics card") as caught:
        load_family(str(tiny_model), dtype=torch.float32, device=CPU, quantization="4bit")
    assert caught.value.where == "training.quantization = 4bit"
    assert 'training.quantization = "none"' in caught.value.remedy


def test_without_the_library_it_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda _: None)
    with pytest.raises(UserError, match="bitsandbytes, which is not installed") as caught:
        refuse_quantization("8bit", card=True)
    assert "pip install bitsandbytes" in caught.value.remedy
    assert 'training.quantization = "none"' in caught.value.remedy


def test_with_both_and_where_it_is_not_asked_for_nothing_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda _: object())
    refuse_quantization("4bit", card=True)
    refuse_quantization("none", card=False)


def test_experts_that_would_stay_as_large_as_they_are_are_refused() -> None:
    with pytest.raises(UserError, match="experts, which cannot be quantised"):
        refuse_quantized_experts("4bit", "qwen3_omni_moe", "some/model")
    refuse_quantized_experts("none", "qwen3_omni_moe", "some/model")
    refuse_quantized_experts("4bit", "qwen2_audio", "some/model")


def test_whole_weights_ask_for_no_quantisation() -> None:
    arguments = LoadOptions(torch.float32, CPU).arguments()
    assert "quantization_config" not in arguments
    assert arguments["device_map"] == {"": CPU}
    assert arguments["use_safetensors"]
    assert not arguments["trust_remote_code"]


def test_what_hears_and_the_head_stay_whole() -> None:
    assert Qwen2Audio.whole_modules() == WHOLE


@pytest.mark.parametrize("bits", [4, 8])
def test_the_arguments_say_how_and_where_not(bits: int) -> None:
    options = LoadOptions(torch.bfloat16, torch.device("cuda"), 4 if bits == 4 else 8, WHOLE)
    arguments = options.arguments()
    assert arguments["device_map"] == {"": torch.device("cuda")}
    config = arguments["quantization_config"]
    assert isinstance(config, BitsAndBytesConfig)
    assert (config.load_in_4bit, config.load_in_8bit) == (bits == 4, bits == 8)
    assert config.llm_int8_skip_modules == list(WHOLE)
    if bits == 4:
        assert config.bnb_4bit_quant_type == "nf4"
        assert config.bnb_4bit_use_double_quant
        assert config.bnb_4bit_compute_dtype == torch.bfloat16


@pytest.mark.parametrize("bits", [4, 8])
def test_only_the_language_model_is_quantised_and_its_adapter_learns(tiny_model: Path, bits: int) -> None:
    library = pytest.importorskip("bitsandbytes").nn
    options = LoadOptions(torch.float32, CPU, 4 if bits == 4 else 8, WHOLE)
    family = Qwen2Audio.load(str(tiny_model), options)
    kinds = (library.Linear4bit, library.Linear8bitLt)
    quantised = {name for name, module in family.model.named_modules() if isinstance(module, kinds)}
    linear = {name for name, module in family.model.named_modules() if isinstance(module, nn.Linear)}
    assert quantised == set(family.lora_targets())
    assert {name for name in linear if name.startswith(WHOLE)} == linear - quantised
    family.model.requires_grad_(False)
    adapter = add_adapter(family, LoraSpec())
    optimizer = torch.optim.AdamW(adapter.parameters, lr=1e-2)
    batch = family.collate([ModelInput(text="turn on the lights", target=('{"intent":"', "lights_on", '"}'))])
    losses = []
    for _ in range(5):
        loss = family.loss(batch)[0].sum()
        losses.append(float(loss.detach()))
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()
    assert losses[-1] < losses[0]
