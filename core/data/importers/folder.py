"""A folder of recordings with what is said in them.

Either tables name the recordings: `metadata.csv` or `metadata.jsonl` with file_name, in the folder itself or
in its folders train, validation and test (Hugging Face's "audiofolder"), or one table of any name. Or they
lie in folders named by their intents, each perhaps with its text beside it: `lamp_on/7.wav`, `lamp_on/7.txt`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from core.data.importers.columns import choose_columns, guess_columns, row_entry, row_record
from core.data.importers.gathering import Gathering, Record, counted, key_prefixes
from core.data.importers.json_lines import LineError, first_object, numbered_lines, parse_line
from core.data.importers.opening import files_in, is_file, is_folder, real_folder
from core.data.importers.source import NO_OPTIONS, Options, Source
from core.data.importers.table import read_table
from core.data.importers.table import recognises as is_table
from core.data.progress import Cancel, Progress, never
from core.data.splits import Entry
from core.data.utterance import Label, Split
from core.errors import UserError

_METADATA: Final = ("metadata.csv", "metadata.jsonl")
_SOUNDS: Final = frozenset(".wav .flac .ogg .oga .opus .mp3 .aif .aiff .au .m4a .aac .wma .webm".split())
"""Also of kinds that cannot be read: they are told instead of passed over."""
_TABLES: Final = frozenset(".json .jsonl .csv .tsv .xlsx .parquet .arrow".split())
_SPLITS: Final[Mapping[str, Split]] = {
    **dict.fromkeys(("train", "training"), "train"),
    **dict.fromkeys(("validation", "valid", "val", "dev", "devel"), "validation"),
    **dict.fromkeys(("test", "testing", "eval"), "test"),
}
"""Whole names: "test_mic" is more likely an intent."""
_SHOWN: Final = 10


def recognises(path: Path) -> bool:
    """Whether this is such a folder, or the metadata of one."""
    try:
        if not path.is_dir():
            return path.name in _METADATA and "file_name" in _columns(path)
        if tables := _tables(path):
            named = all("audio" in guess_columns(_columns(table)) for table in tables)
            # Of one table beside recordings somebody can say what its columns hold.
            return (named or len(tables) == 1) and any(_sounds(path))
        others = any(file.suffix.lower() in _TABLES for file in _visible(path))
        return not others and len({intent for _, intent, _ in _by_intent(path)}) > 1
    except UserError:
        return False


def read(
    sources: Sequence[Source],
    options: Options = NO_OPTIONS,
    progress: Progress | None = None,
    cancelled: Cancel = never,
) -> tuple[list[Entry], list[str]]:
    """One utterance for each line of the tables, or for each recording in a folder of an intent.

    Raises UserError with the first 20 problems, each with its place: what names a recording that is not
    there among them; recordings that nothing names are told in a note. Cancelled.
    """
    gathered = Gathering("folder of recordings", progress, cancelled, options.leave_out)
    notes: list[str] = []
    for prefix, source in zip(key_prefixes(sources), sources, strict=True):
        before = f"{prefix}/" if len(sources) > 1 else ""
        if tables := _tables(source.path):
            unnamed = _read_tables(tables, source, options, gathered, before, notes)
        else:
            unnamed = _read_intents(source, gathered, before)
        if unnamed:
            more = f" and {len(unnamed) - _SHOWN} more" if len(unnamed) > _SHOWN else ""
            shown = ", ".join(unnamed[:_SHOWN]) + more
            notes.append(f"{counted(len(unnamed), 'recording')} left out, of which nothing is said: {shown}.")
    entries = gathered.finish(
        sources,
        " ".join((*notes, "It needs a table that names the recordings, or folders named by intents.")),
    )
    return entries, [*notes, *gathered.notes]


def table_in(path: Path) -> Path | None:
    """The one table of a folder whose columns somebody may choose; None where there is none, or no such."""
    try:
        tables = _tables(path)
    except UserError:
        return None
    return tables[0] if len(tables) == 1 and is_table(tables[0]) else None


# ---- tables


def _tables(path: Path) -> list[Path]:
    """The tables that name recordings; none where folders do. Raises UserError when it is unclear which."""
    if not is_folder(path):
        if path.name not in _METADATA:
            raise UserError(
                "This is no folder.",
                where=str(path),
                remedy="Choose the folder that holds the recordings and their table.",
            )
        return [path]
    folders = [path, *_folders(path), *(inner for outer in _folders(path) for inner in _folders(outer))]
    found = [[folder / name for name in _METADATA if (folder / name).is_file()] for folder in folders]
    twice = next((pair for pair in found if len(pair) > 1), None)
    if twice:
        raise UserError(
            "There are both metadata.csv and metadata.jsonl.",
            where=str(twice[0].parent),
            remedy="Keep the one that is right.",
        )
    metadata = [file for files in found for file in files]
    if metadata:
        return metadata
    tables = [file for file in _visible(path) if is_table(file)]
    if len(tables) > 1 and not all(table.stem.lower() in _SPLITS for table in tables):
        raise UserError(
            f"There are several tables: {', '.join(table.name for table in tables)}.",
            where=str(path),
            remedy="Keep one, or one called train, one validation and one test; or choose the table itself.",
        )
    return tables


def _columns(table: Path) -> list[str]:
    """For a look: of JSON lines those of the first."""
    return list(first_object(table)) if table.suffix == ".jsonl" else read_table(table)[0]


def _read_tables(
    tables: Sequence[Path],
    source: Source,
    options: Options,
    gathered: Gathering,
    before: str,
    notes: list[str],
) -> list[str]:
    """Gather the tables' lines; returns the recordings that no line names."""
    root = source.path if source.path.is_dir() else source.path.parent
    named: set[Path] = set()
    for table in tables:
        place = table.relative_to(root).as_posix()
        names, rows = _lines(table, place, gathered, notes)
        if not names:
            continue
        is_metadata = table.name in _METADATA and options.guess_columns
        known = {"audio": "file_name"} if is_metadata else {}
        asked = replace(options, columns={**known, **options.columns})
        columns = choose_columns(names, asked, str(table))
        notes += [note for note in columns.notes if note not in notes]
        folder = real_folder(options.audio or table.parent)
        for number, values in rows:
            gathered.check_cancelled()
            row = row_record(values, columns)
            recording = folder / str(row.values.get("audio") or "")
            entry = row_entry(
                row,
                columns,
                key=f"{before}{place.rpartition('.')[0]}:{number}",
                folder=folder,
                split=source.split or _split_of(recording, root.resolve()) or _SPLITS.get(table.stem.lower()),
            )
            if entry.audio is not None:
                named.add(entry.audio.resolve())
            row.problems = [columns.by_name(problem) for problem in row.problems]
            gathered.add(f"{place}, {'line' if table.suffix == '.jsonl' else 'row'} {number}", entry, row)
    # Recordings that lie elsewhere are looked through there.
    heard = options.audio or root
    return [sound.relative_to(heard).as_posix() for sound in _sounds(heard) if sound.resolve() not in named]


