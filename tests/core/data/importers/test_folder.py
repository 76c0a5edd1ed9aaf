"""Folders of recordings: with metadata, with a table, or by the names of folders."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from core.data.importers import detect, import_dataset
from core.data.importers.source import Options
from core.data.library import Library
from core.data.utterance import Label, Slot, Utterance
from core.errors import UserError
from tests.conftest import WavMaker


def imported(
    library: Library, *paths: Path, options: Options | None = None
) -> tuple[list[Utterance], tuple[str, ...]]:
    assert detect(paths) == "folder"
    summary = import_dataset(library, None, paths, "new", options=options or Options())
    return list(library.utterances(["new"])), summary.notes


def metadata(folder: Path, *lines: dict[str, Any]) -> Path:
    path = folder / "metadata.jsonl"
    path.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    return path


def test_metadata_in_folders_of_splits(library: Library, tmp_path: Path, wav_file: WavMaker) -> None:
    a, b = wav_file("d/train/a.wav"), wav_file("d/validation/deep/b.wav")
    slots = [{"type": "room", "filler": "hall"}]
    line = {"file_name": "a.wav", "transcription": "light", "intent": "lamp_on", "slots": slots, "mood": 3}
    metadata(tmp_path / "d" / "train", line)
    metadata(
        tmp_path / "d" / "validation", {"file_name": "deep/b.wav", "label": "stop", "speaker_id": "anna"}
    )
    (first, second), notes = imported(library, tmp_path / "d")
    assert first.label == Label("lamp_on", (Slot("room", "hall"),))
    assert (first.text, first.audio, first.split) == ("light", a, "train")
    assert (second.label, second.text, second.audio) == (Label("stop"), None, b)
    assert (second.speaker, second.split) == ("anna", "validation")
    assert "Columns ignored: mood." in notes


def test_one_metadata_file_names_recordings_in_folders_of_splits(
    library: Library, tmp_path: Path, wav_file: WavMaker
) -> None:
    wav_file("d/train/a.wav")
    wav_file("d/test/b.wav")
    text = "file_name,intent\ntrain/a.wav,lamp_on\ntest/b.wav,stop\n"
    (tmp_path / "d" / "metadata.csv").write_text(text, encoding="utf-8")
    found, _ = imported(library, tmp_path / "d")
    assert [(each.label.intent, each.split) for each in found] == [("lamp_on", "train"), ("stop", "test")]
    library.delete_dataset("new")
    summary = import_dataset(library, "folder", [tmp_path / "d" / "metadata.csv"], "new")
    assert summary.utterances == 2


def test_a_table_of_any_name_beside_the_recordings(
    library: Library, tmp_path: Path, wav_file: WavMaker
) -> None:
    audio = wav_file("d/clips/a.wav")
    for number in range(12):
        wav_file(f"d/clips/unsaid{number:02}.wav")
    text = "file\tsentence\tintent\nclips/a.wav\tlight\tlamp_on\n\tstop now\tstop\n"
    (tmp_path / "d" / "said.tsv").write_text(text, encoding="utf-8")
    (first, second), notes = imported(library, tmp_path / "d")
    assert (first.text, first.audio) == ("light", audio)
    assert (second.text, second.audio) == ("stop now", None)
    told = next(note for note in notes if note.startswith("12 recordings left out, of which nothing is said"))
    assert "clips/unsaid00.wav, clips/unsaid01.wav" in told
    assert told.endswith("clips/unsaid09.wav and 2 more.")


def test_spreadsheets_of_splits_beside_the_recordings(
    library: Library, tmp_path: Path, wav_file: WavMaker
) -> None:
    from openpyxl import Workbook

    for name in ("train", "test"):
        wav_file(f"d/{name[0]}.wav")
        book = Workbook()
        for row in (["recording", "intent"], [f"{name[0]}.wav", "lamp_on"]):
            book.active.append(row)
        book.save(tmp_path / "d" / f"{name}.xlsx")
    found, _ = imported(library, tmp_path / "d")
    assert sorted((each.audio.name, each.split) for each in found if each.audio) == [
        ("t.wav", "test"),
        ("t.wav", "train"),
    ]


def test_lines_without_a_recording_are_problems(library: Library, tmp_path: Path, wav_file: WavMaker) -> None:
    wav_file("d/train/a.wav")
    metadata(
        tmp_path / "d" / "train",
        {"file_name": "a.wav", "intent": "x"},
        {"file_name": "gone.wav", "intent": "x"},
    )
    told = r'train/metadata\.jsonl, line 2: "file_name": The sound file is missing\. \(gone\.wav\)'
    with pytest.raises(UserError, match=told):
        imported(library, tmp_path / "d")


def test_broken_lines_are_named_and_nothing_else_is_blamed(
    library: Library, tmp_path: Path, wav_file: WavMaker
) -> None:
    wav_file("d/a.wav")
    (tmp_path / "d" / "metadata.jsonl").write_text("{broken\n", encoding="utf-8")
    with pytest.raises(UserError, match=r"has 1 problem.*\n.*metadata\.jsonl, line 1: broken JSON"):
        import_dataset(library, "folder", [tmp_path / "d"], "new")


def test_it_must_be_clear_which_table_is_right(library: Library, tmp_path: Path, wav_file: WavMaker) -> None:
    wav_file("d/a.wav")
    for name in ("old.csv", "new.csv"):
        (tmp_path / "d" / name).write_text("file,intent\na.wav,lamp_on\n", encoding="utf-8")
    with pytest.raises(UserError, match=r"several tables: new\.csv, old\.csv"):
        import_dataset(library, "folder", [tmp_path / "d"], "new")
    for name in ("metadata.csv", "metadata.jsonl"):
        (tmp_path / "d" / name).write_text("file_name,intent\na.wav,lamp_on\n", encoding="utf-8")
    with pytest.raises(UserError, match=r"both metadata\.csv and metadata\.jsonl"):
        import_dataset(library, "folder", [tmp_path / "d"], "new")


def test_folders_named_by_intent_with_texts_beside(
    library: Library, tmp_path: Path, wav_file: WavMaker
) -> None:
    a = wav_file("d/lamp_on/a.wav")
    wav_file("d/stop/b.flac")
    wav_file("d/stop/deeper/c.wav")
    wav_file("d/loose.wav")
    (tmp_path / "d" / "lamp_on" / "a.txt").write_text("\ufefflight please\n", encoding="utf-8")
    (first, second), notes = imported(library, tmp_path / "d")
    assert (first.label, first.text, first.audio, first.key) == (
        Label("lamp_on"),
        "light please",
        a,
        "lamp_on/a.wav",
    )
    assert (second.label, second.text) == (Label("stop"), None)
    assert "2 recordings left out, of which nothing is said: loose.wav, stop/deeper/c.wav." in notes


def test_folders_of_intents_may_lie_in_folders_of_splits(
    library: Library, tmp_path: Path, wav_file: WavMaker
) -> None:
    for name in ("train/lamp_on/a.wav", "train/stop/b.wav", "test/stop/b.wav"):
        wav_file(f"d/{name}")
    found, _ = imported(library, tmp_path / "d")
    assert sorted((each.key, each.label.intent, each.split) for each in found) == [
        ("test/stop/b.wav", "stop", "test"),
        ("train/lamp_on/a.wav", "lamp_on", "train"),
        ("train/stop/b.wav", "stop", "train"),
    ]


def test_texts_that_fit_no_recording_or_cannot_be_read_are_problems(
    library: Library, tmp_path: Path, wav_file: WavMaker
) -> None:
    for name in ("lamp_on/a.wav", "stop/b.wav"):
        wav_file(f"d/{name}")
    (tmp_path / "d" / "lamp_on" / "z.txt").write_text("light", encoding="utf-8")
    (tmp_path / "d" / "lamp_on" / "a.txt").write_bytes(b"caf\xe9")
    (tmp_path / "d" / "stop" / "b.txt").write_text(" \n", encoding="utf-8")
    (tmp_path / "d" / "stop" / "c.m4a").write_bytes(b"not a sound that can be read")
    with pytest.raises(UserError, match="has 4 problems") as caught:
        imported(library, tmp_path / "d")
    for told in (
        "lamp_on/z.txt: this text has no recording of its name beside it.",
        "lamp_on/a.wav: a.txt cannot be read as UTF-8 text",
        "stop/b.wav: b.txt is empty",
        'stop/c.m4a: "recording": The sound file cannot be read.',
    ):
        assert told in str(caught.value)


def test_two_folders_may_have_recordings_of_the_same_name(
    library: Library, tmp_path: Path, wav_file: WavMaker
) -> None:
    for name in ("one/lamp_on/a.wav", "one/stop/b.wav", "two/lamp_on/a.wav", "two/stop/b.wav"):
        wav_file(name)
    found, _ = imported(library, tmp_path / "one", tmp_path / "two")
    assert {each.key for each in found} >= {"one/lamp_on/a.wav", "two/lamp_on/a.wav"}


def test_other_datasets_with_recordings_are_not_taken_for_intents(tmp_path: Path, wav_file: WavMaker) -> None:
    for name in ("d/audio/a.wav", "d/more/b.wav"):
        wav_file(name)
    (tmp_path / "d" / "manifest.jsonl").write_text('{"audio": "audio/a.wav", "intent": "x"}\n')
    assert detect([tmp_path / "d"]) is None
    wav_file("one/audio/a.wav")
    assert detect([tmp_path / "one"]) is None


def test_links_back_up_bring_nothing_in_twice(library: Library, tmp_path: Path, wav_file: WavMaker) -> None:
    wav_file("d/train/a.wav")
    metadata(tmp_path / "d" / "train", {"file_name": "a.wav", "intent": "x"})
    (tmp_path / "d" / "train" / "up").symlink_to(tmp_path / "d")
    (tmp_path / "d" / "self").symlink_to(tmp_path / "d" / "self")
    found, _ = imported(library, tmp_path / "d")
    assert len(found) == 1
    for name in ("by/on/a.wav", "by/off/b.wav", "by/loose.wav"):
        wav_file(name)
    (tmp_path / "by" / "up").symlink_to(tmp_path / "by")
    library.delete_dataset("new")
    found, notes = imported(library, tmp_path / "by")
    assert sorted(each.label.intent for each in found) == ["off", "on"]
    assert "1 recording left out, of which nothing is said: loose.wav." in notes


def test_recordings_that_lie_elsewhere_and_are_not_named_are_told(
    library: Library, tmp_path: Path, wav_file: WavMaker
) -> None:
    wav_file("sounds/a.wav")
    wav_file("sounds/deep/stray.wav")
    (tmp_path / "lists").mkdir()
    (tmp_path / "lists" / "metadata.csv").write_text("file_name,text,intent\na.wav,stop,stop\n")
    options = Options(audio=tmp_path / "sounds")
    summary = import_dataset(library, "folder", [tmp_path / "lists"], "new", options=options)
    assert "1 recording left out, of which nothing is said: deep/stray.wav." in summary.notes
