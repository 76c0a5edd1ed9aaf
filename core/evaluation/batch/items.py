"""What a batch goes through: the recordings of a folder, or one split of a dataset."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from core.audio.files import audio_info
from core.data.importers import detect, read_utterances
from core.data.importers.folder import is_sound
from core.data.importers.gathering import BrokenLines, counted
from core.data.importers.opening import files_in, real_folder
from core.data.importers.source import Options, Source
from core.data.library import Library
from core.data.progress import Cancel, never
from core.data.utterance import Label, Modality, Split, Utterance
from core.errors import Cancelled, UserError

_TABLES: Final = frozenset(".csv .json .jsonl .parquet .tsv .xlsx".split())
_SHOWN: Final = 5


@dataclass(frozen=True)
class BatchItem:
    """One thing to be understood.

    name: the file within its folder, or the utterance's id. text: what is said, where that is known. audio:
    None when the text is given. label: None when nobody said what is right. duration_s: of the recording,
    None while unknown. synthetic: the engine that spoke it, empty for a person's.
    """

    name: str
    text: str | None
    audio: Path | None
    label: Label | None
    duration_s: float | None = None
    synthetic: str = ""

    @property
    def given(self) -> Path | str:
        """What the model gets."""
        return self.audio if self.audio is not None else self.text or ""


@dataclass(frozen=True)
class Batch:
    """What is asked, in its order. title: where it comes from, in words; notes: what the user should know
    about it, for instance what was left out."""

    title: str
    input: Modality
    items: tuple[BatchItem, ...]
    notes: tuple[str, ...] = ()

    @property
    def labelled(self) -> int:
        """How many items have a label to compare an answer with."""
        return sum(item.label is not None for item in self.items)


def items_of_split(library: Library, dataset: str, split: Split, given: Modality) -> Batch:
    """The utterances in use of one split that can be given as `given`, in the order of import.

    Raises UserError when there is none, or no such dataset.
    """
    everything = list(library.utterances([dataset], [split]))
    usable = [utterance for utterance in everything if utterance.has(given)]
    thing = "recording" if given == "speech" else "text"
    if not usable:
        raise UserError(
            f"The {split} split of {dataset} has no {thing}s.",
            remedy="Choose another split, another dataset, or the other kind of input.",
        )
    without = len(everything) - len(usable)
    notes = (f"{counted(without, 'utterance')} left out: without a {thing}.",) if without else ()
    items = tuple(_item(utterance, utterance.key, given) for utterance in usable)
    return Batch(f"{dataset}, {split} split, {counted(len(items), thing)}", given, items, notes)


def items_of_folder(folder: Path, intents: Collection[str] = (), cancelled: Cancel = never) -> Batch:
    """All recordings in and below a folder, with their labels where a table or manifest in it names them.

    Labelled ones come first, in the order of their table, then the others by name. intents: those the model
    knows; folders named by some of them are labels, too. Hidden files are passed over. Raises UserError when
    the folder cannot be read or holds no recording; Cancelled.
    """
    root = real_folder(folder)
    files = [path for path in files_in(root, below=True) if _is_visible_file(path, root)]
    sounds = [path for path in files if is_sound(path)]
    if not sounds:
        raise UserError(
            "There is no recording in this folder.",
            where=str(root),
            remedy="Choose a folder with sound files (WAV, FLAC, Ogg or MP3) in it or below it.",
        )
    others = [path for path in files if not is_sound(path)]
    labels = _find_labels(root, others, intents, cancelled)
    items = [_item(utterance, _name(utterance.audio, root), "speech") for utterance in labels.utterances]
    named = {utterance.audio.resolve() for utterance in labels.utterances if utterance.audio is not None}
    rest = [path for path in sounds if path.resolve() not in named]
    for path in rest:
        if cancelled():
            raise Cancelled
        items.append(BatchItem(_name(path, root), None, path, None, _seconds(path)))
    used = {*labels.tables, *(audio.with_suffix(".txt") for audio in named)}
    left_out = [path for path in others if path.resolve() not in used]
    notes = [*labels.notes, *_told_left_out(left_out, root)]
    if labels.utterances and rest:
        notes.append(f"{counted(len(rest), 'recording')} without a label: not part of the scores.")
    return Batch(
        f"{root.name or root}, {counted(len(items), 'recording')}", "speech", tuple(items), tuple(notes)
    )


# ---- labels beside the recordings


@dataclass(frozen=True)
class _Labels:
    """utterances: with a recording below the folder. tables: the files they were read from, resolved."""

    utterances: Sequence[Utterance] = ()
    tables: frozenset[Path] = frozenset()
    notes: Sequence[str] = ()


def _find_labels(root: Path, others: Sequence[Path], intents: Collection[str], cancelled: Cancel) -> _Labels:
    """What the first of the importers says that knows the folder, or else a table right in it."""
    tables = [path for path in others if path.suffix.lower() in _TABLES]
    problems: list[str] = []
    for path in (root, *(table for table in tables if table.parent == root)):
        if cancelled():
            raise Cancelled
        try:
            read, broken = _read(path, root.name, cancelled)
        except UserError as error:
            problems.append(f"No labels could be read from {path.name}: {error.what.splitlines()[0]}")
            continue
        heard = [each for each in read if each.audio and each.audio.resolve().is_relative_to(root)]
        if not heard or (
            _are_folder_names(heard) and not {each.label.intent for each in heard} & set(intents)
        ):
            continue
        notes = [f"Labels of {counted(len(heard), 'recording')} found in {path.name}."]
        if broken:
            notes.append(
                f"{counted(broken, 'line')} in {path.name} left out: import it to see what is wrong."
            )
        used = {table.resolve() for table in tables} if path == root else {path.resolve()}
        return _Labels(heard, frozenset(used), (*notes, *problems))
    return _Labels(notes=problems)


def _read(path: Path, name: str, cancelled: Cancel) -> tuple[list[Utterance], int]:
    """What a folder or file says of utterances, and how many broken lines are left out; nothing where no
    importer knows it. Raises UserError."""
    format_name = detect([path])
    if format_name is None:
        return [], 0
    try:
        return read_utterances(format_name, [Source(path)], name, cancelled=cancelled)[0], 0
    except BrokenLines as error:
        options = Options(leave_out=True)
        read, _ = read_utterances(format_name, [Source(path)], name, options, cancelled=cancelled)
        return read, error.lines


def _are_folder_names(utterances: Sequence[Utterance]) -> bool:
    """Whether the labels may be nothing but how somebody called the folders, for instance by speaker."""
    return all(
        each.audio is not None and not each.label.slots and each.label.intent == each.audio.parent.name
        for each in utterances
    )


# ---- single items


def _seconds(path: Path) -> float | None:
    """None where it cannot be read: that is told when it is asked about."""
    try:
        return audio_info(path).duration_s
    except UserError:
        return None


def _item(utterance: Utterance, name: str, given: Modality) -> BatchItem:
    spoken = given == "speech"
    return BatchItem(
        name=name,
        text=utterance.text,
        audio=utterance.audio if spoken else None,
        label=utterance.label,
        duration_s=utterance.duration_s if spoken else None,
        synthetic=utterance.synthetic if spoken else "",
    )


def _told_left_out(paths: Sequence[Path], root: Path) -> list[str]:
    if not paths:
        return []
    names = ", ".join(_name(path, root) for path in paths[:_SHOWN])
    more = f" and {len(paths) - _SHOWN} more" if len(paths) > _SHOWN else ""
    return [f"{counted(len(paths), 'file')} left out, no sound: {names}{more}."]


def _name(path: Path | None, root: Path) -> str:
    if path is None:
        return ""
    return path.relative_to(root).as_posix() if path.is_relative_to(root) and path != root else path.name


def _is_visible_file(path: Path, root: Path) -> bool:
    return path.is_file() and not any(part.startswith(".") for part in path.relative_to(root).parts)
