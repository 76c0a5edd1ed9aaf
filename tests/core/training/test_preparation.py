"""What is found out before the first step, instead of after hours."""

from __future__ import annotations

import hashlib
import json
import shutil
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from core.audio.files import SAMPLE_RATE, SHORTEST_S, read_audio, write_wav
from core.data.library import Library
from core.data.utterance import Label, Slot, Split, Utterance
from core.errors import UserError
from core.paths import RESOURCES, AppPaths
from core.storage.database import open_database
from core.training.material import check_recordings, fingerprint
from core.training.preparation import prepare
from tests.conftest import WavMaker
from tests.core.models.tiny import build_tiny_model
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
    (launch,) = json.loads((run / "environment.json").read_text())
    assert launch["seed"] == 17
    assert launch["libraries"]["torch"].startswith("2.")


def test_each_launch_is_noted_beside_the_earlier_ones(tiny_model: Path, library: Library, run: Path) -> None:
    prepare(run, experiment(tiny_model), library, Notes())
    file = run / "environment.json"
    (first,) = json.loads(file.read_text())
    first["libraries"]["torch"] = "1.0"
    # As an earlier version wrote it, and then as this one does.
    for noted in (first, [first]):
        file.write_text(json.dumps(noted))
        prepare(run, experiment(tiny_model), library, Notes())
        launches = json.loads(file.read_text())
        assert len(launches) == 2
        assert launches[0] == first
        assert launches[1]["libraries"]["torch"].startswith("2.")
        assert launches[1]["launched_at"] >= first["launched_at"]


def test_going_on_with_other_data_is_refused(
    tiny_model: Path, library: Library, run: Path, app_paths: AppPaths
) -> None:
    prepare(run, experiment(tiny_model), library, Notes())
    prepare(run, experiment(tiny_model), library, Notes())
    changed = [replace(utterance, label=LABELS[2]) for utterance in library.utterances(["beeps"])]
    library.add_dataset("beeps", "test", changed, replace=True)
    with pytest.raises(UserError, match="data has changed"):
        prepare(run, experiment(tiny_model), library, Notes())


def of_split(library: Library, split: Split) -> list[tuple[Utterance, Path]]:
    """The utterances of a split with their recordings."""
    return [(u, u.audio) for u in library.utterances(["beeps"], [split]) if u.audio is not None]


@pytest.mark.parametrize("split", ["train", "validation", "test"])
def test_going_on_with_other_sound_in_the_same_files_is_refused(
    tiny_model: Path, library: Library, run: Path, split: Split
) -> None:
    spec = experiment(tiny_model, "data.speech.share=1.0")
    prepare(run, spec, library, Notes())
    _, path = of_split(library, split)[0]
    samples = read_audio(path)
    write_wav(path, samples)
    prepare(run, spec, library, Notes())
    write_wav(path, -samples)
    with pytest.raises(UserError, match="content of the recordings has changed"):
        prepare(run, spec, library, Notes())


@pytest.mark.parametrize("file", ["config.json", "model.safetensors", "tokenizer.json"])
def test_going_on_from_another_base_model_is_refused(
    tiny_model: Path, library: Library, run: Path, tmp_path: Path, file: str
) -> None:
    folder = shutil.copytree(tiny_model, tmp_path / "model")
    prepare(run, experiment(folder), library, Notes())
    other = build_tiny_model(tmp_path / "other", seed=4, skeleton_tokens=file != "tokenizer.json")
    if file == "config.json":
        settings = json.loads((folder / file).read_text())
        (folder / file).write_text(json.dumps({**settings, "initializer_range": 0.5}))
    else:
        # The same names and shapes: only the weights tell.
        shutil.copy(other / file, folder / file)
    with pytest.raises(UserError, match="base model has changed"):
        prepare(run, experiment(folder), library, Notes())


def test_a_base_model_that_only_moved_is_the_same(
    tiny_model: Path, library: Library, run: Path, tmp_path: Path
) -> None:
    prepare(run, experiment(tiny_model), library, Notes())
    prepare(run, experiment(shutil.copytree(tiny_model, tmp_path / "moved")), library, Notes())


def test_a_run_begun_by_an_earlier_version_goes_on(tiny_model: Path, library: Library, run: Path) -> None:
    prepare(run, experiment(tiny_model), library, Notes())
    noted = json.loads((run / "data.json").read_text())
    (run / "data.json").write_text(json.dumps({name: noted[name] for name in ("utterances", "sha256")}))
    prepare(run, experiment(tiny_model), library, Notes())


def test_every_unfit_recording_is_named_before_the_run_starts(
    tiny_model: Path, library: Library, run: Path
) -> None:
    # All were fine when they were imported: the library's lengths say so still.
    (_, short), (_, broken), (_, gone), (_, long) = of_split(library, "test")[:4]
    write_wav(short, np.full(320, 0.1, dtype=np.float32))
    broken.write_bytes(b"garbage")
    gone.unlink()
    write_wav(long, np.zeros(round(9.5 * SAMPLE_RATE), dtype=np.float32))
    with pytest.raises(UserError, match="4 recordings cannot be used") as caught:
        prepare(run, experiment(tiny_model), library, Notes())
    for path, words in (
        (short, "20 ms, shorter than 100 ms"),
        (broken, "the sound file cannot be read"),
        (gone, "the sound file is missing"),
        (long, "9.5 s, longer than the 8 s"),
    ):
        assert f"{path} ({words}" in caught.value.what


