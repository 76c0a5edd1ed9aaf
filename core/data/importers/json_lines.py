"""JSON lines: one object per line, each line with its own mistakes."""

from __future__ import annotations

import codecs
import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from core.data.importers.opening import cannot_be_read, refuse_wide_text, require_file
from core.errors import UserError

_MANIFEST: Final = "the manifest: a text file with one JSON object per line; its lines name the sound files"

_DEEPEST: Final = 100
"""What is nested further is no label, and near Python's own limit could be read, but not told or stored."""


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
    """The file's non-empty lines with their numbers from 1. Raises UserError."""
    require_file(path, _MANIFEST, pipe=True)
    try:
        # Bytes: a line that is not UTF-8 is then a problem of that line, not of the file.
        with path.open("rb") as file:
            # Looked at, not read: a pipe cannot be read twice.
            _refuse_other_kinds(path, file.peek())
            for number, raw in enumerate(file, 1):
                if raw.strip():
                    yield number, raw
    except OSError as error:
        raise cannot_be_read(path, error) from error


def _refuse_other_kinds(path: Path, head: bytes) -> None:
    """Raise UserError in one sentence for a file in which every single line would be a problem."""
    refuse_wide_text(path, head, _MANIFEST)
    start = head.removeprefix(codecs.BOM_UTF8).lstrip()
    first_line = start.partition(b"\n")[0].strip()
    if start.startswith(b"["):
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
    if number > 1 and text.startswith("\ufeff"):
        raise LineError("the line begins with a byte order mark, as where files were joined; take it away.")
    try:
        values = decode_json(text)
    except json.JSONDecodeError as error:
        raise LineError(f"broken JSON at character {error.pos + 1} ({error.msg}).") from None
    if not isinstance(values, dict):
        raise LineError('the line is not a JSON object like {"text": ..., "intent": ...}.')
    return values


def decode_json(text: str) -> object:
    """The value that a text spells. Raises json.JSONDecodeError; LineError for what is no mistake of spelling
    but cannot be taken, or not whole."""
    try:
        value: object = _DECODER.decode(text)
    except json.JSONDecodeError:
        raise
    except RecursionError:
        raise LineError("broken JSON (too deeply nested).") from None
    except ValueError:  # Python refuses to make a number of thousands of digits
        raise LineError("a number has too many digits; write it in quotes.") from None
    if text.count("[") + text.count("{") > _DEEPEST and _is_deeper(value, _DEEPEST):
        raise LineError("broken JSON (too deeply nested).")
    # Only an escape can bring half a character into text that was read as UTF-8.
    if "\\u" in text and not _is_whole(value):
        raise LineError('half a character is written as an escape like "\\ud800"; write the whole one.')
    return value


def _is_deeper(value: object, levels: int) -> bool:
    """Whether lists and objects stand in each other more than so many times."""
    level = [value]
    for _ in range(levels + 1):
        inner = [list(each.values()) if isinstance(each, dict) else each for each in level]
        level = [each for values in inner if isinstance(values, list) for each in values]
    return bool(level)


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
