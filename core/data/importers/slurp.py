"""SLURP: `train.jsonl`, `devel.jsonl`, `test.jsonl`, and folders of recordings
(github.com/pswietojanski/slurp).

A line is a sentence with its annotation and the names of all its recordings; recordings come apart from the
annotations, and people often have none of them.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator, Mapping, Sequence, Set
from pathlib import Path
from typing import Any, Final

from core.data.importers.annotation import read_annotation
from core.data.importers.gathering import Gathering, Record, counted, shown
from core.data.importers.json_lines import LineError, first_object, numbered_lines, parse_line
from core.data.importers.opening import files_in, is_folder, real_folder
from core.data.importers.source import NO_OPTIONS, Options, Source, split_named
from core.data.progress import Cancel, Progress, never
from core.data.splits import Entry
from core.data.utterance import Label, Slot

_FOLDERS: Final = ("", "audio", "slurp_real", "slurp_synth", "audio/slurp_real", "audio/slurp_synth")
"""Where recordings lie, from the annotations' folder or one of the two above it: the repository has them in
`audio/` and the annotations in `dataset/slurp/`."""

SYNTHETIC: Final = "synth/"
"""What keys of sentences that machines read aloud begin with: these have numbers of their own, which begin
anew."""


def recognises(path: Path) -> bool:
    """Whether this is a file of SLURP's annotations, or a folder with such files."""
    files = _files(path) if is_folder(path) else [path]
    return bool(files) and all("slurp_id" in first_object(file) for file in files)


def read(
    sources: Sequence[Source],
    options: Options = NO_OPTIONS,
    progress: Progress | None = None,
    cancelled: Cancel = never,
) -> tuple[list[Entry], list[str]]:
    """One utterance for each sentence, with its first recording where recordings are here, and one more,
    without text, for each further recording. The intent is scenario and action; slots are the annotation's.

    `origin` of a sentence's first utterance is the whole line, that of a further one what the line says of
    its recording. Raises UserError with the first 20 problems; Cancelled.
    """
    gathered = Gathering("SLURP file", progress, cancelled, options.leave_out)
    listed = [
        Source(file, source.split)
        for source in sources
        for file in (_files(source.path) if is_folder(source.path) else [source.path])
    ]
    lines = [(source, *placed) for source in listed for placed in _lines(source, gathered)]
    named = [_named_files(line) for _, _, line in lines]
    recordings = _recordings(listed, options, {name for names in named for name in names})
    further = otherwise = 0
    for (source, place, line), names in zip(lines, named, strict=True):
        gathered.check_cancelled()
        entries = list(_entries(line, names, source, recordings))
        further += len(entries) - 1
        otherwise += _spans_say_otherwise(line, entries[0].label.slots)
        for number, entry in enumerate(entries):
            gathered.add(place, entry, line if number == 0 else None)
    entries = gathered.finish(sources, "Choose the folder with train.jsonl, devel.jsonl and test.jsonl.")
    missing = 0 if recordings else sum(len(names) for names in named)
    return entries, [*_notes(missing, further, otherwise), *gathered.notes]


def _notes(missing: int, further: int, otherwise: int) -> list[str]:
    notes = []
    if missing:
        absent = f"None of the {missing} recordings that the files name is here, so these are texts alone."
        notes.append(f"{absent} Name the folder that holds them if you have them.")
    if further:
        came = f"{counted(further, 'further recording')} of the same sentences came in without text,"
        notes.append(f"{came} so that each sentence counts as one text.")
    if otherwise:
        taken = f"The slots of {counted(otherwise, 'sentence')} are taken as sentence_annotation has them;"
        notes.append(f"{taken} tokens and entities, by which SLURP's own scores go, have others.")
    return notes


def _files(folder: Path) -> list[Path]:
    return [file for file in files_in(folder, ".jsonl") if split_named(file.stem) is not None]


def _recordings(sources: Sequence[Source], options: Options, named: Set[str]) -> dict[str, Path]:
    """The recordings of these names, wherever they may lie; of two of one name that of the nearest folder."""
    bases = [options.audio] if options.audio else []
    for named_folder in bases:
        files_in(named_folder)
    bases += [base for source in sources for base in list(source.path.absolute().parents)[:3]]
    folders = {real_folder(base) / name: None for base in bases for name in _FOLDERS}
    found: dict[str, Path] = {}
    for folder in folders:
        # Most of these folders are not there; some, above the files, may be closed to us.
        with contextlib.suppress(OSError):
            for file in folder.iterdir():
                if file.name in named:
                    found.setdefault(file.name, file)
    return found


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
    synthetic = SYNTHETIC if "synth" in source.path.name else ""
    key = f"{synthetic}{line.number_or_text('slurp_id')}"
    if line.values.get("slurp_id") is None:
        line.problems.append('"slurp_id" is missing.')
    split = source.split or split_named(source.path.stem)
    heard = [_heard(line, name, recordings) for name in files] if recordings else []
    for number, (audio, duration_s) in enumerate(heard or [(None, None)]):
        one = {"slurp_id": line.values.get("slurp_id"), "sentence": text}
        origin = line.values if number == 0 else {**one, "recordings": [line.values["recordings"][number]]}
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
            synthetic="SLURP's synthesis" if synthetic and audio else "",
        )


def _slots(line: Record) -> tuple[Slot, ...]:
    annotation = line.required("sentence_annotation")
    try:
        return read_annotation(annotation)[1]
    except ValueError as error:
        line.problems.append(f'"sentence_annotation" {error}')
        return ()


def _spans_say_otherwise(line: Record, slots: Sequence[Slot]) -> bool:
    """Whether the line has entities and tokens that are other slots than these of the annotation; what is
    wrong with them is noted there."""
    if line.values.get("tokens") is None or line.values.get("entities") is None:
        return False
    tokens = _objects(line, "tokens", "surface", str)
    entities = _objects(line, "entities", "span", list)
    if tokens is None or entities is None:
        return False
    words = [each["surface"] for each in tokens]
    spans = [(str(each.get("type")), each["span"]) for each in entities]
    for kind, number in ((kind, number) for kind, span in spans for number in span):
        if type(number) is not int or not 0 <= number < len(words):
            line.problems.append(
                f'"entities": the span of {shown(kind)} points at token {shown(number)}'
                f" of {counted(len(words), 'token')}, counted from 0."
            )
            return False
    return [Slot(kind, " ".join(words[number] for number in span)) for kind, span in spans] != list(slots)


def _objects(line: Record, name: str, field: str, kind: type) -> list[dict[str, Any]] | None:
    """The objects of a field, each with a `field` of this kind; otherwise None, and a problem."""
    value = line.values[name]
    if isinstance(value, list) and all(
        isinstance(each, dict) and isinstance(each.get(field), kind) for each in value
    ):
        return value
    line.problems.append(f'"{name}" must be a list of {{"{field}": ...}}, not {shown(value)}.')
    return None


def _named_files(line: Record) -> list[str]:
    recordings = line.values.get("recordings") or []
    try:
        return [_text(each["file"]) for each in recordings]
    except (TypeError, KeyError):
        line.problems.append(f'"recordings" must be a list of {{"file": ...}}, not {shown(recordings)}.')
        return []


def _text(name: object) -> str:
    if not isinstance(name, str):
        raise TypeError
    return name


def _heard(line: Record, name: str, recordings: Mapping[str, Path]) -> tuple[Path, float]:
    if name not in recordings:
        line.problems.append(f'"recordings": {name} is not where the others are.')
        return Path(name), 0.0
    return line.recording(recordings[name], "recordings", written=name)
