"""Tables in the form of Common Voice: TSV with client_id, path and sentence, recordings in `clips/`.

Common Voice says what was spoken, not what was meant: somebody must have added a column with the intent, and
perhaps one with slots. `train`, `dev` and `test.tsv` hold part of what `validated.tsv` holds.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path
from typing import Any, Final

from core.data.importers.columns import Columns, choose_columns, guess_columns, row_entry, row_record
from core.data.importers.gathering import Gathering, Record, counted
from core.data.importers.opening import files_in, is_file, is_folder, real_folder
from core.data.importers.source import NO_OPTIONS, Options, Source, is_among, split_named
from core.data.importers.table import read_table
from core.data.progress import Cancel, Progress, never
from core.data.splits import Entry
from core.data.utterance import Label
from core.errors import UserError

_COLUMNS: Final = {"audio": "path", "text": "sentence", "speaker": "client_id"}
_LOOK: Final = 20
_DOUBTED: Final = ("invalidated", "other")
"""Files of recordings of which nobody has confirmed that the sentence is what is said."""


@dataclass
class _Taken:
    """What was taken: of each recording its place, text and label. again: how many rows of a file were there
    already, by its name."""

    said: dict[Path, tuple[str, str | None, Label]] = field(default_factory=dict)
    again: Counter[str] = field(default_factory=Counter)
    other_languages: int = 0


def recognises(path: Path) -> bool:
    """Whether this is such a table, a folder with some, or one with a folder for each language."""
    try:
        return bool(_files(path))
    except (OSError, UserError):
        return False


def read(
    sources: Sequence[Source],
    options: Options = NO_OPTIONS,
    progress: Progress | None = None,
    cancelled: Cancel = never,
) -> tuple[list[Entry], list[str]]:
    """One utterance for each recording, of all languages or those of the options; texts alone where there is
    no folder of recordings.

    Raises UserError when no table has intents, or with the first 20 problems, each with file and row;
    Cancelled.
    """
    gathered = Gathering("Common Voice table", progress, cancelled, options.leave_out)
    files = [Source(file, source.split) for source in sources for file in _files_or_refuse(source.path)]
    # Of a recording in several tables, the one that names its split counts.
    files.sort(key=lambda file: split_named(file.path.stem) is None)
    labelled, notes = _labelled(files, options)
    several = len({file.path.parent for file in labelled}) > 1
    taken = _Taken()
    absent: list[str] = []
    for source in labelled:
        clips = _clips(source.path, options)
        absent += [source.path.name] if clips is None else []
        for place, entry, row in _rows(source, options, clips, notes):
            gathered.check_cancelled()
            recording = (clips or source.path.parent) / entry.key
            if options.languages and not is_among(entry.language, options.languages):
                taken.other_languages += 1
            elif (earlier := taken.said.get(recording)) is None:
                taken.said[recording] = (place, entry.text, entry.label)
                key = f"{source.path.parent.name}/{entry.key}" if several else entry.key
                gathered.add(place, replace(entry, key=key), row)
            elif earlier[1:] == (entry.text, entry.label):
                taken.again[source.path.name] += 1
            else:
                gathered.refuse(place, f"{entry.key} has another sentence or label in {earlier[0]}.")
    entries = gathered.finish(sources, "Choose the folder with train.tsv, dev.tsv and test.tsv.")
    return entries, [*notes, *_notes(taken, absent), *gathered.notes]


def _files(path: Path) -> list[Path]:
    """The tables: the path itself, or those in the folder, or in its folders."""
    if not is_folder(path):
        return [path] if _is_such(path) else []
    near = [file for file in files_in(path) if _is_such(file)]
    return near or sorted(file for file in path.glob("*/*.tsv") if _is_such(file))


def _files_or_refuse(path: Path) -> list[Path]:
    files = _files(path)
    if path.is_dir() and not files:
        raise UserError(
            f"There is no TSV file with the columns {', '.join(_COLUMNS.values())} in this folder.",
            where=str(path),
            remedy="Choose the folder of a language, with train.tsv, dev.tsv, test.tsv and clips/.",
        )
    return files or [path]


def _is_such(file: Path) -> bool:
    try:
        return file.suffix == ".tsv" and set(_COLUMNS.values()) <= set(read_table(file, quoted=False)[0])
    except UserError:
        return False


def _labelled(files: Sequence[Source], options: Options) -> tuple[list[Source], list[str]]:
    """The files to read, and notes on the others. Raises UserError when none has intents."""
    doubted = [] if len(files) == 1 else [file for file in files if file.path.stem in _DOUBTED]
    wanted = [file for file in files if file not in doubted]
    names = {file.path: read_table(file.path, quoted=False)[0] for file in wanted}
    labelled = [file for file in wanted if _has_intents(names[file.path], options)]
    if not labelled:
        raise UserError(
            "No column here holds an intent: Common Voice says what was spoken, not what it means.",
            where=", ".join(str(file.path) for file in wanted),
            remedy='Add a column "intent" and, for slots, "annotation" with sentences like "wake me at'
            ' [time : six]"; or name the column that'
            " holds it, on the command line with --column intent=COLUMN.",
        )
    notes = []
    if doubted:
        left = ", ".join(file.path.name for file in doubted)
        notes.append(f"Left out: {left}. Nobody has confirmed that the sentences there are what is said.")
    if unlabelled := [file.path.name for file in wanted if file not in labelled]:
        notes.append(f"Left out: {', '.join(unlabelled)}. No column there holds an intent.")
    return labelled, notes


def _has_intents(names: Sequence[str], options: Options) -> bool:
    chosen = guess_columns(names, options.columns) if options.guess_columns else options.columns
    return chosen.get("intent") in names


def _rows(
    source: Source, options: Options, clips: Path | None, notes: list[str]
) -> Iterator[tuple[str, Entry, Record]]:
    """Each row's place, utterance and values; an utterance's key is its recording's name."""
    # Sentences hold quotation marks as they are; in this form they put nothing together.
    names, rows = read_table(source.path, quoted=False)
    known = {**_COLUMNS, **options.columns} if options.guess_columns else options.columns
    columns = choose_columns(names, replace(options, columns=known), str(source.path))
    notes += [note for note in columns.notes if note not in notes]
    if clips is None:
        # Told once for the file, instead of a problem in every row.
        columns = Columns({field: name for field, name in columns.of.items() if field != "audio"}, ())
    for number, values in rows:
        row = row_record({name: _unquoted(value) for name, value in values.items()}, columns)
        entry = row_entry(
            row,
            columns,
            key=str(values.get(_COLUMNS["audio"]) or f"{source.path.stem}:{number}"),
            folder=clips or source.path.parent,
            split=source.split or split_named(source.path.stem),
        )
        row.problems = [columns.by_name(problem) for problem in row.problems]
        yield f"{source.path.name}, row {number}", entry, row


