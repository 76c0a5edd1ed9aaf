"""The warm process: its replies in this process, and its life and death as a real one."""

from __future__ import annotations

import base64
import io
import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from core.data.library import Library
from core.data.utterance import Label, Slot, Utterance
from core.inference import kept_models, worker
from core.inference.kept_models import KeptModels, ModelName
from core.inference.worker import Service, serve
from core.paths import AppPaths
from core.storage.database import open_database
from tests.conftest import WavMaker


@pytest.fixture
def home(app_paths: AppPaths) -> AppPaths:
    """A home with a small dataset."""
    db = open_database(app_paths.database)
    labels = [Label("lights_on", (Slot("room", "kitchen"),)), Label("alarm_set")]
    utterances = [
        Utterance(0, "", str(index), "train", label, text="lights") for index, label in enumerate(labels)
    ]
    Library(db, app_paths).add_dataset("small", "test", utterances)
    db.close()
    return app_paths


def ask(paths: AppPaths, *requests: dict[str, Any]) -> list[dict[str, Any]]:
    return ask_of(Service(paths), *requests)


def ask_of(service: Service, *requests: dict[str, Any]) -> list[dict[str, Any]]:
    lines = io.StringIO("".join(json.dumps(request) + "\n" for request in requests))
    replies = io.StringIO()
    serve(service, lines, replies)
    return [json.loads(line) for line in replies.getvalue().splitlines()]


def test_a_long_load_gives_signs_of_life(home: AppPaths, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker, "LIFE_EVERY_S", 0.02)

    def slowly(self: Service, tell: worker.Tell, **_: object) -> dict[str, Any]:
        tell("loading the weights")
        time.sleep(0.3)
        return {}

    monkeypatch.setattr(Service, "load", slowly)
    *signs, done = ask(home, {"id": 1, "op": "load", "model": "large"})
    assert done["ok"]
    assert len(signs) > 3
    assert {sign["progress"] for sign in signs} == {"loading the weights"}


def test_it_loads_and_answers_speech_and_text(home: AppPaths, tiny_model: Path, wav_file: WavMaker) -> None:
    small = {"model": str(tiny_model), "datasets": ["small"]}
    sound = wav_file(seconds=1.5, rate=48_000, channels=2)
    samples = base64.b64encode(np.full(16_000, 0.1, "<f4").tobytes()).decode()
    replies = ask(
        home,
        {"id": 1, "op": "load", **small},
        {"id": 2, "op": "predict", **small, "items": [{"audio": str(sound)}, {"text": "lights on"}]},
        {"id": 3, "op": "predict", **small, "items": [{"samples": samples}]},
        {"id": 4, "op": "transcribe", **small, "item": {"audio": str(sound)}},
        {"op": "quit"},
        {"id": 5, "op": "predict", **small, "items": [{"text": "never read"}]},
    )
    assert [reply["progress"] for reply in replies[:-4]] == [
        "starting the engine",
        "loading the weights",
        "warming up",
    ]
    loaded, both, heard, written = replies[-4:]
    assert loaded["ok"]
    assert loaded["result"]["intents"] == ["alarm_set", "lights_on"]
    for answer in (*both["result"]["answers"], *heard["result"]["answers"]):
        assert answer["intent"] in {"alarm_set", "lights_on"}
        assert set(answer["timings_ms"]) == {"reading", "features", "encoder", "decoding"}
    assert isinstance(written["result"]["text"], str)


