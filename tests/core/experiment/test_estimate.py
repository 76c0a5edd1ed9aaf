"""Estimates: rough, growing with the work, and silent where nothing honest can be said."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable

import pytest

from core.data.utterance import Candidate
from core.experiment.estimate import Estimate, estimate
from core.experiment.memory import ModelShape
from core.experiment.schedule import preview
from core.experiment.spec import ExperimentSpec
from core.experiment.weights import AudioEncoderSpec

TEASPOON = 5_400_000


@pytest.fixture(autouse=True)
def _two_cores_and_no_gpu(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "cpu_count", lambda: 2)
    monkeypatch.setattr(shutil, "which", lambda _: None)


def seconds(
    spec: ExperimentSpec, candidates: list[Candidate], speed: float | None = None, scored: int = 0
) -> float:
    told = estimate(
        spec, preview(spec, candidates), parameters=TEASPOON, scored=scored, utterances_per_s=speed
    )
    assert told.seconds is not None
    return told.seconds


def test_a_measured_speed_is_used(
    experiment: Callable[..., ExperimentSpec], candidates: list[Candidate]
) -> None:
    spec = experiment({"epochs": 4})  # 1 200 utterances, and one validation of 60 at the end and at step 50
    assert seconds(spec, candidates, speed=10.0) == pytest.approx(120, rel=0.25)
    assert seconds(spec, candidates, speed=20.0) < seconds(spec, candidates, speed=10.0)


def test_without_one_the_models_size_gives_the_order_of_magnitude(
    experiment: Callable[..., ExperimentSpec], candidates: list[Candidate]
) -> None:
    spec = experiment({"epochs": 10})  # Teaspoon does 40 to 50 utterances a second: about a minute
    assert 40 < seconds(spec, candidates) < 160


def test_more_work_takes_longer(
    experiment: Callable[..., ExperimentSpec], candidates: list[Candidate]
) -> None:
    spec = experiment({"epochs": 1})
    assert seconds(spec, candidates) < seconds(spec, candidates, scored=600)
    assert seconds(spec, candidates) < seconds(experiment({"epochs": 2}), candidates)


def test_a_larger_model_needs_more_memory_and_less_in_bf16(
    experiment: Callable[..., ExperimentSpec], candidates: list[Candidate]
) -> None:
    spec = experiment({})
    half = spec.model_copy(update={"training": spec.training.model_copy(update={"precision": "bf16"})})
    seen = preview(spec, candidates)

    def memory(of: ExperimentSpec, parameters: int) -> float:
        bytes_ = estimate(of, seen, parameters=parameters).memory_bytes
        assert bytes_ is not None
        return bytes_

    assert memory(spec, TEASPOON) < 2e9
    assert 28e9 < memory(spec, 7_000_000_000) < 60e9
    assert memory(half, 7_000_000_000) < memory(spec, 7_000_000_000)
    full = spec.model_copy(update={"method": "full", "lora": None})
    assert memory(full, 7_000_000_000) > memory(spec, 7_000_000_000) + 80e9
    assert seconds(full, candidates) > seconds(spec, candidates)


def test_fewer_bits_need_less_memory(
    experiment: Callable[..., ExperimentSpec], candidates: list[Candidate]
) -> None:
    spec = experiment({})
    seen = preview(spec, candidates)
    needs = []
    for quantization in ("none", "8bit", "4bit"):
        training = spec.training.model_copy(update={"quantization": quantization, "precision": "bf16"})
        told = estimate(spec.model_copy(update={"training": training}), seen, parameters=8_000_000_000)
        assert told.memory_bytes is not None
        needs.append(told.memory_bytes)
    assert needs == sorted(needs, reverse=True)
    # Three quarters of the weights go from two bytes to about half a one.
    assert needs[0] - needs[2] == pytest.approx(8e9 * 0.75 * 1.48, rel=0.01)


def test_nothing_is_claimed_of_an_unknown_model_or_an_untried_gpu(
    experiment: Callable[..., ExperimentSpec],
    candidates: list[Candidate],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    spec = experiment({})
    seen = preview(spec, candidates)
    unknown = estimate(spec, seen, parameters=None)
    assert (unknown.seconds, unknown.memory_bytes) == (None, None)
    assert "downloaded" in unknown.how
    monkeypatch.setattr(shutil, "which", lambda _: "/usr/bin/nvidia-smi")
    assert estimate(spec, seen, parameters=TEASPOON).seconds is None
    assert estimate(spec, seen, parameters=TEASPOON, utterances_per_s=500.0).seconds is not None


def test_a_known_shape_tells_the_memory_part_by_part_and_the_longest_recording_counts(
    experiment: Callable[..., ExperimentSpec], candidates: list[Candidate]
) -> None:
    shape = ModelShape(
        weights=TEASPOON,
        language=4_000_000,
        linear=3_000_000,
        layers=4,
        hidden=256,
        feed_forward=640,
        vocabulary=1037,
        lora_width=14_000,
        tower=1_000_000,
        tower_width=9_000,
    )

    def told(spec: ExperimentSpec, of: list[Candidate]) -> Estimate:
        return estimate(spec, preview(spec, of), parameters=TEASPOON, shape=shape)

    spec = experiment({"speech": True})
    usual = told(spec, candidates)
    assert usual.memory is not None
    assert usual.memory_bytes == usual.memory.total
    longer = told(spec, [each._replace(duration_s=20.0) for each in candidates])
    assert longer.memory is not None
    assert longer.memory.activations > 3 * usual.memory.activations
    assert longer.memory.weights == usual.memory.weights
    text = told(experiment({}), candidates)
    assert text.memory is not None
    assert text.memory.activations < usual.memory.activations


def test_an_audio_encoder_that_learns_needs_memory(
    experiment: Callable[..., ExperimentSpec], candidates: list[Candidate]
) -> None:
    spec = experiment({"speech": True})
    learning = spec.model_copy(update={"audio_encoder": AudioEncoderSpec(tower_learning_rate=1e-5)})
    needs = [
        estimate(each, preview(each, candidates), parameters=7_000_000_000).memory_bytes or 0.0
        for each in (spec, learning)
    ]
    assert 5e9 < needs[1] - needs[0] < 20e9
