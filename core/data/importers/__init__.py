"""Importers: from a format on disk to a dataset in the library, wholly or not at all.

Each is a module of this package with two functions: `recognises(path) -> bool`, a quick look at a file or
folder, and `read`, a `Reader`.
"""

from __future__ import annotations

import dataclasses
import importlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from core.data.importers.gathering import counted
from core.data.importers.opening import require_readable
from core.data.importers.source import NO_OPTIONS, Options, Source
from core.data.many_objects import nothing_to_collect
from core.data.progress import Cancel, Progress, never
from core.data.splits import Division, Entry, assign_splits
from core.data.utterance import MODALITIES, SPLITS, Modality, Split, Utterance
from core.errors import UserError

if TYPE_CHECKING:
    from core.data.library import Library

Reader = Callable[[Sequence[Source], Options, Progress | None, Cancel], tuple[list[Entry], list[str]]]
"""Sources -> their utterances as they stand there, and notes for the user."""


@dataclass(frozen=True)
class Importer:
    """A format that can be read. title: its name for people. what: which files it is, in a few words. module:
    of this package."""

    title: str
    what: str
    module: str


IMPORTERS: Final[Mapping[str, Importer]] = MappingProxyType(
    {
        "slurp": Importer("SLURP", "train, devel and test.jsonl", "slurp"),
        "massive": Importer("MASSIVE", "MASSIVE or Speech-MASSIVE, JSONL by locale", "massive"),
        "fluent": Importer(
            "Fluent Speech Commands", "its folder with data/*.csv and wavs", "fluent_speech_commands"
        ),
        "minds14": Importer("MInDS-14", "its folder with text/*.csv and audio/", "minds14"),
        "common_voice": Importer(
            "Common Voice", "TSV with client_id, path, sentence and an intent; clips/", "common_voice"
        ),
        "picovoice": Importer("Picovoice", "the benchmark's label.json and recordings", "picovoice"),
        "chat": Importer("Chats", "of LLaMA-Factory (JSON) or ms-swift (JSONL)", "chat"),
        "folder": Importer(
            "Folder of recordings", "with metadata or a table, or in folders named by intent", "folder"
        ),
        "jsonl": Importer("Manifest", "JSONL, one utterance per line", "jsonl"),
        "table": Importer("Table", "CSV, TSV or XLSX, one utterance per row", "table"),
        "parquet": Importer("Hugging Face", "Parquet files, or a folder of save_to_disk", "parquet"),
        "hub": Importer("Hugging Face Hub", "a dataset by its id, owner/name", "hub"),
    }
)
"""By name; where several recognise the same files, the first one is right."""


@dataclass(frozen=True)
class ImportSummary:
    """What an import brought. format: of IMPORTERS. counts[split][modality]; notes: sentences the user should
    read."""

    name: str
    format: str
    utterances: int
    minutes: float
    counts: dict[Split, dict[Modality, int]]
    notes: tuple[str, ...]


def import_dataset(
    library: Library,
    format_name: str | None,
    paths: Sequence[Path | Source],
    name: str,
    *,
    options: Options = NO_OPTIONS,
    replace: bool = False,
    progress: Progress | None = None,
    cancelled: Cancel = never,
) -> ImportSummary:
    """Import the files as one dataset; audio stays where it is.

    format_name: of IMPORTERS; None to find it out. A line's own split counts first, then that of its
    Source; lines without any are divided: see `assign_splits`. `replace` puts the new dataset in the place
    of an old one of that name. Raises UserError (nothing is imported then) or Cancelled.
    """
    sources = [path if isinstance(path, Source) else Source(path) for path in paths]
    utterances, summary = read_utterances(format_name, sources, name, options, progress, cancelled)
    # What is not on this disk is an id of the Hub.
    source = ", ".join(str(each.path.absolute() if each.path.exists() else each.path) for each in sources)
    there = name in library.names()
    changes = library.edits.since_import(name) if there else 0
    takes = there and library.holds_takes(name)
    library.add_dataset(name, source, utterances, replace=replace, progress=progress, cancelled=cancelled)
    if changes:
        gone = f"{counted(changes, 'change')} made by hand before went with the dataset that was replaced"
        note = f'{gone}; "spoonful datasets history {name}" tells what was changed.'
        summary = dataclasses.replace(summary, notes=(*summary.notes, note))
    if takes:
        note = "Takes recorded for the dataset that was replaced are no longer in it, but kept with their"
        note += ' session; "spoonful recordings restore SESSION" puts them back.'
        summary = dataclasses.replace(summary, notes=(*summary.notes, note))
    return summary


