"""What is found out before the first step, instead of after hours."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from core.audio.files import write_wav
from core.data.library import Library
from core.data.utterance import Utterance
from core.errors import UserError
from core.paths import AppPaths
from core.storage.database import open_database
from core.training.material import check_recordings, fingerprint
from core.training.preparation import prepare
from tests.conftest import WavMaker
from tests.core.training.world import LABELS, Notes, add_dataset, experiment


@pytest.fixture
def library(app_paths: AppPaths) -> Iterator[Library]:
    add_dataset(app_paths)
    db = open_database(app_paths.database)
    yield Library(db, app_paths)
    db.close()


@pytest.fixture
def run(tmp_path: Path) -> Path:
    folder = tmp_path / "run"
    folder.mkdir()
    return folder


def test_the_run_folder_tells_what_was_used(tiny_model: Path, library: Library, run: Path) -> None:
    preparation = prepare(run, experiment(tiny_model), library, Notes())
    assert len(preparation.test) == 6
    assert {utterance.split for utterance in preparation.job.validation} == {"validation"}
    assert json.loads((run / "ontology.json").read_text()) == {
        "intents": ["alarm_set", "lights_on", "music_play"],
        "slot_types": ["room", "time"],
    }
    environment = json.loads((run / "environment.json").read_text())
    assert environment["seed"] == 17
    assert environment["libraries"]["torch"].startswith("2.")


def test_going_on_with_other_data_is_refused(
    tiny_model: Path, library: Library, run: Path, app_paths: AppPaths
) -> None:
    prepare(run, experiment(tiny_model), library, Notes())
    prepare(run, experiment(tiny_model), library, Notes())
    changed = [replace(utterance, label=LABELS[2]) for utterance in library.utterances(["beeps"])]
    library.add_dataset("beeps", "test", changed, replace=True)
    with pytest.raises(UserError, match="data has changed"):
        prepare(run, experiment(tiny_model), library, Notes())


def test_a_recording_longer_than_the_window_stops_the_run_before_it_starts(
    tiny_model: Path, library: Library, run: Path
) -> None:
    victim = next(u for u in library.utterances(["beeps"], ["test"]) if u.audio is not None)
    utterances = [
        replace(utterance, duration_s=9.5) if utterance.id == victim.id else utterance
        for utterance in library.utterances(["beeps"])
    ]
    library.add_dataset("beeps", "test", utterances, replace=True)
    with pytest.raises(UserError, match=r"longer than the 8 s") as caught:
        prepare(run, experiment(tiny_model), library, Notes())
    assert f"{victim.audio} (9.5 s)" in caught.value.what


def test_a_dataset_without_test_utterances_is_refused(tiny_model: Path, library: Library, run: Path) -> None:
    library.add_dataset("beeps", "test", library.utterances(["beeps"], ["train"]), replace=True)
    with pytest.raises(UserError, match="no test utterances"):
        prepare(run, experiment(tiny_model), library, Notes())


def utterance(audio: Path, duration_s: float | None) -> Utterance:
    return Utterance(1, "d", "k", "test", LABELS[0], audio=audio, duration_s=duration_s)


def test_unknown_lengths_are_measured_and_missing_files_found(wav_file: WavMaker, tmp_path: Path) -> None:
    check_recordings([utterance(wav_file(seconds=2), None)], window_s=3)
    with pytest.raises(UserError, match=r"2\.0 s"):
        check_recordings([utterance(wav_file(seconds=2), None)], window_s=1)
    with pytest.raises(UserError, match="missing"):
        check_recordings([utterance(tmp_path / "gone.wav", 2.0)], window_s=3)


def test_many_long_recordings_are_counted_not_listed(tmp_path: Path) -> None:
    import numpy as np

    write_wav(tmp_path / "a.wav", np.zeros(100, dtype=np.float32))
    with pytest.raises(UserError, match=r"^.*9 recording\(s\).*and 4 more") as caught:
        check_recordings([utterance(tmp_path / "a.wav", 20.0 + i) for i in range(9)], window_s=15)
    assert "28.0 s" in caught.value.what


def test_the_fingerprint_sees_labels_and_order_but_no_row_ids(tmp_path: Path) -> None:
    one = utterance(tmp_path / "a.wav", 1.0)
    other = replace(one, key="other")
    assert fingerprint([one, other]) == fingerprint([replace(one, id=7), other])
    assert fingerprint([one, other]) != fingerprint([other, one])
    assert fingerprint([one]) != fingerprint([replace(one, label=LABELS[2])])
