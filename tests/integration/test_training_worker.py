"""The real training process: what it leaves behind when it completes, is told to stop, or cannot go on."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.inference.calibration_file import CALIBRATION_FILE
from core.inference.predictor import Predictor
from core.paths import AppPaths
from core.runs.store import RunStore
from core.storage.database import open_database
from tests.core.models.hub import TinyHub
from tests.core.models.tiny import build_tiny_model
from tests.core.training.world import add_dataset, experiment

TIMEOUT_S = 240.0


@pytest.fixture
def store(app_paths: AppPaths) -> Iterator[RunStore]:
    add_dataset(app_paths)
    db = open_database(app_paths.database)
    yield RunStore(db, app_paths)
    db.close()


def start(folder: Path) -> subprocess.Popen[bytes]:
    with (folder / "log.txt").open("ab") as log:
        return subprocess.Popen(
            [sys.executable, "-m", "core.training.worker", str(folder)], stdout=log, stderr=subprocess.STDOUT
        )


def finish(worker: subprocess.Popen[bytes], folder: Path) -> int:
    try:
        return worker.wait(TIMEOUT_S)
    except subprocess.TimeoutExpired:
        worker.kill()
        worker.wait()
        pytest.fail(f"it did not end: {(folder / 'log.txt').read_text()}")


def wait_for_step(store: RunStore, run_id: str, worker: subprocess.Popen[bytes], step: int) -> None:
    deadline = time.monotonic() + TIMEOUT_S
    while store.get(run_id).global_step < step:
        assert worker.poll() is None, (store.paths.run(run_id) / "log.txt").read_text()
        assert time.monotonic() < deadline
        time.sleep(0.01)


def wait_for_activity(store: RunStore, run_id: str, worker: subprocess.Popen[bytes], activity: str) -> None:
    deadline = time.monotonic() + TIMEOUT_S
    while not store.get(run_id).activity.startswith(activity):
        assert worker.poll() is None, (store.paths.run(run_id) / "log.txt").read_text()
        assert time.monotonic() < deadline
        time.sleep(0.05)


@pytest.mark.slow
def test_told_to_stop_it_saves_leaves_and_goes_on_to_the_end_when_resumed(
    store: RunStore, app_paths: AppPaths
) -> None:
    model = build_tiny_model(app_paths.models / "tiny")
    run_id = store.create(
        experiment(model, "stage.0.epochs=40", "training.checkpoint_steps=1000", "evaluation.cascade=true")
    )
    folder = app_paths.run(run_id)

    worker = start(folder)
    wait_for_step(store, run_id, worker, 3)
    worker.send_signal(signal.SIGTERM)
    assert finish(worker, folder) == 0
    stopped = store.get(run_id)
    assert stopped.state == "stopped"
    assert 3 <= stopped.global_step < stopped.total_steps == 126
    saved = [path.name for path in (folder / "checkpoints").iterdir()]
    assert saved == [f"step-{stopped.global_step:06d}"]
    (answer,) = Predictor.load(folder).predict(["turn on the kitchen lights"])
    assert answer.label is not None
    assert answer.label.intent in {"alarm_set", "lights_on", "music_play"}

    assert finish(start(folder), folder) == 0
    completed = store.get(run_id)
    assert (completed.state, completed.global_step) == ("completed", 126)
    assert store.steps(run_id).global_step.tolist() == list(range(1, 127))
    final = store.final_evaluations(run_id)
    assert [(each.input, each.split, each.n) for each in final] == [
        ("speech", "test", 6),
        ("shuffled speech", "test", 6),
        ("cascade", "test", 6),
        ("text", "test", 6),
    ]
    assert {"exact_match", "intent_accuracy", "valid_json"} <= final[0].scores.keys()
    # Too few validation utterances to tell how sure it may be, which is written down.
    assert "are the least" in json.loads((folder / CALIBRATION_FILE).read_text())["speech"]["reason"]
    assert "hearing_gain_exact_match" in final[1].scores
    assert {"exact_match", "word_error_rate"} <= final[2].scores.keys()
    for name in ("environment.json", "data.json", "ontology.json", "adapter/adapter_model.safetensors"):
        assert (folder / name).is_file()


@pytest.mark.slow
def test_a_base_model_that_is_not_here_is_downloaded_when_the_run_begins(
    store: RunStore, app_paths: AppPaths, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with TinyHub(build_tiny_model(tmp_path / "hub")).serving() as hub:
        monkeypatch.setenv("HF_HUB_OFFLINE", "0")
        monkeypatch.setenv("HF_ENDPOINT", hub.url)
        monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "cache"))
        hub.waits_at = 1
        run_id = store.create(experiment(Path(hub.hub_id), "stage.0.epochs=1"))
        folder = app_paths.run(run_id)
        worker = start(folder)
        wait_for_activity(store, run_id, worker, "downloading some/model")
        worker.send_signal(signal.SIGTERM)
        hub.goes_on.set()
        assert finish(worker, folder) == 0
        assert store.get(run_id).state == "stopped"
        assert finish(start(folder), folder) == 0
    assert store.get(run_id).state == "completed"
    assert json.loads((folder / "data.json").read_text())["base_model"] == f"some/model@{hub.revision}"


@pytest.mark.slow
def test_a_run_that_ended_early_says_why_and_is_scored_with_its_best_weights(
    store: RunStore, app_paths: AppPaths
) -> None:
    model = build_tiny_model(app_paths.models / "tiny")
    # At this rate nothing is learned, so the first score stays the best.
    still = ["stage.0.learning_rate=1e-12", "stage.1.learning_rate=1e-12"]
    early = ["evaluation.every_steps=2", "evaluation.stop_after=1", "evaluation.hearing=false"]
    run_id = store.create(experiment(model, *still, *early))
    folder = app_paths.run(run_id)
    assert finish(start(folder), folder) == 0
    run = store.get(run_id)
    assert (run.state, run.global_step, run.total_steps) == ("completed", 8, 12)
    assert run.outcome is not None
    assert "Stage “text” ended early, after 4 of 6 steps" in run.outcome.what
    assert "The result is the weights of step 2" in run.outcome.what
    assert {each.global_step for each in store.final_evaluations(run_id)} == {2}
    saved = folder / "checkpoints" / "step-000002" / "adapter" / "adapter_model.safetensors"
    assert (folder / "adapter" / "adapter_model.safetensors").read_bytes() == saved.read_bytes()


@pytest.mark.slow
def test_what_makes_a_run_impossible_is_its_outcome_in_words(store: RunStore, app_paths: AppPaths) -> None:
    run_id = store.create(experiment(app_paths.models / "gone"))
    folder = app_paths.run(run_id)
    assert finish(start(folder), folder) == 1
    run = store.get(run_id)
    assert run.state == "failed"
    assert run.outcome is not None
    assert "no base model here" in run.outcome.what
    assert "teaspoon" in run.outcome.remedy
    assert "Traceback" not in (folder / "log.txt").read_text()