def other_dataset(library: Library, split: Split, path: Path) -> None:
    """A dataset "other" that tests on what "beeps" has, reached by `path`."""
    (utterance, _), *_ = of_split(library, split)
    library.add_dataset("other", "test", [replace(utterance, key="again", split="test", audio=path)])


@pytest.mark.parametrize("split", ["train", "validation"])
@pytest.mark.parametrize("share", [0.0, 1.0])
def test_testing_on_recordings_that_another_dataset_trains_on_is_refused(
    tiny_model: Path, library: Library, run: Path, tmp_path: Path, split: Split, share: float
) -> None:
    # Whatever the share, or some points of a study over shares would be made and others not.
    _, path = of_split(library, split)[0]
    link = tmp_path / "linked"
    link.symlink_to(path.parent)
    other_dataset(library, split, link / path.name)
    spec = experiment(tiny_model, "data.test=['other']", f"data.speech.share={share}")
    with pytest.raises(UserError, match=f"1 recording is in both {split} and test") as caught:
        prepare(run, spec, library, Notes())
    assert f"{path} (beeps/{split}-0 and other/again)" in caught.value.what
    assert "one split" in caught.value.remedy


def test_testing_on_the_test_recordings_of_another_dataset_is_fine(
    tiny_model: Path, library: Library, run: Path
) -> None:
    other_dataset(library, "test", of_split(library, "test")[0][1])
    assert len(prepare(run, experiment(tiny_model, "data.test=['other']"), library, Notes()).test) == 1


@pytest.mark.parametrize(
    "label",
    [
        Label("alarm<|im_end|>"),
        Label("alarm_set", (Slot("<|im_end|>", "eight"),)),
        Label("alarm_set", (Slot("room", "here"), Slot("time", "eight <|AUDIO|> o'clock"))),
    ],
)
def test_a_label_that_spells_a_control_token_is_refused_before_the_first_step(
    tiny_model: Path, library: Library, run: Path, label: Label
) -> None:
    utterances = list(library.utterances(["beeps"]))
    utterances[1] = replace(utterances[1], label=label)
    library.add_dataset("beeps", "test", utterances, replace=True)
    with pytest.raises(UserError, match="1 label holds a control token") as caught:
        prepare(run, experiment(tiny_model), library, Notes())
    token = "<|AUDIO|>" if len(label.slots) == 2 else "<|im_end|>"
    assert f"beeps/train-1 ({token})" in caught.value.what


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


def test_many_unfit_recordings_are_counted_and_listed_in_the_details(tmp_path: Path) -> None:
    paths = [tmp_path / f"{number:02}.wav" for number in range(25)]
    with pytest.raises(UserError, match=r"25 recordings cannot be used.* and 5 more") as caught:
        check_recordings([utterance(path, 1.0) for path in paths], window_s=15)
    assert [str(path) in caught.value.details for path in paths] == [True] * 25
    assert str(paths[19]) in caught.value.what
    assert str(paths[20]) not in caught.value.what


def test_the_shortest_recording_is_a_tenth_of_a_second(wav_file: WavMaker) -> None:
    check_recordings([utterance(wav_file(seconds=SHORTEST_S, rate=44_100), None)], window_s=3)
    with pytest.raises(UserError, match="99 ms, shorter than 100 ms"):
        check_recordings([utterance(wav_file(seconds=0.099), 2.0)], window_s=3)


def test_a_whole_dataset_is_checked_within_a_moment() -> None:
    paths = [path for path in (RESOURCES / "demo" / "audio").rglob("*") if path.is_file()]
    alive: list[int] = []
    begun = time.process_time()
    hashes = check_recordings([utterance(path, 1.0) for path in paths], 15, lambda: alive.append(1))
    # About 0.4 s; each file is opened twice, and none is decoded.
    assert time.process_time() - begun < 1.0
    assert len(hashes) == len(alive) == len(paths) > 1000
    assert hashes[paths[0]] == hashlib.sha256(paths[0].read_bytes()).hexdigest()


def test_the_fingerprint_sees_labels_and_order_but_no_row_ids(tmp_path: Path) -> None:
    one = utterance(tmp_path / "a.wav", 1.0)
    other = replace(one, key="other")
    assert fingerprint([one, other]) == fingerprint([replace(one, id=7), other])
    assert fingerprint([one, other]) != fingerprint([other, one])
    assert fingerprint([one]) != fingerprint([replace(one, label=LABELS[2])])


def test_going_on_with_other_noises_is_refused(
    tiny_model: Path, library: Library, run: Path, tmp_path: Path
) -> None:
    noises = tmp_path / "noises"
    noises.mkdir()
    samples = np.linspace(-0.5, 0.5, 4_000, dtype=np.float32)
    write_wav(noises / "hum.wav", samples)
    spec = experiment(tiny_model, f"augmentation.noise.folder={noises}")
    prepare(run, spec, library, Notes())
    prepare(run, spec, library, Notes())
    write_wav(noises / "hum.wav", -samples)
    with pytest.raises(UserError, match="folder of noises has changed"):
        prepare(run, spec, library, Notes())
    (noises / "torn.wav").write_bytes(b"no sound")
    with pytest.raises(UserError, match="cannot be read") as caught:
        prepare(run, spec, library, Notes())
    assert caught.value.where == str(noises / "torn.wav")
