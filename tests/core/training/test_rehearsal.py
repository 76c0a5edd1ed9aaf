"""The rehearsal: it changes nothing, and what would spoil the run is found in it and named."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from accelerate import Accelerator

from core.audio.files import write_wav
from core.data.library import Library
from core.errors import Cancelled, UserError
from core.models.family import IGNORE, Batch, ModelInput
from core.paths import AppPaths
from core.storage.database import open_database
from core.training.preparation import prepare
from core.training.recipe import Job, train
from core.training.rehearsal import longest_batches, openings, rehearse
from core.training.step import Room
from tests.core.training.world import Notes, add_dataset, experiment

MakeJob = Callable[..., Job]


@pytest.fixture
def make_job(app_paths: AppPaths, tiny_model: Path, tmp_path: Path) -> Iterator[MakeJob]:
    add_dataset(app_paths)
    db = open_database(app_paths.database)
    library = Library(db, app_paths)

    def make(*overrides: str, name: str = "run") -> Job:
        (tmp_path / name).mkdir(exist_ok=True)
        spec = experiment(tiny_model, "training.rehearsal=true", *overrides)
        return prepare(tmp_path / name, spec, library, Notes()).job

    yield make
    db.close()


def begin(job: Job, notes: Notes) -> None:
    """Train until the first step is taken, or the rehearsal ends the run before."""
    notes.stop_after = 1
    with pytest.raises(Cancelled):
        train(job, notes)


def refused(job: Job) -> UserError:
    """What the rehearsal says of a job on which nothing was trained."""
    notes = Notes()
    with pytest.raises(UserError) as caught:
        train(job, notes)
    assert notes.steps == {}
    return caught.value


@pytest.mark.parametrize("method", ["lora", "full"])
def test_a_run_is_to_the_last_bit_the_one_without_a_rehearsal(make_job: MakeJob, method: str) -> None:
    # Two stages, with dropout: weights, optimizer and random numbers must all be as before.
    losses = []
    settings = ["lora.dropout=0.1"] if method == "lora" else []
    for rehearsed in ("true", "false"):
        notes, job = Notes(), make_job(*settings, f"training.rehearsal={rehearsed}", name=rehearsed)
        spec = job.spec if method == "lora" else job.spec.model_copy(update={"method": "full", "lora": None})
        train(replace(job, spec=spec), notes)
        assert ("rehearsing" in notes.activities) == (rehearsed == "true")
        assert notes.warnings == {}
        losses.append(notes.losses)
    assert losses[0] == losses[1]
    assert len(losses[0]) == 12


def test_a_resumed_run_is_not_rehearsed_again(make_job: MakeJob) -> None:
    begin(make_job(), Notes())
    notes = Notes(stop_after=2)
    with pytest.raises(Cancelled):
        train(make_job(), notes)
    assert "rehearsing" not in notes.activities


@pytest.mark.expects_log("may not know text written as pseudo-audio")
def test_it_tries_the_first_and_the_longest_of_each_kind(make_job: MakeJob) -> None:
    job = make_job("scheme=custom", "stage.0.pseudo_audio=0.5")
    first = openings(job.schedule)
    assert {trial.kind for trial in first} == {"text", "pseudo-audio", "speech"}
    for trial in first:
        assert {example.modality for example in trial.examples} == {
            "speech" if trial.kind == "speech" else "text"
        }
    longest = longest_batches(job.schedule, job.utterances)
    whole = [batch for stage in job.schedule.stages for batch in stage.batches]
    assert all(any(trial.examples is batch for batch in whole) for trial in longest)
    (spoken,) = [trial for trial in longest if trial.kind == "speech"]

    def cost(batch: Sequence[object]) -> float:
        ids = [example.utterance_id for example in batch if example.modality == "speech"]  # type: ignore[attr-defined]
        return len(batch) * max((job.utterances[id_].duration_s or 0.0 for id_ in ids), default=0.0)

    assert cost(spoken.examples) == max(map(cost, whole))
    assert 2 * len(first) + len(longest) <= 10


def test_an_utterance_without_anything_to_learn_is_named(
    make_job: MakeJob, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = make_job()
    victim = openings(job.schedule)[0].examples[2].utterance_id
    whole = job.family.collate

    def masked(items: Sequence[ModelInput]) -> Batch:
        batch = whole(items)
        for row, item in enumerate(items):
            if item.text == job.utterances[victim].text:
                batch.labels[row] = IGNORE
        return batch

    monkeypatch.setattr(job.family, "collate", masked)
    error = refused(job)
    assert "Nothing can be learned" in error.what
    assert error.where == f"beeps/{job.utterances[victim].key} (text)"


def test_places_for_audio_that_do_not_fit_it_are_told_before_the_first_step(
    make_job: MakeJob, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = make_job()
    # The sum over a batch of two would be right.
    right, calls = job.family._audio_tokens, []  # type: ignore[attr-defined]

    def wrong(samples: int) -> int:
        calls.append(samples)
        return int(right(samples)) + (1 if len(calls) % 2 else -1)

    monkeypatch.setattr(job.family, "_audio_tokens", wrong)
    error = refused(job)
    assert re.search(r"places for \d+ audio tokens, but the recording gives \d+", error.what)
    assert error.where.startswith("beeps/train-")


def test_a_base_model_that_cuts_recordings_is_found(
    make_job: MakeJob, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = make_job()
    count, encode = job.family._audio_tokens, job.family.encode_audio  # type: ignore[attr-defined]
    monkeypatch.setattr(job.family, "_audio_tokens", lambda samples: min(count(samples), 6))
    monkeypatch.setattr(job.family, "encode_audio", lambda features, samples: encode(features, samples)[:6])
    error = refused(job)
    assert "hears only 0." in error.what
    assert "(speech)" in error.where


@pytest.mark.expects_log("lasts 0.2 s, but lasted 0.[5-9] s when it was imported")
def test_a_recording_that_got_shorter_since_its_import_is_a_warning(make_job: MakeJob) -> None:
    job, notes = make_job(), Notes()
    victim = next(trial for trial in openings(job.schedule) if trial.kind == "speech").examples[0]
    path = job.utterances[victim.utterance_id].audio
    assert path is not None
    write_wav(path, np.full(3_200, 0.1, dtype=np.float32))
    begin(job, notes)
    assert job.utterances[victim.utterance_id].key in notes.warnings["recordings"]


def test_a_modality_that_teaches_nothing_is_found(make_job: MakeJob, monkeypatch: pytest.MonkeyPatch) -> None:
    job = make_job()
    whole = job.family.loss

    def deaf(batch: Batch) -> tuple[torch.Tensor, torch.Tensor]:
        sums, counts = whole(batch)
        return (sums * 0 if batch.audio else sums), counts

    monkeypatch.setattr(job.family, "loss", deaf)
    error = refused(job)
    assert "No weight learns anything from speech" in error.what


@pytest.mark.expects_log("the loss on (text|speech) soared")
def test_a_learning_rate_that_lets_the_loss_soar_is_a_warning(make_job: MakeJob) -> None:
    job, notes = make_job("stage.0.epochs=16"), Notes()
    learned = train(job, Notes())
    before = [weight.detach().clone() for weight in learned.parameters]
    stages = [replace(stage, learning_rate=1.0) for stage in job.schedule.stages]
    steep = replace(job, schedule=replace(job.schedule, stages=stages))
    rehearse(steep, learned, Accelerator(cpu=True), Room(), notes)
    assert "learning rate is probably too high" in notes.warnings["learning rate"]
    assert all(map(torch.equal, learned.parameters, before))


@pytest.mark.expects_log("at most 2 utterances at once")
@pytest.mark.expects_log("at most 4 utterances at once")
def test_what_fits_into_memory_is_known_before_the_first_step(
    make_job: MakeJob, monkeypatch: pytest.MonkeyPatch
) -> None:
    job, notes, sizes = make_job(), Notes(), []
    whole = job.family.loss

    def tight(batch: Batch) -> tuple[torch.Tensor, torch.Tensor]:
        sizes.append(len(batch.input_ids))
        if len(batch.input_ids) > (2 if notes.activities[-1] == "rehearsing" else 8):
            raise MemoryError
        return whole(batch)

    monkeypatch.setattr(job.family, "loss", tight)
    begin(job, notes)
    assert notes.activities[:2] == ["rehearsing", "training, at most 2 at once for lack of memory"]
    assert "parts of at most 2 utterances" in notes.warnings["memory"]
    assert max(sizes) == 8
    assert sizes[-4:] == [2] * 4
