"""A run of two processes, started as from the window: the second process is seen to, also when it dies."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from core.data.library import Library
from core.paths import AppPaths
from core.runs.run import Run
from core.runs.store import RunStore
from core.runs.supervisor import Supervisor
from core.storage.database import open_database
from core.training.preparation import prepare
from core.training.recipe import train
from tests.core.models.tiny import build_tiny_model
from tests.core.training.world import Notes, add_dataset, experiment

TIMEOUT_S = 240.0


@pytest.fixture
def store(app_paths: AppPaths) -> Iterator[RunStore]:
    add_dataset(app_paths)
    db = open_database(app_paths.database)
    yield RunStore(db, app_paths)
    db.close()


@pytest.fixture
def supervisor(app_paths: AppPaths, store: RunStore) -> Iterator[Supervisor]:
    supervisor = Supervisor(app_paths)
    yield supervisor
    for run in supervisor.reattach():
        supervisor.kill(run.id)


def wait_for_step(store: RunStore, run_id: str, step: int) -> None:
    deadline = time.monotonic() + TIMEOUT_S
    while store.get(run_id).global_step < step:
        assert store.get(run_id).is_live, store.get(run_id).outcome
        assert time.monotonic() < deadline, (store.paths.run(run_id) / "log.txt").read_text()
        time.sleep(0.05)


def wait_for_end(supervisor: Supervisor, run_id: str) -> Run:
    deadline = time.monotonic() + TIMEOUT_S
    while (run := supervisor.poll(run_id)).is_live:
        assert time.monotonic() < deadline, run
        time.sleep(0.1)
    return run


def companion(run: Run) -> psutil.Process:
    (process,) = psutil.Process(run.pid).children()
    return process


@pytest.mark.slow
@pytest.mark.parametrize("change", [{}, {"method": "full", "lora": None}], ids=["lora", "full"])
def test_a_run_whose_second_process_is_killed_says_so_and_goes_on_to_the_losses_of_one_process(
    store: RunStore, supervisor: Supervisor, app_paths: AppPaths, tmp_path: Path, change: dict[str, Any]
) -> None:
    model = build_tiny_model(app_paths.models / "tiny")
    spec = experiment(model, "lora.dropout=0.0", "stage.0.epochs=5", "training.processes=2")
    spec = spec.model_copy(update=change)
    run_id = store.create(spec)
    folder = app_paths.run(run_id)

    supervisor.launch(run_id)
    wait_for_step(store, run_id, 5)
    companion(store.get(run_id)).kill()
    failed = wait_for_end(supervisor, run_id)
    assert failed.state == "failed"
    assert failed.outcome is not None
    assert "One of the 2 processes that train this run ended unexpectedly (signal 9)" in failed.outcome.what
    assert "Resume" in failed.outcome.remedy
    assert failed.outcome.where == str(folder / "log-1.txt")

    supervisor.resume(run_id)
    assert wait_for_end(supervisor, run_id).state == "completed"
    (tmp_path / "alone").mkdir()
    alone, library = Notes(), Library(store.db, app_paths)
    train(prepare(tmp_path / "alone", spec, library, Notes()).job, alone)
    assert store.steps(run_id).loss.tolist() == pytest.approx(alone.losses, abs=1e-5)


@pytest.mark.slow
def test_where_the_worker_is_killed_its_companion_ends_as_well(
    store: RunStore, supervisor: Supervisor, app_paths: AppPaths
) -> None:
    model = build_tiny_model(app_paths.models / "tiny")
    run_id = store.create(experiment(model, "stage.0.epochs=200", "training.processes=2"))
    supervisor.launch(run_id)
    wait_for_step(store, run_id, 1)
    run = store.get(run_id)
    second = companion(run)
    psutil.Process(run.pid).kill()
    second.wait(TIMEOUT_S)
    assert wait_for_end(supervisor, run_id).state == "crashed"
