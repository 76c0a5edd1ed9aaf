"""The memory estimate: its parts, told from the names and shapes of a model's weights."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from core.experiment.memory import (
    LargestBatch,
    MemoryNeed,
    ModelShape,
    memory_parts,
    model_shape,
    wants_checkpointing,
)
from core.experiment.spec import ExperimentSpec
from core.experiment.weights import LoraSpec

SHAPE = ModelShape(
    weights=8_400_000_000,
    language=7_700_000_000,
    linear=6_500_000_000,
    layers=32,
    hidden=4096,
    feed_forward=11_008,
    vocabulary=156_032,
    lora_width=2_500_000,
    tower=600_000_000,
    tower_width=740_000,
)
"""About Qwen2-Audio-7B."""
BATCH = LargestBatch(rows=16, positions=350, targets=640, heard_s=160.0)


@pytest.fixture
def spec(experiment: Callable[..., ExperimentSpec]) -> ExperimentSpec:
    return experiment({})


def training(spec: ExperimentSpec, **changes: object) -> ExperimentSpec:
    return spec.model_copy(update={"training": spec.training.model_copy(update=changes)})


@pytest.mark.parametrize(
    "prefix", ["model.language_model.", "language_model.model.", "thinker.model.", "model."]
)
def test_a_language_model_is_found_under_every_name(prefix: str) -> None:
    weights = {
        f"{prefix}embed_tokens.weight": [100, 8],
        f"{prefix}layers.0.self_attn.q_proj.weight": [8, 8],
        f"{prefix}layers.0.mlp.up_proj.weight": [20, 8],
        f"{prefix}layers.0.input_layernorm.weight": [8],
        f"{prefix}layers.1.self_attn.q_proj.weight": [8, 8],
        f"{prefix}norm.weight": [8],
        "lm_head.weight": [100, 8],
        "talker.model.embed_tokens.weight": [10, 8],
        "model.audio_tower.layers.0.fc1.weight": [64, 16],
    }
    assert model_shape(weights.items()) == ModelShape(
        weights=800 + 64 + 160 + 8 + 64 + 8 + 800 + 80 + 1024,
        language=800 + 64 + 160 + 8 + 64 + 8 + 800,
        linear=64 + 160 + 64,
        layers=2,
        hidden=8,
        feed_forward=20,
        vocabulary=100,
        lora_width=16 + 28 + 16,
        tower=1024,
        tower_width=80,
    )
    assert model_shape([("model.audio_tower.layers.0.fc1.weight", [64, 16])]) is None


def test_each_part_is_told(spec: ExperimentSpec) -> None:
    need = memory_parts(spec, SHAPE, BATCH, sixteen_bit=True, checkpointing=False)
    assert need.weights == pytest.approx(16.8e9 + 16 * 2.5e6 * 4)
    assert need.learning == pytest.approx(16 * 2.5e6 * 12)
    assert 25e9 < need.activations < 40e9
    assert need.total == need.program + need.weights + need.learning + need.activations
    full = spec.model_copy(update={"method": "full", "lora": None})
    all_learns = memory_parts(full, SHAPE, BATCH, sixteen_bit=True, checkpointing=False)
    assert all_learns.weights == pytest.approx(0.7e9 * 2 + 7.7e9 * 4)
    assert all_learns.learning == pytest.approx(7.7e9 * 12)


@pytest.mark.parametrize(
    ("name", "hears"),
    [
        ("model.audio_tower.layers.0.fc1.weight", True),
        ("thinker.audio_tower.layers.31.self_attn.q_proj.weight", True),
        ("encoder.layers.3.ff1.up_proj.weight", True),
        (
            "model.embed_tokens_extend.audio_embed.encoder.encoders.0.feed_forward_in.gate_up_proj.weight",
            True,
        ),
        ("visual.blocks.0.mlp.up_proj.weight", False),
        ("talker.model.layers.0.mlp.up_proj.weight", False),
        ("model.audio_tower.layers.0.norm.weight", False),
    ],
)
def test_the_layers_that_hear_are_told_by_their_names(name: str, hears: bool) -> None:
    shape = [8] if "norm" in name else [64, 16]
    found = model_shape([("model.embed_tokens.weight", [100, 8]), (name, shape)])
    assert found is not None
    assert found.tower_width == (80 if hears else 0)


def test_a_tower_that_learns_keeps_what_it_computed(experiment: Callable[..., ExperimentSpec]) -> None:
    def need(*, batch: LargestBatch = BATCH, **rates: float) -> MemoryNeed:
        spec = experiment({"speech": True}, audio_encoder=rates or None)
        return memory_parts(spec, SHAPE, batch, sixteen_bit=True, checkpointing=False)

    frozen, projector = need(), need(projector_learning_rate=1e-4)
    tower = need(tower_learning_rate=1e-5, projector_learning_rate=1e-4)
    assert projector.activations == frozen.activations
    assert projector.learning - frozen.learning == pytest.approx(12 * 0.1e9)
    assert tower.learning - frozen.learning == pytest.approx(12 * 0.7e9)
    assert tower.activations - frozen.activations == pytest.approx(160 * 50 * 740_000 * 2)
    silent = need(batch=replace(BATCH, heard_s=0.0), tower_learning_rate=1e-5)
    assert silent.activations == frozen.activations


def test_longer_audio_more_at_once_and_a_larger_adapter_need_more(spec: ExperimentSpec) -> None:
    def total(batch: LargestBatch, of: ExperimentSpec = spec) -> float:
        return memory_parts(of, SHAPE, batch, sixteen_bit=True, checkpointing=False).total

    assert total(replace(BATCH, positions=850)) > total(BATCH) > total(replace(BATCH, rows=8))
    assert total(BATCH, spec.model_copy(update={"lora": LoraSpec(rank=64, alpha=128)})) > total(BATCH)


def test_checkpointing_needs_much_less_and_float32_twice_as_much(spec: ExperimentSpec) -> None:
    def kept(sixteen_bit: bool, checkpointing: bool) -> float:
        need = memory_parts(spec, SHAPE, BATCH, sixteen_bit=sixteen_bit, checkpointing=checkpointing)
        return need.activations

    assert kept(sixteen_bit=True, checkpointing=True) < 0.2 * kept(sixteen_bit=True, checkpointing=False)
    assert kept(sixteen_bit=False, checkpointing=False) > 1.8 * kept(sixteen_bit=True, checkpointing=False)


def test_quantised_layers_take_less(spec: ExperimentSpec) -> None:
    def weights(quantization: str) -> float:
        quantised = training(spec, quantization=quantization)
        return memory_parts(quantised, SHAPE, BATCH, sixteen_bit=True, checkpointing=False).weights

    assert weights("none") - weights("8bit") == pytest.approx(6.5e9)
    assert weights("4bit") < weights("8bit") - 2e9


@pytest.mark.parametrize(
    ("said", "free", "chosen"),
    [
        ("auto", 60.0, False),
        ("auto", 20.0, True),
        ("auto", 8.0, False),  # of no use: batches are cut smaller instead
        ("on", 60.0, True),
        ("off", 20.0, False),
    ],
)
def test_checkpointing_is_used_where_it_alone_makes_the_batch_fit(
    spec: ExperimentSpec, said: str, free: float, chosen: bool
) -> None:
    asked = training(spec, gradient_checkpointing=said)
    assert wants_checkpointing(asked, learning=5.0, without=50.0, with_it=5.0, free=free) == chosen
