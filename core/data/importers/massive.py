"""MASSIVE and Speech-MASSIVE: JSONL by locale, with `annot_utt` (github.com/alexa/massive).

Speech-MASSIVE adds a recording and its speaker to each line and calls the intent `intent_str`
(huggingface.co/datasets/FBK-MT/Speech-MASSIVE). The intent is the dataset's own, which names scenario and
action.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from core.data.importers.annotation import read_annotation
from core.data.importers.gathering import Gathering, Record, counted, shown
from core.data.importers.json_lines import LineError, first_object, numbered_lines, parse_line
from core.data.importers.opening import files_in, is_folder, real_folder
from core.data.importers.source import NO_OPTIONS, Options, Source, is_among, split_named
from core.data.progress import Cancel, Progress, never
from core.data.splits import Entry
from core.data.utterance import Label, Slot

_AUDIO: Final = ("path", "audio", "file_name")
"""What Speech-MASSIVE's files call the recording, the likeliest first."""


def recognises(path: Path) -> bool:
    """Whether this is a file of MASSIVE, or a folder with one for each locale."""
    files = _files(path)
    return bool(files) and all({"annot_utt", "locale"} <= first_object(file).keys() for file in files)


def read(
    sources: Sequence[Source],
    options: Options = NO_OPTIONS,
    progress: Progress | None = None,
    cancelled: Cancel = never,
) -> tuple[list[Entry], list[str]]:
    """One utterance for each line, of the options' languages ("de", "de-DE") or of all; `origin` is the line.
    Raises UserError with the first 20 problems; Cancelled."""
    gathered = Gathering("MASSIVE file", progress, cancelled, options.leave_out)
    left_out = 0
    for source in sources:
        for file in _files(source.path):
            for place, line in _lines(file, gathered):
                locale = line.required("locale")
                if options.languages and not is_among(locale, options.languages):
                    left_out += 1
                    continue
                entry = _entry(line, Source(file, source.split), options, locale)
                gathered.add(place, entry, line)
    entries = gathered.finish(sources, "There is nothing in these languages, or no line at all.")
    left = [f"{counted(left_out, 'line')} in other languages left out."] if left_out else []
    return entries, [*left, *gathered.notes]


def _files(path: Path) -> list[Path]:
    return files_in(path, ".jsonl") if is_folder(path) else [path]


def _lines(file: Path, gathered: Gathering) -> Iterator[tuple[str, Record]]:
    for number, raw in numbered_lines(file):
        gathered.check_cancelled()
        place = f"{file.name}, line {number}"
        try:
            yield place, Record(parse_line(raw, number))
        except LineError as error:
            gathered.refuse(place, str(error))


def _entry(line: Record, source: Source, options: Options, locale: str) -> Entry:
    field, named = _recording(line)
    path, duration_s = None, None
    if named is not None:
        folder = real_folder(options.audio or source.path.parent)
        path, duration_s = line.recording(folder / named, field, written=named)
    partition = line.values.get("partition", line.values.get("split"))
    own_split = split_named(partition) if isinstance(partition, str) else None
    if partition is not None and own_split is None:
        line.problems.append(f'"partition" must be train, dev or test, not {shown(partition)}.')
    number = line.number_or_text("id")
    if line.values.get("id") is None:
        line.problems.append('"id" is missing.')
    intent = "intent_str" if line.values.get("intent_str") is not None else "intent"
    speaker = line.values.get("speaker_id", line.values.get("worker_id"))
    return Entry(
        # Numbers are the same in all languages, on purpose: they are translations of each other.
        key=f"{locale}/{number}",
        label=Label(line.required(intent), _slots(line)),
        text=line.required("utt"),
        audio=path,
        duration_s=duration_s,
        language=locale,
        # Of a text it is the translator, whose voice is nowhere.
        speaker="" if path is None or speaker is None else str(speaker),
        split=source.split or own_split,
        origin=json.dumps(line.values, ensure_ascii=False),
    )


def _recording(line: Record) -> tuple[str, str | None]:
    """The field with the recording's name, and the name; Hugging Face's library writes `audio` as an object
    with a path."""
    audio = line.values.get("audio")
    if isinstance(audio, dict):
        line = Record({**line.values, "audio": audio.get("path")}, line.problems)
    return next(((name, line.text(name)) for name in _AUDIO if line.values.get(name)), ("audio", None))


def _slots(line: Record) -> tuple[Slot, ...]:
    annotation = line.required("annot_utt")
    try:
        return read_annotation(annotation)[1]
    except ValueError as error:
        line.problems.append(f'"annot_utt" {error}')
        return ()
