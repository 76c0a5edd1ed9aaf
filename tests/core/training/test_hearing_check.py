"""The hearing check while training: it tells a model that listens from one that does not."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import torch

from core.data.library import Library
from core.models.family import Batch
from core.paths import AppPaths
from core.storage.database import open_database, write_transaction
from core.training.hearing_check import GAIN, GAIN_OVER_SILENCE
from core.training.preparation import prepare
from core.training.recipe import Job, train
from tests.core.training import world
from tests.core.training.world import Notes, add_dataset, experiment

MakeJob = Callable[..., Job]
SPEECH = (
    "scheme=custom", "stage.0.epochs=1", "evaluation.every_steps=0", "evaluation.validation_limit=12",
)  # fmt: skip
"""One stage of text and one of speech."""


@pytest.fixture
def make_job(
    app_paths: AppPaths, tiny_model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[MakeJob]:
    monkeypatch.setitem(world.COUNTS, "validation", 12)
    add_dataset(app_paths)
    db = open_database(app_paths.database)
    with write_transaction(db):
        db.conn.execute("UPDATE utterances SET synthetic = 'flite: slt' WHERE split = 'validation'")
    library = Library(db, app_paths)

    def make(*overrides: str, name: str = "run") -> Job:
        (tmp_path / name).mkdir()
        return prepare(tmp_path / name, experiment(tiny_model, *SPEECH, *overrides), library, Notes()).job

    yield make
    db.close()


def checks(notes: Notes) -> list[tuple[int, float]]:
    """Step and gain of each check, in order."""
    return [
        (step, result.scores[GAIN].value)
        for step, _, result in notes.evaluations
        if result.input == "shuffled speech"
    ]


def test_a_model_that_learns_to_hear_gains_by_the_own_audio(make_job: MakeJob) -> None:
    notes = Notes()
    train(make_job("stage.1.epochs=12", "data.speech.share=1.0"), notes)
    (start, before), *_, (_, after) = checks(notes)
    assert start == 0
    assert after > before
    last = notes.evaluations[-1][2]
    assert (last.split, last.n, last.predictions) == ("validation", 12, ())
    assert last.scores[GAIN].low > 0
    assert last.synthetic == 12
    assert GAIN_OVER_SILENCE in last.scores
    assert notes.warnings.get("hearing", "") == ""


@pytest.mark.expects_log("does not hear the audio")
def test_a_model_that_learned_from_speech_and_does_not_hear_is_warned_of(
    make_job: MakeJob, monkeypatch: pytest.MonkeyPatch
) -> None:
    job, notes = make_job(), Notes()
    whole = job.family.hear

    def noise(batch: Batch) -> list[torch.Tensor]:
        return [torch.full_like(heard, 0.1) for heard in whole(batch)]

    monkeypatch.setattr(job.family, "hear", noise)
    train(job, notes)
    # Not after the stage of text: nothing can be expected of it.
    assert [step for step, _ in checks(notes)] == [0, 3, 9]
    assert "does not hear the audio" in notes.warnings["hearing"]
    assert "too little speech" in notes.warnings["hearing"]
    assert notes.activities.count("checking whether the model hears") == 3


def test_checking_changes_nothing_and_can_be_left_out(make_job: MakeJob) -> None:
    losses = []
    for checked in ("true", "false"):
        notes = Notes(stop_after=None)
        train(make_job(f"evaluation.hearing={checked}", "lora.dropout=0.2", name=checked), notes)
        assert bool(checks(notes)) == (checked == "true")
        losses.append(notes.losses)
    assert losses[0] == losses[1]


def test_too_few_recordings_are_not_judged(make_job: MakeJob) -> None:
    notes = Notes()
    train(make_job("evaluation.validation_limit=7"), notes)
    assert checks(notes) == []
