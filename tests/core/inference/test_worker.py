"""The warm process: its replies in this process, and its life and death as a real one."""

from __future__ import annotations

import io
import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from core.data.library import Library
from core.data.utterance import Label, Slot, Utterance
from core.inference import worker
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
    lines = io.StringIO("".join(json.dumps(request) + "\n" for request in requests))
    replies = io.StringIO()
    serve(Service(paths), lines, replies)
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
    replies = ask(
        home,
        {"id": 1, "op": "load", "model": str(tiny_model), "datasets": ["small"]},
        {"id": 2, "op": "predict", "audio": str(wav_file(seconds=1.5, rate=48_000, channels=2))},
        {"id": 3, "op": "predict", "text": "lights on"},
        {"op": "quit"},
        {"id": 4, "op": "predict", "text": "never read"},
    )
    assert [reply["progress"] for reply in replies[:-3]] == [
        "starting the engine",
        "loading the weights",
        "warming up",
    ]
    loaded, heard, read = replies[-3:]
    assert loaded["ok"]
    assert loaded["result"]["intents"] == ["alarm_set", "lights_on"]
    assert heard["result"]["duration_s"] == pytest.approx(1.5, abs=0.01)
    assert heard["result"]["intent"] in {"alarm_set", "lights_on"}
    assert set(heard["result"]["timings_ms"]) == {"reading", "features", "encoder", "decoding"}
    assert read["id"] == 3
    assert read["result"]["duration_s"] is None


def test_what_goes_wrong_is_told_and_the_process_goes_on(
    home: AppPaths, tiny_model: Path, tmp_path: Path, wav_file: WavMaker
) -> None:
    replies = ask(
        home,
        {"id": 1, "op": "predict", "text": "too early"},
        {"id": 2, "op": "load", "model": "nonsense", "datasets": ["small"]},
        {"id": 3, "op": "load", "model": str(tiny_model), "datasets": ["no such dataset"]},
        {"id": 4, "op": "load", "model": str(tiny_model), "datasets": ["small"]},
        {"id": 5, "op": "predict", "audio": str(tmp_path / "missing.wav")},
        {"id": 6, "op": "predict"},
        {"id": 7, "op": "predict", "text": "lights"},
        {"id": 8, "op": "predict", "audio": str(wav_file("long.wav", seconds=8.5))},
    )
    ends = {reply["id"]: reply for reply in replies if "progress" not in reply}
    assert [ends[request]["ok"] for request in range(1, 8)] == [False] * 3 + [True] + [False] * 2 + [True]
    assert "No model is loaded" in ends[1]["error"]["what"]
    assert ends[5]["error"]["where"].endswith("missing.wav")
    assert ends[8]["error"]["where"].endswith("long.wav")
    assert all(set(ends[id_]["error"]) == {"what", "where", "remedy", "details"} for id_ in (1, 2, 3, 5, 6))


@pytest.mark.expects_log("made_up failed")
def test_a_bug_is_answered_too(home: AppPaths) -> None:
    (reply,) = ask(home, {"id": 1, "op": "made_up"})
    assert not reply["ok"]
    assert "KeyError" in reply["error"]["details"]


def test_the_real_process_ends_when_its_input_is_closed(home: AppPaths) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "core.inference.worker"],
        input='{"id": 1, "op": "predict", "text": "hello"}\n',
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert json.loads(done.stdout)["error"]["what"] == "No model is loaded yet."
