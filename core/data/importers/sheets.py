"""The first sheet of a spreadsheet, as rows of values."""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, BinaryIO, Final

from core.data.importers.gathering import NoValue
from core.data.importers.opening import head_of
from core.errors import UserError

_OLD_OR_LOCKED: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
"""What files of older Office programs begin with, and what newer ones wrap a file with a password in."""
_SAVE: Final = "Save it as .xlsx, or as CSV with the encoding UTF-8."
_DAMAGE: Final = (
    *(OSError, EOFError, zipfile.BadZipFile, zlib.error, SyntaxError),
    *(ValueError, LookupError, TypeError, AttributeError, ArithmeticError, RuntimeError),
)
"""What comes of damaged parts: of the archive, of the XML in it (a SyntaxError), and of what that says."""
_PIECE: Final = 1 << 20


def sheet_rows(path: Path, notes: list[str]) -> Iterator[tuple[int, Sequence[Any]]]:
    """The rows with their numbers from 1; sheets that are not read are told in `notes`. Raises UserError,
    also while rows are read."""
    _refuse_other_files(path)
    # openpyxl leaves a damaged file open that it has opened itself.
    with path.open("rb") as file, path.open("rb") as again:
        yield from _rows_of(path, file, again, notes)


def _rows_of(
    path: Path, file: BinaryIO, again: BinaryIO, notes: list[str]
) -> Iterator[tuple[int, Sequence[Any]]]:
    try:
        values = _open(file, path, calculated=True)
        # A program that writes spreadsheets without calculating leaves no values of formulas.
        formulas = _open(again, path, calculated=False) if _has_formulas(path) else None
    except _DAMAGE as error:
        raise _damaged(
            "The list of sheets, or the start of a sheet, is damaged.", str(path), error
        ) from error
    number, filled = 0, False
    rows = zip(_rows(values), _rows(formulas), strict=True) if formulas else ((r, r) for r in _rows(values))
    try:
        for number, (row, written) in enumerate(rows, 1):
            taken = tuple(_value(cell, other) for cell, other in zip(row, written, strict=True))
            filled = filled or any(value not in (None, "") for value in taken)
            yield number, taken
    except _DAMAGE as error:
        raise _damaged("From here on the sheet is damaged.", f"{path}, row {number + 1}", error) from error
    first, *others = (sheet.title for sheet in values.worksheets)
    if others and not filled:
        raise UserError(
            f'The sheet "{first}" is empty, and only the first sheet is read.',
            where=str(path),
            remedy=f"Move the sheet with the utterances ({_quoted(others)}) before the first.",
        )
    if others:
        notes.append(f'Only the first sheet, "{first}", was read, not {_quoted(others)}.')


def _damaged(what: str, where: str, error: Exception) -> UserError:
    return UserError(what, where=where, remedy=_SAVE, details=f"{type(error).__name__}: {error}")


def _quoted(names: Sequence[str]) -> str:
    return ", ".join(f'"{name}"' for name in names)


def _open(file: BinaryIO, path: Path, *, calculated: bool) -> Any:
    from openpyxl import load_workbook

    book = load_workbook(file, read_only=True, data_only=calculated)
    if not book.worksheets:
        book.close()
        raise UserError(
            f"The spreadsheet has no sheet with cells, but {_quoted(book.sheetnames) or 'no sheet at all'}.",
            where=str(path),
            remedy="Choose one with a table.",
        )
    return book


def _rows(book: Any) -> Iterator[Sequence[Any]]:
    """Of the first sheet; the book is closed behind them."""
    sheet = book.worksheets[0]
    # The size that a file tells may be too small: rows beyond would be lost.
    sheet.reset_dimensions()
    try:
        yield from sheet.iter_rows()
    finally:
        book.close()


def _value(cell: Any, written: Any) -> object:
    if cell.data_type == "e":
        return NoValue(f"holds the error {cell.value}")
    if cell.value is None and written.data_type == "f":
        return NoValue("holds a formula that was never calculated")
    return cell.value


def _has_formulas(path: Path) -> bool:
    with zipfile.ZipFile(path) as archive:
        for name in archive.namelist():
            if not name.startswith("xl/worksheets/"):
                continue
            with archive.open(name) as part:
                last = b""
                while piece := last + part.read(_PIECE):
                    if b"<f>" in piece or b"<f " in piece:
                        return True
                    if len(piece) <= len(last):
                        break
                    last = piece[-2:]
    return False


def _refuse_other_files(path: Path) -> None:
    """Raise UserError for what is known at once to be no spreadsheet that can be read, and say why."""
    head = head_of(path, 8)
    what, remedy = "This is no spreadsheet that can be read.", _SAVE
    if not head:
        what = "The file is empty."
    elif head == _OLD_OR_LOCKED:
        what = "This spreadsheet is protected by a password, or is an old .xls."
        remedy = f"{_SAVE[:-1]}, without a password."
    elif head.startswith(b"PK"):
        try:
            with zipfile.ZipFile(path) as archive:
                parts = archive.infolist()
        except (zipfile.BadZipFile, OSError, ValueError) as error:
            raise UserError(
                "The spreadsheet is not whole; it may be only partly downloaded.",
                where=str(path),
                remedy="Copy or download it again.",
                details=str(error),
            ) from error
        if any(part.flag_bits & 1 for part in parts):
            what, remedy = "This spreadsheet is encrypted.", f"{_SAVE[:-1]}, without a password."
        elif any(part.filename.startswith("xl/") for part in parts):
            return
        else:
            what = "This archive is no spreadsheet."
    raise UserError(what, where=str(path), remedy=remedy)
