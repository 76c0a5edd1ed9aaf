"""JSON-lines manifests: one utterance per line, audio paths relative to the manifest.

    {"text": "two espressos", "audio": "a.flac", "intent": "order", "slots": {"number": "two"}}

`text` or `audio` may be left out; `id`, `language`, `speaker` and `split` are optional. `slots` is an
object of type -> filler, a filler being text or a list of texts for a type that repeats; or a list of
such objects where the order across types matters.
"""

from __future__ import annotations

import codecs
import difflib
import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from core.audio.files import audio_info
from core.data.progress import Cancel, Progress, never
from core.data.splits import Entry
from core.data.utterance import SPLITS, Label, Slot, Split
from core.errors import Cancelled, UserError

_FIELDS: Final = ("id", "text", "audio", "intent", "slots", "language", "speaker", "split")
_SHOWN: Final = 20


@dataclass(frozen=True)
class ManifestFile:
    """A manifest; split: where its lines belong that name no split of their own (None: to be divided)."""

    path: Path
    split: Split | None = None


@dataclass
class _Problems:
    """Counts all, keeps the first few in words."""

    total: int = 0
    first: list[str] = field(default_factory=list)

    def add(self, place: str, what: str) -> None:
        self.total += 1
        if len(self.first) < _SHOWN:
            # What is quoted from a bad line may itself be no text that can be printed or stored.
            self.first.append(f"{place}: {what}".encode(errors="replace").decode())


class _LineError(Exception):
    """Why a line cannot be read at all, in words."""


@dataclass
class _Line:
    """The values of one line. What is wrong with them is gathered: one look shows all there is to mend."""

    values: dict[str, Any]
    problems: list[str] = field(default_factory=list)


def read_manifest(
    files: Sequence[ManifestFile],
    progress: Progress | None = None,
    cancelled: Cancel = never,
) -> tuple[list[Entry], list[str]]:
    """All utterances of the manifests, and notes for the user (about ignored fields, and splits).

    Raises UserError with the first 20 problems, each with file and line, and their number; Cancelled.
    """
    entries: list[Entry] = []
    problems = _Problems()
    places: dict[str, str] = {}
    ignored: Counter[str] = Counter()
    own_splits = 0
    for prefix, file in zip(_key_prefixes(files), files, strict=True):
        for number, raw in _lines(file.path):
            if cancelled():
                raise Cancelled
            place = f"{file.path.name}, line {number}"
            try:
                line = _Line(_parse(raw, number))
            except _LineError as error:
                problems.add(place, str(error))
                continue
            entry = _entry(line, file, f"{prefix}:{number}")
            if entry.key in places:
                line.problems.append(f'the id "{entry.key}" was already used in {places[entry.key]}.')
            places.setdefault(entry.key, place)
            for problem in line.problems:
                problems.add(place, problem)
            ignored.update(name for name in line.values if name not in _FIELDS)
            own_splits += "split" in line.values
            entries.append(entry)
            if progress and len(entries) % 500 == 0:
                progress(len(entries), None)
    if problems.total:
        raise _refusal(problems)
    if not entries:
        raise UserError(
            "The manifest holds no utterance.",
            where=", ".join(str(file.path) for file in files),
            remedy="Write one JSON object per line, with intent and text or audio.",
        )
    return entries, _notes(ignored, own_splits)


def _notes(ignored: Mapping[str, int], own_splits: int) -> list[str]:
    notes = [
        f'The field "{name}" of {_lines_in_words(number)} was ignored.' for name, number in ignored.items()
    ]
    if own_splits:
        # Or an "all to train" for the whole file would seem to have done nothing.
        verbs = "names its own split and keeps it" if own_splits == 1 else "name their own split and keep it"
        notes.append(f"{_lines_in_words(own_splits)} {verbs}.")
    return notes


def _lines_in_words(number: int) -> str:
    return "1 line" if number == 1 else f"{number} lines"


def _refusal(problems: _Problems) -> UserError:
    shown = "\n".join(f"  {problem}" for problem in problems.first)
    more = f"\n  and {problems.total - _SHOWN} more." if problems.total > _SHOWN else ""
    count = "1 problem" if problems.total == 1 else f"{problems.total} problems"
    return UserError(
        f"The manifest has {count}; nothing was imported.\n{shown}{more}\n",
        remedy="Correct these lines and import again.",
    )


def _key_prefixes(files: Sequence[ManifestFile]) -> list[str]:
    """What keys of lines without an id begin with: the file's name, numbered when names repeat."""
    stems = [file.path.stem for file in files]
    if len(set(stems)) == len(stems):
        return stems
    return [f"{number}-{stem}" for number, stem in enumerate(stems, 1)]


def _lines(path: Path) -> Iterator[tuple[int, bytes]]:
    """The file's non-empty lines with their numbers from 1."""
    try:
        # Bytes: a line that is not UTF-8 is then a problem of that line, not of the file.
        with path.open("rb") as file:
            # Looked at, not read: a pipe cannot be read twice.
            _refuse_other_kinds(path, file.peek())
            for number, raw in enumerate(file, 1):
                if raw.strip():
                    yield number, raw
    except OSError as error:
        raise UserError(
            f"The manifest cannot be read ({error.strerror or error}).",
            where=str(path),
            remedy="Check the path.",
        ) from error


