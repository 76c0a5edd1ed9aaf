"""JSON files that are one value: read whole, or refused in words."""

from __future__ import annotations

import json
from pathlib import Path

from core.data.importers.json_lines import LineError, decode_json
from core.data.importers.opening import cannot_be_read, refuse_wide_text, require_file
from core.errors import UserError


def read_json(path: Path, remedy: str) -> object:
    """The value in a UTF-8 file, with or without a byte order mark.

    remedy: what to do about broken content, a sentence. Raises UserError, also for what JSON would let pass:
    a name written twice, half a character.
    """
    require_file(path, "a JSON file")
    try:
        content = path.read_bytes()
    except OSError as error:
        raise cannot_be_read(path, error) from error
    refuse_wide_text(path, content[:4096], "a JSON file")
    if not content.strip():
        raise UserError("The file is empty.", where=str(path), remedy=remedy)
    try:
        return decode_json(content.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise UserError(
            "The file is not UTF-8 text.", where=str(path), remedy="Save it with the encoding UTF-8."
        ) from error
    except json.JSONDecodeError as error:
        raise UserError(
            f"The JSON is broken ({error.msg}).",
            where=f"{path}, line {error.lineno}, character {error.colno}",
            remedy=remedy,
        ) from error
    except LineError as error:
        raise UserError(_sentence(str(error)), where=str(path), remedy=remedy) from error


def _sentence(words: str) -> str:
    return words[0].upper() + words[1:]
