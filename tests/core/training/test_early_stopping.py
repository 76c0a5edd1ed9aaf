"""Early stopping: a stage ends when validation says so, the best weights are the result, and it is told."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch

from core.data.library import Library
from core.errors import Cancelled, UserError
from core.evaluation.evaluate import evaluate
from core.evaluation.results import EvaluationResult, Interval
from core.experiment.spec import ExperimentSpec
from core.models.tuned import load_tuned
from core.paths import AppPaths
from core.storage.database import open_database
from core.training import recipe
from core.training.checkpoints import newest_progress, publish_weights
from core.training.early_stopping import Progress
from core.training.preparation import prepare
from core.training.recipe import Job, train
from tests.core.models.fixtures import load_tiny
from tests.core.training.world import Notes, add_dataset, experiment

SCORES = {2: 0.1, 4: 0.4, 6: 0.3, 8: 0.5, 10: 0.5, 12: 0.2}
"""By step; the stages end at steps 6 and 12."""
Script = Callable[[Notes], None]


@pytest.fixture
def library(app_paths: AppPaths) -> Iterator[Library]:
    add_dataset(app_paths)
    db = open_database(app_paths.database)
    yield Library(db, app_paths)
    db.close()


@pytest.fixture
def script(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Lets validation answer as always, and puts scores of our own in the place of those."""

    def begin(notes: Notes, scores: dict[int, float] = SCORES, metric: str = "exact_match") -> None:
        def scripted(*args: Any, **kwargs: Any) -> EvaluationResult:
            value = scores[max(notes.steps)]
            result = evaluate(*args, **kwargs)
            return replace(result, scores={**result.scores, metric: Interval(value, value, value)})

        monkeypatch.setattr(recipe, "evaluate", scripted)

    return begin


def spec_of(folder: Path, patience: int, *more: str) -> ExperimentSpec:
    return experiment(folder, "evaluation.every_steps=2", f"evaluation.stop_after={patience}", *more)


def make_job(spec: ExperimentSpec, library: Library, run: Path) -> Job:
    run.mkdir(exist_ok=True)
    return prepare(run, spec, library, Notes()).job


def trained(job: Job) -> dict[str, torch.Tensor]:
    return {n: w.detach().clone() for n, w in job.family.model.named_parameters() if w.requires_grad}


def test_a_stage_that_no_longer_rises_ends_and_the_next_begins(
    tiny_model: Path, library: Library, tmp_path: Path, script: Callable[..., None]
) -> None:
    notes = Notes()
    script(notes, {2: 0.4, 4: 0.3, 6: 0.2, 8: 0.2, 10: 0.2})
    job = make_job(spec_of(tiny_model, 1), library, tmp_path / "run")
    train(job, notes)
    # Each stage is given its own chance, though the second never reaches what the first did.
    assert [(step.global_step, step.stage) for step in notes.steps.values()] == [
        *((number, 0) for number in range(1, 5)),
        *((number, 1) for number in range(5, 9)),
    ]
    progress = newest_progress(job.checkpoints)
    assert (progress.best, progress.best_step) == (0.4, 2)
    assert progress.words("exact_match") == (
        "Stage “text” ended early, after 4 of 6 steps: exact match on validation had not risen for 1 score."
        " Stage “text + speech” ended early, after 4 of 6 steps: exact match on validation had not risen for"
        " 1 score. The result is the weights of step 2, the best on validation (exact match 40.0 %)."
    )


def test_the_result_is_the_weights_that_scored_best(
    tiny_model: Path, library: Library, tmp_path: Path, script: Callable[..., None]
) -> None:
    notes = Notes()
    script(notes)
    job = make_job(spec_of(tiny_model, 5), library, tmp_path / "run")
    train(job, notes)
    assert max(notes.steps) == 12
    # A run that is stopped there has the weights of that step.
    until = Notes(stop_after=8)
    script(until)
    other = make_job(spec_of(tiny_model, 5), library, tmp_path / "until")
    with pytest.raises(Cancelled):
        train(other, until)
    best = trained(job)
    assert all(torch.equal(best[name], weight) for name, weight in trained(other).items())
    publish_weights(job.checkpoints, tmp_path / "result", best=True)
    fresh = load_tiny(tiny_model)
    load_tuned(fresh, tmp_path / "result", trainable=True)
    for name, weight in fresh.model.named_parameters():
        if weight.requires_grad:
            assert torch.equal(weight, best[name])


