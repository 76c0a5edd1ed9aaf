"""How long a run may take and how much memory it may need: rough, and said to be so."""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from typing import Final

from core.experiment.memory import (
    PROGRAM_BYTES,
    QUANTIZED_BYTES,
    LargestBatch,
    MemoryNeed,
    ModelShape,
    memory_parts,
)
from core.experiment.schedule import MixturePreview
from core.experiment.spec import ExperimentSpec, Method, Precision, Quantization

# Teaspoon (5.4 M parameters) trained with 40-50 utterances/s on 2 cores; with about 100 positions per
# utterance and 4 operations per weight and position that is about 50 billion operations per second and
# core. The order of magnitude holds for larger models.
_OPERATIONS_PER_CORE_S: Final = 50e9
_POSITIONS_PER_UTTERANCE: Final = 100
_OPERATIONS_PER_WEIGHT: Final = {"lora": 4, "full": 6}
"""Forward, and backward to the inputs; where the weights themselves learn, backward to them as well."""
_START_S: Final = 10.0
"""Starting the process, importing torch, loading the model."""

_LEARNING_BYTES: Final = 16
"""Of each weight that learns: itself, its gradient and the optimizer's two means in float32. As if all the
model learned; the part that hears is small."""

_ENCODER_PART: Final = 0.1
"""Of all weights, those of the part that hears: 8 % in Qwen2-Audio-7B, from its configuration."""

_ACTIVATIONS: Final = 0.015
"""What one more utterance in the batch keeps for the backward pass, as a part of the weights."""

_QUANTIZED_PART: Final = 0.75
"""Of all weights, those in the language model's linear layers, which alone are quantised: 77 % of
Qwen2-Audio-7B and 69 % of Voxtral-Mini-3B, counted from their configurations."""


_AUDIO_TOKENS_PER_S: Final = 25
"""As Qwen2-Audio gives; no family gives more."""
_TARGETS_PER_UTTERANCE: Final = 40


@dataclass(frozen=True)
class Estimate:
    """seconds, memory_bytes: None where nothing honest can be said. how: one sentence on what it rests on.
    memory: its parts, where the base model's shape is known."""

    seconds: float | None
    memory_bytes: float | None
    how: str
    memory: MemoryNeed | None = None


def estimate(
    spec: ExperimentSpec,
    seen: MixturePreview,
    *,
    parameters: int | None,
    scored: int = 0,
    utterances_per_s: float | None = None,
    shape: ModelShape | None = None,
) -> Estimate:
    """A rough estimate of one run on this computer.

    seen: the experiment's preview. parameters: weights of the base model, None when unknown. scored:
    utterances that the final scores answer (test speech, test text, hearing check). utterances_per_s: the
    training speed of an earlier run of the same base model here, None without one. shape: of the base model's
    weights, None when unknown: then its memory is told from their number alone.
    """
    gpu = shutil.which("nvidia-smi") is not None
    rate, how = utterances_per_s, "Rough: from the speed of an earlier run on this computer."
    if rate is None:
        how = "Rough: from the model's size and this computer's number of cores."
        if gpu:
            how = "The time is not known before a first run on this GPU."
        elif parameters is None:
            how = "The time is not known before the model has been downloaded."
        else:
            work = parameters * _POSITIONS_PER_UTTERANCE * _OPERATIONS_PER_WEIGHT[spec.method]
            rate = (os.cpu_count() or 1) * _OPERATIONS_PER_CORE_S / work
    trained = sum(stage.text_examples + stage.speech_examples for stage in seen.seen)
    # Answering an utterance takes about as long as learning from it.
    answered = scored + _validated(spec, seen)
    seconds = None if rate is None else _START_S + (trained + answered) / rate
    if shape is not None:
        need = _memory_parts(spec, seen, shape, gpu)
        return Estimate(seconds, need.total, how, need)
    return Estimate(seconds, None if parameters is None else _memory_bytes(spec, parameters, gpu), how)


def _validated(spec: ExperimentSpec, seen: MixturePreview) -> int:
    every = spec.evaluation.every_steps
    rounds = len(spec.stage) + (seen.total_steps // every if every else 0)
    return rounds * spec.evaluation.validation_limit


def _memory_parts(spec: ExperimentSpec, seen: MixturePreview, shape: ModelShape, gpu: bool) -> MemoryNeed:
    rows = spec.training.batch_size
    largest = LargestBatch(
        rows,
        round(_POSITIONS_PER_UTTERANCE + seen.longest_s * _AUDIO_TOKENS_PER_S),
        rows * _TARGETS_PER_UTTERANCE,
        rows * seen.longest_s,
    )
    return memory_parts(
        spec,
        shape,
        largest,
        sixteen_bit=keeps_sixteen_bit(spec.training.precision, gpu),
        checkpointing=spec.training.gradient_checkpointing == "on",
    )


def memory_need(
    parameters: int,
    *,
    method: Method = "lora",
    quantization: Quantization = "none",
    sixteen_bit: bool,
    batch_size: int = 1,
) -> float:
    """Bytes that tuning a base model takes, the program included: rough, and at least that much.

    parameters: its weights. sixteen_bit: whether they are kept in bf16. batch_size: utterances at once; where
    memory is short the run takes fewer at once, so 1 is what it cannot do without.
    """
    weights = parameters * (2 if sixteen_bit else 4)
    kept = (
        parameters * _LEARNING_BYTES if method == "full" else weights * _kept_part(quantization, sixteen_bit)
    )
    return PROGRAM_BYTES + kept + weights * _ACTIVATIONS * batch_size


def loading_need(parameters: int, *, quantization: Quantization = "none", sixteen_bit: bool) -> float:
    """Bytes that a base model takes once it is loaded, the program included."""
    weights = parameters * (2 if sixteen_bit else 4)
    return PROGRAM_BYTES + weights * _kept_part(quantization, sixteen_bit)


def keeps_sixteen_bit(precision: Precision, gpu: bool) -> bool:
    """Whether a base model is kept in bf16: as `core.training.precision`, but told without torch."""
    return precision == "bf16" or (precision == "auto" and gpu)


def _kept_part(quantization: Quantization, sixteen_bit: bool) -> float:
    """What quantisation leaves of the weights' bytes."""
    if quantization == "none":
        return 1.0
    return 1 - _QUANTIZED_PART + _QUANTIZED_PART * QUANTIZED_BYTES[quantization] / (2 if sixteen_bit else 4)


def _memory_bytes(spec: ExperimentSpec, parameters: int, gpu: bool) -> float:
    need = memory_need(
        parameters,
        method=spec.method,
        quantization=spec.training.quantization,
        sixteen_bit=keeps_sixteen_bit(spec.training.precision, gpu),
        batch_size=spec.training.batch_size,
    )
    if spec.encoder_learns and spec.method == "lora":
        need += parameters * _ENCODER_PART * _LEARNING_BYTES
    return need
