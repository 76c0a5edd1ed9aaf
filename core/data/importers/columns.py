"""Rows of tables, whatever they are stored in: which column is what, and a row as an utterance."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Final

from core.data.importers.annotation import read_annotation
from core.data.importers.gathering import Record, shown
from core.data.importers.json_lines import LineError, parse_line
from core.data.importers.jsonl import read_slots
from core.data.importers.source import Options, split_named
from core.data.splits import Entry
from core.data.utterance import Label, Slot, Split
from core.errors import UserError

SLOT: Final = "slot:"
"""What a field of its own for a slot type begins with: "slot:room"."""

_USUAL: Final[Mapping[str, tuple[str, ...]]] = {
    "id": ("id", "key", "utterance_id", "utt_id"),
    "text": (
        *("text", "transcript", "transcription", "sentence", "utterance", "utt", "query"),
        *("what was said", "what is said", "said", "words", "phrase", "command"),
    ),
    "audio": (
        *("audio", "path", "audio_path", "file", "file_name", "filename", "filepath", "wav", "recording"),
        *("file name", "audio file", "sound file", "sound", "wav file", "name of the file"),
    ),
    "intent": (
        *("intent", "intent_str", "intent_class", "intent_label", "label"),
        *("intention", "meaning", "what they want", "what is wanted"),
    ),
    "slots": ("slots", "entities"),
    "annotation": ("annot_utt", "sentence_annotation", "annotation"),
    "language": ("language", "locale", "lang", "lang_id"),
    "speaker": ("speaker", "speaker_id", "speakerid", "client_id", "worker_id", "person", "who", "voice"),
    "split": ("split", "partition", "subset", "set"),
    "synthetic": ("synthetic",),
}
"""Field -> what its column is called elsewhere, the likeliest first."""
FIELDS: Final = tuple(_USUAL)


@dataclass(frozen=True)
class Columns:
    """of: field -> column. ignored: the other columns."""

    of: Mapping[str, str]
    ignored: tuple[str, ...]

    @property
    def notes(self) -> list[str]:
        """What was taken as what, and what was not taken."""
        taken = ", ".join(f"{column} as {field}" for field, column in self.of.items() if field != column)
        notes = [f"Columns taken: {taken}."] if taken else []
        return [*notes, f"Columns ignored: {', '.join(self.ignored)}."] if self.ignored else notes

    def by_name(self, problem: str) -> str:
        """The problem with the column's own name in place of the field's."""
        for field, column in self.of.items():
            if problem.startswith(f'"{field}"'):
                return problem.replace(field, column, 1)
        return problem


def choose_columns(names: Sequence[str], options: Options, where: str) -> Columns:
    """Which of the columns `names` is what: as the options say.

    where: the file, for errors. Raises UserError for an unknown field or column, and without an intent or
    without both text and audio.
    """
    for field, column in options.columns.items():
        if field not in FIELDS and not field.startswith(SLOT):
            raise UserError(
                f'"{field}" is nothing that a column can hold.',
                where=f"{field}={column}",
                remedy=f"It can hold {', '.join(FIELDS)}, or {SLOT} and the name of a slot type.",
            )
        if column not in names:
            raise UserError(
                f'There is no column "{column}".', where=where, remedy=f"Its columns: {', '.join(names)}."
            )
    chosen = guess_columns(names, options.columns) if options.guess_columns else dict(options.columns)
    missing = [field for field in ("intent",) if field not in chosen]
    missing += [] if {"text", "audio"} & chosen.keys() else ["text or audio"]
    if missing:
        raise UserError(
            f"No column is known to hold {' and '.join(missing)}.",
            where=where,
            remedy=f"Say what {', '.join(names)} hold; on the command line, with --column FIELD=COLUMN.",
        )
    return Columns(chosen, tuple(name for name in names if name not in chosen.values()))


def guess_columns(names: Sequence[str], wanted: Mapping[str, str] = MappingProxyType({})) -> dict[str, str]:
    """Field -> column, by the columns' usual names. wanted: what is known already and stays."""
    chosen = dict(wanted)
    plain = {name.strip().lower(): name for name in reversed(names)}
    for field, usual in _USUAL.items():
        found = next((plain[name] for name in usual if name in plain), None)
        if field not in chosen and found is not None and found not in chosen.values():
            chosen[field] = found
    slots = {name: name for name in names if name.startswith(SLOT)}
    return chosen | {field: name for field, name in slots.items() if name not in chosen.values()}


