"""Tables: CSV and TSV as text, XLSX as spreadsheets have it. The first row names the columns."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, Final

from core.data.importers.columns import choose_columns, row_entry, row_record
from core.data.importers.gathering import Gathering, key_prefixes
from core.data.importers.opening import cannot_be_read, head_of, real_folder, refuse_wide_text, require_file
from core.data.importers.sheets import sheet_rows
from core.data.importers.source import NO_OPTIONS, Options, Source, split_named
from core.data.progress import Cancel, Progress, never
from core.data.splits import Entry
from core.errors import UserError

_SUFFIXES: Final = (".csv", ".tsv", ".xlsx")
_LOOK: Final = 20
_HEAD: Final = 4096
"""Bytes that tell text from what is none."""
Row = tuple[int, dict[str, Any]]
"""Its number as an editor or a spreadsheet counts it, and its values by column."""


@dataclass(frozen=True)
class TablePreview:
    """The first rows of a table as they are, for somebody who chooses columns."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def recognises(path: Path) -> bool:
    """Whether this is called as a table is."""
    return path.suffix.lower() in _SUFFIXES and path.is_file()


def read(
    sources: Sequence[Source],
    options: Options = NO_OPTIONS,
    progress: Progress | None = None,
    cancelled: Cancel = never,
) -> tuple[list[Entry], list[str]]:
    """One utterance for each row; recordings lie in `options.audio`, or from the table's folder on. A file
    called train, dev or test is that split. Raises UserError with the first 20 problems, each with file and
    row; Cancelled."""
    gathered = Gathering("table", progress, cancelled, options.leave_out)
    notes: list[str] = []
    unread: list[str] = []
    for prefix, source in zip(key_prefixes(sources), sources, strict=True):
        names, rows = read_table(source.path, notes=unread)
        columns = choose_columns(names, options, str(source.path))
        notes += [note for note in columns.notes if note not in notes]
        folder = real_folder(options.audio or source.path.parent)
        for number, values in rows:
            gathered.check_cancelled()
            row = row_record(values, columns)
            split = source.split or split_named(source.path.stem)
            entry = row_entry(row, columns, key=f"{prefix}:{number}", folder=folder, split=split)
            row.problems = [columns.by_name(problem) for problem in row.problems]
            gathered.add(f"{source.path.name}, row {number}", entry, row)
    entries = gathered.finish(sources, "It needs a row with the columns' names and rows below.")
    return entries, [*notes, *unread, *gathered.notes]


def preview(path: Path) -> TablePreview:
    """The columns and the first 20 rows. Raises UserError when it is no table."""
    names, rows = read_table(path)
    first = [values for _, values in islice(rows, _LOOK)]
    return TablePreview(
        tuple(names), tuple(tuple(str(values[name] or "") for name in names) for values in first)
    )


def read_table(
    path: Path, *, quoted: bool = True, after_spaces: bool = False, notes: list[str] | None = None
) -> tuple[list[str], Iterator[Row]]:
    """The columns' names and the rows, those without any value left out. quoted: whether quotes may stand
    around a value; else they are part of it. after_spaces: whether a value begins behind the spaces that
    follow a separator. notes: takes what else is not read, when all rows are read. Raises UserError, also
    while rows are read."""
    require_file(path, "a file with a table")
    form = {"quoting": csv.QUOTE_MINIMAL if quoted else csv.QUOTE_NONE, "skipinitialspace": after_spaces}
    rows = (
        sheet_rows(path, [] if notes is None else notes)
        if path.suffix.lower() == ".xlsx"
        else _text(path, form)
    )
    _, header = next(rows, (1, []))
    # pandas writes the numbers of its rows into a column without a name.
    names = [str(name or "").strip() or f"column {number}" for number, name in enumerate(header, 1)]
    twice = sorted({name for name in names if names.count(name) > 1})
    if not names or twice:
        raise UserError(
            f"The first row names {', '.join(twice)} twice." if twice else _why_nameless(rows),
            where=f"{path}, row 1",
            remedy="Write a name of its own above each column.",
        )
    return names, _named(names, rows, path)


def _why_nameless(rows: Iterator[tuple[int, Sequence[Any]]]) -> str:
    filled = any(value not in (None, "") for _, values in rows for value in values)
    return "The first row is empty." if filled else "The table is empty."


def _named(names: Sequence[str], rows: Iterator[tuple[int, Sequence[Any]]], path: Path) -> Iterator[Row]:
    # A spreadsheet does not store the empty cells behind the last full one; a text has all its separators.
    ragged = path.suffix.lower() != ".xlsx"
    for number, values in rows:
        if not any(value not in (None, "") for value in values):
            continue
        short = ragged and len(values) < len(names)
        if short or any(value not in (None, "") for value in values[len(names) :]):
            raise UserError(
                f"A row has {len(values)} values, but there are {len(names)} columns.",
                where=f"{path}, row {number}",
                remedy="Write a separator also for an empty value."
                if short
                else "Put a value that holds the separator into quotes.",
            )
        padded = [*values, *[None] * (len(names) - len(values))]
        yield number, dict(zip(names, padded, strict=False))


def _text(path: Path, form: Mapping[str, Any]) -> Iterator[tuple[int, Sequence[str]]]:
    number = 1
    try:
        refuse_wide_text(path, head_of(path, _HEAD), "a table as text, or save it as .xlsx")
        with path.open(encoding="utf-8-sig", newline="") as file:
            first = file.readline()
            separator = "\t" if path.suffix.lower() == ".tsv" else max(",;\t", key=first.count)
            file.seek(0)
            # Without strict, a quote that is never closed would swallow the rest of the file.
            reader = csv.reader(file, delimiter=separator, strict=True, **form)
            while True:
                number = reader.line_num + 1
                try:
                    yield number, next(reader)
                except StopIteration:
                    return
    except UnicodeDecodeError as error:
        binary = b"\0" in error.object
        raise UserError(
            "This is not a text file." if binary else "The table is not UTF-8 text.",
            where=str(path),
            remedy="Choose a table: CSV, TSV or XLSX."
            if binary
            else "Save it as CSV with the encoding UTF-8.",
        ) from error
    except csv.Error as error:
        raise UserError(
            f"A row cannot be read ({error}).",
            where=f"{path}, line {number}",
            remedy="Close its quotes, or save the table anew.",
        ) from error
    except OSError as error:
        raise cannot_be_read(path, error) from error
