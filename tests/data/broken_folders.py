"""Broken MInDS-14, Common Voice and folders of recordings, and ids of the Hub that are none."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Final

from tests.data.broken_case import BrokenInput, Content, a_folder, sound

_MINDS_HEADER: Final = "filepath,text_asr,text_translated,intent_class\n"


def _minds(name: str, rows: str, says: str, header: str = _MINDS_HEADER) -> BrokenInput:
    files: dict[str, Content] = {"minds/text/en-US.csv": header + rows, "minds/audio/a.wav": sound()}
    return BrokenInput(name, "minds14", "minds", files, says)


_MINDS: Final = (
    _minds("minds-no-intent", "", r"en-US\.csv: No column .* hold intent.*--column", "filepath,text_asr\n"),
    _minds("minds-intent-empty", "a.wav,pay it,pay it,\n", r'en-US\.csv, row 2: "intent_class" is missing'),
    _minds(
        "minds-recording-missing",
        "a.wav,pay it,pay it,PAY\nb.wav,pay it,pay it,PAY\n",
        r'en-US\.csv, row 3: "filepath": The sound file is missing.*b\.wav',
    ),
    _minds(
        "minds-name-too-long", f"{'b' * 300},pay,pay,PAY\na.wav,pay,pay,PAY\n", "row 2: .*File name too long"
    ),
    _minds("minds-row-short", "a.wav,pay it\n", r"en-US\.csv, row 2: A row has 2 values, .* 4 columns"),
    _minds("minds-no-rows", "", r"minds: The MInDS-14 table holds no utterance.*text/ and audio/"),
    BrokenInput(
        "minds-pipe", "minds14", "minds", {"minds/text/de-DE.csv": os.mkfifo}, "de-DE.csv: This is a pipe"
    ),
    BrokenInput(
        "minds-other-folder", "minds14", "minds", {"minds": a_folder}, r"minds: There is no text/LOCALE"
    ),
)

_VOICE_HEADER: Final = "client_id\tpath\tsentence\tintent\n"


def _voice(name: str, rows: str, says: str, header: str = _VOICE_HEADER) -> BrokenInput:
    files: dict[str, Content] = {"cv/train.tsv": header + rows, "cv/clips/a.wav": sound()}
    return BrokenInput(name, "common_voice", "cv", files, says)


_VOICES: Final = (
    _voice(
        "voice-as-published",
        "",
        r"train\.tsv: No column here holds an intent.*Add",
        "client_id\tpath\tsentence\n",
    ),
    _voice("voice-intent-empty", "s\ta.wav\tpay it\t\n", r'train\.tsv, row 2: "intent" is missing'),
    _voice("voice-recording-missing", "s\tb.wav\tpay it\tpay\n", r'row 2: "path": .*missing.*b\.wav'),
    _voice("voice-row-short", "s\ta.wav\tpay it\n", r"train\.tsv, row 2: A row has 3 values, .* 4 columns"),
    _voice(
        "voice-said-otherwise",
        "s\ta.wav\tpay it\tpay\ns\ta.wav\tcall him\tcall\n",
        r"train\.tsv, row 3: a\.wav has another sentence or label in train\.tsv, row 2",
    ),
    BrokenInput(
        "voice-latin-1",
        "common_voice",
        "cv/train.tsv",
        {"cv/train.tsv": (_VOICE_HEADER + "s\ta.wav\tcafé\tpay\n").encode("latin-1")},
        r"cv/train\.tsv: The table is not UTF-8 text",
    ),
    BrokenInput(
        "voice-other-folder", "common_voice", "cv", {"cv": a_folder}, r"cv: There is no TSV file.*clips/"
    ),
)

_METADATA: Final = "file_name,text,intent\n"


def _folder(name: str, says: str, files: Mapping[str, Content]) -> BrokenInput:
    placed = {f"mine/{file}": content for file, content in files.items()}
    return BrokenInput(name, "folder", "mine", placed, says)


_FOLDERS: Final = (
    _folder(
        "folder-empty",
        "mine: The folder of recordings holds no utterance.*named by intents",
        {"a.txt": "a"},
    ),
    _folder("folder-recordings-alone", "1 recording left out, .*b.wav", {"b.wav": sound()}),
    _folder("folder-text-empty", r"lamp/a\.wav: a\.txt is empty", {"lamp/a.wav": sound(), "lamp/a.txt": " "}),
    _folder("folder-text-nul", r"lamp/b\.wav: .*U\+0000", {"lamp/b.wav": sound(), "lamp/b.txt": "a\0b"}),
    _folder("folder-text-latin-1", r"c\.txt .*UTF-8", {"lamp/c.wav": sound(), "lamp/c.txt": b"caf\xe9"}),
    _folder("folder-text-alone", r"lamp/e\.txt: .*no recording", {"lamp/d.wav": sound(), "lamp/e.txt": "on"}),
    _folder(
        "folder-recording-cut-off",
        r'lamp/f\.flac: "recording": The sound file is cut off',
        {"lamp/f.flac": sound("FLAC", 48_000, whole=0.5)},
    ),
    _folder(
        "folder-recording-missing",
        r'metadata\.csv, row 2: "file_name": The sound file is missing.*\(gone\.wav\)',
        {"metadata.csv": f"{_METADATA}gone.wav,pay it,pay\n"},
    ),
    _folder(
        "folder-two-lists",
        "mine: There are both metadata.csv and metadata.jsonl.*Keep",
        {"metadata.csv": _METADATA, "metadata.jsonl": ""},
    ),
    _folder(
        "folder-two-tables",
        "There are several tables: a.csv, b.csv.*Keep one",
        {"a.csv": "a", "b.csv": "b"},
    ),
    _folder(
        "folder-line-truncated",
        r"metadata\.jsonl, line 1: broken JSON",
        {"metadata.jsonl": '{"file_name": "a.wav'},
    ),
    BrokenInput(
        "folder-is-file", "folder", "a.wav", {"a.wav": sound()}, r"a\.wav: This is no folder.*Choose"
    ),
)

_HUB: Final = (
    BrokenInput(
        "hub-file", "hub", "a.csv", {"a.csv": "text,intent\n"}, r"a\.csv: This is no dataset of .*owner/name"
    ),
    BrokenInput("hub-folder-empty", "hub", "mine", {"mine": a_folder}, "mine: The dataset cannot be loaded"),
)

BROKEN: Final = (*_MINDS, *_VOICES, *_FOLDERS, *_HUB)