def row_entry(
    row: Record, columns: Columns, *, key: str, folder: Path, split: Split | None, audio: Path | None = None
) -> Entry:
    """A row as an utterance. row: field -> value, as `row_record` makes it; what is wrong is noted there.

    key: where the row has no id. folder: where recordings lie. split: where the row names none. audio: the
    recording, where it is not a file that the row names.
    """
    named = row.text("audio") if audio is None and "audio" in columns.of else None
    path, duration_s = None, None
    if audio is not None or named is not None:
        path, duration_s = row.recording(
            audio or folder / (named or ""), "audio", written=named or row.values.get("audio") or ""
        )
    text = row.text("text")
    if text is None and path is None:
        row.problems.append("text and audio are both empty; one is needed.")
    own_split = row.text("split")
    if own_split is not None and split_named(own_split) is None:
        row.problems.append(f'"split" must be train, validation or test, not {shown(own_split)}.')
    return Entry(
        key=row.text("id") or key,
        label=Label(row.required("intent"), _slots(row)),
        text=text,
        audio=path,
        duration_s=duration_s,
        language=row.text("language") or "",
        speaker=row.text("speaker") or "",
        split=split if own_split is None else split_named(own_split),
        synthetic=_synthetic(row.values.get("synthetic")),
    )


def _synthetic(value: object) -> str:
    """Who spoke a recording if not a person; elsewhere such a column often says only yes or no."""
    words = str(value or "").strip()
    return "" if words.lower() in {"0", "no", "false"} else words


def row_record(values: Mapping[str, object], columns: Columns) -> Record:
    """The row's values by field; numbers, as spreadsheets have them, as text, and empty cells as nothing."""
    taken = {field: values.get(column) for field, column in columns.of.items()}
    return Record(
        {
            field: str(value) if isinstance(value, int | float) and not isinstance(value, bool) else value
            for field, value in taken.items()
            # Data frames write an empty cell of a column of numbers as "not a number".
            if value != "" and not (isinstance(value, float) and math.isnan(value))
        }
    )


def _slots(row: Record) -> tuple[Slot, ...]:
    slots = []
    for field, value in row.values.items():
        if not field.startswith(SLOT) or value is None or (isinstance(value, str) and not value.strip()):
            continue
        slots.append(Slot(field.removeprefix(SLOT), row.text(field) or ""))
    given = row.values.get("slots")
    if isinstance(given, str) and given.strip():
        try:
            given = parse_line(b'{"slots": ' + given.encode(errors="surrogatepass") + b"}", 0)["slots"]
        except LineError as error:
            row.problems.append(f'"slots": {error}')
            given = None
    if given:
        inner = Record({"slots": _as_manifest(given)})
        slots += read_slots(inner)
        row.problems += inner.problems
        row.trimmed += inner.trimmed
    annotation = row.values.get("annotation")
    if isinstance(annotation, str) and not slots:
        try:
            slots += read_annotation(annotation)[1]
        except ValueError as error:
            row.problems.append(f'"annotation" {error}')
    return tuple(slots)


def _as_manifest(given: object) -> object:
    """Slots as a manifest has them, of a list of {type, filler} as well; a struct has all its types in each
    row, and nothing where a type is absent."""
    if isinstance(given, Iterable) and not isinstance(given, str | Mapping):
        return [
            {each["type"]: each["filler"]}
            if isinstance(each, Mapping) and each.keys() == {"type", "filler"}
            else each
            for each in given
        ]
    if isinstance(given, Mapping):
        return {slot_type: filler for slot_type, filler in given.items() if filler is not None}
    return given
