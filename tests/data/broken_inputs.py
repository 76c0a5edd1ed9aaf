# ruff: noqa: E501 - a case is read best in one line
"""Inputs that are broken, each in its own way: what is wrong with people's files, and files that lie.

    python -m tests.data.broken_inputs FOLDER

writes them all, one folder each, to be tried in the window or on the command line.
"""

from __future__ import annotations

import io
import json
import re
import sys
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import openpyxl
import pyarrow
import pyarrow.parquet
import soundfile

GOOD: dict[str, Any] = {"text": "two teas", "intent": "order", "slots": {"drink": "teas"}}


@dataclass(frozen=True)
class Case:
    """name: of the case and its folder. format: what the user says it is, None to find it out. words: what
    the refusal must say, as a regular expression. build: writes into an empty folder and returns what is
    chosen in it."""

    name: str
    format: str | None
    words: str
    build: Callable[[Path], Path]


CASES: list[Case] = []


def _files(name: str, format_: str | None, words: str, files: Mapping[str, str | bytes], chosen: str) -> None:
    def build(folder: Path) -> Path:
        for file, content in files.items():
            path = folder / file
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content.encode() if isinstance(content, str) else content)
        return folder / chosen

    CASES.append(Case(name, format_, words, build))


def _lines(*objects: object) -> str:
    return "".join(json.dumps(each, ensure_ascii=False) + "\n" for each in objects)


def _manifest(name: str, words: str, content: str | bytes, **others: bytes) -> None:
    _files(f"manifest, {name}", "jsonl", words, {"m.jsonl": content, **others}, "m.jsonl")


def _table(name: str, words: str, content: str | bytes, file: str = "t.csv") -> None:
    _files(f"table, {name}", "table", words, {file: content}, file)


def sound(seconds: float = 0.5, form: str = "WAV") -> bytes:
    """A quiet tone, as a file."""
    buffer = io.BytesIO()
    soundfile.write(buffer, 0.1 * np.sin(np.arange(round(16_000 * seconds)) / 8), 16_000, format=form)
    return buffer.getvalue()


def _parquet(columns: Mapping[str, list[object]]) -> bytes:
    buffer = io.BytesIO()
    pyarrow.parquet.write_table(pyarrow.table(dict(columns)), buffer)
    return buffer.getvalue()


