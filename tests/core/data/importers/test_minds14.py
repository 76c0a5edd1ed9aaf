"""MInDS-14: PolyAI's folder, and the form of Hugging Face."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from core.data.importers import detect, import_dataset
from core.data.importers.source import Options
from core.data.library import Library
from core.data.utterance import Label, Utterance
from core.errors import UserError
from tests.conftest import WavMaker

HEADER = "filepath,text_asr,text_translated,intent\n"


def published(folder: Path, **tables: str) -> Path:
    (folder / "text").mkdir(parents=True)
    for locale, rows in tables.items():
        (folder / "text" / f"{locale.replace('_', '-')}.csv").write_text(HEADER + rows, encoding="utf-8")
    return folder


def imported(
    library: Library, path: Path, options: Options | None = None, format_name: str = "minds14"
) -> tuple[list[Utterance], tuple[str, ...]]:
    assert detect([path]) == format_name
    summary = import_dataset(library, None, [path], "new", options=options or Options())
    return list(library.utterances(["new"])), summary.notes


@pytest.mark.parametrize(
    ("place", "named"),
    [
        ("en-US/PAY_BILL/a.wav", "en-US/PAY_BILL/a.wav"),
        ("en-US/PAY_BILL/a.wav", "audio/en-US/PAY_BILL/a.wav"),
        ("en-US/PAY_BILL/a.wav", "PAY_BILL/a.wav"),
        ("en-US/PAY_BILL/a.wav", "en-US~PAY_BILL/a.wav"),
        ("en-US~PAY_BILL/a.wav", "en-US~PAY_BILL/a.wav"),
    ],
)
def test_recordings_are_found_however_the_table_names_them(
    library: Library, tmp_path: Path, wav_file: WavMaker, place: str, named: str
) -> None:
    audio = wav_file(f"minds/audio/{place}")
    folder = published(tmp_path / "minds", en_US=f'{named}, "I want to pay, please",Pay please,PAY_BILL\n')
    (only,), notes = imported(library, folder)
    assert only.label == Label("pay_bill")
    assert (only.text, only.audio, only.language) == ("I want to pay, please", audio, "en-US")
    assert "1 intent is written small, as in the form of Hugging Face." in notes
    assert "Columns ignored: text_translated." in notes
    assert "1 utterance named no split and was divided by seed 17." in notes


def test_without_recordings_it_is_texts_alone(library: Library, tmp_path: Path) -> None:
    rows = "en-US/FREEZE/a.wav,freeze my card,freeze my card,FREEZE\nen-US/FREEZE/b.wav,,,FREEZE\n"
    folder = published(tmp_path / "minds", en_US=rows)
    (only,), notes = imported(library, folder)
    assert (only.text, only.audio) == ("freeze my card", None)
    assert any(note.startswith("None of the 2 recordings that the files name is here") for note in notes)
    assert "1 row left out, in whose recordings no words were recognised." in notes


def test_recordings_may_lie_elsewhere_but_not_only_some_of_them(
    library: Library, tmp_path: Path, wav_file: WavMaker
) -> None:
    audio = wav_file("elsewhere/en-US/FREEZE/a.wav")
    rows = "en-US/FREEZE/a.wav,freeze it,freeze it,FREEZE\n"
    folder = published(tmp_path / "minds", en_US=rows)
    (only,), _ = imported(library, folder, Options(audio=tmp_path / "elsewhere"))
    assert only.audio == audio
    folder = published(tmp_path / "more", en_US=f"{rows}en-US/FREEZE/gone.wav,stop it,stop it,FREEZE\n")
    with pytest.raises(UserError, match=r'en-US\.csv, row 3: "filepath": The sound file is missing\.'):
        import_dataset(library, None, [folder], "more", options=Options(audio=tmp_path / "elsewhere"))


def test_only_the_languages_that_are_asked_for_are_read(library: Library, tmp_path: Path) -> None:
    folder = published(tmp_path / "m", en_US="a.wav,hello,hello,BALANCE\n", de_DE="a.wav,hallo,hi,BALANCE\n")
    found, notes = imported(library, folder, Options(languages=("de",)))
    assert [(each.text, each.language) for each in found] == [("hallo", "de-DE")]
    assert "Files in other languages left out: en-US.csv." in notes


def rows(sound: bytes, locale: int) -> list[dict[str, Any]]:
    """Rows as Hugging Face has them, where intent and language are numbers of classes."""
    plain = {"transcription": f"pay it {locale}", "english_transcription": "pay it", "lang_id": locale}
    audio = {"bytes": sound, "path": "a.wav"}
    return [{"path": "en-US~PAY_BILL/a.wav", "audio": audio, **plain, "intent_class": 1}]


@pytest.fixture
def hugging_face(tmp_path: Path, wav_file: WavMaker) -> Path:
    """A folder for each language and one, all, for both together."""
    from datasets import Audio, ClassLabel, Features, Value
    from pyarrow import Table, parquet

    text = dict.fromkeys(("path", "transcription", "english_transcription"), Value("string"))
    classes = {
        "intent_class": ClassLabel(names=["abroad", "pay_bill"]),
        "lang_id": ClassLabel(names=["de-DE", "en-US"]),
    }
    features = Features({**text, "audio": Audio(), **classes})
    sounds = [
        wav_file(f"{number}.wav", kind=kind).read_bytes() for number, kind in enumerate(("tone", "noise"))
    ]
    tables = {locale: rows(sounds[number], number) for number, locale in enumerate(("de-DE", "en-US"))}
    tables["all"] = [row for each in tables.values() for row in each]
    for name, table in tables.items():
        (tmp_path / "hf" / name).mkdir(parents=True)
        file = tmp_path / "hf" / name / "train-00000-of-00001.parquet"
        parquet.write_table(Table.from_pylist(table, schema=features.arrow_schema), file)
    return tmp_path / "hf"


def test_the_form_of_hugging_face_is_read_with_names_and_once(library: Library, hugging_face: Path) -> None:
    found, notes = imported(library, hugging_face, format_name="parquet")
    assert [(each.text, each.label.intent, each.language, each.split) for each in found] == [
        ("pay it 0", "pay_bill", "de-DE", "train"),
        ("pay it 1", "pay_bill", "en-US", "train"),
    ]
    assert 'The folder "all" was left out: it has what the other folders have.' in notes
    library.delete_dataset("new")
    found, notes = imported(library, hugging_face, Options(languages=("en",)), "parquet")
    assert [each.language for each in found] == ["en-US"]
    assert "1 row of de-DE/train-00000-of-00001 in other languages left out." in notes


def test_save_to_disk_is_read_with_the_names_of_classes(
    library: Library, tmp_path: Path, hugging_face: Path
) -> None:
    from datasets import Dataset, DatasetDict

    table = Dataset.from_parquet(str(hugging_face / "en-US" / "train-00000-of-00001.parquet"))
    DatasetDict({"train": table}).save_to_disk(str(tmp_path / "saved"))
    (only,), _ = imported(library, tmp_path / "saved", format_name="parquet")
    assert (only.label.intent, only.language, only.text) == ("pay_bill", "en-US", "pay it 1")
    assert only.audio is not None


def test_a_number_that_is_no_class_is_named(library: Library, tmp_path: Path, hugging_face: Path) -> None:
    import pyarrow
    from pyarrow import parquet

    file = hugging_face / "en-US" / "train-00000-of-00001.parquet"
    table = parquet.read_table(file)
    wrong = table.set_column(table.schema.get_field_index("intent_class"), "intent_class", pyarrow.array([7]))
    parquet.write_table(wrong.replace_schema_metadata(table.schema.metadata), tmp_path / "wrong.parquet")
    with pytest.raises(
        UserError, match=r'wrong\.parquet, row 1: "intent_class" is class 7, but there are only 2'
    ):
        import_dataset(library, None, [tmp_path / "wrong.parquet"], "new")


def test_other_folders_and_tables_are_not_it(library: Library, tmp_path: Path) -> None:
    (tmp_path / "en-US.csv").write_text("path,text,intent\n,hello,greet\n", encoding="utf-8")
    assert detect([tmp_path / "en-US.csv"]) == "table"
    with pytest.raises(UserError, match=r"no text/LOCALE\.csv"):
        import_dataset(library, "minds14", [tmp_path], "new")
