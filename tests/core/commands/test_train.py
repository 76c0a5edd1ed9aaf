from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from core.commands import live
from core.data.library import Library
from core.data.problem import Problem
from core.runs.store import RunStore
from core.runs.supervisor import Supervisor
from tests.core.commands.conftest import Spoonful
from tests.core.runs.conftest import until

Workers = Callable[[str], Supervisor]


def test_train_shows_progress_and_reports(
    spoonful: Spoonful, experiment: Path, workers: Workers, store: RunStore
) -> None:
    workers("complete")
    done = spoonful("train", experiment, "--set", "data.speech.share=1.0", "--json")
    assert done.code == 0
    assert done.json["state"] == "completed"
    assert done.json["speech_share"] == 1.0
    assert done.json["global_step"] == 3
    assert done.json["run_id"] == store.list()[0].id
    assert done.json["run_id"] in done.err
    again = spoonful("train", experiment)
    assert "completed" in again.out
    assert "3 of 3" in again.out


@pytest.mark.parametrize(("base_model", "unfamiliar"), [("some/model", True), ("teaspoon", False)])
def test_pseudo_audio_for_a_model_that_may_not_know_it_is_noted(
    spoonful: Spoonful, experiment: Path, workers: Workers, base_model: str, unfamiliar: bool
) -> None:
    workers("complete")
    changes = ["scheme=custom", "stage.0.pseudo_audio=0.5", f"base_model={base_model}"]
    done = spoonful("train", experiment, *(word for change in changes for word in ("--set", change)))
    assert done.code == 0
    assert ("Note: This base model may not know" in done.err) == unfamiliar


@pytest.mark.parametrize(
    ("changes", "name"),
    [
        ([], "orders"),
        (["data.speech.share=0.02"], "orders (data.speech.share=0.02)"),
        (["data.speech.share=0.02", "stage.0.epochs=2"], "orders (data.speech.share=0.02, stage.0.epochs=2)"),
        (["data.speech.share=0.02", "name=mine"], "mine"),
    ],
)
def test_a_runs_name_tells_what_was_changed(
    spoonful: Spoonful, experiment: Path, workers: Workers, store: RunStore, changes: list[str], name: str
) -> None:
    workers("complete")
    done = spoonful("train", experiment, *(word for change in changes for word in ("--set", change)))
    assert done.code == 0
    assert store.list()[0].name == name


def test_a_name_with_many_changes_is_cut_to_what_is_allowed(
    spoonful: Spoonful, experiment: Path, workers: Workers, store: RunStore
) -> None:
    workers("complete")
    words = [word for seed in range(30) for word in ("--set", f"training.seed={seed}")]
    assert spoonful("train", experiment, *words).code == 0
    name = store.list()[0].name
    assert len(name) == 200
    assert name.startswith("orders (training.seed=0, ")
    assert name.endswith("…)")


def test_a_crash_is_worded_and_the_exit_code_1(
    spoonful: Spoonful, experiment: Path, workers: Workers
) -> None:
    workers("crash")
    done = spoonful("train", experiment)
    assert done.code == 1
    assert "crashed" in done.out
    assert "signal 11" in done.out
    assert "spoonful runs resume" in done.out


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ("data.train=['hone']", "home"),
        ("data.test=['untested']", "no test utterances"),
        ("stage.0.epochs=-1", "epochs"),
        ("stage.0.epoch=1", "epochs"),
        ("base_model='/no/such/folder'", "base model"),
        ("data.speech.share=-0.1", "share"),
    ],
)
def test_unusable_experiments_are_refused_before_a_run_is_made(
    spoonful: Spoonful, experiment: Path, store: RunStore, tmp_path: Path, change: str, words: str
) -> None:
    only_train = tmp_path / "train.jsonl"
    only_train.write_text('{"text": "hello", "intent": "greet", "split": "train"}\n')
    spoonful("datasets", "import", "--name", "untested", only_train)
    done = spoonful("train", experiment, "--set", change, "--json")
    assert done.code == 2
    assert words in done.err
    assert done.json["error"]["what"]
    assert store.list() == []