def _sheet(rows: list[list[object]], merged: str = "") -> bytes:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    if merged:
        book.active.merge_cells(merged)
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def _zip(files: Mapping[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return buffer.getvalue()


# What can be wrong with lines of JSON, whoever wrote them.
_manifest("empty", r"m\.jsonl: The manifest holds no utterance", "\n \n\n")
_manifest("UTF-16", r"UTF-16, not UTF-8", _lines(GOOD).encode("utf-16"))
_manifest(
    "Latin-1", r"m\.jsonl, line 2: the line is not UTF-8", _lines(GOOD).encode() + b'{"text": "caf\xe9"}\n'
)
_manifest("binary", r"not a text file", b"\x00\x01\x02RIFF")
_manifest("a JSON array", r"JSON array; write one object per line", json.dumps([GOOD, GOOD]))
_manifest("an object over several lines", r"goes over several lines", json.dumps(GOOD, indent=2))
_manifest("cut in the middle", r"line 2: broken JSON at character", _lines(GOOD) + _lines(GOOD)[:20])
_manifest("a number instead of an object", r"line 1: the line is not a JSON object", "17\n")
_manifest("nested too deeply", r"too deeply nested", '{"text": ' + "[" * 100_000 + "\n")
_manifest("a number of too many digits", r"too many digits", f'{{"text": {"9" * 5000}}}\n')
_manifest("half a character", r"half a character", '{"text": "\\ud800", "intent": "x"}\n')
_manifest("a key twice", r'"text" is written twice', '{"text": "a", "text": "b", "intent": "x"}\n')
_manifest("text that is none", r'"text" must be text, not 5', _lines({**GOOD, "text": 5}))
_manifest("not a number", r'"text" must be text, not NaN', '{"text": NaN, "intent": "x"}\n')
_manifest("empty text", r'"text" is empty', _lines({**GOOD, "text": "  "}))
_manifest("no intent", r'"intent" is missing', _lines({"text": "hello"}))
_manifest("neither text nor audio", r'"text" and "audio" are both missing', _lines({"intent": "x"}))
_manifest(
    "a misspelt field", r'no field "intnet"; did you mean "intent"', _lines({"text": "a", "intnet": "x"})
)
_manifest(
    "a split of another name", r'"split" must be train, validation or test', _lines({**GOOD, "split": "dev"})
)
_manifest("slots as text", r'"slots" must be an object', _lines({**GOOD, "slots": "drink=tea"}))
_manifest(
    "a filler that is none", r'slot "drink" must be text, not 2', _lines({**GOOD, "slots": {"drink": 2}})
)
_manifest("a slot without a name", r"a type without a name", _lines({**GOOD, "slots": {" ": "tea"}}))
_manifest(
    "an id twice",
    r'line 2: the id "a" was already used in m\.jsonl, line 1',
    _lines(*[{**GOOD, "id": "a"}] * 2),
)
_manifest(
    "a recording that is missing", r'"audio": .*\(no\.wav\)', _lines({"audio": "no.wav", "intent": "x"})
)
_manifest(
    "a recording that is none",
    r"sound file cannot be read\. \(a\.wav\)",
    _lines({"audio": "a.wav", "intent": "x"}),
    **{"a.wav": b"I am no sound"},
)
_manifest(
    "an empty recording", r"is empty|holds no", _lines({"audio": "a.wav", "intent": "x"}), **{"a.wav": b""}
)
_manifest(
    "a recording without samples",
    r"no samples|no sound|is empty",
    _lines({"audio": "b.wav", "intent": "x"}),
    **{"b.wav": sound(0)},
)
_manifest(
    "a recording cut after its header",
    r"c\.flac",
    _lines({"audio": "c.flac", "intent": "x"}),
    **{"c.flac": sound(form="FLAC")[:60]},
)
_manifest("many mistakes", r"30 problems.*and 10 more", _lines(*[{"text": "a"}] * 30))
_files("manifest, a folder in its place", "jsonl", r"cannot be read \(Is a directory", {"d/x": ""}, "d")
_files("manifest, not there", "jsonl", r"No such file", {"x": ""}, "nothing.jsonl")

# Tables.
_table("empty", r"holds no|is empty|no row", "")
_table("a heading alone", r"The table holds no utterance", "text,intent\n")
_table("no column for the intent", r"intent", "text,place\nhello,hall\n")
_table("neither text nor audio", r"text|audio", "intent,place\nx,hall\n")
_table("a row with too many cells", r"row 2", "text,intent\nhello,x,y,z\n")
_table("a quote that never ends", r"t\.csv", 'text,intent\n"hello,x\nbye,y\n')
_table("a column twice", r"twice", "text,text,intent\na,b,x\n")
_table("an empty intent", r"row 3.*intent", "text,intent\na,x\nb,\n")
_table("Latin-1", r"UTF-8", "text,intent\ncaf\xe9,x\n".encode("latin-1"))
_table("binary", r"text", b"\x00\xff\x00\xfe\x01" * 20)
_table("XLSX that is text", r"no spreadsheet", "text,intent\na,x\n", "t.xlsx")
_table(
    "XLSX that is another archive",
    r"other\.xlsx: This is no spreadsheet",
    _zip({"readme.txt": b"hello"}),
    "other.xlsx",
)
_table("an empty sheet", r"empty|holds no|no row", _sheet([]), "empty.xlsx")
_table(
    "merged cells", r"row 3.*intent", _sheet([["text", "intent"], ["a", "x"], ["b", None]], "B2:B3"), "m.xlsx"
)
_table("a recording that is missing", r"row 2.*gone\.wav", "audio,intent\ngone.wav,x\n")

# Formats of others.
_SLURP: dict[str, Any] = {
    "slurp_id": 1, "sentence": "wake me", "sentence_annotation": "wake me [time : at six]", "scenario": "alarm",
    "action": "set", "intent": "alarm_set", "recordings": [], "tokens": [], "entities": [],
}  # fmt: skip
for field in ("slurp_id", "sentence_annotation", "scenario", "action"):
    broken = {name: value for name, value in _SLURP.items() if name != field}
    _files(f"SLURP, no {field}", "slurp", field, {"train.jsonl": _lines(broken)}, "train.jsonl")
_files(
    "SLURP, a bracket that never closes", "slurp", r"line 1",
    {"train.jsonl": _lines({**_SLURP, "sentence_annotation": "wake me [time : at six"})}, "train.jsonl",
)  # fmt: skip
_files(
    "SLURP, recordings that are no list", "slurp", r"recordings",
    {"train.jsonl": _lines({**_SLURP, "recordings": 5})}, "train.jsonl",
)  # fmt: skip
_MASSIVE: dict[str, Any] = {
    "id": "1", "locale": "en-US", "partition": "train", "intent": "alarm_set", "utt": "wake me at six",
    "annot_utt": "wake me [time : at six]",
}  # fmt: skip
_files(
    "MASSIVE, an annotation that never closes", "massive", r"annot_utt",
    {"en-US.jsonl": _lines({**_MASSIVE, "annot_utt": "wake [time : at"})}, "en-US.jsonl",
)  # fmt: skip
_files(
    "MASSIVE, another partition", "massive", r"partition.*holdout",
    {"en-US.jsonl": _lines({**_MASSIVE, "partition": "holdout"})}, "en-US.jsonl",
)  # fmt: skip
_files(
    "MASSIVE, no intent",
    "massive",
    r"intent",
    {"en-US.jsonl": _lines({"id": "1", "utt": "a"})},
    "en-US.jsonl",
)
_FSC = "path,speakerId,transcription,action,object,location\n"
_files(
    "Fluent, a recording that is missing", "fluent", r"row 2.*wavs/a\.wav",
    {"data/train_data.csv": f"{_FSC}wavs/a.wav,s,hello,greet,none,none\n"}, ".",
)  # fmt: skip
_files(
    "Fluent, a column less",
    "fluent",
    r"no column location",
    {"data/train_data.csv": "path,action\na,b\n"},
    ".",
)
_files("Fluent, another folder", "fluent", r"Fluent Speech Commands", {"readme.txt": "hello"}, ".")
_files(
    "Picovoice, no object", "picovoice", r"must be an object", {"label.json": '{"a.wav": 5}'}, "label.json"
)
_files(
    "Picovoice, a recording that is missing", "picovoice", r"a\.wav",
    {"label.json": '{"a.wav": {"intent": "x", "slots": {}}}'}, "label.json",
)  # fmt: skip
_files("Picovoice, broken JSON", "picovoice", r"label\.json", {"label.json": '{"a.wav": '}, "label.json")


def _chat(content: str, **more: object) -> str:
    answer = {"role": "assistant", "content": json.dumps({"intent": "x", "slots": {}})}
    return json.dumps([{"messages": [{"role": "user", "content": content}, answer], **more}])


_files(
    "chat, more <audio> than recordings",
    "chat",
    r"<audio>",
    {"c.json": _chat("<audio><audio>", audios=["a.wav"]), "a.wav": sound()},
    "c.json",
)
_files(
    "chat, a recording nobody names",
    "chat",
    r"audios|<audio>",
    {"c.json": _chat("hello", audios=["a.wav"]), "a.wav": sound()},
    "c.json",
)
_files(
    "chat, no answer",
    "chat",
    r"assistant|answer",
    {"c.json": json.dumps([{"messages": [{"role": "user", "content": "a"}]}])},
    "c.json",
)
_files(
    "Parquet, cut",
    "parquet",
    r"Parquet",
    {"p.parquet": _parquet({"text": ["a"], "intent": ["x"]})[:50]},
    "p.parquet",
)
_files("Parquet, no intent", "parquet", r"intent", {"p.parquet": _parquet({"text": ["a"]})}, "p.parquet")
_files(
    "Parquet, an intent of null",
    "parquet",
    r"row 2.*intent",
    {"p.parquet": _parquet({"text": ["a", "b"], "intent": ["x", None]})},
    "p.parquet",
)
_files(
    "Common Voice, as published",
    "common_voice",
    r"no intents|intent",
    {"train.tsv": "client_id\tpath\tsentence\ns\ta.mp3\thello\n"},
    "train.tsv",
)
_files("MInDS-14, another folder", "minds14", r"MInDS-14", {"readme.txt": "hello"}, ".")
_files("folder, no recordings", "folder", r"recording", {"readme.txt": "hello"}, ".")
_files(
    "folder, recordings without a word",
    "folder",
    r"intent|table|metadata",
    {"a.wav": sound(), "b.wav": sound()},
    ".",
)
_files(
    "folder, a line without its recording",
    "folder",
    r"gone\.wav",
    {"metadata.csv": "file_name,text,intent\ngone.wav,a,x\n", "a.wav": sound()},
    ".",
)
_files("nothing that is known", None, r"no known format", {"notes.txt": "hello"}, "notes.txt")
_files("a picture", None, r"no known format", {"a.png": b"\x89PNG\r\n\x1a\n"}, "a.png")


def _loop(folder: Path) -> Path:
    (folder / "m.jsonl").symlink_to(folder / "m.jsonl")
    return folder / "m.jsonl"


CASES.append(Case("manifest, a link to itself", "jsonl", r"cannot be read \(Too many levels", _loop))


def main() -> None:
    """Write all cases and say where each is and what is to be said of it."""
    folder = Path(sys.argv[1])
    for case in CASES:
        own = folder / re.sub(r"\W+", "-", case.name)
        own.mkdir(parents=True)
        sys.stdout.write(f"{case.build(own)}: {case.words}\n")


if __name__ == "__main__":
    main()
