"""Many recordings or texts through one model: a row each, scores where labels are known. Loads no torch."""

from __future__ import annotations

import csv
import io
import json
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from core.audio.files import read_audio
from core.audio.spoken import why_silent
from core.data.importers import detect, read_utterances
from core.data.importers.opening import files_in, is_file
from core.data.importers.source import Source
from core.data.library import Library
from core.data.progress import Cancel
from core.data.utterance import Label, Modality, Split
from core.errors import Cancelled, UserError
from core.evaluation.bootstrap_ci import interval
from core.evaluation.metrics import is_exact, score
from core.evaluation.results import Interval
from core.inference.prediction import Prediction
from core.storage.files import write_text_atomically

SOUNDS: Final = frozenset(".wav .flac .ogg .oga .opus .mp3 .aif .aiff .au".split())
CHUNK: Final = 8
NO_LABEL: Final = "(no label)"

Ask = Callable[[Sequence[Path | str]], Sequence[Prediction | UserError]]
"""Answers several items, in order; an error stands for one that cannot be understood."""


@dataclass(frozen=True)
class BatchItem:
    """One thing to ask about. name: its key, or its place in the folder. audio: None for a text. text: what
    is said in it, None where nobody knows. gold: None where nobody knows."""

    name: str
    audio: Path | None = None
    text: str | None = None
    gold: Label | None = None
    synthetic: bool = False

    @property
    def question(self) -> Path | str:
        """What the model is asked about."""
        return self.audio if self.audio is not None else (self.text or "")


@dataclass(frozen=True)
class BatchRow:
    """An item with its answer, or why there is none."""

    item: BatchItem
    answer: Prediction | None
    problem: str = ""

    @property
    def right(self) -> bool | None:
        """Whether intent and all slots are right; None where nobody knows."""
        gold = self.item.gold
        return None if gold is None else is_exact(gold, None if self.answer is None else self.answer.label)

    @property
    def answered(self) -> str:
        """The answered intent, or NO_LABEL."""
        label = None if self.answer is None else self.answer.label
        return NO_LABEL if label is None else label.intent


@dataclass(frozen=True)
class Batch:
    """items: in order. notes: what was left out, for people."""

    items: tuple[BatchItem, ...]
    notes: tuple[str, ...] = ()


def folder_batch(folder: Path) -> Batch:
    """All recordings in a folder and below it, with labels where a table or a manifest in it gives them.

    Raises UserError for a folder that cannot be read or holds no recording.
    """
    files = [path for path in files_in(folder, below=True) if is_file(path) and not path.name.startswith(".")]
    sounds = [path for path in files if path.suffix.lower() in SOUNDS]
    known: dict[Path, BatchItem] = {}
    notes: list[str] = []
    manifests = [path for path in files if path.suffix == ".jsonl" and path.parent == folder]
    source = manifests if detect(manifests) else [folder] if detect([folder]) else []
    if source:
        utterances, summary = read_utterances(None, [Source(path) for path in source], folder.name)
        notes += summary.notes
        for each in utterances:
            if each.audio is not None:
                item = BatchItem(each.key, each.audio, each.text, each.label, bool(each.synthetic))
                known[each.audio.resolve()] = item
    if not sounds:
        raise UserError(
            "There are no recordings in this folder.",
            where=str(folder),
            remedy=f"Choose one with sound files ({', '.join(sorted(SOUNDS))}).",
        )
    items = [known.get(path.resolve(), BatchItem(str(path.relative_to(folder)), path)) for path in sounds]
    if source and (unlabelled := sum(item.gold is None for item in items)):
        notes.append(f"{unlabelled} of {len(items)} recordings have no label and do not count.")
    return Batch(tuple(items), tuple(notes))