def test_what_goes_wrong_is_told_and_the_process_goes_on(
    home: AppPaths, tiny_model: Path, tmp_path: Path, wav_file: WavMaker
) -> None:
    small = {"model": str(tiny_model), "datasets": ["small"]}
    long, missing = wav_file("long.wav", seconds=8.5), tmp_path / "missing.wav"
    items = [{"audio": str(long)}, {"text": "lights"}, {"audio": str(missing)}]
    replies = ask(
        home,
        {"id": 1, "op": "load", "model": "nonsense", "datasets": ["small"]},
        {"id": 2, "op": "load", "model": str(tiny_model), "datasets": ["no such dataset"]},
        {"id": 3, "op": "predict", **small, "items": items},
        {"id": 4, "op": "transcribe", **small, "item": {"text": "lights"}},
    )
    ends = {reply["id"]: reply for reply in replies if "progress" not in reply}
    assert [ends[request]["ok"] for request in range(1, 5)] == [False, False, True, False]
    too_long, right, gone = ends[3]["result"]["answers"]
    assert too_long["error"]["where"] == str(long)
    assert right["intent"] in {"alarm_set", "lights_on"}
    assert gone["error"]["where"].endswith("missing.wav")
    assert all(set(ends[id_]["error"]) == {"what", "where", "remedy", "details"} for id_ in (1, 2, 4))


def test_models_are_kept_and_one_trained_further_is_loaded_anew(
    home: AppPaths, run: Path, tiny_model: Path
) -> None:
    home.runs.mkdir(exist_ok=True)
    trained = home.run("a-run")
    shutil.copytree(run, trained)
    first = {"model": str(tiny_model), "datasets": ["small"]}
    second = {"model": "a-run", "datasets": None}

    def loads(*requests: dict[str, Any]) -> list[int]:
        replies = ask_of(service, *({"id": number, **each} for number, each in enumerate(requests)))
        return [reply["id"] for reply in replies if reply.get("progress") == "loading the weights"]

    service = Service(home)
    question = {"op": "predict", "items": [{"text": "lights"}]}
    assert loads({"op": "load", **first}, {"op": "load", **second}, {**question, **first}) == [0, 1]
    assert loads({"op": "load", **first}, {**question, **second}) == []
    adapter = next((trained / "adapter").glob("*.safetensors"))
    os.utime(adapter, ns=(1, 1))
    assert loads({**question, **second}, {**question, **second}) == [0]


def test_those_not_used_for_longest_go_when_there_is_no_room(
    home: AppPaths, tiny_model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kept_models, "SHARE_OF_MEMORY", 0.0)
    models = KeptModels(home)
    small = ModelName(str(tiny_model), ("small",))
    models.get(small, lambda _words: None)
    assert models.holds(small)
    models.base_of(small, lambda _words: None)
    library = open_database(home.database)
    Library(library, home).add_dataset(
        "other", "test", [Utterance(0, "", "1", "train", Label("x"), text="x")]
    )
    library.close()
    other = ModelName(str(tiny_model), ("other",))
    models.get(other, lambda _words: None)
    assert (models.holds(small), models.holds(other)) == (False, True)


@pytest.mark.expects_log("made_up failed")
def test_a_bug_is_answered_too(home: AppPaths) -> None:
    (reply,) = ask(home, {"id": 1, "op": "made_up"})
    assert not reply["ok"]
    assert "KeyError" in reply["error"]["details"]


def test_the_real_process_ends_when_its_input_is_closed(home: AppPaths) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "core.inference.worker"],
        input='{"id": 1, "op": "predict", "model": "nonsense", "items": []}\n',
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    *_, end = map(json.loads, done.stdout.splitlines())
    assert "nonsense" in end["error"]["what"] + end["error"]["where"]


def test_what_a_stage_ended_with_answers_and_its_base_writes_down(
    home: AppPaths, run: Path, wav_file: WavMaker
) -> None:
    home.runs.mkdir(exist_ok=True)
    shutil.copytree(run, home.run("a-run"))
    shutil.copytree(run / "adapter", home.run("a-run") / "stages" / "1" / "adapter")
    stage = {"model": "a-run/stages/1", "datasets": None}
    replies = ask(
        home,
        {"id": 1, "op": "load", **stage},
        {"id": 2, "op": "predict", **stage, "items": [{"text": "lights"}]},
        {"id": 3, "op": "transcribe", **stage, "item": {"audio": str(wav_file(seconds=1.0))}},
    )
    ends = {reply["id"]: reply for reply in replies if "progress" not in reply}
    assert all(end["ok"] for end in ends.values()), ends
    assert ends[2]["result"]["answers"][0]["intent"] in ends[1]["result"]["intents"]
