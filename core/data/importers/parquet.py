"""Parquet and Hugging Face datasets: files with the recordings inside, and folders of `save_to_disk`.

Recordings that are inside are written out, each once, named by the hash of its content: the rest of the
program takes files.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from core.data.importers.columns import choose_columns, row_entry, row_record
from core.data.importers.gathering import Gathering, NoValue, counted, key_prefixes
from core.data.importers.inside import InsideRecordings
from core.data.importers.opening import files_in, head_of, is_folder, real_folder, require_file
from core.data.importers.source import NO_OPTIONS, Options, Source, is_among, split_named
from core.data.progress import Cancel, Progress, never
from core.data.splits import Entry
from core.data.utterance import Split
from core.errors import UserError

_BATCH: Final = 256
_MAGIC: Final = b"PAR1"
_AGAIN: Final = "Copy or download it again."
_SAVED: Final = ("dataset_dict.json", "dataset_info.json")
"""What `save_to_disk` writes beside its files."""


@dataclass(frozen=True)
class Table:
    """One table of rows. split: its name as its file or folder has it. classes: the names of the classes that
    a column holds the numbers of. key: what tells it from others where several have the same name."""

    path: Path
    split: str
    columns: tuple[str, ...]
    classes: Mapping[str, Sequence[str]]
    rows: Iterator[Mapping[str, Any]]
    key: str = ""


def recognises(path: Path) -> bool:
    """Whether this is a Parquet file, a folder of them, or a folder that `save_to_disk` wrote."""
    if path.is_dir():
        return _is_saved(path) or any(path.rglob("*.parquet"))
    return path.suffix == ".parquet"


def read(
    sources: Sequence[Source],
    options: Options = NO_OPTIONS,
    progress: Progress | None = None,
    cancelled: Cancel = never,
) -> tuple[list[Entry], list[str]]:
    """One utterance for each row, of all languages or those of the options. Recordings are written below
    `options.audio`, or into a folder beside the source.

    Raises UserError with the first 20 problems, each with file and row; Cancelled.
    """
    gathered = Gathering("dataset", progress, cancelled, options.leave_out)
    return gather_tables(gathered, sources, options, _tables, lambda path: path.parent / f"{path.stem}-audio")


def gather_tables(
    gathered: Gathering,
    sources: Sequence[Source],
    options: Options,
    tables_of: Callable[[Path, list[str]], Iterable[Table]],
    folder_of: Callable[[Path], Path],
) -> tuple[list[Entry], list[str]]:
    """What `read` of an importer gives. tables_of: the tables of a source, which may add notes. folder_of:
    where its recordings are written, if the options do not say. Raises as `read`."""
    notes: list[str] = []
    with InsideRecordings() as inside:
        for prefix, source in zip(key_prefixes(sources), sources, strict=True):
            gathered.check_cancelled()
            folder = real_folder(options.audio or folder_of(source.path))
            for table in tables_of(source.path, notes):
                told = _gather_table(gathered, table, options, source.split, (inside, folder), prefix)
                notes += [note for note in told if note not in notes]
        entries = gathered.finish(sources, "It has no rows, or none in these languages.")
    return entries, [*notes, *gathered.notes]


def _gather_table(
    gathered: Gathering,
    table: Table,
    options: Options,
    split: Split | None,
    sounds: tuple[InsideRecordings, Path],
    prefix: str,
) -> list[str]:
    """Gather a table's rows; returns notes.

    split: where all rows belong; None: where the table's name says. sounds: what writes recordings that are
    inside, and the folder to write them into. prefix: what keys of rows without an id begin with. Raises
    UserError when it has no usable columns, Cancelled.
    """
    columns = choose_columns(table.columns, options, str(table.path))
    (recordings, folder), inside, left_out = sounds, False, 0
    for number, values in enumerate(table.rows, 1):
        gathered.check_cancelled()
        row = row_record(_with_names(values, table.classes), columns)
        if options.languages and not is_among(str(row.values.get("language") or ""), options.languages):
            left_out += 1
            continue
        audio = recordings.write(row, folder)
        inside = inside or audio is not None
        entry = row_entry(
            row,
            columns,
            key=f"{prefix}:{table.key or table.split}:{number}",
            folder=real_folder(table.path.parent),
            split=split or split_named(table.split),
            audio=audio,
        )
        row.problems = [columns.by_name(problem) for problem in row.problems]
        gathered.add(f"{table.path.name}, row {number}", entry, row)
    notes = columns.notes
    if left_out:
        notes.append(f"{counted(left_out, 'row')} of {table.key or table.split} in other languages left out.")
    return [*notes, *([f"The recordings inside were written to {folder}."] * inside)]


def _is_saved(folder: Path) -> bool:
    names = {file.name for file in files_in(folder)}
    return bool(names & set(_SAVED)) and any(folder.rglob("*.arrow"))


def _tables(path: Path, notes: list[str]) -> Iterator[Table]:
    if is_folder(path) and _is_saved(path):
        yield from _saved_tables(path)
        return
    files = files_in(path, ".parquet", below=True) if is_folder(path) else [path]
    files = _without_all(path, files, notes)
    stems = Counter(file.stem for file in files)
    for file in files:
        table = _parquet_table(file)
        alike = stems[file.stem] > 1
        yield replace(table, key=file.relative_to(path).with_suffix("").as_posix()) if alike else table


def _without_all(path: Path, files: list[Path], notes: list[str]) -> list[Path]:
    """The files without those of a folder "all" that has as many rows as the folders beside it together:
    several datasets are published by language and once more as one."""
    folders = {file: file.relative_to(path).parts[0] for file in files if path not in (file, file.parent)}
    again = [file for file, folder in folders.items() if folder == "all"]
    others = [file for file, folder in folders.items() if folder != "all"]
    if not again or not others or _rows_of(again) != _rows_of(others):
        return files
    notes.append('The folder "all" was left out: it has what the other folders have.')
    return [file for file in files if file not in again]


def _rows_of(files: Sequence[Path]) -> int:
    return sum(_opened(file).metadata.num_rows for file in files)


def _opened(file: Path) -> Any:
    import pyarrow
    from pyarrow import parquet

    require_file(file, "a Parquet file")
    head = head_of(file, 4)
    if head != _MAGIC:
        raise UserError(
            "This is no Parquet file." if head else "The file is empty.", where=str(file), remedy=_AGAIN
        )
    try:
        return parquet.ParquetFile(file)
    except (pyarrow.ArrowException, OSError) as error:
        raise UserError(
            "The Parquet file cannot be read: it is damaged, or not whole.",
            where=str(file),
            remedy=_AGAIN,
            details=str(error),
        ) from error


def _parquet_table(file: Path) -> Table:
    opened = _opened(file)
    schema = opened.schema_arrow
    return Table(file, file.stem, tuple(schema.names), _classes(schema.metadata or {}), _rows(opened, file))


def _rows(opened: Any, file: Path) -> Iterator[Mapping[str, Any]]:
    import pyarrow

    number = 1
    try:
        for batch in opened.iter_batches(_BATCH):
            for row in batch.to_pylist():
                yield row
                number += 1
    except (pyarrow.ArrowException, OSError, ValueError) as error:
        raise UserError(
            "The Parquet file is damaged: from here on it cannot be read.",
            where=f"{file}, row {number}",
            remedy=_AGAIN,
            details=str(error),
        ) from error


def _classes(metadata: Mapping[bytes, bytes]) -> dict[str, Sequence[str]]:
    """From what Hugging Face's library notes in a file."""
    try:
        features = json.loads(metadata[b"huggingface"])["info"]["features"]
    except (KeyError, ValueError, TypeError):
        return {}
    return {
        name: feature["names"]
        for name, feature in features.items()
        if isinstance(feature, dict) and feature.get("_type") == "ClassLabel"
    }


