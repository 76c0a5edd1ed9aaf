"""JSON lines: one object per line, each line with its own mistakes."""

from __future__ import annotations

import codecs
import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from core.errors import UserError


class LineError(Exception):
    """Why a line cannot be read at all, in words."""


def first_object(path: Path) -> dict[str, Any]:
    """The object in the file's first line; empty when it is anything else. Raises nothing: for a look."""
    try:
        number, raw = next(numbered_lines(path))
        return parse_line(raw, number)
    except (LineError, UserError, StopIteration):
        return {}


def numbered_lines(path: Path) -> Iterator[tuple[int, bytes]]:
    """The file's non-empty lines with their numbers from 1."""
    try:
        # Bytes: a line that is not UTF-8 is then a problem of that line, not of the file.
        with path.open("rb") as file:
            # Looked at, not read: a pipe cannot be read twice.
            _refuse_other_kinds(path, file.peek())
            for number, raw in enumerate(file, 1):
                if raw.strip():
                    yield number, raw
    except OSError as error:
        raise UserError(
            f"The file cannot be read ({error.strerror or error}).",
            where=str(path),
            remedy="Check the path.",
        ) from error


def _refuse_other_kinds(path: Path, head: bytes) -> None:
    """Raise UserError in one sentence for a file in which every single line would be a problem."""
    start = head.removeprefix(codecs.BOM_UTF8).lstrip()
    first_line = start.partition(b"\n")[0].strip()
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        what, remedy = "This text is UTF-16, not UTF-8.", "Save the file with the encoding UTF-8."
    elif b"\0" in head:
        what = "This is not a text file."
        remedy = (
            "Choose the manifest: a text file with one JSON object per line; its lines name the sound files."
        )
    elif start.startswith(b"["):
        what = "This is a JSON array; write one object per line."
        remedy = "Take away the brackets around the array and the commas between its objects."
    elif first_line == b"{":
        what = "An object here goes over several lines; write one object per line."
        remedy = "Save the file as JSON lines (JSONL), without line breaks inside an object."
    else:
        return
    raise UserError(what, where=str(path), remedy=remedy)


def parse_line(raw: bytes, number: int) -> dict[str, Any]:
    """The object of line `number`. Raises LineError."""
    try:
        text = raw.decode("utf-8-sig" if number == 1 else "utf-8")
    except UnicodeDecodeError:
        raise LineError("the line is not UTF-8 text; save the file as UTF-8.") from None
    try:
        values = _DECODER.decode(text)
    except json.JSONDecodeError as error:
        raise LineError(f"broken JSON at character {error.pos + 1} ({error.msg}).") from None
    except RecursionError:
        raise LineError("broken JSON (too deeply nested).") from None
    except ValueError:  # Python refuses to make a number of thousands of digits
        raise LineError("a number has too many digits; write it in quotes.") from None
    # Only an escape can bring half a character into text that was read as UTF-8.
    if "\\u" in text and not _is_whole(values):
        raise LineError('half a character is written as an escape like "\\ud800"; write the whole one.')
    if not isinstance(values, dict):
        raise LineError('the line is not a JSON object like {"text": ..., "intent": ...}.')
    return values


def _is_whole(value: object) -> bool:
    """Whether all text in a JSON value is of whole characters, which alone can be stored."""
    try:
        json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return False
    return True


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Refuses a key that is written twice: JSON would silently keep only the last."""
    values = dict(pairs)
    if len(values) < len(pairs):
        twice = next(name for name, count in Counter(name for name, _ in pairs).items() if count > 1)
        raise LineError(f'"{twice}" is written twice; give several fillers as a list.')
    return values


_DECODER: Final = json.JSONDecoder(object_pairs_hook=_object)
"""Made once: `json.loads` makes one for each line, which takes longer than a short line."""
