"""Fluent Speech Commands: `data/train_data.csv`, `valid_data.csv`, `test_data.csv`, and `wavs/`.

Columns path, speakerId, transcription, action, object, location. The action is the intent; object and
location are slots, which are absent where the file says "none" (Lugosch et al., Interspeech 2019).
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from core.data.importers.gathering import Gathering, Record
from core.data.importers.opening import files_in, is_folder, real_folder
from core.data.importers.source import NO_OPTIONS, Options, Source, split_named
from core.data.importers.table import read_table
from core.data.progress import Cancel, Progress, never
from core.data.splits import Entry
from core.data.utterance import Label, Slot
from core.errors import UserError

_COLUMNS: Final = frozenset({"path", "speakerId", "transcription", "action", "object", "location"})
_SLOTS: Final = ("object", "location")


def recognises(path: Path) -> bool:
    """Whether this is one of its tables, or the folder that holds them."""
    try:
        return bool(_tables(path)) and all(set(read_table(file)[0]) >= _COLUMNS for file in _tables(path))
    except UserError:
        return False


def read(
    sources: Sequence[Source],
    options: Options = NO_OPTIONS,
    progress: Progress | None = None,
    cancelled: Cancel = never,
) -> tuple[list[Entry], list[str]]:
    """One utterance for each row, with text and recording. Raises UserError with the first 20 problems, each
    with file and row; Cancelled."""
    gathered = Gathering("Fluent Speech Commands", progress, cancelled, options.leave_out)
    for source in sources:
        tables = _tables(source.path)
        if not tables:
            raise UserError(
                "There is no data/train_data.csv, valid_data.csv or test_data.csv.",
                where=str(source.path),
                remedy="Choose the folder of Fluent Speech Commands, with data and wavs.",
            )
        for file in tables:
            names, rows = read_table(file)
            missing = sorted(_COLUMNS - set(names))
            if missing:
                raise UserError(
                    f"There is no column {', '.join(missing)}.",
                    where=str(file),
                    remedy="Choose the folder of Fluent Speech Commands as it was downloaded.",
                )
            for number, values in rows:
                gathered.check_cancelled()
                row = Record({name: value for name, value in values.items() if value != ""})
                # Paths are from the folder above `data` on.
                folder = options.audio or file.parent.parent
                gathered.add(f"{file.name}, row {number}", _entry(row, source, file, folder), row)
    return gathered.finish(sources, "Choose its folder with data/train_data.csv and wavs/."), gathered.notes


def _tables(path: Path) -> list[Path]:
    if not is_folder(path):
        return [path] if path.suffix == ".csv" else []
    folder = path / "data"
    files = files_in(folder, ".csv") if folder in files_in(path) else []
    return [file for file in files if split_named(file.stem) is not None]


def _entry(row: Record, source: Source, file: Path, folder: Path) -> Entry:
    named = row.required("path")
    audio, duration_s = row.recording(real_folder(folder) / named, "path", written=named)
    slots = [Slot(name, row.required(name)) for name in _SLOTS]
    return Entry(
        key=named,
        label=Label(row.required("action"), tuple(slot for slot in slots if slot.filler != "none")),
        text=row.required("transcription"),
        audio=audio,
        duration_s=duration_s,
        language="en",
        speaker=row.required("speakerId"),
        split=source.split or split_named(file.stem),
    )
