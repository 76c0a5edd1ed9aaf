"""Public datasets in their own forms: MASSIVE, Fluent Speech Commands, Picovoice's benchmark."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from pyarrow import parquet

from core.data.importers import detect, import_dataset
from core.data.importers.source import Options
from core.data.library import Library
from core.data.utterance import Label, Slot, Utterance
from core.errors import UserError
from tests.conftest import WavMaker

MASSIVE: dict[str, Any] = {
    "id": "3",
    "locale": "de-DE",
    "partition": "dev",
    "scenario": "alarm",
    "intent": "alarm_set",
    "utt": "weck mich um neun",
    "annot_utt": "weck mich um [time : neun]",
    "worker_id": "12",
}


def imported(
    library: Library, path: Path, format_name: str, options: Options | None = None
) -> tuple[list[Utterance], tuple[str, ...]]:
    assert detect([path]) == format_name
    summary = import_dataset(library, None, [path], "new", options=options or Options())
    return list(library.utterances(["new"])), summary.notes


def lines(path: Path, *values: dict[str, Any]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(value) + "\n" for value in values), encoding="utf-8")
    return path


def test_massive_is_read_by_locale(library: Library, tmp_path: Path) -> None:
    lines(tmp_path / "data" / "de-DE.jsonl", MASSIVE)
    english = {
        **MASSIVE,
        "locale": "en-US",
        "utt": "wake me at nine",
        "annot_utt": "wake me at [time : nine]",
    }
    lines(tmp_path / "data" / "en-US.jsonl", english, {**english, "id": "4", "partition": "train"})
    found, notes = imported(library, tmp_path / "data", "massive")
    assert [(u.key, u.language, u.split, u.speaker) for u in found] == [
        ("de-DE/3", "de-DE", "validation", ""),
        ("en-US/3", "en-US", "validation", ""),
        ("en-US/4", "en-US", "train", ""),
    ]
    assert found[0].label == Label("alarm_set", (Slot("time", "neun"),))
    assert notes == ()
    library.delete_dataset("new")
    found, notes = imported(library, tmp_path / "data", "massive", Options(languages=("de",)))
    assert [u.key for u in found] == ["de-DE/3"]
    assert notes == ("2 lines in other languages left out.",)


def test_speech_massive_has_recordings_and_speakers(
    library: Library, tmp_path: Path, wav_file: WavMaker
) -> None:
    audio = wav_file("clips/a.wav")
    path = lines(tmp_path / "dev.jsonl", {**MASSIVE, "path": "a.wav", "speaker_id": "s1"})
    (only,), _ = imported(library, path, "massive", Options(audio=tmp_path / "clips"))
    assert (only.text, only.audio, only.speaker) == ("weck mich um neun", audio, "s1")


def spoken(sound: bytes | None) -> dict[str, Any]:
    """A row as Speech-MASSIVE publishes it: scenario is a number, and `intent` is `intent_str`."""
    plain = {name: value for name, value in MASSIVE.items() if name != "intent"}
    names = {"scenario": 3, "scenario_str": "alarm", "intent_idx": 48, "intent_str": "alarm_set"}
    audio = {"bytes": sound, "path": "a.wav"}
    return {**plain, **names, "audio": audio, "path": "dev/a.wav", "speaker_id": "s1", "speaker_age": "40"}


def test_speech_massive_is_read_as_it_is_published(
    library: Library, tmp_path: Path, wav_file: WavMaker
) -> None:
    audio = wav_file("dev/a.wav")
    row = spoken(None)
    (only,), _ = imported(library, lines(tmp_path / "de-DE.jsonl", row), "massive")
    assert only.label == Label("alarm_set", (Slot("time", "neun"),))
    assert (only.audio, only.speaker, only.split) == (audio, "s1", "validation")
    assert json.loads(only.origin) == row


def test_speech_massive_is_read_from_parquet(library: Library, tmp_path: Path, wav_file: WavMaker) -> None:
    import pyarrow
    from pyarrow import parquet

    sound = wav_file("a.wav").read_bytes()
    table = pyarrow.Table.from_pylist([spoken(sound)])
    parquet.write_table(table, tmp_path / "validation-00000-of-00001.parquet")
    (only,), _ = imported(library, tmp_path / "validation-00000-of-00001.parquet", "parquet")
    assert only.label == Label("alarm_set", (Slot("time", "neun"),))
    assert only.audio is not None
    assert only.audio.read_bytes() == sound
    assert (only.language, only.speaker, only.split) == ("de-DE", "s1", "validation")


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"annot_utt": "weck [time : neun"}, '"annot_utt" has a bracket'),
        ({"partition": "holdout"}, '"partition" must be train, dev or test'),
        ({"intent": None}, '"intent" is missing'),
        ({"id": None}, '"id" is missing'),
        ({"path": "gone.wav"}, '"path": The sound file is missing. (gone.wav)'),
    ],
)
def test_wrong_lines_of_massive_are_named(
    library: Library, tmp_path: Path, changes: dict[str, Any], told: str
) -> None:
    path = lines(tmp_path / "de-DE.jsonl", MASSIVE, {**MASSIVE, "id": "9", **changes})
    with pytest.raises(UserError, match=r"de-DE\.jsonl, line 2") as caught:
        imported(library, path, "massive")
    assert told in str(caught.value)


FLUENT = ",path,speakerId,transcription,action,object,location\n"


def test_fluent_speech_commands_are_read_from_their_folder(
    library: Library, tmp_path: Path, wav_file: WavMaker
) -> None:
    audio = wav_file("fsc/wavs/speakers/s1/a.wav")
    wav_file("fsc/wavs/speakers/s2/b.wav")
    (tmp_path / "fsc" / "data").mkdir()
    row = "0,wavs/speakers/s1/a.wav,s1,Lights up please,increase,lights,none\n"
    (tmp_path / "fsc" / "data" / "train_data.csv").write_text(FLUENT + row)
    row = "0,wavs/speakers/s2/b.wav,s2,Stop,deactivate,music,kitchen\n"
    (tmp_path / "fsc" / "data" / "valid_data.csv").write_text(FLUENT + row)
    (first, second), _ = imported(library, tmp_path / "fsc", "fluent")
    assert first.label == Label("increase", (Slot("object", "lights"),))
    assert (first.text, first.audio, first.speaker, first.split) == ("Lights up please", audio, "s1", "train")
    assert second.label == Label("deactivate", (Slot("object", "music"), Slot("location", "kitchen")))
    assert second.split == "validation"


def test_a_missing_recording_of_fluent_speech_commands_is_named(library: Library, tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "test_data.csv").write_text(FLUENT + "0,wavs/x.wav,s,Stop,stop,none,none\n")
    with pytest.raises(UserError, match=r'test_data\.csv, row 2: "path": The sound file is missing'):
        imported(library, tmp_path, "fluent")


def test_picovoices_labels_find_their_recordings_and_spaces_are_told(
    library: Library, tmp_path: Path, wav_file: WavMaker
) -> None:
    audio = wav_file("data/speech/clean/a.wav")
    labels = {"a.wav": {"intent": "brew", "slots": {"drink": "cocoa", "extra": " oat milk"}}}
    (tmp_path / "data" / "label").mkdir()
    (tmp_path / "data" / "label" / "label.json").write_text(json.dumps(labels))
    (only,), notes = imported(library, tmp_path / "data", "picovoice")
    assert only.label == Label("brew", (Slot("drink", "cocoa"), Slot("extra", "oat milk")))
    assert (only.key, only.text, only.audio) == ("a.wav", None, audio)
    assert "Spaces were taken from the ends of 1 value." in notes


@pytest.mark.parametrize(
    ("labels", "told"),
    [
        ('{"a.wav": 3}', "label.json, a.wav: must be an object"),
        ('{"a.wav": {"slots": {}}}', '"intent" is missing'),
        ('{"gone.wav": {"intent": "x"}}', "The sound file is missing. (gone.wav)"),
        ("[]", "no object of recording and label"),
        ("{", "The JSON is broken"),
        ("{}", "holds no utterance"),
    ],
)
def test_wrong_labels_of_picovoice_are_named(
    library: Library, tmp_path: Path, wav_file: WavMaker, labels: str, told: str
) -> None:
    wav_file("a.wav")
    (tmp_path / "label.json").write_text(labels)
    with pytest.raises(UserError) as caught:
        imported(library, tmp_path, "picovoice")
    assert told in str(caught.value)


def test_parquet_with_numbered_classes_is_read_with_their_names(library: Library, tmp_path: Path) -> None:
    from datasets import ClassLabel, Dataset, DatasetDict, Features, Value

    features = Features({"transcription": Value("string"), "intent_class": ClassLabel(names=["pay", "call"])})
    rows = Dataset.from_dict({"transcription": ["ring him", "pay it"], "intent_class": [1, 0]}, features)
    rows.to_parquet(str(tmp_path / "train.parquet"))
    DatasetDict({"test": rows}).save_to_disk(str(tmp_path / "saved"))
    found, _ = imported(library, tmp_path / "train.parquet", "parquet")
    assert [(u.text, u.label.intent, u.split) for u in found] == [
        ("ring him", "call", "train"),
        ("pay it", "pay", "train"),
    ]
    library.delete_dataset("new")
    found, _ = imported(library, tmp_path / "saved", "parquet")
    assert [(u.text, u.label.intent, u.split) for u in found] == [
        ("ring him", "call", "test"),
        ("pay it", "pay", "test"),
    ]
    (tmp_path / "cut.parquet").write_bytes((tmp_path / "train.parquet").read_bytes()[:200])
    with pytest.raises(UserError, match="Parquet file cannot be read"):
        import_dataset(library, None, [tmp_path / "cut.parquet"], "cut")


def test_a_refused_dataset_leaves_none_of_its_recordings_behind(
    library: Library, tmp_path: Path, wav_file: WavMaker
) -> None:
    sound = {"bytes": wav_file("a.wav").read_bytes(), "path": "a.wav"}
    file = tmp_path / "data" / "train.parquet"
    file.parent.mkdir()
    parquet.write_table(pa.table({"audio": [sound, sound], "intent": ["pay", None]}), file)
    with pytest.raises(UserError, match=r'row 2: "intent" is missing'):
        import_dataset(library, None, [file], "new")
    assert list(file.parent.iterdir()) == [file]

    parquet.write_table(pa.table({"audio": [sound], "intent": ["pay"]}), file)
    (only,), _ = imported(library, file, "parquet")
    assert only.audio is not None
    parquet.write_table(pa.table({"audio": [sound], "intent": pa.array([None], "string")}), file)
    with pytest.raises(UserError, match=r'row 1: "intent" is missing'):
        import_dataset(library, None, [file], "other")
    assert only.audio.is_file()
