"""Broken tables: CSV, TSV, XLSX and Parquet."""

from __future__ import annotations

import io
import json
import os
import zipfile
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import pyarrow as pa
from openpyxl import Workbook
from openpyxl.chart import BarChart
from pyarrow import parquet

from tests.data.broken_case import BrokenInput, Content, a_folder, sound


def _csv(name: str, content: Content, says: str, file: str = "orders.csv") -> BrokenInput:
    return BrokenInput(name, "table", file, {file: content}, says)


_CSV: Final = (
    _csv("csv-utf-16", "text,intent\na,b\n".encode("utf-16"), r"orders\.csv: .*UTF-16.*encoding UTF-8"),
    _csv(
        "csv-latin-1", "text,intent\ncafé,b\n".encode("latin-1"), r"orders\.csv: .*not UTF-8.*encoding UTF-8"
    ),
    _csv("csv-picture", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", r"orders\.csv: This is not a text file.*Choose"),
    _csv(
        "csv-nul-inside",
        "text,intent\n" + "tea,order\n" * 999 + "two\0teas,order\n",
        r'orders\.csv, row 1001: "text" holds .*U\+0000',
    ),
    _csv("csv-control", "text,intent\ntwo\x02teas,order\n", r'orders\.csv, row 2: "text" holds .*U\+0002'),
    _csv("csv-empty", "", r"orders\.csv, row 1: The table is empty.*Write a name"),
    _csv("csv-header-alone", "text,intent\n", r"orders\.csv: The table holds no utterance.*rows below"),
    _csv(
        "csv-header-twice", "text,text,intent\na,b,c\n", r"orders\.csv, row 1: .*names text twice.*of its own"
    ),
    _csv(
        "csv-intent-misspelt", "text,intnet\na,b\n", r"orders\.csv: No column .* hold intent\..*text, intnet"
    ),
    _csv(
        "csv-no-text-or-audio",
        "intent,mood\na,b\n",
        r"orders\.csv: No column .* hold text or audio.*--column",
    ),
    _csv(
        "csv-no-header", "two teas,order\n", r"orders\.csv: No column .* intent and text or audio.*two teas"
    ),
    _csv(
        "csv-row-long",
        "text,intent\na,b,c\n",
        r"orders\.csv, row 2: A row has 3 values, .* 2 columns.*quotes",
    ),
    _csv(
        "csv-row-short", "text,intent,speaker\na,b\n", r"orders\.csv, row 2: A row has 2 values, .* 3 columns"
    ),
    _csv(
        "csv-quote-open",
        'text,intent\n"a,b\nc,d\n',
        r"orders\.csv, line 2: .*unexpected end.*Close its quotes",
    ),
    _csv(
        "csv-quote-inside",
        'text,intent\n"a" b,c\n',
        r"orders\.csv, line 2: .*expected after.*Close its quotes",
    ),
    _csv("csv-field-endless", f"text,intent\n{'a' * 200_000},b\n", r"orders\.csv, line 2: .*field larger"),
    _csv("csv-intent-empty", "text,intent\na,\n", r'orders\.csv, row 2: "intent" is missing'),
    _csv("csv-text-and-audio-empty", "text,audio,intent\n,,b\n", r"row 2: text and audio are both empty"),
    _csv("csv-split-unknown", "text,intent,set\na,b,eval\n", r'row 2: "set" must be train, .*"eval"'),
    _csv("csv-slots-words", "text,intent,slots\na,b,two\n", r'row 2: "slots": .*JSON'),
    _csv(
        "csv-slots-list", 'text,intent,slots\na,b,"[""two""]"\n', r'row 2: "slots" must be an object .*"two"'
    ),
    _csv("csv-slots-deep", f"text,intent,slots\na,b,{'[' * 100_000}\n", r'row 2: "slots": .*nested'),
    _csv("csv-bracket-open", "text,intent,annot_utt\na,b,[c : a\n", r'row 2: "annot_utt" has a bracket'),
    _csv(
        "csv-id-twice",
        "id,text,intent\n1,a,b\n1,c,d\n",
        r'row 3: the id "1" was already used in orders.csv, row 2',
    ),
    _csv(
        "csv-recording-missing",
        "audio,intent\nx.wav,b\n",
        r'orders\.csv, row 2: "audio": .*missing.*\(x\.wav',
    ),
    _csv("csv-pipe", os.mkfifo, r"orders\.csv: This is a pipe.*Choose"),
    _csv("csv-folder", a_folder, r"orders\.csv: This is a folder.*Choose"),
    _csv(
        "tsv-latin-1", "text\tintent\ncafé\tb\n".encode("latin-1"), r"orders\.tsv: .*not UTF-8", "orders.tsv"
    ),
    BrokenInput(
        "csv-closed",
        "table",
        "closed.csv",
        {"closed.csv": "text,intent\na,b\n"},
        r"closed\.csv: .*Permission denied.*Allow",
        closed="closed.csv",
    ),
)


def _book(*rows: Sequence[object], change: Callable[[Workbook], None] | None = None) -> bytes:
    book = Workbook()
    for row in rows:
        book.worksheets[0].append(row)
    if change:
        change(book)
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def _chart_alone(book: Workbook) -> None:
    book.create_chartsheet("Chart").add_chart(BarChart())
    book.remove(book.worksheets[0])


def _data_on_second(book: Workbook) -> None:
    second = book.create_sheet("Orders")
    second.append(["text", "intent"])
    second.append(["two teas", "order"])


def _merged(book: Workbook) -> None:
    book.worksheets[0].merge_cells("B2:B3")


def _repacked(book: bytes, part: str, content: bytes | None) -> bytes:
    """The spreadsheet with one of its parts replaced, or left out."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(book)) as old, zipfile.ZipFile(buffer, "w") as new:
        for name in old.namelist():
            data = content if name == part else old.read(name)
            if data is not None:
                new.writestr(name, data)
    return buffer.getvalue()


def _zip(**files: str) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as packed:
        for name, content in files.items():
            packed.writestr(name, content)
    return buffer.getvalue()


def _locked(book: bytes) -> bytes:
    """With the mark that each part is encrypted, in the archive's list and before the parts."""
    data = bytearray(book)
    for mark, at in ((b"PK\x01\x02", 8), (b"PK\x03\x04", 6)):
        start = data.find(mark)
        while start >= 0:
            data[start + at] |= 1
            start = data.find(mark, start + 4)
    return bytes(data)


_HEADER: Final = ("text", "intent")
_CELLS: Final = '<c t="inlineStr"><is><t>text</t></is></c><c t="inlineStr"><is><t>intent</t></is></c>'
_SHEET_START: Final = (
    '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
    '<dimension ref="A1:B2001"/><sheetData>' + f"<row>{_CELLS}</row>" * 2000 + "<row"
).encode()
_GOOD: Final = _book(_HEADER, ("two teas", "order"))


def _xlsx(name: str, content: Content, says: str) -> BrokenInput:
    return BrokenInput(name, "table", "orders.xlsx", {"orders.xlsx": content}, rf"orders\.xlsx.*{says}")


_XLSX: Final = (
    _xlsx("xlsx-text", "text,intent\n", "no spreadsheet that can be read.*Save it as .xlsx"),
    _xlsx("xlsx-no-bytes", b"", "The file is empty"),
    _xlsx("xlsx-password", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(2000), "password.*old .xls.*Save"),
    _xlsx("xlsx-zip-encrypted", _locked(_GOOD), "is encrypted.*without a password"),
    _xlsx("xlsx-other-archive", _zip(**{"a.txt": "a"}), "archive.*no spreadsheet.*Save"),
    _xlsx("xlsx-truncated", _GOOD[: len(_GOOD) // 2], "cut off|not whole"),
    _xlsx(
        "xlsx-sheet-garbage",
        _repacked(_GOOD, "xl/worksheets/sheet1.xml", _SHEET_START),
        r"row \d+: From here on the sheet is damaged",
    ),
    _xlsx(
        "xlsx-book-garbage",
        _repacked(_GOOD, "xl/workbook.xml", b"<workbook"),
        "The list of sheets, or the start .* damaged",
    ),
    _xlsx(
        "xlsx-sheet-missing",
        _repacked(_GOOD, "xl/worksheets/sheet1.xml", None),
        "no sheet with cells, but no sheet at all",
    ),
    _xlsx("xlsx-chart-alone", _book(change=_chart_alone), "no sheet with cells, but .Chart..*Choose"),
    _xlsx("xlsx-empty-sheet", _book(), "row 1: The table is empty"),
    _xlsx("xlsx-first-sheet-empty", _book(change=_data_on_second), 'sheet "Sheet" is empty.*"Orders".*first'),
    _xlsx(
        "xlsx-merged-intents",
        _book(_HEADER, ("a", "b"), ("c", None), change=_merged),
        'row 3: "intent" is miss',
    ),
    _xlsx(
        "xlsx-merged-header", _book(("orders", None), _HEADER, ("a", "b")), "No column.*Say what orders hold"
    ),
    _xlsx("xlsx-formula-never-calculated", _book(_HEADER, ("a", '="b"')), 'row 2: "intent".*formula'),
    _xlsx("xlsx-error-value", _book(_HEADER, ("a", "#N/A")), 'row 2: "intent" .*error #N/A'),
    _xlsx("xlsx-truth-value", _book(_HEADER, ("a", True)), 'row 2: "intent" must be text, not true'),
    _xlsx("xlsx-row-long", _book(_HEADER, ("a", "b", "c")), "row 2: A row has 3 values, .* 2 columns"),
)

_Rows = Mapping[str, Any]


def _table(columns: _Rows, **options: Any) -> bytes:
    sink = pa.BufferOutputStream()
    parquet.write_table(pa.table(dict(columns)), sink, **options)
    return sink.getvalue().to_pybytes()  # type: ignore[no-any-return]


def _damaged(data: bytes) -> bytes:
    """With its first page, behind the mark at the start, overwritten; the list at the end is whole."""
    return data[:4] + bytes([255]) * 60 + data[64:]


def _classes() -> bytes:
    """A column of class numbers with a number that has no name."""
    features = '{"info": {"features": {"intent": {"names": ["order"], "_type": "ClassLabel"}}}}'
    table = pa.table({"text": ["a", "b"], "intent": [0, 7]}).replace_schema_metadata(
        {"huggingface": features}
    )
    sink = pa.BufferOutputStream()
    parquet.write_table(table, sink)
    return sink.getvalue().to_pybytes()  # type: ignore[no-any-return]


def _parquet(name: str, content: Content, says: str) -> BrokenInput:
    return BrokenInput(
        name, "parquet", "orders.parquet", {"orders.parquet": content}, rf"orders\.parquet.*{says}"
    )


def _rows(name: str, columns: _Rows, says: str) -> BrokenInput:
    return _parquet(name, _table(columns), says)


def _inside(data: bytes | None, path: str | None) -> _Rows:
    return {"audio": [{"bytes": data, "path": path}], "intent": ["order"]}


_ONE: Final = {"text": ["a"], "intent": ["b"]}
_LONG: Final = {"text": [f"{n} teas" for n in range(2000)], "intent": ["order"] * 2000}

_STATE: Final[dict[str, object]] = {
    "_data_files": [{"filename": "data.arrow"}],
    "_fingerprint": "a",
    "_format_kwargs": {},
    **dict.fromkeys(("_split", "_format_columns", "_format_type")),
}

_PARQUET: Final = (
    _parquet("parquet-text", "text,intent\n", "This is no Parquet file"),
    _parquet("parquet-no-bytes", b"", "The file is empty"),
    _parquet(
        "parquet-truncated", _table(_ONE)[:-40], "Parquet file cannot be read.*not whole.*download it again"
    ),
    _parquet("parquet-page-damaged", _damaged(_table(_LONG)), "row 1.*damaged"),
    _parquet("parquet-class-without-name", _classes(), 'row 2: "intent" .*class 7.*only 1'),
    _rows("parquet-no-intent", {"text": ["a"], "mood": ["b"]}, "No column .* hold intent.*text, mood"),
    _rows("parquet-intent-alone", {"intent": ["a"]}, "No column .* hold text or audio"),
    _rows("parquet-null-intent", {"text": ["a", "b"], "intent": ["c", None]}, 'row 2: "intent" is missing'),
    _rows("parquet-nan-intent", {"text": ["a"], "intent": [float("nan")]}, 'row 1: "intent" is missing'),
    _rows(
        "parquet-truth-intent", {"text": ["a"], "intent": [True]}, 'row 1: "intent" must be text, not true'
    ),
    _rows(
        "parquet-list-intent",
        {"text": ["a"], "intent": [["b"]]},
        r'row 1: "intent" must be text, not \["b"\]',
    ),
    _rows("parquet-bytes-text", {"text": [b"\xff\0"], "intent": ["a"]}, 'row 1: "text" must be text, not '),
    _rows(
        "parquet-no-rows", {"text": pa.array([], "string"), "intent": pa.array([], "string")}, "no utterance"
    ),
    _rows(
        "parquet-id-twice",
        {"id": [1, 1], "text": ["a", "b"], "intent": ["c", "d"]},
        'row 2: the id "1" was al',
    ),
    _rows("parquet-slots-numbers", _ONE | {"slots": [[1]]}, 'row 1: "slots" must be an object .*not 1'),
    _rows("parquet-split-unknown", _ONE | {"split": ["eval"]}, 'row 1: "split" must be train'),
    _rows(
        "parquet-sound-garbage", _inside(b"no sound", "a.wav"), r'row 1: "audio": .*cannot be read.*a\.wav'
    ),
    _rows("parquet-sound-empty", _inside(b"", "b.wav"), r'row 1: "audio": .*empty.*b\.wav'),
    _rows("parquet-sound-nowhere", _inside(None, "c.wav"), r'row 1: "audio": .*missing.*\(c\.wav\)'),
    _rows("parquet-sound-nameless", _inside(None, None), "row 1: text and audio are both empty"),
    _rows("parquet-sound-name-nul", _inside(sound(), "a.w\0v"), r'row 1: "audio" .*U\+0000'),
    _rows("parquet-sound-name-long", _inside(sound(), "a." + "w" * 300), 'row 1: "audio".*too long'),
    BrokenInput(
        "parquet-folder-empty", "parquet", "data", {"data": a_folder}, "data: .*no utterance.*no rows"
    ),
    BrokenInput(
        "parquet-saved-garbage",
        "parquet",
        "saved",
        {
            "saved/dataset_info.json": "{}",
            "saved/state.json": json.dumps(_STATE),
            "saved/data.arrow": "no arrow",
        },
        r"saved: The dataset cannot be read.*save_to_disk",
    ),
    BrokenInput(
        "parquet-saved-info-truncated",
        "parquet",
        "disk",
        {"disk/dataset_info.json": "{", "disk/state.json": "{", "disk/data.arrow": "no arrow"},
        r"disk: The dataset cannot be read.*save_to_disk",
    ),
    BrokenInput(
        "parquet-closed",
        "parquet",
        "mine.parquet",
        {"mine.parquet": _table(_ONE)},
        r"mine\.parquet: .*Permission denied.*Allow",
        closed="mine.parquet",
    ),
    BrokenInput(
        "xlsx-closed",
        "table",
        "mine.xlsx",
        {"mine.xlsx": _GOOD},
        r"mine\.xlsx: .*Permission denied.*Allow",
        closed="mine.xlsx",
    ),
    BrokenInput(
        "parquet-folder-closed",
        "parquet",
        "data",
        {"data/train.parquet": _table(_ONE)},
        r"data: The folder cannot be read \(Permission denied\)",
        closed="data",
    ),
)


BROKEN: Final = (*_CSV, *_XLSX, *_PARQUET)