def split_batch(library: Library, dataset: str, split: Split, given: Modality) -> Batch:
    """The recordings, or the texts, of a split. Raises UserError when it has none."""
    usable = [each for each in library.utterances([dataset], [split]) if each.has(given)]
    if not usable:
        what = "text" if given == "text" else "recording"
        raise UserError(
            f"No utterance of this split has a {what}.",
            where=f"{dataset} / {split}",
            remedy="Choose another.",
        )
    return Batch(
        tuple(
            BatchItem(
                each.key,
                each.audio if given == "speech" else None,
                each.text,
                each.label,
                given == "speech" and bool(each.synthetic),
            )
            for each in usable
        )
    )


def run_batch(batch: Batch, ask: Ask, cancelled: Cancel) -> Iterator[list[BatchRow]]:
    """Ask about everything, some rows at a time. A recording without a label in which nobody speaks gets no
    guess. Raises Cancelled as soon as `cancelled()` says so, and UserError when the model is gone."""
    for start in range(0, len(batch.items), CHUNK):
        if cancelled():
            raise Cancelled
        items = batch.items[start : start + CHUNK]
        problems = [_why_not(item) for item in items]
        asked = [item for item, problem in zip(items, problems, strict=True) if not problem]
        answers = iter(ask([item.question for item in asked]) if asked else ())
        rows = []
        for item, problem in zip(items, problems, strict=True):
            answer = None if problem else next(answers)
            if isinstance(answer, UserError):
                rows.append(BatchRow(item, None, str(answer)))
            else:
                rows.append(BatchRow(item, answer, problem))
        yield rows


def scores_of(rows: Sequence[BatchRow]) -> tuple[dict[str, Interval], int]:
    """The scores of the rows whose label is known, as `core.evaluation.evaluate` has them, and their number.
    A recording that cannot be read counts as wrong."""
    labelled = [row for row in rows if row.item.gold is not None]
    pairs = [
        (row.item.gold, None if row.answer is None else row.answer.label)
        for row in labelled
        if row.item.gold is not None
    ]
    found = {metric: interval(ratio) for metric, ratio in score(pairs).items()} if pairs else {}
    return {metric: each for metric, each in found.items() if each is not None}, len(labelled)


def confusion(rows: Sequence[BatchRow]) -> Counter[tuple[str, str]]:
    """(intent it is, intent answered) -> how many."""
    return Counter((row.item.gold.intent, row.answered) for row in rows if row.item.gold is not None)


def write_rows(rows: Sequence[BatchRow], file: Path) -> None:
    """The table as CSV, or as JSONL by the file's name. Raises UserError for a disk that refuses."""
    if file.suffix == ".jsonl":
        text = "".join(json.dumps(_whole(row), ensure_ascii=False) + "\n" for row in rows)
    else:
        written = io.StringIO()
        table = csv.writer(written, lineterminator="\n")
        table.writerow(("name", "audio", "text", "gold", "answered", "confidence", "right", "problem"))
        for row in rows:
            label = None if row.answer is None else row.answer.label
            table.writerow(
                (
                    row.item.name,
                    row.item.audio or "",
                    row.item.text or "",
                    row.item.gold.words if row.item.gold else "",
                    label.words if label else "",
                    f"{row.answer.confidence:.4f}" if row.answer else "",
                    "" if row.right is None else "yes" if row.right else "no",
                    row.problem,
                )
            )
        text = written.getvalue()
    write_text_atomically(file, text)


def _why_not(item: BatchItem) -> str:
    """Why an item is not asked about; empty when it is."""
    if item.audio is None:
        return ""
    try:
        silent = None if item.gold is not None else why_silent(read_audio(item.audio))
    except UserError as error:
        return str(error)
    return "" if silent is None else silent[0]


def _whole(row: BatchRow) -> dict[str, Any]:
    item = row.item
    gold = item.gold
    return {
        "name": item.name,
        "audio": None if item.audio is None else str(item.audio),
        "text": item.text,
        "gold": None
        if gold is None
        else {"intent": gold.intent, "slots": [[slot.type, slot.filler] for slot in gold.slots]},
        "answer": None if row.answer is None else row.answer.as_dict(),
        "right": row.right,
        "problem": row.problem,
    }