@pytest.mark.parametrize("stop_after", [3, 6, 8, 9])
def test_a_resumed_run_decides_as_one_never_stopped(
    tiny_model: Path, library: Library, tmp_path: Path, script: Callable[..., None], stop_after: int
) -> None:
    scores = {2: 0.5, 4: 0.4, 6: 0.3, 8: 0.6, 10: 0.6, 12: 0.1}
    spec = spec_of(tiny_model, 2, "stage.1.epochs=4")
    whole, parts = Notes(), Notes(stop_after=stop_after)
    script(whole, scores)
    job = make_job(spec, library, tmp_path / "whole")
    train(job, whole)
    assert max(whole.steps) == 12
    script(parts, scores)
    with pytest.raises(Cancelled):
        train(make_job(spec, library, tmp_path / "parts"), parts)
    parts.stop_after = None
    resumed = make_job(spec, library, tmp_path / "parts")
    train(resumed, parts)
    assert parts.losses == pytest.approx(whole.losses, abs=1e-6)
    assert newest_progress(resumed.checkpoints) == newest_progress(job.checkpoints)
    best = trained(job)
    assert all(torch.allclose(best[name], weight, atol=1e-6) for name, weight in trained(resumed).items())


def test_the_best_checkpoint_outlives_the_newer_ones(
    tiny_model: Path, library: Library, tmp_path: Path, script: Callable[..., None]
) -> None:
    notes = Notes(stop_after=11)
    script(notes, {2: 0.9, 4: 0.4, 6: 0.3, 8: 0.5, 10: 0.5, 12: 0.2})
    job = make_job(spec_of(tiny_model, 9), library, tmp_path / "run")
    with pytest.raises(Cancelled):
        train(job, notes)
    kept = sorted(folder.name for folder in job.checkpoints.iterdir())
    assert kept == ["step-000002", "step-000008", "step-000011"]


def test_without_early_stopping_the_last_weights_are_the_result(
    tiny_model: Path, library: Library, tmp_path: Path, script: Callable[..., None]
) -> None:
    notes = Notes()
    script(notes)
    job = make_job(experiment(tiny_model, "evaluation.every_steps=2"), library, tmp_path / "run")
    train(job, notes)
    assert newest_progress(job.checkpoints) == Progress()
    assert Progress().words("exact_match") == ""
    assert sorted(folder.name for folder in job.checkpoints.iterdir()) == ["step-000008", "step-000012"]


def test_the_score_that_decides_is_the_one_asked_for(
    tiny_model: Path, library: Library, tmp_path: Path, script: Callable[..., None]
) -> None:
    notes = Notes()
    script(notes, {2: 0.5, 4: 0.4, 6: 0.4, 8: 0.3}, "slot_f1")
    job = make_job(spec_of(tiny_model, 1, "evaluation.stop_score=slot_f1"), library, tmp_path / "run")
    train(job, notes)
    assert max(notes.steps) == 8
    assert "slot F1 50.0 %" in newest_progress(job.checkpoints).words("slot_f1")


def test_a_score_that_validation_cannot_give_is_refused_before_the_run(
    tiny_model: Path, library: Library, tmp_path: Path
) -> None:
    (tmp_path / "run").mkdir()
    utterances = list(library.utterances(["beeps"]))
    without = [
        replace(u, label=replace(u.label, slots=())) if u.split == "validation" else u for u in utterances
    ]
    library.add_dataset("beeps", "test", without, replace=True)
    with pytest.raises(UserError, match="no validation utterance has a slot"):
        prepare(tmp_path / "run", spec_of(tiny_model, 1, "evaluation.stop_score=slot_f1"), library, Notes())
    library.add_dataset("beeps", "test", [u for u in without if u.split != "validation"], replace=True)
    with pytest.raises(UserError, match="no validation utterances") as caught:
        prepare(tmp_path / "run", spec_of(tiny_model, 1), library, Notes())
    assert "stop_after" in caught.value.where
