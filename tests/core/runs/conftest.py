"""A run store on a fresh home, and supervisors whose workers only pretend to train."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from core.experiment.data import DataSpec
from core.experiment.spec import ExperimentSpec
from core.experiment.stages import StageSpec
from core.paths import AppPaths
from core.runs.run import Run
from core.runs.store import RunStore
from core.runs.supervisor import Supervisor
from core.storage.database import open_database

FAKE_WORKER = Path(__file__).with_name("fake_worker.py")

Launcher = Callable[[str], tuple[Supervisor, str]]

SPEC = ExperimentSpec(
    schema_version=1,
    name="orders, 5 % speech",
    base_model="teaspoon",
    scheme="text-only",
    data=DataSpec(train=["demo"], test=["demo"]),
    stage=[StageSpec(name="text", epochs=1, learning_rate=1e-4)],
)


@pytest.fixture
def store(app_paths: AppPaths) -> Iterator[RunStore]:
    db = open_database(app_paths.database)
    yield RunStore(db, app_paths)
    db.close()


@pytest.fixture
def supervisor_of(app_paths: AppPaths) -> Callable[[str], Supervisor]:
    """supervisor_of(behaviour): see `fake_worker`."""
    return lambda behaviour: Supervisor(app_paths, worker=(sys.executable, str(FAKE_WORKER), behaviour))


@pytest.fixture
def launched(store: RunStore, supervisor_of: Callable[[str], Supervisor]) -> Iterator[Launcher]:
    """launched(behaviour): a supervisor and the run it has just started; killed when the test is over."""
    started: list[tuple[Supervisor, str]] = []

    def launch(behaviour: str) -> tuple[Supervisor, str]:
        supervisor, run_id = supervisor_of(behaviour), store.create(SPEC)
        supervisor.launch(run_id)
        started.append((supervisor, run_id))
        return supervisor, run_id

    yield launch
    for supervisor, run_id in started:
        if supervisor.poll(run_id).is_live:
            supervisor.kill(run_id)


def until(supervisor: Supervisor, run_id: str, wanted: Callable[[Run], bool], timeout_s: float = 20.0) -> Run:
    """Poll as a window does until the run looks as wanted."""
    deadline = time.monotonic() + timeout_s
    while True:
        run = supervisor.poll(run_id)
        if wanted(run):
            return run
        assert time.monotonic() < deadline, f"still {run.state}, step {run.global_step}: {run.outcome}"
        time.sleep(0.02)
