"""Recordings that lie inside a table: written out, each once, named by the hash of its content."""

from __future__ import annotations

import contextlib
import hashlib
import re
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from core.data.importers.gathering import Record, shown
from core.storage.files import worded_disk_errors, write_bytes_atomically

_SUFFIX: Final = re.compile(r"(\.\w{1,8})?")


class InsideRecordings:
    """Writes the recordings of an import; as a context, takes back what it wrote when the import fails."""

    def __init__(self) -> None:
        self._written: set[Path] = set()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is None:
            return
        for file in self._written:
            file.unlink(missing_ok=True)
        for folder in {file.parent for file in self._written}:
            # Of an earlier import, or of somebody else, there may be more in it.
            with contextlib.suppress(OSError):
                folder.rmdir()

    def write(self, row: Record, folder: Path) -> Path | None:
        """Where the bytes of the row's recording now are, in `folder`. None where it has none; the path of a
        recording that is not inside is left in its place. Raises UserError when it cannot be written."""
        audio = row.values.get("audio")
        if not isinstance(audio, Mapping):
            return None
        data, name = audio.get("bytes"), audio.get("path")
        row.values["audio"] = name
        if not isinstance(data, bytes):
            return None
        suffix = Path(name).suffix if isinstance(name, str) else ""
        if not _SUFFIX.fullmatch(suffix):
            row.problems.append(f'"audio": the name of the recording has an odd ending: {shown(name)}.')
            return None
        file = folder / f"{hashlib.sha256(data).hexdigest()[:32]}{suffix or '.wav'}"
        with worded_disk_errors(file):
            folder.mkdir(parents=True, exist_ok=True)
            there = file.is_file()
        if not there:
            write_bytes_atomically(file, data)
            self._written.add(file)
        return file
