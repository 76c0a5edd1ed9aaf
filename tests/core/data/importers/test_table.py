"""Tables: which column is what, and what is wrong with a row."""

from __future__ import annotations

from pathlib import Path
from zipfile import ZipFile

import pytest
from openpyxl import Workbook

from core.data.importers import detect, import_dataset
from core.data.importers.source import Options
from core.data.importers.table import preview
from core.data.library import Library
from core.data.utterance import Label, Slot, Utterance
from core.errors import UserError
from tests.conftest import WavMaker


def table(folder: Path, text: str, name: str = "orders.csv") -> Path:
    (folder / name).write_text(text, encoding="utf-8")
    return folder / name


def imported(library: Library, path: Path, **columns: str) -> tuple[list[Utterance], tuple[str, ...]]:
    named = {name.replace("slot_", "slot:"): column for name, column in columns.items()}
    summary = import_dataset(library, detect([path]), [path], "new", options=Options(columns=named))
    assert summary.format == "table"
    return list(library.utterances(["new"])), summary.notes


def test_usual_names_are_known_and_what_was_taken_is_told(
    library: Library, tmp_path: Path, wav_file: WavMaker
) -> None:
    audio = wav_file("a.wav")
    path = table(
        tmp_path,
        "Path;Transcription;Intent;slot:room;Client_ID;partition;mood\n"
        'a.wav;"light; please";lamp_on;kitchen;anna;dev;good\n'
        ";stop;stop;;;test;\n",
    )
    (first, second), notes = imported(library, path)
    assert first.label == Label("lamp_on", (Slot("room", "kitchen"),))
    assert (first.text, first.audio, first.speaker, first.split) == (
        "light; please",
        audio,
        "anna",
        "validation",
    )
    assert (second.label, second.audio, second.split, second.key) == (Label("stop"), None, "test", "orders:3")
    assert "Transcription as text" in notes[0]
    assert notes[1] == "Columns ignored: mood."


def test_columns_can_be_named(library: Library, tmp_path: Path) -> None:
    path = table(tmp_path, "what\tkind\twhere\nlight please\tlamp_on\tkitchen\n", "orders.tsv")
    with pytest.raises(UserError, match="No column is known to hold intent and text or audio"):
        imported(library, path)
    (only,), _ = imported(library, path, text="what", intent="kind", slot_room="where")
    assert (only.text, only.label) == ("light please", Label("lamp_on", (Slot("room", "kitchen"),)))
    with pytest.raises(UserError, match='no column "kin"'):
        imported(library, path, intent="kin")
    with pytest.raises(UserError, match="nothing that a column can hold"):
        imported(library, path, mood="kind")


@pytest.mark.parametrize("name", ["test.csv", "dev_data.csv", "train.csv"])
def test_a_file_named_after_a_split_is_that_split(library: Library, tmp_path: Path, name: str) -> None:
    (only,), _ = imported(library, table(tmp_path, "text,intent\nhello,greet\n", name))
    assert only.split == {"te": "test", "de": "validation", "tr": "train"}[name[:2]]


def test_a_spreadsheet_is_read_as_its_text(library: Library, tmp_path: Path) -> None:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    for row in (
        ("id", "text", "intent", "slots"),
        (7, "two teas", "order", '{"number": "two"}'),
        (8, 42, "count", None),
    ):
        sheet.append(row)
    book.save(tmp_path / "orders.xlsx")
    (first, second), _ = imported(library, tmp_path / "orders.xlsx")
    assert (first.key, first.label) == ("7", Label("order", (Slot("number", "two"),)))
    assert second.text == "42"
    assert preview(tmp_path / "orders.xlsx").rows[1] == ("8", "42", "count", "")


def test_sheets_that_are_not_read_are_told(library: Library, tmp_path: Path) -> None:
    book = Workbook()
    book.worksheets[0].append(("text", "intent"))
    book.worksheets[0].append(("two teas", "order"))
    book.create_sheet("Notes").append(("buy tea",))
    book.save(tmp_path / "orders.xlsx")
    (only,), notes = imported(library, tmp_path / "orders.xlsx")
    assert only.text == "two teas"
    assert 'Only the first sheet, "Sheet", was read, not "Notes".' in notes


