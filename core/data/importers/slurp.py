"""SLURP: `train.jsonl`, `devel.jsonl`, `test.jsonl`, and folders of recordings
(github.com/pswietojanski/slurp).

A line is a sentence with its annotation and the names of all its recordings; recordings come apart from the
annotations, and people often have none of them.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

from core.data.importers.annotation import read_annotation
from core.data.importers.gathering import Gathering, Record, counted, shown
from core.data.importers.json_lines import LineError, first_object, numbered_lines, parse_line
from core.data.importers.source import NO_OPTIONS, Options, Source, split_named
from core.data.progress import Cancel, Progress, never
from core.data.splits import Entry
from core.data.utterance import Label, Slot

_FOLDERS: Final = ("", "audio", "slurp_real", "slurp_synth", "audio/slurp_real", "audio/slurp_synth")
"""Where recordings lie, from the annotations' folder or one above it."""


def recognises(path: Path) -> bool:
    """Whether this is a file of SLURP's annotations, or a folder with such files."""
    files = _files(path) if path.is_dir() else [path]
    return bool(files) and all("slurp_id" in first_object(file) for file in files)


def read(
    sources: Sequence[Source],
    options: Options = NO_OPTIONS,
    progress: Progress | None = None,
    cancelled: Cancel = never,
) -> tuple[list[Entry], list[str]]:
    """One utterance for each sentence, with its first recording where recordings are here, and one more,
    without text, for each further recording. The intent is scenario and action; slots are the annotation's.

    `origin` of a sentence's first utterance is the whole line. Raises UserError with the first 20 problems;
    Cancelled.
    """
    gathered = Gathering("SLURP file", progress, cancelled)
    listed = [
        Source(file, source.split)
        for source in sources
        for file in (_files(source.path) if source.path.is_dir() else [source.path])
    ]
    recordings = _recordings(listed, options)
    named = further = 0
    for source in listed:
        for place, line in _lines(source, gathered):
            files = _named_files(line)
            named += len(files)
            entries = list(_entries(line, files, source, recordings))
            further += len(entries) - 1
            for number, entry in enumerate(entries):
                gathered.add(place, entry, line if number == 0 else None)
    entries = gathered.finish(sources, "Choose the folder with train.jsonl, devel.jsonl and test.jsonl.")
    return entries, [*_notes(named, further, found=bool(recordings)), *gathered.notes]


def _notes(named: int, further: int, *, found: bool) -> list[str]:
    if named and not found:
        missing = f"None of the {named} recordings that the files name is here, so these are texts alone."
        return [f"{missing} Name the folder that holds them if you have them."]
    if further:
        came = f"{counted(further, 'further recording')} of the same sentences came in without text,"
        return [f"{came} so that each sentence counts as one text."]
    return []


def _files(folder: Path) -> list[Path]:
    return sorted(file for file in folder.glob("*.jsonl") if split_named(file.stem) is not None)


def _recordings(sources: Sequence[Source], options: Options) -> dict[str, Path]:
    """All sound files where recordings may lie, by name."""
    bases = [options.audio] if options.audio else []
    bases += [base for source in sources for base in (source.path.parent, source.path.parent.parent)]
    folders = {base.resolve() / name: None for base in bases for name in _FOLDERS}
    return {
        file.name: file
        for folder in folders
        if folder.is_dir()
        for file in folder.iterdir()
        if file.suffix in (".flac", ".wav")
    }


def _lines(source: Source, gathered: Gathering) -> Iterator[tuple[str, Record]]:
    for number, raw in numbered_lines(source.path):
        gathered.check_cancelled()
        place = f"{source.path.name}, line {number}"
        try:
            yield place, Record(parse_line(raw, number))
        except LineError as error:
            gathered.refuse(place, str(error))


def _entries(
    line: Record, files: Sequence[str], source: Source, recordings: Mapping[str, Path]
) -> Iterator[Entry]:
    intent = f"{line.required('scenario')}_{line.required('action')}"
    label = Label(intent, _slots(line))
    text = line.required("sentence")
    # The sentences that machines read aloud have numbers of their own, which begin anew.
    synthetic = "synth/" if "synth" in source.path.name else ""
    key = f"{synthetic}{line.values.get('slurp_id')}"
    if not isinstance(line.values.get("slurp_id"), int | str):
        line.problems.append('"slurp_id" is missing.')
    split = source.split or split_named(source.path.stem)
    heard = [_heard(line, name, recordings) for name in files] if recordings else []
    for number, (audio, duration_s) in enumerate(heard or [(None, None)]):
        origin = line.values if number == 0 else {"slurp_id": line.values.get("slurp_id"), "sentence": text}
        yield Entry(
            key=key if number == 0 else f"{key}/{files[number]}",
            label=label,
            text=text if number == 0 else None,
            audio=audio,
            duration_s=duration_s,
            language="en",
            speaker="",
            split=split,
            origin=json.dumps(origin, ensure_ascii=False),
        )


def _slots(line: Record) -> tuple[Slot, ...]:
    annotation = line.required("sentence_annotation")
    try:
        return read_annotation(annotation)[1]
    except ValueError as error:
        line.problems.append(f'"sentence_annotation" {error}')
        return ()


def _named_files(line: Record) -> list[str]:
    recordings = line.values.get("recordings") or []
    try:
        return [str(each["file"]) for each in recordings]
    except (TypeError, KeyError):
        line.problems.append(f'"recordings" must be a list of {{"file": ...}}, not {shown(recordings)}.')
        return []


def _heard(line: Record, name: str, recordings: Mapping[str, Path]) -> tuple[Path, float]:
    if name not in recordings:
        line.problems.append(f'"recordings": {name} is not where the others are.')
        return Path(name), 0.0
    return line.recording(recordings[name], "recordings", written=name)
