"""A full disk ends a run in words, whatever of it can still be written."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest

from core.errors import Cancelled, UserError
from core.experiment.presets import load_preset
from core.runs.lifecycle import TakenOver
from core.runs.outcome import OUTCOME_FILE
from core.runs.store import RunStore
from core.runs.supervisor import Supervisor
from core.storage.files import DiskFull
from core.training import checkpoints, preparation, recipe, worker
from tests.core.runs.conftest import SPEC, until

FULL_DISK_WORKER = Path(__file__).with_name("full_disk_worker.py")


def supervisor_on(store: RunStore, full: str) -> Supervisor:
    """A supervisor whose workers find what `full_disk_worker` describes."""
    return Supervisor(store.paths, worker=(sys.executable, str(FULL_DISK_WORKER), full))


@pytest.mark.parametrize("full", ["database", "disk", "completed", "start"])
def test_a_full_disk_is_what_the_run_shows_and_resuming_mends_it(store: RunStore, full: str) -> None:
    supervisor, run_id = supervisor_on(store, full), store.create(SPEC)
    (store.paths.run(run_id) / "checkpoints" / "step-000020").mkdir(parents=True)
    supervisor.launch(run_id)
    run = until(supervisor, run_id, lambda run: not run.is_live)
    assert run.outcome is not None
    assert (run.state, run.outcome.what) == ("failed", "The disk is full.")
    assert run.outcome.remedy == (
        "Free some space. Resume the run: it continues from the last checkpoint (step 20)."
    )
    left = store.paths.run(run_id) / OUTCOME_FILE
    assert left.exists() == (full != "disk")

    supervisor_on(store, "free").resume(run_id)
    assert until(supervisor, run_id, lambda run: not run.is_live).state == "completed"
    assert not left.exists()


def test_a_viewer_who_does_not_know_the_exit_code_sees_it_too(store: RunStore) -> None:
    run_id = store.create(SPEC)
    supervisor_on(store, "database").launch(run_id)
    run = until(supervisor_on(store, "free"), run_id, lambda run: not run.is_live)
    assert run.outcome is not None
    assert (run.state, run.outcome.what) == ("failed", "The disk is full.")


def test_a_database_that_may_not_be_written_is_said(store: RunStore) -> None:
    supervisor, run_id = supervisor_on(store, "claim"), store.create(SPEC)
    supervisor.launch(run_id)
    run = until(supervisor, run_id, lambda run: not run.is_live)
    assert run.outcome is not None
    assert run.state == "failed"
    assert "may not write its database" in run.outcome.what


Work = Callable[[Exception], None]


@pytest.fixture
def work_that_ends_by(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Work:
    """work_that_ends_by(error): the worker's `work`, whose training raises it, where the adapter cannot be
    published for a full disk."""

    def full(folder: Path, target: Path) -> None:
        raise DiskFull("The disk is full.", where=str(target))

    def work(error: Exception) -> None:
        def train(job: object, reporter: object, ranks: object) -> None:
            raise error

        job = SimpleNamespace(schedule=SimpleNamespace(total_steps=3), checkpoints=tmp_path)
        reporter = SimpleNamespace(activity=lambda _: None, plan=lambda _: None)
        monkeypatch.setattr(recipe, "train", train)
        monkeypatch.setattr(preparation, "prepare", lambda *_: SimpleNamespace(job=job))
        monkeypatch.setattr(worker, "load_experiment", lambda _: load_preset("demo-text-only"))
        monkeypatch.setattr(checkpoints, "publish_weights", full)
        worker.work(tmp_path, reporter, None, tmp_path)  # type: ignore[arg-type]

    return work


@pytest.mark.expects_log("not published.*disk is full")
def test_trouble_with_the_adapter_never_hides_what_ended_the_training(work_that_ends_by: Work) -> None:
    with pytest.raises(UserError, match="no number"):
        work_that_ends_by(UserError("The loss is no number."))


def test_a_stopped_run_whose_adapter_cannot_be_published_says_so(work_that_ends_by: Work) -> None:
    with pytest.raises(DiskFull):
        work_that_ends_by(Cancelled())


def test_a_run_taken_over_is_left_alone(work_that_ends_by: Work) -> None:
    with pytest.raises(TakenOver):
        work_that_ends_by(TakenOver("Another process took over this run."))