def test_rows_beyond_the_size_that_a_sheet_tells_are_not_lost(library: Library, tmp_path: Path) -> None:
    book = Workbook()
    for row in (("text", "intent"), ("two teas", "order"), ("stop", "stop")):
        book.worksheets[0].append(row)
    book.save(tmp_path / "whole.xlsx")
    with ZipFile(tmp_path / "whole.xlsx") as whole, ZipFile(tmp_path / "orders.xlsx", "w") as small:
        for name in whole.namelist():
            small.writestr(name, whole.read(name).replace(b'ref="A1:B3"', b'ref="A1:A1"'))
    assert [u.text for u in imported(library, tmp_path / "orders.xlsx")[0]] == ["two teas", "stop"]


def test_a_formula_counts_as_its_value_where_one_was_calculated(library: Library, tmp_path: Path) -> None:
    book = Workbook()
    for row in (("text", "intent", "speaker"), ("two teas", '="or"&"der"', "anna")):
        book.worksheets[0].append(row)
    book.save(tmp_path / "raw.xlsx")
    with ZipFile(tmp_path / "raw.xlsx") as raw, ZipFile(tmp_path / "orders.xlsx", "w") as calculated:
        for name in raw.namelist():
            data = raw.read(name)
            if name == "xl/worksheets/sheet1.xml":
                assert b"<v />" in data or b"<v/>" in data or b"<v></v>" in data
                for empty in (b"<v />", b"<v/>", b"<v></v>"):
                    data = data.replace(empty, b"<v>order</v>")
                data = data.replace(b'<c r="B2">', b'<c r="B2" t="str">')
            calculated.writestr(name, data)
    (only,), _ = imported(library, tmp_path / "orders.xlsx")
    assert (only.label.intent, only.speaker) == ("order", "anna")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("text,intent\nhello,\n", 'row 2: "intent" is missing'),
        ("text,intent\n,greet\n", "row 2: text and audio are both empty"),
        ("wav,intent\ngone.wav,greet\n", 'row 2: "wav": The sound file is missing. (gone.wav)'),
        ("text,intent,split\nhi,greet,maybe\n", 'row 2: "split" must be train, validation or test'),
        ("text,intent,slots\nhi,greet,{\n", 'row 2: "slots": broken JSON'),
        ("text,intent\nhi,greet,more\n", "row 2"),
        ('text,intent\n"hi,greet\n', "line 2"),
        ("text,text\nhi,greet\n", "names text twice"),
        ("", "The table is empty"),
        ("text,intent\n", "holds no utterance"),
        (
            "id,text,intent\n1,hi,greet\n1,ho,greet\n",
            'row 3: the id "1" was already used in orders.csv, row 2',
        ),
    ],
)
def test_what_is_wrong_is_told_with_its_row(library: Library, tmp_path: Path, text: str, told: str) -> None:
    with pytest.raises(UserError) as caught:
        imported(library, table(tmp_path, text))
    assert told in str(caught.value)
    assert "orders.csv" in str(caught.value)
    assert library.names() == []


@pytest.mark.parametrize(("name", "told"), [("a.csv", "not UTF-8"), ("a.xlsx", "no spreadsheet")])
def test_other_files_under_such_a_name_are_refused(
    library: Library, tmp_path: Path, name: str, told: str
) -> None:
    (tmp_path / name).write_bytes(b"text,intent\nh\xe9llo,greet\n")
    with pytest.raises(UserError, match=told):
        imported(library, tmp_path / name)


def test_a_table_tells_who_spoke_a_synthetic_recording(library: Library, tmp_path: Path) -> None:
    header = "text,intent,synthetic\n"
    path = table(tmp_path, f"{header}light,on,espeak-ng: en-gb\ndark,off,\nstop,off,no\ngo,on,yes\n")
    found, _ = imported(library, path)
    assert [each.synthetic for each in found] == ["espeak-ng: en-gb", "", "", "yes"]
