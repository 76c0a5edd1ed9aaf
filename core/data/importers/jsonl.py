"""JSON-lines manifests: one utterance per line, audio paths relative to the manifest.

    {"text": "two espressos", "audio": "a.flac", "intent": "order", "slots": {"number": "two"}}

`text` or `audio` may be left out; `id`, `language`, `speaker`, `split` and `synthetic` (the engine and voice
that spoke the recording) are optional. `slots` is an object of type -> filler, a filler being text or a list
of texts for a type that repeats; or a list of such objects where the order across types matters.
"""

from __future__ import annotations

import difflib
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from core.data.importers.gathering import Gathering, Record, counted, key_prefixes, shown
from core.data.importers.json_lines import LineError, first_object, numbered_lines, parse_line
from core.data.importers.opening import real_folder
from core.data.importers.source import NO_OPTIONS, Options, Source
from core.data.progress import Cancel, Progress, never
from core.data.splits import Entry
from core.data.utterance import SPLITS, Label, Slot

_FIELDS: Final = ("id", "text", "audio", "intent", "slots", "language", "speaker", "split", "synthetic")
_KNOWN: Final = frozenset(_FIELDS)


def recognises(path: Path) -> bool:
    """Whether this looks like a manifest: its first line has an intent, and text or audio."""
    first = first_object(path)
    return "intent" in first and bool({"text", "audio"} & first.keys())


def read(
    sources: Sequence[Source],
    options: Options = NO_OPTIONS,
    progress: Progress | None = None,
    cancelled: Cancel = never,
) -> tuple[list[Entry], list[str]]:
    """All utterances of the manifests, and notes for the user (about ignored fields, and splits).

    Raises UserError with the first 20 problems, each with file and line, and their number; Cancelled.
    """
    gathered = Gathering("manifest", progress, cancelled, options.leave_out)
    ignored: Counter[str] = Counter()
    own_splits = 0
    for prefix, source in zip(key_prefixes(sources), sources, strict=True):
        name, folder = source.path.name, real_folder(options.audio or source.path.parent)
        for number, raw in numbered_lines(source.path):
            gathered.check_cancelled()
            place = f"{name}, line {number}"
            try:
                values = parse_line(raw, number)
            except LineError as error:
                gathered.refuse(place, str(error))
                continue
            line = Record({name: value for name, value in values.items() if value is not None})
            entry = _entry(line, source, folder, f"{prefix}:{number}")
            gathered.add(place, entry, line)
            ignored.update(sorted(line.values.keys() - _KNOWN))
            own_splits += "split" in line.values
    entries = gathered.finish(sources, "Write one JSON object per line, with intent and text or audio.")
    return entries, [*_notes(ignored, own_splits), *gathered.notes]


def _notes(ignored: Mapping[str, int], own_splits: int) -> list[str]:
    notes = [
        f'The field "{name}" of {counted(number, "line")} was ignored.' for name, number in ignored.items()
    ]
    if own_splits:
        # Or an "all to train" for the whole file would seem to have done nothing.
        verbs = "names its own split and keeps it" if own_splits == 1 else "name their own split and keep it"
        notes.append(f"{counted(own_splits, 'line')} {verbs}.")
    return notes


def _entry(line: Record, source: Source, folder: Path, default_key: str) -> Entry:
    values = line.values
    misspelt = _misspelt(line)
    intent = line.text("intent")
    if "intent" not in values and "intent" not in misspelt:
        line.problems.append('"intent" is missing.')
    text = line.text("text")
    audio = line.text("audio")
    if not {"text", "audio"} & (values.keys() | misspelt):
        line.problems.append('"text" and "audio" are both missing; one is needed.')
    split = values.get("split", source.split)
    if split is not None and split not in SPLITS:
        line.problems.append(f'"split" must be train, validation or test, not {shown(split)}.')
    path, duration_s = (
        (None, None) if audio is None else line.recording(folder / audio, "audio", written=audio)
    )
    return Entry(
        key=_key(line, default_key),
        label=Label(intent or "", read_slots(line)),
        text=text,
        audio=path,
        duration_s=duration_s,
        language=line.text("language") or "",
        speaker=line.text("speaker") or "",
        split=split,
        synthetic=line.text("synthetic") or "",
    )


def _misspelt(line: Record) -> set[str]:
    """The fields that unknown ones were meant to be; each is a problem: a misspelt "speaker" would silently
    put one voice into several splits."""
    meant = set()
    for name in sorted(line.values.keys() - _KNOWN):
        near = difflib.get_close_matches(name, _FIELDS, n=1, cutoff=0.8)
        if near and near[0] not in line.values:
            line.problems.append(f'there is no field "{name}"; did you mean "{near[0]}"?')
            meant.add(near[0])
    return meant


def _key(line: Record, default: str) -> str:
    key = line.values.get("id")
    if isinstance(key, int) and not isinstance(key, bool):
        return str(key)
    return line.text("id") or default


def read_slots(line: Record) -> tuple[Slot, ...]:
    """The slots of a line, as the module describes them; what is wrong with them is noted there."""
    value = line.values.get("slots", {})
    slots: list[Slot] = []
    for item in value if isinstance(value, list) else [value]:
        if not isinstance(item, dict):
            line.problems.append(f'"slots" must be an object of type and filler, not {shown(item)}.')
            continue
        for slot_type, fillers in item.items():
            if not slot_type.strip():
                line.problems.append('"slots" has a type without a name.')
            line.refuse_control(slot_type, "the name of a slot type")
            for filler in fillers if isinstance(fillers, list) else [fillers]:
                if isinstance(filler, str) and filler.strip():
                    slots.append(Slot(line.trim(slot_type), line.clean(filler, f'the slot "{slot_type}"')))
                else:
                    line.problems.append(f'the slot "{slot_type}" must be text, not {shown(filler)}.')
    return tuple(slots)
