"""The real worker, killed in mid-run again and again, ends where an uninterrupted run ends."""

from __future__ import annotations

import json
import os
import random
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from core.data.importers import import_dataset
from core.data.library import Library
from core.errors import UserError
from core.experiment.spec import DataSpec, EvaluationSpec, ExperimentSpec, SpeechSpec, TrainingSpec
from core.experiment.stages import StageSpec
from core.experiment.weights import LoraSpec
from core.paths import AppPaths
from core.runs.run import Run
from core.runs.store import RunStore
from core.runs.supervisor import Supervisor
from core.storage.database import open_database
from tests.conftest import WavMaker
from tests.core.models.tiny import build_tiny_model

TIMEOUT_S = 120.0
TEXTS = ("turn on the kitchen lights", "set an alarm for eight", "play some jazz")
INTENTS = ("lights_on", "alarm_set", "music_play")


@pytest.fixture
def store(app_paths: AppPaths) -> Iterator[RunStore]:
    db = open_database(app_paths.database)
    yield RunStore(db, app_paths)
    db.close()


@pytest.fixture
def spec(store: RunStore, app_paths: AppPaths, tmp_path: Path, wav_file: WavMaker) -> ExperimentSpec:
    """Two stages, 16 optimizer steps in all, on a model of random weights and a handful of beeps."""
    lines = []
    for index in range(36):
        split = "train" if index < 24 else "validation" if index < 28 else "test"
        line = {"text": f"{TEXTS[index % 3]} {index}", "intent": INTENTS[index % 3], "split": split}
        if index % 4 == 0:
            line["audio"] = str(wav_file(f"{index}.wav", seconds=0.3 + 0.01 * index, kind="noise"))
        lines.append(json.dumps(line))
    manifest = tmp_path / "home.jsonl"
    manifest.write_text("\n".join(lines))
    import_dataset(Library(store.db, app_paths), "jsonl", [manifest], "home")
    return ExperimentSpec(
        schema_version=1,
        name="survives",
        base_model=str(build_tiny_model(tmp_path / "tiny")),
        scheme="custom",
        data=DataSpec(train=["home"], test=["home"], speech=SpeechSpec(share=1.0)),
        stage=[
            StageSpec(name="text", epochs=1, learning_rate=1e-3, pseudo_audio=0.5),
            StageSpec(name="both", epochs=1, learning_rate=1e-3, speech=True, speech_part=0.5),
        ],
        lora=LoraSpec(rank=2, alpha=4, dropout=0.1),
        training=TrainingSpec(batch_size=3, precision="float32", checkpoint_steps=4),
        evaluation=EvaluationSpec(every_steps=6, validation_limit=4, hearing=False),
    )


def _until(supervisor: Supervisor, run_id: str, wanted: Callable[[Run], bool]) -> Run:
    deadline = time.monotonic() + TIMEOUT_S
    while True:
        run = supervisor.poll(run_id)
        if wanted(run):
            return run
        assert run.is_live, f"{run.state}: {run.outcome}"
        assert time.monotonic() < deadline, f"still {run.state} at step {run.global_step}"
        time.sleep(0.01)


@pytest.mark.slow
def test_a_run_killed_at_random_ends_like_one_that_never_was(
    store: RunStore, spec: ExperimentSpec, app_paths: AppPaths, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    supervisor = Supervisor(app_paths)
    untouched, killed = store.create(spec), store.create(spec)
    supervisor.launch(untouched)
    _until(supervisor, untouched, lambda run: run.state == "completed")

    # The stops are drawn, not chosen, so that over many test runs every kind of instant comes up.
    steps = sorted(random.sample(range(1, 16), 2))
    supervisor.launch(killed)
    for step in steps:
        run = _until(supervisor, killed, lambda run, step=step: run.global_step >= step)  # type: ignore[misc]
        assert run.pid is not None
        os.kill(run.pid, signal.SIGKILL)
        run = _until(supervisor, killed, lambda run: not run.is_live)
        assert run.state in {"crashed", "completed"}
        if run.state == "crashed":
            assert run.outcome is not None
            assert "signal 9" in run.outcome.what
            # Another program that looks now sees the same and may resume it just as well.
            supervisor = Supervisor(app_paths)
            assert supervisor.poll(killed).state == "crashed"
            supervisor.resume(killed)
    _until(supervisor, killed, lambda run: run.state == "completed")

    expected, found = store.steps(untouched), store.steps(killed)
    assert found.global_step.tolist() == expected.global_step.tolist() == list(range(1, 17))
    for column in ("loss", "loss_text", "loss_speech", "learning_rate"):
        np.testing.assert_allclose(
            getattr(found, column), getattr(expected, column), rtol=0, atol=1e-6, err_msg=f"{column}, {steps}"
        )
    scores = [
        [(each.global_step, each.input, each.final, each.scores) for each in store.evaluations(run_id)]
        for run_id in (untouched, killed)
    ]
    assert scores[0] == scores[1]
    assert {each.input for each in store.final_evaluations(killed)} == {"speech", "text"}


@pytest.mark.slow
def test_a_stopped_run_keeps_its_work_and_a_deleted_dataset_is_said_in_words(
    store: RunStore, spec: ExperimentSpec, app_paths: AppPaths
) -> None:
    supervisor = Supervisor(app_paths)
    run_id = store.create(spec)
    supervisor.launch(run_id)
    _until(supervisor, run_id, lambda run: run.global_step >= 1)
    supervisor.stop(run_id)
    stopped = _until(supervisor, run_id, lambda run: not run.is_live)
    assert stopped.state == "stopped"
    assert len(store.steps(run_id).loss) == stopped.global_step

    Library(store.db, app_paths).delete_dataset("home")
    supervisor.resume(run_id)
    failed = _until(supervisor, run_id, lambda run: not run.is_live)
    assert failed.state == "failed"
    assert failed.outcome is not None
    assert "home" in failed.outcome.what
    with pytest.raises(UserError, match="no process"):
        supervisor.kill(run_id)
