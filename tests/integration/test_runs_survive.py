"""The real worker, killed in mid-run again and again, ends where an uninterrupted run ends."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.data.library import Library
from core.errors import UserError
from core.experiment.spec import ExperimentSpec
from core.paths import AppPaths
from core.runs.store import RunStore
from core.runs.supervisor import Supervisor
from core.storage.database import open_database
from tests.integration.killing import (
    STEPS,
    differences,
    experiment_to_kill,
    run_killed,
    run_to_the_end,
    until,
)


@pytest.fixture
def store(app_paths: AppPaths) -> Iterator[RunStore]:
    db = open_database(app_paths.database)
    yield RunStore(db, app_paths)
    db.close()


@pytest.fixture
def spec(store: RunStore, app_paths: AppPaths, tmp_path: Path) -> ExperimentSpec:
    return experiment_to_kill(store, app_paths, tmp_path)


@pytest.mark.slow
def test_a_run_killed_at_random_ends_like_one_that_never_was(
    store: RunStore, spec: ExperimentSpec, app_paths: AppPaths, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    untouched, killed = store.create(spec), store.create(spec)
    run_to_the_end(Supervisor(app_paths), untouched)
    # The stops are drawn, not chosen, so that over many test runs every kind of instant comes up.
    steps = sorted(random.sample(range(1, STEPS), 2))
    run_killed(app_paths, killed, steps)
    assert differences(store, untouched, killed) == [], steps
    assert store.steps(killed).global_step.tolist() == list(range(1, STEPS + 1))
    assert {each.input for each in store.final_evaluations(killed)} == {"speech", "text"}


@pytest.mark.slow
def test_a_stopped_run_keeps_its_work_and_a_deleted_dataset_is_said_in_words(
    store: RunStore, spec: ExperimentSpec, app_paths: AppPaths
) -> None:
    supervisor = Supervisor(app_paths)
    run_id = store.create(spec)
    supervisor.launch(run_id)
    until(supervisor, run_id, lambda run: run.global_step >= 1)
    supervisor.stop(run_id)
    stopped = until(supervisor, run_id, lambda run: not run.is_live)
    assert stopped.state == "stopped"
    assert len(store.steps(run_id).loss) == stopped.global_step

    Library(store.db, app_paths).delete_dataset("home")
    supervisor.resume(run_id)
    failed = until(supervisor, run_id, lambda run: not run.is_live)
    assert failed.state == "failed"
    assert failed.outcome is not None
    assert "home" in failed.outcome.what
    with pytest.raises(UserError, match="no process"):
        supervisor.kill(run_id)
