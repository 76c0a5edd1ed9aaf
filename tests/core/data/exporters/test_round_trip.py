"""What is exported and imported again is what it was."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from types import ModuleType

import pytest

from core.audio.files import read_audio
from core.data.exporters import EXPORTERS, export_utterances
from core.data.importers import detect, import_dataset
from core.data.library import Library
from core.data.utterance import Label, Slot, Utterance
from core.errors import Cancelled, UserError
from tests.conftest import WavMaker

AS_THEY_ARE = ["jsonl", "llama-factory", "ms-swift", "parquet"]


@pytest.fixture
def utterances(wav_file: WavMaker) -> list[Utterance]:
    twice = (Slot("drink", "caf\u00e9 au lait"), Slot("size", "large"), Slot("drink", 'the "house" blend'))
    one, two = wav_file("one.wav", kind="noise"), wav_file("two.flac", seconds=0.7)
    return [
        Utterance(
            0, "d", "a", "train", Label("order_drink", twice), "two\nlines of \U0001f375", language="en"
        ),
        Utterance(0, "d", "b", "train", Label("order_drink"), "one tea", one, 1.0, "en-GB", "anna"),
        Utterance(0, "d", "c/7", "validation", Label("stop_now", (Slot("time", "7"),)), None, two, 0.7),
        Utterance(0, "d", "d", "test", Label("order_drink"), "one tea", one, 1.0, "en", "ben"),
        Utterance(
            0,
            "d",
            "e",
            "validation",
            Label("order_drink"),
            "two teas",
            two,
            0.7,
            "en",
            "slt",
            synthetic="flite: slt",
        ),
    ]


def told(utterance: Utterance) -> tuple[object, ...]:
    sound = None if utterance.audio is None else read_audio(utterance.audio).tobytes()
    return (
        utterance.key,
        utterance.split,
        utterance.label,
        utterance.text,
        utterance.language,
        utterance.speaker,
        utterance.duration_s,
        utterance.synthetic,
        sound,
    )


@pytest.mark.parametrize("format_name", AS_THEY_ARE)
def test_nothing_is_lost_on_the_way(
    library: Library, utterances: list[Utterance], tmp_path: Path, format_name: str
) -> None:
    library.add_dataset("first", "made", utterances)
    folder = tmp_path / "out"
    export_utterances(list(library.utterances(["first"])), format_name, folder)
    paths = [folder] if format_name in ("llama-factory", "parquet") else sorted(folder.glob("*.jsonl"))
    import_dataset(library, detect(paths), paths, "second")
    first, second = ([told(u) for u in library.utterances([name])] for name in ("first", "second"))
    assert sorted(second, key=str) == sorted(first, key=str)


def test_recordings_are_not_lost_on_the_way_through_an_audiofolder(
    library: Library, utterances: list[Utterance], tmp_path: Path
) -> None:
    library.add_dataset("first", "made", utterances)
    notes = export_utterances(list(library.utterances(["first"])), "audiofolder", tmp_path / "out")
    assert notes == ["1 text without a recording not written: this form has none."]
    assert detect([tmp_path / "out"]) == "folder"
    summary = import_dataset(library, None, [tmp_path / "out"], "second")
    assert not [note for note in summary.notes if "left out" in note]
    first, second = ([told(u) for u in library.utterances([name])] for name in ("first", "second"))
    assert sorted(second, key=str) == sorted(first[1:], key=str)


def test_an_audiofolder_is_read_by_the_library_that_it_is_for(
    utterances: list[Utterance], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from datasets import Audio, load_dataset

    # The library asks for this package before it notes a path, for which it does not use it.
    encoders = ModuleType("torchcodec.encoders")
    encoders.AudioEncoder = object  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "torchcodec", ModuleType("torchcodec"))
    monkeypatch.setitem(sys.modules, "torchcodec.encoders", encoders)

    export_utterances(utterances, "audiofolder", tmp_path / "out")
    found = load_dataset("audiofolder", data_dir=str(tmp_path / "out"), cache_dir=str(tmp_path / "cache"))
    assert {split: table.num_rows for split, table in found.items()} == {
        "train": 1,
        "validation": 2,
        "test": 1,
    }
    plain = {split: table.cast_column("audio", Audio(decode=False)) for split, table in found.items()}
    assert plain["train"][0]["intent"] == "order_drink"
    assert plain["train"][0]["audio"]["path"].endswith("train/audio/000001-one.wav")
    assert json.loads(plain["validation"][0]["slots"]) == [{"type": "time", "filler": "7"}]
    assert plain["validation"]["synthetic"][:] == ["", "flite: slt"]


def test_texts_alone_are_no_audiofolder(utterances: list[Utterance], tmp_path: Path) -> None:
    with pytest.raises(UserError, match="no recording to write"):
        export_utterances(utterances[:1], "audiofolder", tmp_path / "out")


@pytest.mark.parametrize("format_name", [*AS_THEY_ARE, "audiofolder"])
def test_people_s_recordings_have_no_field_for_an_engine(
    utterances: list[Utterance], tmp_path: Path, format_name: str
) -> None:
    export_utterances([utterances[1], utterances[3]], format_name, tmp_path / "out")
    written = [file.read_bytes() for file in (tmp_path / "out").rglob("*") if file.is_file()]
    assert not any(b"synthetic" in content for content in written)


def test_the_parquet_files_are_read_by_the_library_that_they_are_for(
    utterances: list[Utterance], tmp_path: Path
) -> None:
    from datasets import Audio, load_dataset

    export_utterances(utterances, "parquet", tmp_path / "out")
    found = load_dataset(
        "parquet", data_dir=str(tmp_path / "out" / "data"), cache_dir=str(tmp_path / "cache")
    )
    assert isinstance(found["train"].features["audio"], Audio)
    assert found["validation"].cast_column("audio", Audio(decode=False))[0]["audio"]["bytes"]
    assert found["train"][0]["slots"][0] == {"type": "drink", "filler": "caf\u00e9 au lait"}


def test_what_the_library_would_take_for_a_time_is_told(tmp_path: Path, wav_file: WavMaker) -> None:
    sound = wav_file("one.wav")
    said = [
        Utterance(0, "d", "2026-01-02", "train", Label("stop"), "stop", sound, 1.0),
        Utterance(0, "d", "second", "test", Label("stop"), "stop", sound, 1.0),
    ]
    (note,) = export_utterances(said, "audiofolder", tmp_path / "out")
    assert note.startswith("train: every id looks like a time")


def test_a_chat_asks_as_a_run_does_and_its_files_are_listed(
    utterances: list[Utterance], tmp_path: Path
) -> None:
    export_utterances(utterances, "llama-factory", tmp_path / "out")
    info = json.loads((tmp_path / "out" / "dataset_info.json").read_text("utf-8"))
    assert {entry["file_name"] for entry in info.values()} == {"train.json", "validation.json", "test.json"}
    written, spoken = json.loads((tmp_path / "out" / "train.json").read_text("utf-8"))
    assert written["audios"] == []
    assert written["messages"][0]["content"].endswith("Give the intent and slots as JSON.")
    assert spoken["messages"][0]["content"].startswith("<audio>")
    assert (tmp_path / "out" / spoken["audios"][0]).is_file()


@pytest.mark.parametrize("format_name", ["llama-factory", "ms-swift"])
def test_a_text_that_would_stand_for_a_recording_is_refused(tmp_path: Path, format_name: str) -> None:
    said = Utterance(0, "d", "odd", "train", Label("x"), "say <audio> now")
    with pytest.raises(UserError, match="d/odd"):
        export_utterances([said], format_name, tmp_path / "out")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("format_name", EXPORTERS)
def test_a_missing_recording_leaves_nothing_half_written(tmp_path: Path, format_name: str) -> None:
    if format_name == "slurp":
        pytest.skip("SLURP keeps recordings apart")
    gone = Utterance(0, "d", "g", "train", Label("x_y"), "hello", tmp_path / "gone.wav", 1.0)
    with pytest.raises(UserError, match=r"gone\.wav"):
        export_utterances([gone], format_name, tmp_path / "out")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("format_name", EXPORTERS)
def test_an_export_can_be_stopped(utterances: list[Utterance], tmp_path: Path, format_name: str) -> None:
    with pytest.raises(Cancelled):
        export_utterances(utterances, format_name, tmp_path / "out", None, lambda: True)
    assert not (tmp_path / "out").exists()


def test_a_folder_in_use_and_an_unknown_format_are_refused(
    utterances: list[Utterance], tmp_path: Path
) -> None:
    with pytest.raises(UserError, match="is not empty"):
        export_utterances(utterances, "jsonl", utterances[1].audio.parent)  # type: ignore[union-attr]
    with pytest.raises(UserError, match="Known formats: jsonl"):
        export_utterances(utterances, "arrow", tmp_path / "new")
    (tmp_path / "empty").mkdir()
    export_utterances(utterances, "jsonl", tmp_path / "empty")
    assert (tmp_path / "empty" / "manifest.jsonl").is_file()
