"""What is asked of an experiment before a run is made of it."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from core.data.library import Library
from core.data.problem import Problem
from core.errors import UserError
from core.experiment.computer import Computer
from core.paths import AppPaths
from core.runs import start
from core.runs.start import checked, open_errors
from core.storage.database import open_database
from tests.core.training.world import add_dataset, experiment


@pytest.fixture
def library(app_paths: AppPaths) -> Iterator[Library]:
    add_dataset(app_paths)
    db = open_database(app_paths.database)
    yield Library(db, app_paths)
    db.close()


@pytest.fixture
def model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that looks like a model, in the folder the process works in."""
    folder = tmp_path / "models" / "mine"
    folder.mkdir(parents=True)
    (folder / "config.json").write_text(json.dumps({"model_type": "qwen2_audio"}))
    (folder / "model.safetensors").write_bytes(b"")
    monkeypatch.chdir(tmp_path)
    return folder


def test_a_folder_is_named_by_its_full_path(
    library: Library, model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    for name in ("models/mine", "./models/../models/mine", "~/models/mine", str(model)):
        assert checked(experiment(Path(name)), library).base_model == str(model)


def test_other_names_stay_as_they_are(library: Library, model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (model.parent / "teaspoon").mkdir()
    monkeypatch.chdir(model.parent)
    for name in ("teaspoon", "some/model"):
        spec = experiment(Path(name))
        assert checked(spec, library) == spec


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ("base_model='/no/such/folder'", "base model"),
        ("data.train=['gone']", "no dataset"),
        ("data.test=['gone']", "no dataset"),
        ("data.test=['untested']", "no test utterances"),
        ("data.train=['texts']", "no recordings"),
        ("data.test=['leaking']", "in both train and test"),
    ],
)
def test_what_could_not_run_or_not_be_believed_is_refused(library: Library, change: str, words: str) -> None:
    train = list(library.utterances(["beeps"], ["train"]))
    library.add_dataset("untested", "test", train)
    library.add_dataset("texts", "test", [replace(utterance, audio=None) for utterance in train])
    library.add_dataset("leaking", "test", [replace(train[3], split="test")])
    with pytest.raises(UserError, match=words):
        checked(experiment(Path("teaspoon"), change), library)


def test_what_this_computer_cannot_do_is_refused_before_a_run_is_made(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(start, "this_computer", lambda: Computer(16_000_000_000, 12_000_000_000))
    with pytest.raises(UserError, match="need a graphics card") as caught:
        checked(experiment(Path("teaspoon"), 'training.quantization="4bit"'), library)
    assert 'training.quantization = "none"' in caught.value.remedy
    with pytest.raises(UserError, match="Does not fit") as caught:
        checked(experiment(Path("Qwen/Qwen2-Audio-7B-Instruct")), library)
    assert "smaller base model" in caught.value.remedy


def test_asking_costs_no_torch() -> None:
    code = "import sys; import core.runs.start; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_open_errors_are_told_until_what_they_are_about_is_set_aside(library: Library) -> None:
    spec = experiment(Path("teaspoon"))
    assert open_errors(spec, library) == {}
    keys = [utterance.key for utterance in library.utterances(["beeps"])][:2]
    library.findings.keep(
        library.findings.begin("beeps"),
        [
            Problem("error", "unreadable recording", "It is damaged.", "a.wav", "Again.", (keys[0],)),
            Problem("error", "too long", "It lasts 40 s.", "b.wav", "Cut it.", (keys[1],)),
            Problem("warning", "noisy", "It is noisy.", "b.wav", "Leave it.", (keys[1],)),
        ],
    )
    assert open_errors(spec, library) == {"beeps": ("It is damaged.", "It lasts 40 s.")}
    library.quarantine("beeps", keys[:1], "unreadable recording")
    assert open_errors(spec, library) == {"beeps": ("It lasts 40 s.",)}
