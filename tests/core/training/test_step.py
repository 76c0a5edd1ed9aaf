"""One step: what it refuses leaves the adapter as it was and names the utterances."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from accelerate import Accelerator

from core.audio.files import write_wav
from core.data.library import Library
from core.errors import UserError
from core.experiment.schedule import Example
from core.experiment.weights import AudioEncoderSpec
from core.models.family import Batch
from core.models.lora import add_adapter
from core.models.tuned import Tuned, tune
from core.paths import AppPaths
from core.storage.database import open_database
from core.training.preparation import prepare
from core.training.recipe import Job
from core.training.step import Room, StageOptimizer, take_step
from tests.core.training.world import Notes, add_dataset, experiment


@pytest.fixture
def job(app_paths: AppPaths, tiny_model: Path, tmp_path: Path) -> Iterator[Job]:
    add_dataset(app_paths)
    db = open_database(app_paths.database)
    (tmp_path / "run").mkdir()
    spec = experiment(tiny_model, "lora.dropout=0.0")
    yield prepare(tmp_path / "run", spec, Library(db, app_paths), Notes()).job
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
    take_step(job.family, optimizer, batches, job.utterances, Room())
    take_step(job.family, optimizer, batches, job.utterances, Room())
    before = [weight.detach().clone() for weight in optimizer.parameters]
    hook = optimizer.parameters[0].register_hook(lambda gradient: gradient * factor)
    with pytest.raises(UserError, match="gradient is no longer a number") as caught:
        take_step(job.family, optimizer, batches, job.utterances, Room())
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
        take_step(job.family, optimizer, [batch], job.utterances, Room())
    assert caught.value.where == f"beeps/{job.utterances[victim].key} (speech) {path}"
    assert "100 ms" in caught.value.remedy


class TightMemory:
    """A family's loss that takes no more than `most` utterances at once."""

    def __init__(self, job: Job, most: int) -> None:
        self._loss, self._most = job.family.loss, most
        self.sizes: list[int] = []

    def __call__(self, batch: Batch) -> tuple[torch.Tensor, torch.Tensor]:
        self.sizes.append(len(batch.input_ids))
        if self.sizes[-1] > self._most:
            raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB")
        return self._loss(batch)


@pytest.mark.expects_log("going on with at most 3 utterances at once")
@pytest.mark.expects_log("going on with at most 1 utterances at once")
def test_where_memory_runs_out_smaller_batches_make_the_same_step(
    job: Job, optimizer: StageOptimizer, monkeypatch: pytest.MonkeyPatch
) -> None:
    examples = [Example(id_, "text") for id_ in list(job.utterances)[:6]]
    batches, tight, room = [examples, examples[:5]], TightMemory(job, 2), Room()
    gradients: list[list[torch.Tensor]] = []
    # The first step of a warm-up has the learning rate 0: the same weights are asked twice.
    for each in (Room(), room):
        monkeypatch.setattr(
            optimizer, "clip", lambda: gradients.append([w.grad.clone() for w in optimizer.parameters]) or 1.0
        )
        losses = take_step(job.family, optimizer, batches, job.utterances, each)
        assert losses.examples == 11
        monkeypatch.setattr(job.family, "loss", tight)
    assert tight.sizes == [6, 3, *[1] * 11]
    for whole, cut in zip(*gradients, strict=True):
        assert torch.allclose(whole, cut, atol=1e-5)
    # What was found out holds for the next step, too.
    tight.sizes.clear()
    take_step(job.family, optimizer, batches[:1], job.utterances, room)
    assert (room.largest, tight.sizes) == (1, [1] * 6)


@pytest.mark.expects_log("memory ran out")
def test_a_lack_of_memory_that_single_utterances_do_not_cure_is_told(
    job: Job, optimizer: StageOptimizer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(job.family, "loss", TightMemory(job, 0))
    batches = [[Example(id_, "text") for id_ in list(job.utterances)[:2]]]
    with pytest.raises(torch.OutOfMemoryError):
        take_step(job.family, optimizer, batches, job.utterances, Room())


@pytest.fixture
def tuned(job: Job) -> Tuned:
    learning = AudioEncoderSpec(tower_learning_rate=1e-5)
    return tune(job.family, job.spec.model_copy(update={"audio_encoder": learning}))


def rates(job: Job, tuned: Tuned, schedule: str, warmup: float = 0.0) -> list[list[float]]:
    """The learning rates of the groups at each step of the first stage, as parts of their highest."""
    stage = replace(job.schedule.stages[0], schedule=schedule, warmup_ratio=warmup)
    optimizer = StageOptimizer(Accelerator(cpu=True), tuned, stage, job.spec.training)
    steps = []
    for _ in range(stage.steps):
        language, tower = optimizer.scheduler.get_last_lr()
        steps.append([language / stage.learning_rate, tower / 1e-5])
        optimizer.step()
    return steps


def test_every_schedule_falls_as_its_name_says_and_for_all_weights_alike(job: Job, tuned: Tuned) -> None:
    last = {
        schedule: rates(job, tuned, schedule)[-1]
        for schedule in ("cosine", "cosine_with_min_lr", "linear", "constant")
    }
    for language, tower in last.values():
        assert language == pytest.approx(tower)
    # Five sixths of the way.
    assert last["constant"][0] == 1
    assert last["linear"][0] == pytest.approx(1 / 6)
    assert last["cosine"][0] == pytest.approx(0.067, abs=0.001)
    assert last["cosine_with_min_lr"][0] == pytest.approx(0.1 + 0.9 * last["cosine"][0])


def test_an_inverse_root_falls_slowly_from_the_end_of_the_warm_up(job: Job, tuned: Tuned) -> None:
    assert [language for language, _ in rates(job, tuned, "inverse_sqrt", warmup=0.3)] == pytest.approx(
        [0, 0.5, 1, (2 / 3) ** 0.5, (2 / 4) ** 0.5, (2 / 5) ** 0.5]
    )
