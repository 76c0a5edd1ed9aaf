"""Granite Speech: its features, and the scale of its scores."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from transformers import GraniteForCausalLM

from core.models.family import ModelInput, Samples
from core.models.granite_speech import LogMel
from tests.core.models.families.tiny_granite_speech import stock_features
from tests.core.models.families.tiny_granite_speech_plus import build
from tests.core.models.fixtures import load_tiny


@pytest.mark.parametrize("count", [1_600, 16_000, 16_159, 16_160, 48_017])
def test_features_are_those_of_torchaudios_formulas(noise: Callable[[int], Samples], count: int) -> None:
    samples = noise(count)
    log_mel = LogMel()
    features = log_mel(samples)
    assert features.shape == (log_mel.frames(count), 160)
    assert abs(features.double().numpy() - stock_features(samples)).max() < 1e-4


def test_silence_has_features() -> None:
    assert LogMel()(torch.zeros(16_000).numpy()).isfinite().all()


def test_settings_come_from_the_extractors_file() -> None:
    settings = {"n_mels": 40, "sampling_rate": 16_000, "melspec_kwargs": {"n_mels": 80}}
    assert LogMel.of(settings) == LogMel(n_mels=40)


def test_it_is_as_sure_of_a_text_as_granite_itself(tmp_path: Path) -> None:
    build(tmp_path)
    settings = json.loads((tmp_path / "config.json").read_text())
    settings["text_config"]["logits_scaling"] = 8.0
    (tmp_path / "config.json").write_text(json.dumps(settings))
    family = load_tiny(tmp_path)
    granite = GraniteForCausalLM(family.model.config.text_config)
    granite.model, granite.lm_head = family.model.model.language_model, family.model.lm_head
    batch = family.collate([ModelInput(text="set an alarm", target=("alarm",))])
    with torch.no_grad():
        (loss,), (count,) = family.loss(batch)
        expected = granite(batch.input_ids, labels=batch.labels).loss
    assert loss.item() / count.item() == pytest.approx(expected.item(), rel=1e-5)