def _unquoted(value: Any) -> Any:
    """The value as a spreadsheet took it that put quotes around it and doubled those inside."""
    if isinstance(value, str) and len(value) > 3 and value[0] == value[-1] == '"' and '""' in value[1:-1]:
        inner = value[1:-1].replace('""', "")
        return value[1:-1].replace('""', '"') if '"' not in inner else value
    return value


def _clips(file: Path, options: Options) -> Path | None:
    """The folder of the table's recordings: `clips`, or its own when some lie there; None without any."""
    if options.audio is not None:
        return real_folder(options.audio)
    near = file.resolve().parent
    if (near / "clips").is_dir():
        return near / "clips"
    first = islice(read_table(file, quoted=False)[1], _LOOK)
    names = [str(values.get(_COLUMNS["audio"]) or "") for _, values in first]
    return near if any(is_file(near / name) for name in names) else None


def _notes(taken: _Taken, absent: Sequence[str]) -> list[str]:
    notes = [
        f"{counted(number, 'row')} of {name} left out: their recordings had been taken already."
        for name, number in taken.again.items()
    ]
    if taken.other_languages:
        notes.append(f"{counted(taken.other_languages, 'row')} in other languages left out.")
    if absent:
        notes.append(
            f"There is no folder clips beside {', '.join(absent)}, so these are texts alone. Name the folder"
            " of the recordings if you have them."
        )
    return notes
