"""Importers: from a format on disk to a dataset in the library, wholly or not at all."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from core.data.importers.jsonl import ManifestFile
from core.data.progress import Cancel, Progress, never
from core.data.splits import DEFAULT_DIVISION, Division, Entry, assign_splits
from core.data.utterance import MODALITIES, SPLITS, Modality, Split, Utterance
from core.errors import UserError

if TYPE_CHECKING:
    from core.data.library import Library

Reader = Callable[[Sequence[ManifestFile], Progress | None, Cancel], tuple[list[Entry], list[str]]]
"""What an importer is: files -> utterances as they stand there, and notes for the user."""

IMPORTERS: Final[Mapping[str, str]] = MappingProxyType({"jsonl": "core.data.importers.jsonl:read_manifest"})
"""Format -> "module:function" of a Reader."""


@dataclass(frozen=True)
class ImportSummary:
    """What an import brought. counts[split][modality]; notes: sentences the user should read."""

    name: str
    utterances: int
    minutes: float
    counts: dict[Split, dict[Modality, int]]
    notes: tuple[str, ...]


def import_dataset(
    library: Library,
    format_name: str,
    paths: Sequence[Path | ManifestFile],
    name: str,
    *,
    division: Division = DEFAULT_DIVISION,
    replace: bool = False,
    progress: Progress | None = None,
    cancelled: Cancel = never,
) -> ImportSummary:
    """Import the files as one dataset. Audio stays where it is.

    A line's own split counts first, then that of its ManifestFile; lines without any are divided:
    see `assign_splits`. `replace` puts the new dataset in the place of an old one of that name. Raises
    UserError (nothing is imported then) or Cancelled.
    """
    files = [path if isinstance(path, ManifestFile) else ManifestFile(path) for path in paths]
    utterances, summary = read_utterances(format_name, files, name, division, progress, cancelled)
    source = ", ".join(str(file.path.absolute()) for file in files)
    library.add_dataset(name, source, utterances, replace=replace, progress=progress, cancelled=cancelled)
    return summary


def read_utterances(
    format_name: str,
    files: Sequence[ManifestFile],
    name: str,
    division: Division = DEFAULT_DIVISION,
    progress: Progress | None = None,
    cancelled: Cancel = never,
) -> tuple[list[Utterance], ImportSummary]:
    """The utterances of the files, each with a split; stores nothing. Errors as in `import_dataset`."""
    entries, notes = _importer(format_name)(files, progress, cancelled)
    splits = assign_splits(entries, division)
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
        )
        for entry, split in zip(entries, splits, strict=True)
    ]
    counts: dict[Split, dict[Modality, int]] = {split: dict.fromkeys(MODALITIES, 0) for split in SPLITS}
    for utterance in utterances:
        for modality in MODALITIES:
            counts[utterance.split][modality] += utterance.has(modality)
    summary = ImportSummary(
        name=name,
        utterances=len(utterances),
        minutes=sum(utterance.duration_s or 0 for utterance in utterances) / 60,
        counts=counts,
        notes=(*notes, *_division_notes(entries, division)),
    )
    return utterances, summary


def _importer(format_name: str) -> Reader:
    if format_name not in IMPORTERS:
        raise UserError(
            f'There is no importer for the format "{format_name}".',
            remedy=f"Known formats: {', '.join(IMPORTERS)}.",
        )
    module, _, function = IMPORTERS[format_name].partition(":")
    reader: Reader = getattr(importlib.import_module(module), function)
    return reader


def _division_notes(entries: Sequence[Entry], division: Division) -> list[str]:
    divided = [entry for entry in entries if entry.split is None]
    if not divided:
        return []
    who = (
        "1 utterance named no split and was"
        if len(divided) == 1
        else (f"{len(divided)} utterances named no split and were")
    )
    notes = [f"{who} divided by seed {division.seed}."]
    voices = [entry for entry in divided if entry.audio is not None]
    if any(not entry.speaker for entry in voices):
        notes.append(
            "Recordings without a speaker were divided one by one: a voice may be both learned from and"
            ' tested on. Give "speaker" to keep voices apart.'
        )
    return notes
