"""JSON-lines manifests: one utterance per line, audio paths relative to the manifest.

    {"text": "two espressos", "audio": "a.flac", "intent": "order", "slots": {"number": "two"}}

`text` or `audio` may be left out; `id`, `language`, `speaker` and `split` are optional. `slots` is an
object of type -> filler, a filler being text or a list of texts for a type that repeats; or a list of
such objects where the order across types matters.
"""

from __future__ import annotations

import difflib
import json
from collections import Counter
from collections.abc import Iterator, Sequence
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
            self.first.append(f"{place}: {what}")


class _LineError(Exception):
    """What is wrong with one line, in words."""


def read_manifest(
    files: Sequence[ManifestFile],
    progress: Progress | None = None,
    cancelled: Cancel = never,
) -> tuple[list[Entry], list[str]]:
    """All utterances of the manifests, and notes for the user (about fields that were ignored).

    Raises UserError with the first 20 problems, each with file and line, and their number; Cancelled.
    """
    entries: list[Entry] = []
    problems = _Problems()
    places: dict[str, str] = {}
    ignored: Counter[str] = Counter()
    for prefix, file in zip(_key_prefixes(files), files, strict=True):
        for number, raw in _lines(file.path):
            if cancelled():
                raise Cancelled
            place = f"{file.path.name}, line {number}"
            try:
                values = _parse(raw, number)
                entry = _entry(values, file, f"{prefix}:{number}")
                unknown = _unknown_fields(values)
            except _LineError as error:
                problems.add(place, str(error))
                continue
            if entry.key in places:
                problems.add(place, f'the id "{entry.key}" was already used in {places[entry.key]}.')
                continue
            ignored.update(unknown)
            places[entry.key] = place
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
    return entries, [f'The field "{name}" of {number} lines was ignored.' for name, number in ignored.items()]


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
            for number, raw in enumerate(file, 1):
                if raw.strip():
                    yield number, raw
    except OSError as error:
        raise UserError(
            f"The manifest cannot be read ({error.strerror or error}).",
            where=str(path),
            remedy="Check the path.",
        ) from error


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
    if not isinstance(values, dict):
        raise _LineError('the line is not a JSON object like {"text": ..., "intent": ...}.')
    return {name: value for name, value in values.items() if value is not None}


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Refuses a key that is written twice: JSON would silently keep only the last."""
    values = dict(pairs)
    if len(values) < len(pairs):
        twice = next(name for name, count in Counter(name for name, _ in pairs).items() if count > 1)
        raise _LineError(f'"{twice}" is written twice; give several fillers as a list.')
    return values


def _unknown_fields(values: dict[str, Any]) -> list[str]:
    unknown = [name for name in values if name not in _FIELDS]
    for name in unknown:
        # A misspelt "speaker" would silently put one voice into several splits.
        near = difflib.get_close_matches(name, _FIELDS, n=1, cutoff=0.8)
        if near and near[0] not in values:
            raise _LineError(f'there is no field "{name}"; did you mean "{near[0]}"?')
    return unknown


def _entry(values: dict[str, Any], file: ManifestFile, default_key: str) -> Entry:
    intent = _text(values, "intent")
    if intent is None:
        raise _LineError('"intent" is missing.')
    text = _text(values, "text")
    audio = _text(values, "audio")
    if text is None and audio is None:
        raise _LineError('"text" and "audio" are both missing; one is needed.')
    split = values.get("split", file.split)
    if split is not None and split not in SPLITS:
        raise _LineError(f'"split" must be train, validation or test, not {_shown(split)}.')
    path, duration_s = _audio(file.path.parent, audio) if audio is not None else (None, None)
    return Entry(
        key=_key(values, default_key),
        label=Label(intent, _slots(values.get("slots", {}))),
        text=text,
        audio=path,
        duration_s=duration_s,
        language=_text(values, "language") or "",
        speaker=_text(values, "speaker") or "",
        split=split,
    )


def _key(values: dict[str, Any], default: str) -> str:
    if isinstance(values.get("id"), int) and not isinstance(values["id"], bool):
        return str(values["id"])
    return _text(values, "id") or default


def _text(values: dict[str, Any], name: str) -> str | None:
    if name not in values:
        return None
    value = values[name]
    if not isinstance(value, str):
        raise _LineError(f'"{name}" must be text, not {_shown(value)}.')
    if not value.strip():
        raise _LineError(f'"{name}" is empty.')
    return value.strip()


def _audio(folder: Path, audio: str) -> tuple[Path, float]:
    path = folder.resolve() / audio
    try:
        return path, audio_info(path).duration_s
    except UserError as error:
        raise _LineError(f'"audio": {error.what} ({audio})') from None


def _slots(value: object) -> tuple[Slot, ...]:
    objects = value if isinstance(value, list) else [value]
    slots: list[Slot] = []
    for item in objects:
        if not isinstance(item, dict):
            raise _LineError(f'"slots" must be an object of type and filler, not {_shown(item)}.')
        for slot_type, fillers in item.items():
            if not slot_type.strip():
                raise _LineError('"slots" has a type without a name.')
            for filler in fillers if isinstance(fillers, list) else [fillers]:
                if not isinstance(filler, str) or not filler.strip():
                    raise _LineError(f'the slot "{slot_type}" must be text, not {_shown(filler)}.')
                slots.append(Slot(slot_type, filler.strip()))
    return tuple(slots)


def _shown(value: object) -> str:
    shown = json.dumps(value, ensure_ascii=False)
    return shown if len(shown) <= 40 else f"{shown[:37]}..."