def test_testing_on_a_recording_that_is_trained_on_is_refused_before_a_run_is_made(
    spoonful: Spoonful, experiment: Path, store: RunStore, manifest: Path
) -> None:
    # The same recordings under another name and divided otherwise: every split is a test split.
    again = manifest.with_name("again.jsonl")
    again.write_text(re.sub(r', "split": "\w+"', "", manifest.read_text()))
    spoonful("datasets", "import", "--name", "again", again, "--fractions", "0,0,1")
    done = spoonful("train", experiment, "--set", "data.test=['again']", "--json")
    assert done.code == 2
    assert "in both train and test" in done.json["error"]["what"]
    assert "(home/" in done.err
    assert store.list() == []


def test_detached_runs_are_watched_stopped_resumed_and_deleted(
    spoonful: Spoonful, experiment: Path, workers: Workers, store: RunStore
) -> None:
    supervisor = workers("train")
    run_id = spoonful("train", experiment, "--detach").out.strip()
    until(supervisor, run_id, lambda run: run.global_step > 0)
    refused = spoonful("runs", "delete", run_id, "--yes")
    assert refused.code == 2
    assert "still going" in refused.err
    assert spoonful("runs", "stop", "latest").code == 0
    watched = spoonful("runs", "watch", run_id[-4:], "--json")
    assert (watched.code, watched.json["state"]) == (1, "stopped")

    resumed = spoonful("runs", "resume", run_id, "--detach", "--json")
    assert resumed.json["run_id"] == run_id
    until(supervisor, run_id, lambda run: run.state == "running")
    killed = spoonful("runs", "stop", run_id, "--force", "--json")
    assert killed.json["state"] == "stopped"
    assert "--yes" in spoonful("runs", "delete", run_id).err
    assert spoonful("runs", "delete", run_id, "--yes").code == 0
    assert store.list() == []


def test_the_first_interrupt_stops_the_run_and_the_second_leaves_it(
    spoonful: Spoonful, experiment: Path, workers: Workers, monkeypatch: pytest.MonkeyPatch
) -> None:
    supervisor = workers("train")
    interrupted: list[str] = []

    def press_once(self: live.LiveLine, words: str, topic: str = "") -> None:
        if "step" in words and not interrupted:
            interrupted.append(words)
            raise KeyboardInterrupt

    monkeypatch.setattr(live.LiveLine, "show", press_once)
    done = spoonful("train", experiment, "--json")
    assert done.code == 1
    assert done.json["state"] == "stopped"
    assert "saves a checkpoint" in done.err

    def press_always(self: live.LiveLine, words: str, topic: str = "") -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(live.LiveLine, "show", press_always)
    left = spoonful("train", experiment, "--json")
    assert "in the background" in left.err
    until(supervisor, left.json["run_id"], lambda run: run.state == "stopped")

    running = spoonful("train", experiment, "--detach").out.strip()
    only_watching = spoonful("runs", "watch", running, "--json")
    assert only_watching.code == 0
    assert supervisor.poll(running).state in {"starting", "running"}
    supervisor.kill(running)


def test_a_relative_model_folder_is_found_from_anywhere(
    spoonful: Spoonful,
    experiment: Path,
    workers: Workers,
    store: RunStore,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    workers("complete")
    model = tmp_path / "models" / "mine"
    model.mkdir(parents=True)
    (model / "config.json").write_text(json.dumps({"model_type": "qwen2_audio"}))
    (model / "model.safetensors").write_bytes(b"")
    monkeypatch.chdir(tmp_path)
    assert spoonful("train", experiment, "--set", "base_model=models/mine").code == 0
    assert store.list()[0].base_model == str(model)


def test_a_preset_is_known_by_its_name(spoonful: Spoonful, workers: Workers) -> None:
    # The demo dataset is not in this library: the preset was read, its data looked up.
    done = spoonful("train", "demo-curriculum")
    assert done.code == 2
    assert "demo" in done.err
    assert "dataset" in done.err


def test_errors_that_a_check_found_hold_a_start_until_somebody_says_so(
    spoonful: Spoonful, experiment: Path, workers: Workers, store: RunStore, dataset: str
) -> None:
    workers("complete")
    problem = Problem("error", "unreadable recording", "It is damaged.", "a.wav", "Again.")
    findings = Library(store.db, store.paths).findings
    findings.keep(findings.begin(dataset), [problem])
    refused = spoonful("train", experiment)
    assert refused.code == 2
    assert "found 1 error: It is damaged." in refused.err
    assert f"datasets check {dataset}" in refused.err
    assert store.list() == []
    assert spoonful("train", experiment, "--despite-errors").code == 0
