"""Picovoice's speech-to-intent benchmark: a folder of recordings and `label.json`
(github.com/Picovoice/speech-to-intent-benchmark).

The file maps each recording's name to its intent and slots. There are no texts.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from core.data.importers.gathering import Gathering, Record, shown
from core.data.importers.json_file import read_json
from core.data.importers.jsonl import read_slots
from core.data.importers.opening import cannot_be_read, is_file, is_folder, real_folder
from core.data.importers.source import NO_OPTIONS, Options, Source
from core.data.progress import Cancel, Progress, never
from core.data.splits import Entry
from core.data.utterance import Label
from core.errors import UserError

_NAME: Final = "label.json"


def recognises(path: Path) -> bool:
    """Whether this is `label.json`, or the benchmark's folder `data` or `label`, which hold it."""
    return path.name == _NAME or (path.is_dir() and _file(path).is_file())


def read(
    sources: Sequence[Source],
    options: Options = NO_OPTIONS,
    progress: Progress | None = None,
    cancelled: Cancel = never,
) -> tuple[list[Entry], list[str]]:
    """One utterance for each recording that the file names. Raises UserError with the first 20 problems;
    Cancelled."""
    gathered = Gathering("list of labels", progress, cancelled, options.leave_out)
    for source in sources:
        file = _file(source.path) if is_folder(source.path) else source.path
        for name, values in _labels(file).items():
            gathered.check_cancelled()
            place = f"{file.name}, {name}"
            if not isinstance(values, dict):
                gathered.refuse(place, f"must be an object with intent and slots, not {shown(values)}.")
                continue
            row = Record(values)
            audio, duration_s = row.recording(_recording(file, name, options), "recording", written=name)
            entry = Entry(
                key=name,
                label=Label(row.required("intent"), read_slots(row)),
                text=None,
                audio=audio,
                duration_s=duration_s,
                language="en",
                speaker="",
                split=source.split,
            )
            gathered.add(place, entry, row)
    return gathered.finish(sources, "Choose the folder with label.json and the recordings."), gathered.notes


def _file(folder: Path) -> Path:
    places = [folder / at / _NAME for at in ("", "label", "data/label")]
    try:
        return next((place for place in places if place.is_file()), places[0])
    except OSError as error:
        raise cannot_be_read(folder, error, "folder") from error


def _recording(file: Path, name: str, options: Options) -> Path:
    """The benchmark keeps labels in `label` and recordings in `speech/clean`, both in `data`."""
    near = (file.parent, file.parent.parent / "speech" / "clean")
    folders = [real_folder(folder) for folder in ((options.audio,) if options.audio else near)]
    return next((folder / name for folder in folders if is_file(folder / name)), folders[0] / name)


def _labels(file: Path) -> Mapping[str, Any]:
    found = read_json(file, "Download the file anew.")
    if not isinstance(found, dict):
        raise UserError(
            "The labels are no object of recording and label.",
            where=str(file),
            remedy="Choose the benchmark's own label.json.",
        )
    return found