def _saved_tables(folder: Path) -> Iterator[Table]:
    from datasets import load_from_disk

    try:
        found = load_from_disk(str(folder))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise UserError(
            "The dataset cannot be read.",
            where=str(folder),
            remedy="It must be a folder as save_to_disk of Hugging Face's datasets writes it.",
            details=str(error),
        ) from error
    yield from stored_tables(found, folder)


def stored_tables(found: Any, place: Path) -> Iterator[Table]:
    """The tables of a Dataset or DatasetDict of Hugging Face's library. place: where it is from."""
    from datasets import Audio, ClassLabel, DatasetDict

    parts = found.items() if isinstance(found, DatasetDict) else [(place.name, found)]
    for split, stored in parts:
        features = stored.features
        # As it is stored: decoding is what `core.audio.files` is for.
        sounds = {
            name: Audio(decode=False) for name, feature in features.items() if isinstance(feature, Audio)
        }
        rows = stored.cast(type(features)({**features, **sounds})) if sounds else stored
        classes = {name: each.names for name, each in features.items() if isinstance(each, ClassLabel)}
        yield Table(place / str(split), str(split), tuple(features), classes, iter(rows))


def _with_names(values: Mapping[str, Any], classes: Mapping[str, Sequence[str]]) -> dict[str, Any]:
    """The row with names in place of the numbers of classes; -1 stands for none, and a number without a name
    for something that is no text."""
    numbered = {name: values[name] for name in classes if isinstance(values.get(name), int)}
    return {**values, **{name: _class_name(classes[name], n) for name, n in numbered.items()}}


def _class_name(names: Sequence[str], number: int) -> object:
    if number == -1:
        return None
    return (
        names[number]
        if 0 <= number < len(names)
        else NoValue(f"is class {number}, but there are only {len(names)}, from 0 on")
    )
