"""One step: what it refuses leaves the adapter as it was and names the utterances."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch
from accelerate import Accelerator

from core.audio.files import write_wav
from core.data.library import Library
from core.errors import UserError
from core.experiment.schedule import Example
from core.models.lora import add_adapter
from core.paths import AppPaths
from core.storage.database import open_database
from core.training.preparation import prepare
from core.training.recipe import Job
from core.training.step import StageOptimizer, take_step
from tests.core.training.world import Notes, add_dataset, experiment


@pytest.fixture
def job(app_paths: AppPaths, tiny_model: Path, tmp_path: Path) -> Iterator[Job]:
    add_dataset(app_paths)
    db = open_database(app_paths.database)
    (tmp_path / "run").mkdir()
    yield prepare(tmp_path / "run", experiment(tiny_model), Library(db, app_paths), Notes()).job
    db.close()


@pytest.fixture
def optimizer(job: Job) -> StageOptimizer:
    adapted = add_adapter(job.family, job.spec.lora)
    return StageOptimizer(Accelerator(cpu=True), adapted, job.schedule.stages[0], job.spec.training)


@pytest.mark.parametrize("factor", [float("inf"), float("nan")])
def test_a_finite_loss_with_a_gradient_that_is_no_number_changes_nothing(
    job: Job, optimizer: StageOptimizer, factor: float
) -> None:
    batches = [[Example(id_, "text")] for id_ in list(job.utterances)[:2]]
    take_step(job.family, optimizer, batches, job.utterances)
    take_step(job.family, optimizer, batches, job.utterances)
    before = [weight.detach().clone() for weight in optimizer.parameters]
    hook = optimizer.parameters[0].register_hook(lambda gradient: gradient * factor)
    with pytest.raises(UserError, match="gradient is no longer a number") as caught:
        take_step(job.family, optimizer, batches, job.utterances)
    hook.remove()
    assert caught.value.where == "utterances beeps/train-0 (text), beeps/train-1 (text)"
    assert "learning rate" in caught.value.remedy
    assert all(map(torch.equal, optimizer.parameters, before))


def test_a_recording_that_got_too_short_since_it_was_checked_is_named(
    job: Job, optimizer: StageOptimizer
) -> None:
    heard, victim = job.schedule.speech_ids[:2]
    path = job.utterances[victim].audio
    assert path is not None
    write_wav(path, np.full(320, 0.1, dtype=np.float32))
    batch = [Example(heard, "text"), Example(heard, "speech"), Example(victim, "speech")]
    with pytest.raises(UserError, match="20 ms, too short") as caught:
        take_step(job.family, optimizer, [batch], job.utterances)
    assert caught.value.where == f"beeps/{job.utterances[victim].key} (speech) {path}"
    assert "100 ms" in caught.value.remedy