def _refuse_other_kinds(path: Path, head: bytes) -> None:
    """Raise UserError in one sentence for a file in which every single line would be a problem."""
    start = head.removeprefix(codecs.BOM_UTF8).lstrip()
    first_line = start.partition(b"\n")[0].strip()
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        what, remedy = "This text is UTF-16, not UTF-8.", "Save the file with the encoding UTF-8."
    elif b"\0" in head:
        what = "This is not a text file."
        remedy = (
            "Choose the manifest: a text file with one JSON object per line; its lines name the sound files."
        )
    elif start.startswith(b"["):
        what = "This is a JSON array; write one object per line."
        remedy = "Take away the brackets around the array and the commas between its objects."
    elif first_line == b"{":
        what = "An object here goes over several lines; write one object per line."
        remedy = "Save the file as JSON lines (JSONL), without line breaks inside an object."
    else:
        return
    raise UserError(what, where=str(path), remedy=remedy)


def _parse(raw: bytes, number: int) -> dict[str, Any]:
    try:
        text = raw.decode("utf-8-sig" if number == 1 else "utf-8")
    except UnicodeDecodeError:
        raise _LineError("the line is not UTF-8 text; save the file as UTF-8.") from None
    try:
        values = json.loads(text, object_pairs_hook=_object)
    except json.JSONDecodeError as error:
        raise _LineError(f"broken JSON at character {error.pos + 1} ({error.msg}).") from None
    except RecursionError:
        raise _LineError("broken JSON (too deeply nested).") from None
    except ValueError:  # Python refuses to make a number of thousands of digits
        raise _LineError("a number has too many digits; write it in quotes.") from None
    # Only an escape can bring half a character into text that was read as UTF-8.
    if "\\u" in text and not _is_whole(values):
        raise _LineError('half a character is written as an escape like "\\ud800"; write the whole one.')
    if not isinstance(values, dict):
        raise _LineError('the line is not a JSON object like {"text": ..., "intent": ...}.')
    return {name: value for name, value in values.items() if value is not None}


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
        raise _LineError(f'"{twice}" is written twice; give several fillers as a list.')
    return values


def _entry(line: _Line, file: ManifestFile, default_key: str) -> Entry:
    """The line's utterance; only of use when the line has no problems afterwards."""
    values = line.values
    misspelt = _misspelt(line)
    intent = _text(line, "intent")
    if "intent" not in values and "intent" not in misspelt:
        line.problems.append('"intent" is missing.')
    text = _text(line, "text")
    audio = _text(line, "audio")
    if not {"text", "audio"} & (values.keys() | misspelt):
        line.problems.append('"text" and "audio" are both missing; one is needed.')
    split = values.get("split", file.split)
    if split is not None and split not in SPLITS:
        line.problems.append(f'"split" must be train, validation or test, not {_shown(split)}.')
    path, duration_s = _audio(line, file.path.parent, audio) if audio is not None else (None, None)
    return Entry(
        key=_key(line, default_key),
        label=Label(intent or "", _slots(line)),
        text=text,
        audio=path,
        duration_s=duration_s,
        language=_text(line, "language") or "",
        speaker=_text(line, "speaker") or "",
        split=split,
    )


def _misspelt(line: _Line) -> set[str]:
    """The fields that unknown ones were meant to be; each is a problem: a misspelt "speaker" would silently
    put one voice into several splits."""
    meant = set()
    for name in line.values:
        near = difflib.get_close_matches(name, _FIELDS, n=1, cutoff=0.8) if name not in _FIELDS else []
        if near and near[0] not in line.values:
            line.problems.append(f'there is no field "{name}"; did you mean "{near[0]}"?')
            meant.add(near[0])
    return meant


def _key(line: _Line, default: str) -> str:
    key = line.values.get("id")
    if isinstance(key, int) and not isinstance(key, bool):
        return str(key)
    return _text(line, "id") or default


def _text(line: _Line, name: str) -> str | None:
    value = line.values.get(name)
    if value is None:
        return None
    if not isinstance(value, str):
        line.problems.append(f'"{name}" must be text, not {_shown(value)}.')
        return None
    if not value.strip():
        line.problems.append(f'"{name}" is empty.')
        return None
    return value.strip()


def _audio(line: _Line, folder: Path, audio: str) -> tuple[Path, float]:
    path = folder.resolve() / audio
    try:
        return path, audio_info(path).duration_s
    except UserError as error:
        line.problems.append(f'"audio": {error.what} ({audio})')
        return path, 0.0


def _slots(line: _Line) -> tuple[Slot, ...]:
    value = line.values.get("slots", {})
    slots: list[Slot] = []
    for item in value if isinstance(value, list) else [value]:
        if not isinstance(item, dict):
            line.problems.append(f'"slots" must be an object of type and filler, not {_shown(item)}.')
            continue
        for slot_type, fillers in item.items():
            if not slot_type.strip():
                line.problems.append('"slots" has a type without a name.')
            for filler in fillers if isinstance(fillers, list) else [fillers]:
                if isinstance(filler, str) and filler.strip():
                    slots.append(Slot(slot_type, filler.strip()))
                else:
                    line.problems.append(f'the slot "{slot_type}" must be text, not {_shown(filler)}.')
    return tuple(slots)


def _shown(value: object) -> str:
    shown = json.dumps(value, ensure_ascii=False)
    return shown if len(shown) <= 40 else f"{shown[:37]}..."
