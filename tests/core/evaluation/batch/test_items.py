from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.data.library import Library
from core.data.utterance import Label, Slot, Utterance
from core.errors import Cancelled, UserError
from core.evaluation.batch.items import items_of_folder, items_of_split
from core.paths import AppPaths
from core.storage.database import open_database
from tests.conftest import WavMaker


@pytest.fixture
def library(app_paths: AppPaths) -> Iterator[Library]:
    db = open_database(app_paths.database)
    yield Library(db, app_paths)
    db.close()


def test_all_recordings_below_a_folder_are_taken_and_the_rest_is_told(
    wav_file: WavMaker, tmp_path: Path
) -> None:
    for name in ("anna/b.wav", "anna/late/a.flac", "ben/c.wav", ".trash/old.wav", "ben/.hidden.wav"):
        wav_file(f"takes/{name}", seconds=0.5)
    (tmp_path / "takes" / "notes.txt").write_text("about the takes")
    (tmp_path / "takes" / "ben" / "picture.png").write_bytes(b"png")
    batch = items_of_folder(tmp_path / "takes", intents=["light_on"])
    assert [item.name for item in batch.items] == ["anna/b.wav", "anna/late/a.flac", "ben/c.wav"]
    assert batch.input == "speech"
    assert batch.labelled == 0
    assert [item.duration_s for item in batch.items] == [0.5, 0.5, 0.5]
    (note,) = batch.notes
    assert note == "2 files left out, no sound: ben/picture.png, notes.txt."


def test_labels_come_from_a_manifest_beside_the_recordings(wav_file: WavMaker, tmp_path: Path) -> None:
    for name in ("b", "a", "extra"):
        wav_file(f"takes/audio/{name}.wav", seconds=0.5)
    lines = [
        {"text": "light on", "audio": "audio/b.wav", "intent": "light_on", "slots": {"room": "attic"}},
        {"text": "light off", "audio": "audio/a.wav", "intent": "light_off", "synthetic": "flite: awb"},
        {"text": "never spoken", "intent": "light_off"},
        {"text": "gone", "audio": "audio/gone.wav", "intent": "light_off"},
    ]
    (tmp_path / "takes" / "manifest.jsonl").write_text("\n".join(map(json.dumps, lines)))
    batch = items_of_folder(tmp_path / "takes")
    assert [item.name for item in batch.items] == ["audio/b.wav", "audio/a.wav", "audio/extra.wav"]
    first, second, extra = batch.items
    assert first.label == Label("light_on", (Slot("room", "attic"),))
    assert (first.text, first.synthetic) == ("light on", "")
    assert second.synthetic == "flite: awb"
    assert (extra.label, extra.text) == (None, None)
    assert batch.labelled == 2
    assert batch.notes == (
        "Labels of 2 recordings found in manifest.jsonl.",
        "1 line in manifest.jsonl left out: import it to see what is wrong.",
        "1 recording without a label: not part of the scores.",
    )


def test_labels_come_from_metadata_as_the_importers_read_it(wav_file: WavMaker, tmp_path: Path) -> None:
    wav_file("takes/one.wav")
    (tmp_path / "takes" / "metadata.csv").write_text("file_name,text,intent\none.wav,light on,light_on\n")
    (item,) = items_of_folder(tmp_path / "takes").items
    assert (item.text, item.label) == ("light on", Label("light_on"))


def test_names_of_folders_are_labels_only_where_the_model_knows_them(
    wav_file: WavMaker, tmp_path: Path
) -> None:
    for name in ("light_on/1.wav", "light_off/1.wav"):
        wav_file(f"takes/{name}")
    known = items_of_folder(tmp_path / "takes", intents=["light_on", "light_off"])
    assert [item.label for item in known.items] == [Label("light_off"), Label("light_on")]
    by_speaker = items_of_folder(tmp_path / "takes", intents=["music_play"])
    assert by_speaker.labelled == 0


def test_a_table_that_cannot_be_read_is_told_and_the_recordings_are_taken(
    wav_file: WavMaker, tmp_path: Path
) -> None:
    wav_file("takes/one.wav")
    (tmp_path / "takes" / "orders.csv").write_text("price,amount\n3,4\n")
    batch = items_of_folder(tmp_path / "takes")
    assert (len(batch.items), batch.labelled) == (1, 0)
    assert any("No labels could be read" in note and "orders.csv" in note for note in batch.notes)


def test_a_folder_without_recordings_is_refused(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("nothing")
    with pytest.raises(UserError, match="no recording in this folder") as refused:
        items_of_folder(tmp_path)
    assert str(tmp_path) in refused.value.where
    with pytest.raises(UserError, match="cannot be read"):
        items_of_folder(tmp_path / "gone")


def test_looking_through_a_folder_can_be_cancelled(wav_file: WavMaker, tmp_path: Path) -> None:
    wav_file("takes/one.wav")
    with pytest.raises(Cancelled):
        items_of_folder(tmp_path / "takes", cancelled=lambda: True)


def test_a_split_gives_its_recordings_or_its_texts(
    library: Library, wav_file: WavMaker, tmp_path: Path
) -> None:
    spoken = wav_file("spoken.wav")

    def utterance(key: str, text: str | None, audio: Path | None) -> Utterance:
        return Utterance(
            0, "", key, "test", Label("light_on"), text, audio, synthetic="flite" if audio else ""
        )

    library.add_dataset(
        "home",
        "test",
        [
            utterance("both", "light on", spoken),
            utterance("text", "on", None),
            utterance("only", None, spoken),
        ],
    )
    speech = items_of_split(library, "home", "test", "speech")
    assert [(item.name, item.given, item.synthetic) for item in speech.items] == [
        ("both", spoken, "flite"),
        ("only", spoken, "flite"),
    ]
    assert speech.notes == ("1 utterance left out: without a recording.",)
    assert speech.title == "home, test split, 2 recordings"
    text = items_of_split(library, "home", "test", "text")
    assert [(item.given, item.audio, item.synthetic) for item in text.items] == [
        ("light on", None, ""),
        ("on", None, ""),
    ]
    with pytest.raises(UserError, match="The train split of home has no recordings"):
        items_of_split(library, "home", "train", "speech")
