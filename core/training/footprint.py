"""Whether the run's largest batch fits, and gradient checkpointing where it else would not."""

from __future__ import annotations

import logging
from math import ceil
from typing import TYPE_CHECKING

import psutil
import torch

from core.experiment.memory import (
    LargestBatch,
    ModelShape,
    activations,
    learning_bytes,
    model_shape,
    wants_checkpointing,
)
from core.models.family import IGNORE, LalmFamily
from core.models.tuned import Tuned
from core.training.parallel import ALONE, Ranks
from core.training.precision import mixed_precision
from core.training.rehearsal import longest_batches
from core.training.sharding import own_part
from core.training.step import Room, collate

if TYPE_CHECKING:
    from core.training.recipe import Job

_log = logging.getLogger(__name__)


def checkpoint_gradients_if_needed(job: Job, tuned: Tuned, room: Room, ranks: Ranks = ALONE) -> None:
    """Estimate what the largest batch needs beyond the loaded model, and use gradient checkpointing if the
    experiment asks for it or leaves the choice and it is needed. The losses are the same either way."""
    shape = _shape(job.family)
    if shape is None:
        if job.spec.training.gradient_checkpointing == "on":
            job.family.checkpoint_gradients()
        return
    sixteen_bit = mixed_precision(job.spec.training.precision) == "bf16"
    batches = _largest_batches(job, room, ranks)
    plain, saving = (
        max(
            activations(
                shape,
                each,
                sixteen_bit=sixteen_bit,
                checkpointing=saved,
                tower_learns=job.spec.tower_learns,
            )
            for each in batches
        )
        for saved in (False, True)
    )
    learning = learning_bytes(sum(own_part(weight).numel() for weight in tuned.parameters))
    free = free_memory(job.family.device)
    chosen = wants_checkpointing(job.spec, learning, plain, saving, free)
    _log.info(
        "about %.1f GB are needed for what learns and %.1f GB for the largest batch (%.1f GB with gradient"
        " checkpointing); %.1f GB are free; gradient checkpointing is %s",
        *(count / 1e9 for count in (learning, plain, saving, free)),
        "on" if chosen else "off",
    )
    if chosen:
        job.family.checkpoint_gradients()


def free_memory(device: torch.device) -> float:
    """Bytes that are free where the model is."""
    if device.type == "cuda":
        return float(torch.cuda.mem_get_info(device)[0])
    return float(psutil.virtual_memory().available)


def _shape(family: LalmFamily) -> ModelShape | None:
    """Of the model under its adapter."""
    return model_shape(
        (name.replace(".base_layer.", "."), tuple(weight.shape))
        for name, weight in family.model.named_parameters()
        if ".lora_" not in name
    )


def _largest_batches(job: Job, room: Room, ranks: Ranks) -> list[LargestBatch]:
    found = []
    for trial in longest_batches(job.schedule, job.utterances):
        batch = collate(job.family, trial.examples, job.utterances)
        rows, positions = batch.input_ids.shape
        fitting = min(ceil(rows / ranks.count), room.largest or rows)
        targets = int((batch.labels != IGNORE).sum()) * fitting // rows
        heard_s = sum(job.family.heard_s(each.samples) for each in batch.audio) * fitting / rows
        found.append(LargestBatch(fitting, positions, targets, heard_s))
    return found
