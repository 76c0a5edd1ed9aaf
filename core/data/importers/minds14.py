"""MInDS-14 as PolyAI publishes it: `text/LOCALE.csv` and recordings in `audio/` (arxiv.org/abs/2104.08524).

A row is the recording's path, what was recognised in it, that in English, and the intent. The form of Hugging
Face, Parquet with the recordings inside, is read by `core.data.importers.parquet`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from core.data.importers.columns import Columns, choose_columns, row_entry, row_record
from core.data.importers.gathering import Gathering, Record, counted
from core.data.importers.opening import files_in, is_file, is_folder, real_folder
from core.data.importers.source import NO_OPTIONS, Options, Source, is_among
from core.data.importers.table import read_table
from core.data.progress import Cancel, Progress, never
from core.data.splits import Entry
from core.errors import UserError

_LOCALE: Final = re.compile(r"[a-z]{2,3}-[A-Z]{2}")
_TEXT: Final = "text_asr"
"""The column of the transcript where it has no usual name."""
_Row = tuple[Source, int, Record, Columns]


def recognises(path: Path) -> bool:
    """Whether this is its folder, or one of its tables in there."""
    try:
        # Anybody's table may be called as a language is.
        files = _tables(path) if path.is_dir() or path.parent.name == "text" else []
        return bool(files) and all(_names_recordings(read_table(file)[0]) for file in files)
    except UserError:
        return False


def read(
    sources: Sequence[Source],
    options: Options = NO_OPTIONS,
    progress: Progress | None = None,
    cancelled: Cancel = never,
) -> tuple[list[Entry], list[str]]:
    """One utterance for each row, of all languages or those of the options; texts alone where none of the
    recordings is here. Raises UserError with the first 20 problems, each with file and row; Cancelled."""
    gathered = Gathering("MInDS-14 table", progress, cancelled, options.leave_out)
    rows: list[_Row] = []
    notes: list[str] = []
    left_out: list[str] = []
    for source in sources:
        for file in _tables_or_refuse(source.path):
            if options.languages and not is_among(file.stem, options.languages):
                left_out.append(file.name)
                continue
            rows += _rows(Source(file, source.split), options, notes)
    recordings = [_recording(source.path, row, options) for source, _, row, _ in rows]
    here = any(is_file(recording) for recording in recordings)
    small = silent = 0
    for (source, number, row, columns), recording in zip(rows, recordings, strict=True):
        gathered.check_cancelled()
        if not here and row.values.get("text") is None:
            silent += 1
            continue
        entry = _entry(row, columns, source, number, recording if here else None)
        row.problems = [columns.by_name(problem) for problem in row.problems]
        # The form of Hugging Face writes them small: the same intents, whichever form was downloaded.
        lower = replace(entry.label, intent=entry.label.intent.lower())
        small += lower != entry.label
        gathered.add(f"{source.path.name}, row {number}", replace(entry, label=lower), row)
    entries = gathered.finish(sources, "Choose its folder with text/ and audio/, and languages it has.")
    if left_out:
        notes.append(f"Files in other languages left out: {', '.join(left_out)}.")
    if silent:
        notes.append(f"{counted(silent, 'row')} left out, in whose recordings no words were recognised.")
    if not here:
        absent = f"None of the {len(rows)} recordings that the files name is here, so these are texts alone."
        notes.append(f"{absent} Name the folder that holds them if you have them.")
    if small:
        written = "is written small" if small == 1 else "are written small"
        notes.append(f"{counted(small, 'intent')} {written}, as in the form of Hugging Face.")
    return entries, [*notes, *gathered.notes]


def _tables(path: Path) -> list[Path]:
    files = _in_text(path) if is_folder(path) else [path]
    return [file for file in files if file.suffix == ".csv" and _LOCALE.fullmatch(file.stem)]


def _in_text(folder: Path) -> list[Path]:
    text = folder / "text"
    return files_in(text, ".csv") if text in files_in(folder) else []


def _tables_or_refuse(path: Path) -> list[Path]:
    files = _tables(path)
    if path.is_dir() and not files:
        raise UserError(
            "There is no text/LOCALE.csv, like text/en-US.csv, in this folder.",
            where=str(path),
            remedy="Choose the folder of MInDS-14 as it was unpacked, with text/ and audio/.",
        )
    return files or [path]


def _names_recordings(names: Sequence[str]) -> bool:
    return bool({"filepath", "file_path", "path"} & set(names) and {"intent", "intent_class"} & set(names))


def _rows(source: Source, options: Options, notes: list[str]) -> Iterator[_Row]:
    names, rows = read_table(source.path, after_spaces=True)
    known = {"text": _TEXT} if _TEXT in names and options.guess_columns else {}
    known |= {"audio": "file_path"} if "file_path" in names and options.guess_columns else {}
    columns = choose_columns(names, replace(options, columns={**known, **options.columns}), str(source.path))
    notes += [note for note in columns.notes if note not in notes]
    for number, values in rows:
        yield source, number, row_record(values, columns), columns


def _recording(file: Path, row: Record, options: Options) -> Path:
    """Where the recording is, or else should be: the published paths begin at different folders."""
    named = str(row.values.get("audio") or "")
    locale = file.stem
    folders = [options.audio] if options.audio else [file.parent.parent / "audio", file.parent.parent]
    spellings = (named, named.replace("~", "/"))
    places = [
        real_folder(folder) / at / name for folder in folders for at in ("", locale) for name in spellings
    ]
    return next((place for place in places if is_file(place)), places[0])


def _entry(row: Record, columns: Columns, source: Source, number: int, recording: Path | None) -> Entry:
    locale = source.path.stem
    named: Any = row.values.get("audio")
    if recording is None:
        columns = Columns({field: name for field, name in columns.of.items() if field != "audio"}, ())
    entry = row_entry(
        row,
        columns,
        key=f"{locale}/{named or number}",
        folder=source.path.parent,
        split=source.split,
        audio=recording if named else None,
    )
    return replace(entry, language=entry.language or locale)
