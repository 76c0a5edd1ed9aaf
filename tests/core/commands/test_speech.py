"""Speech from text by the command line."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.data.library import Library
from core.runs.store import RunStore
from tests.core.commands.conftest import Spoonful
from tests.fake_engines import install


@pytest.fixture
def engines(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    install(tmp_path / "bin", monkeypatch, "espeak-ng", "flite")


@pytest.mark.usefixtures("engines")
def test_voices_are_listed_by_engine_and_language(spoonful: Spoonful) -> None:
    rows = [line.split()[:2] for line in spoonful("datasets", "voices").out.splitlines()]
    assert ["espeak-ng", "fr-fr"] in rows
    assert ["flite", "slt"] in rows
    french = spoonful("datasets", "voices", "--language", "fr-FR").out
    assert "fr-fr" in french
    assert "en-gb " not in french
    found = spoonful("datasets", "voices", "--engine", "espeak-ng", "--language", "en", "--json").json
    (engine,) = found["engines"]
    assert [voice["name"] for voice in engine["voices"]] == ["en-gb", "en-us"]
    assert engine["variants"] == ["adam", "f3", "anikaRobot"]


def test_without_an_engine_both_commands_say_what_to_install(
    spoonful: Spoonful, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    install(tmp_path / "bin", monkeypatch)
    for command in (("voices",), ("speak", "home", "--engine", "flite", "--voice", "slt")):
        done = spoonful("datasets", *command)
        assert done.code == 2
        assert "apt install espeak-ng flite" in done.err


@pytest.mark.usefixtures("engines")
def test_texts_become_a_new_dataset_whose_recordings_are_told_to_be_synthetic(
    spoonful: Spoonful, dataset: str, store: RunStore
) -> None:
    call = ("datasets", "speak", dataset, "--engine", "espeak-ng", "--voice", "en-gb", "--voice", "en-us+f3")
    done = spoonful(*call, "--split", "train", "--split", "test", "--vary-pace")
    assert done.code == 0
    assert "Made 4 recordings" in done.out
    assert "as home spoken" in done.out
    assert "Note: 4 texts do not say a language" in done.out
    assert "no measure of people's voices" in done.out
    shown = spoonful("datasets", "show", "home spoken")
    assert "4 of the recordings" in next(line for line in shown.out.splitlines() if "Synthetic" in line)
    assert "Synthetic" not in spoonful("datasets", "show", dataset).out
    rows = {line[:12].strip(): line for line in spoonful("datasets", "list").out.splitlines()}
    assert "2 / 0 / 2, of them 4 synthetic" in rows["home spoken"]
    assert "synthetic" not in rows["home"]
    assert spoonful("datasets", "show", "home spoken", "--json").json["synthetic"] == 4
    checked = spoonful("datasets", "check", "home spoken").out
    assert "2 test recordings are synthetic" in checked

    few = spoonful(*call, "--count", "1", "--to", "one", "--json").json
    assert (few["dataset"], few["recordings"], list(few["voices"].values())) == ("one", 1, [1])
    half = spoonful(*call, "--share", "0.5", "--to", "half", "--json").json
    assert half["recordings"] == 1
    keys = [
        [each.key for each in Library(store.db, store.paths).utterances([name])]
        for name in ("one", "home spoken")
    ]
    assert set(keys[0]) < set(keys[1])


@pytest.mark.usefixtures("engines")
@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        (("--voice", "en-gd"), "no voice en-gd"),
        (("--voice", "en-gb", "--share", "2"), "2 is no share"),
        (("--voice", "en-gb", "--count", "0"), "0 recordings"),
        (("--voice", "en-gb", "--to", "home"), 'already a dataset named "home"'),
        (("--voice", "en-gb", "--voice", "fr-fr"), "speak several: en, fr"),
        (("--voice", "en-gb", "--split", "dev"), "dev"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_made(
    spoonful: Spoonful, dataset: str, store: RunStore, wrong: tuple[str, ...], words: str
) -> None:
    done = spoonful("datasets", "speak", dataset, "--engine", "espeak-ng", *wrong)
    assert done.code == 2
    assert words in done.err
    assert Library(store.db, store.paths).names() == ["home"]
    assert list(store.paths.audio.iterdir()) == []