def _lines(
    table: Path, place: str, gathered: Gathering, notes: list[str]
) -> tuple[list[str], Iterator[tuple[int, dict[str, Any]]]]:
    """The columns' names and the numbered rows, as of `read_table`; no names where no line can be read."""
    if table.suffix != ".jsonl":
        return read_table(table, notes=notes)
    lines: list[tuple[int, dict[str, Any]]] = []
    for number, raw in numbered_lines(table):
        try:
            lines.append((number, parse_line(raw, number)))
        except LineError as error:
            gathered.refuse(f"{place}, line {number}", str(error))
    return list(dict.fromkeys(name for _, values in lines for name in values)), iter(lines)


def _split_of(recording: Path, root: Path) -> Split | None:
    """The split whose name the nearest folder has."""
    if not recording.is_relative_to(root):
        return None
    names = reversed(recording.relative_to(root).parts[:-1])
    return next((_SPLITS[name.lower()] for name in names if name.lower() in _SPLITS), None)


# ---- folders named by intents


def _by_intent(root: Path) -> Iterator[tuple[Split | None, str, Path]]:
    """Each split, intent, and its folder with recordings."""
    tops = _folders(root)
    in_splits = bool(tops) and all(top.name.lower() in _SPLITS for top in tops)
    for top in tops:
        split = _SPLITS[top.name.lower()] if in_splits else None
        for folder in _folders(top) if in_splits else [top]:
            if any(is_sound(file) for file in _visible(folder)):
                yield split, folder.name, folder


def _read_intents(source: Source, gathered: Gathering, before: str) -> list[str]:
    """Gather the recordings of all intents; returns those that lie elsewhere."""
    root = source.path.resolve()
    taken: set[Path] = set()
    for split, intent, folder in _by_intent(root):
        files = _visible(folder)
        sounds = [file for file in files if is_sound(file)]
        spoken = {sound.stem for sound in sounds}
        for file in files:
            gathered.check_cancelled()
            if file.suffix.lower() == ".txt" and file.stem not in spoken:
                gathered.refuse(
                    file.relative_to(root).as_posix(), "this text has no recording of its name beside it."
                )
        for sound in sounds:
            gathered.check_cancelled()
            taken.add(sound)
            place = sound.relative_to(root).as_posix()
            row = Record({})
            audio, duration_s = row.recording(sound, "recording", written=sound.name)
            entry = Entry(
                key=f"{before}{place}",
                label=Label(intent),
                text=_transcript(sound, row),
                audio=audio,
                duration_s=duration_s,
                language="",
                speaker="",
                split=source.split or split,
            )
            gathered.add(place, entry, row)
    return [sound.relative_to(root).as_posix() for sound in _sounds(root) if sound not in taken]


def _transcript(sound: Path, row: Record) -> str | None:
    file = next(
        (sound.with_suffix(each) for each in (".txt", ".TXT") if sound.with_suffix(each).is_file()), None
    )
    if file is None:
        return None
    try:
        text = file.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError):
        row.problems.append(f"{file.name} cannot be read as UTF-8 text; save it anew.")
        return None
    if not text.strip():
        row.problems.append(f"{file.name} is empty; write what is said, or delete the file.")
        return None
    # An editor ends the last line; that is no space that somebody wrote.
    return row.clean(text.rstrip("\r\n"), file.name)


# ---- files


def _visible(folder: Path) -> list[Path]:
    """What is in the folder, without hidden files. Raises UserError when it cannot be looked into."""
    return [file for file in files_in(folder) if not file.name.startswith(".")]


def _folders(folder: Path) -> list[Path]:
    # A link back up would bring everything in again.
    return [
        each
        for each in _visible(folder)
        if each.is_dir() and not folder.resolve().is_relative_to(each.resolve())
    ]


def is_sound(file: Path) -> bool:
    """Whether this is a file that is called as a recording is."""
    return file.suffix.lower() in _SOUNDS and is_file(file)


def _sounds(root: Path) -> Iterator[Path]:
    """All recordings in and below the folder, hidden ones left out."""
    for file in sorted(root.rglob("*")):
        if is_sound(file) and not any(part.startswith(".") for part in file.relative_to(root).parts):
            yield file