def read_utterances(
    format_name: str | None,
    sources: Sequence[Source],
    name: str,
    options: Options = NO_OPTIONS,
    progress: Progress | None = None,
    cancelled: Cancel = never,
) -> tuple[list[Utterance], ImportSummary]:
    """The utterances of the sources, each with a split; stores nothing. Arguments and errors as in
    `import_dataset`."""
    format_name = format_name or detect_or_refuse([source.path for source in sources])
    with nothing_to_collect():
        entries, notes = _module(format_name).read(sources, options, progress, cancelled)
        splits = assign_splits(entries, options.division)
        utterances = [
            Utterance(
                id=0,
                dataset=name,
                key=entry.key,
                split=split,
                label=entry.label,
                text=entry.text,
                audio=entry.audio,
                duration_s=entry.duration_s,
                language=entry.language,
                speaker=entry.speaker,
                origin=entry.origin,
                synthetic=entry.synthetic,
            )
            for entry, split in zip(entries, splits, strict=True)
        ]
    counts: dict[Split, dict[Modality, int]] = {split: dict.fromkeys(MODALITIES, 0) for split in SPLITS}
    for utterance in utterances:
        for modality in MODALITIES:
            counts[utterance.split][modality] += utterance.has(modality)
    summary = ImportSummary(
        name=name,
        format=format_name,
        utterances=len(utterances),
        minutes=sum(utterance.duration_s or 0 for utterance in utterances) / 60,
        counts=counts,
        notes=(*notes, *_division_notes(entries, options.division)),
    )
    return utterances, summary


def detect(paths: Sequence[Path]) -> str | None:
    """The name of the format that all these files and folders have; None when no importer knows them, or one
    cannot be read."""
    try:
        require_readable(paths)
    except UserError:
        return None
    for name in IMPORTERS:
        if paths and all(_knows(name, path) for path in paths):
            return name
    return None


def _knows(name: str, path: Path) -> bool:
    try:
        return bool(_module(name).recognises(path))
    except (UserError, OSError):  # a folder in it is closed, for instance
        return False


def detect_or_refuse(paths: Sequence[Path]) -> str:
    """As `detect`. Raises UserError when no importer knows the files, or one cannot be read."""
    require_readable(paths)
    format_name = detect(paths)
    if format_name is None and all(path.suffix == ".jsonl" for path in paths):
        # What is wrong with such a file is told best by who reads it line by line.
        return "jsonl"
    if format_name is None:
        known = "".join(f"\n  {name}: {importer.what}" for name, importer in IMPORTERS.items())
        raise UserError(
            f"These files are in no known format, or in several.{known}\n",
            where=", ".join(map(str, paths)),
            remedy="If they are in one of these, choose that format (--format on the command line): then it"
            " is told what is wrong. Recordings alone say nothing of what they mean: add the table that lists"
            " them, and give their folder as that of the recordings.",
        )
    return format_name


def _module(format_name: str) -> Any:
    """The importer's module: loaded when it is wanted, since some need large libraries."""
    if format_name not in IMPORTERS:
        raise UserError(
            f'There is no importer for the format "{format_name}".',
            remedy=f"Known formats: {', '.join(IMPORTERS)}.",
        )
    return importlib.import_module(f"{__name__}.{IMPORTERS[format_name].module}")


def _division_notes(entries: Sequence[Entry], division: Division) -> list[str]:
    divided = [entry for entry in entries if entry.split is None]
    if not divided:
        return []
    who = (
        "1 utterance named no split and was"
        if len(divided) == 1
        else (f"{len(divided)} utterances named no split and were")
    )
    apart = ", speaker by speaker: no voice is in two splits" if any(each.speaker for each in divided) else ""
    notes = [f"{who} divided by seed {division.seed}{apart}."]
    voices = [entry for entry in divided if entry.audio is not None]
    if any(not entry.speaker for entry in voices):
        notes.append(
            "Recordings without a speaker were divided one by one: a voice may be both learned from and"
            ' tested on. Give "speaker" to keep voices apart.'
        )
    return notes
