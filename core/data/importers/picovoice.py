"""Picovoice's speech-to-intent benchmark: a folder of recordings and `label.json`
(github.com/Picovoice/speech-to-intent-benchmark).

The file maps each recording's name to its intent and slots. There are no texts.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from core.data.importers.gathering import Gathering, Record, shown
from core.data.importers.jsonl import read_slots
from core.data.importers.source import NO_OPTIONS, Options, Source
from core.data.progress import Cancel, Progress, never
from core.data.splits import Entry
from core.data.utterance import Label
from core.errors import UserError

_NAME: Final = "label.json"


def recognises(path: Path) -> bool:
    """Whether this is `label.json`, or the benchmark's folder `data` or `label`, which hold it."""
    return path.name == _NAME or _file(path).is_file()


def read(
    sources: Sequence[Source],
    options: Options = NO_OPTIONS,
    progress: Progress | None = None,
    cancelled: Cancel = never,
) -> tuple[list[Entry], list[str]]:
    """One utterance for each recording that the file names. Raises UserError with the first 20 problems;
    Cancelled."""
    gathered = Gathering("list of labels", progress, cancelled)
    for source in sources:
        file = _file(source.path) if source.path.is_dir() else source.path
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
    return next((place for place in places if place.is_file()), places[0])


def _recording(file: Path, name: str, options: Options) -> Path:
    """The benchmark keeps labels in `label` and recordings in `speech/clean`, both in `data`."""
    near = (file.parent, file.parent.parent / "speech" / "clean")
    folders = [options.audio.resolve()] if options.audio else [folder.resolve() for folder in near]
    return next((folder / name for folder in folders if (folder / name).is_file()), folders[0] / name)


def _labels(file: Path) -> Mapping[str, Any]:
    try:
        found = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise UserError(
            f"The labels cannot be read ({error}).", where=str(file), remedy="Download the file anew."
        ) from error
    if not isinstance(found, dict):
        raise UserError(
            "The labels are no object of recording and label.",
            where=str(file),
            remedy="Choose the benchmark's own label.json.",
        )
    return found
