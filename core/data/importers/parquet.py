"""Parquet and Hugging Face datasets: files with the recordings inside, and folders of `save_to_disk`.

Recordings that are inside are written out, each once, named by the hash of its content: the rest of the
program takes files.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from core.data.importers.columns import choose_columns, row_entry, row_record
from core.data.importers.gathering import Gathering, NoValue, Record, key_prefixes, shown
from core.data.importers.opening import files_in, head_of, is_folder, real_folder, require_file
from core.data.importers.source import NO_OPTIONS, Options, Source, split_named
from core.data.progress import Cancel, Progress, never
from core.data.splits import Entry
from core.errors import UserError
from core.storage.files import worded_disk_errors, write_bytes_atomically

_BATCH: Final = 256
_MAGIC: Final = b"PAR1"
_AGAIN: Final = "Copy or download it again."
_SAVED: Final = ("dataset_dict.json", "dataset_info.json")
"""What `save_to_disk` writes beside its files."""


@dataclass(frozen=True)
class _Table:
    """One table of rows. split: its name as its file or folder has it. classes: the names of the classes that
    a column holds the numbers of."""

    path: Path
    split: str
    columns: tuple[str, ...]
    classes: Mapping[str, Sequence[str]]
    rows: Iterator[Mapping[str, Any]]


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
    written: set[Path] = set()
    try:
        return _read(sources, options, Gathering("dataset", progress, cancelled), written)
    except BaseException:
        for file in written:
            file.unlink(missing_ok=True)
        for folder in {file.parent for file in written}:
            # Of an earlier import, or of somebody else, there may be more in it.
            with contextlib.suppress(OSError):
                folder.rmdir()
        raise


def _read(
    sources: Sequence[Source], options: Options, gathered: Gathering, written: set[Path]
) -> tuple[list[Entry], list[str]]:
    """written: takes the recordings that were not there before."""
    notes: list[str] = []
    for prefix, source in zip(key_prefixes(sources), sources, strict=True):
        folder = real_folder(options.audio or source.path.parent / f"{source.path.stem}-audio")
        for table in _tables(source.path):
            columns = choose_columns(table.columns, options, str(table.path))
            inside = False
            for number, values in enumerate(table.rows, 1):
                gathered.check_cancelled()
                row = row_record(_with_names(values, table.classes), columns)
                audio = _written(row, folder, written)
                inside = inside or audio is not None
                entry = row_entry(
                    row,
                    columns,
                    key=f"{prefix}:{table.split}:{number}",
                    folder=real_folder(table.path.parent),
                    split=source.split or split_named(table.split),
                    audio=audio,
                )
                if entry.language in options.languages or not options.languages:
                    gathered.add(f"{table.path.name}, row {number}", entry, row)
            told = [*columns.notes, *([f"The recordings inside were written to {folder}."] * inside)]
            notes += [note for note in told if note not in notes]
    entries = gathered.finish(sources, "It has no rows, or none in these languages.")
    return entries, [*notes, *gathered.notes]


def _is_saved(folder: Path) -> bool:
    names = {file.name for file in files_in(folder)}
    return bool(names & set(_SAVED)) and any(folder.rglob("*.arrow"))


def _tables(path: Path) -> Iterator[_Table]:
    if is_folder(path) and _is_saved(path):
        yield from _saved_tables(path)
        return
    for file in files_in(path, ".parquet", below=True) if is_folder(path) else [path]:
        yield _parquet_table(file)


def _parquet_table(file: Path) -> _Table:
    import pyarrow
    from pyarrow import parquet

    require_file(file, "a Parquet file")
    head = head_of(file, 4)
    if head != _MAGIC:
        raise UserError(
            "This is no Parquet file." if head else "The file is empty.", where=str(file), remedy=_AGAIN
        )
    try:
        opened = parquet.ParquetFile(file)
    except (pyarrow.ArrowException, OSError) as error:
        raise UserError(
            "The Parquet file cannot be read: it is damaged, or not whole.",
            where=str(file),
            remedy=_AGAIN,
            details=str(error),
        ) from error
    schema = opened.schema_arrow
    return _Table(file, file.stem, tuple(schema.names), _classes(schema.metadata or {}), _rows(opened, file))


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


def _saved_tables(folder: Path) -> Iterator[_Table]:
    from datasets import Audio, ClassLabel, DatasetDict, load_from_disk

    try:
        found = load_from_disk(str(folder))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise UserError(
            "The dataset cannot be read.",
            where=str(folder),
            remedy="It must be a folder as save_to_disk of Hugging Face's datasets writes it.",
            details=str(error),
        ) from error
    parts = found.items() if isinstance(found, DatasetDict) else [(folder.name, found)]
    for split, stored in parts:
        features = stored.features
        # As it is stored: decoding is what `core.audio.files` is for.
        sounds = {
            name: Audio(decode=False) for name, feature in features.items() if isinstance(feature, Audio)
        }
        rows = stored.cast(type(features)({**features, **sounds})) if sounds else stored
        classes = {name: each.names for name, each in features.items() if isinstance(each, ClassLabel)}
        yield _Table(folder / str(split), str(split), tuple(features), classes, iter(rows))


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
        else NoValue(f"holds class {number}, but only {len(names)} have names, from 0 on")
    )


def _written(row: Record, folder: Path, written: set[Path]) -> Path | None:
    """Where the bytes of the row's recording now are. None where it has none; the path of a recording that is
    not inside is left in its place."""
    audio = row.values.get("audio")
    if not isinstance(audio, Mapping):
        return None
    data, name = audio.get("bytes"), audio.get("path")
    row.values["audio"] = name
    if not isinstance(data, bytes):
        return None
    suffix = Path(name).suffix if isinstance(name, str) else ""
    if not re.fullmatch(r"(\.\w{1,8})?", suffix):
        row.problems.append(f'"audio": the name of the recording ends in no suffix of a file: {shown(name)}.')
        return None
    file = folder / f"{hashlib.sha256(data).hexdigest()[:32]}{suffix or '.wav'}"
    with worded_disk_errors(file):
        folder.mkdir(parents=True, exist_ok=True)
        there = file.is_file()
    if not there:
        write_bytes_atomically(file, data)
        written.add(file)
    return file
