"""SLURP's annotations: see `core.data.importers.slurp`. Lines that came from there go back as they were."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from core.data.exporters.gathering import Refusals
from core.data.importers.annotation import read_annotation
from core.data.importers.gathering import counted
from core.data.importers.slurp import SYNTHETIC
from core.data.progress import Cancel, Progress
from core.data.utterance import Label, Split, Utterance
from core.errors import Cancelled

_FILES: Final[Mapping[Split, str]] = {
    "train": "train.jsonl",
    "validation": "devel.jsonl",
    "test": "test.jsonl",
}


def write(
    utterances: Sequence[Utterance], folder: Path, progress: Progress | None, cancelled: Cancel
) -> list[str]:
    """A file for each split that has sentences, and one of its own for sentences that machines read aloud,
    whose numbers begin anew. Recordings are named as their SLURP line names them; others are not written, nor
    are recordings that were set aside; notes tell of both."""
    refusals = Refusals("SLURP")
    lines: dict[str, list[str]] = {}
    heard = _heard(utterances)
    left_out = aside = 0
    for done, utterance in enumerate(utterances, 1):
        if cancelled():
            raise Cancelled
        origin = json.loads(utterance.origin) if _is_from_slurp(utterance) else {}
        if utterance.text is None:
            # A further recording of a sentence stands in that sentence's line.
            left_out += "slurp_id" not in origin
            continue
        left_out += utterance.audio is not None and "recordings" not in origin
        try:
            line = _line(utterance, origin)
        except ValueError as error:
            refusals.add(utterance, str(error))
            continue
        names = heard.pop(utterance.key, None)
        if names is not None and "recordings" in origin:
            kept = [each for each in line["recordings"] if each["file"] in names]
            aside += len(line["recordings"]) - len(kept)
            line = {**line, "recordings": kept}
        lines.setdefault(_file(utterance), []).append(json.dumps(line, ensure_ascii=False))
        if progress and done % 500 == 0:
            progress(done, len(utterances))
    refusals.raise_if_any()
    for name, written in lines.items():
        (folder / name).write_text("\n".join(written) + "\n", encoding="utf-8")
    return _notes(left_out, aside, without=sum(map(len, heard.values())))


def _heard(utterances: Sequence[Utterance]) -> dict[str, set[str]]:
    """The names of SLURP's recordings among the utterances, by their sentence's key."""
    heard: dict[str, set[str]] = {}
    for utterance in utterances:
        if utterance.audio is not None and _is_from_slurp(utterance):
            name = utterance.audio.name
            sentence = utterance.key if utterance.text is not None else utterance.key.removesuffix(f"/{name}")
            heard.setdefault(sentence, set()).add(name)
    return heard


def _is_from_slurp(utterance: Utterance) -> bool:
    """Other formats' lines have fields of the same names that hold something else."""
    return bool(utterance.origin) and "slurp_id" in json.loads(utterance.origin)


def _file(utterance: Utterance) -> str:
    synthetic = utterance.key.startswith(SYNTHETIC) and _is_from_slurp(utterance)
    return _FILES[utterance.split].replace(".", "_synthetic." if synthetic else ".")


def _notes(left_out: int, aside: int, without: int) -> list[str]:
    told = {
        f"{counted(left_out, 'recording')} not written: SLURP keeps them apart.": left_out,
        f"{counted(aside, 'recording')} of written sentences left out, as they are not in use.": aside,
        f"{counted(without, 'recording')} left out, whose sentences are not in use.": without,
    }
    return [note for note, number in told.items() if number]


def _line(utterance: Utterance, origin: Mapping[str, Any]) -> Mapping[str, Any]:
    """Raises ValueError when the label cannot be said in SLURP's form."""
    if "sentence_annotation" in origin and utterance.label == _label_of(origin):
        return origin
    scenario, separator, action = utterance.label.intent.partition("_")
    if not separator:
        raise ValueError(f'the intent "{utterance.label.intent}" is no scenario_action.')
    assert utterance.text is not None  # noqa: S101 - asked by `write`
    annotation, words, entities = _annotate(utterance.text, utterance.label)
    line = {
        "slurp_id": utterance.key,
        "sentence": utterance.text,
        "tokens": [{"surface": word, "id": number} for number, word in enumerate(words)],
        "recordings": [],
        **origin,
    }
    changed = {"intent": utterance.label.intent, "action": action, "scenario": scenario}
    return {**line, **changed, "sentence_annotation": annotation, "entities": entities}


def _label_of(origin: Mapping[str, Any]) -> Label:
    return Label(
        f"{origin['scenario']}_{origin['action']}", read_annotation(origin["sentence_annotation"])[1]
    )


def _annotate(text: str, label: Label) -> tuple[str, list[str], list[dict[str, Any]]]:
    """The annotation, the text's words, and the entities by the numbers of their words."""
    words = text.split()
    free = set(range(len(words)))
    marks: list[tuple[int, int, str]] = []
    for slot in label.slots:
        filler = slot.filler.split()
        start = next(
            (
                first
                for first in range(len(words) - len(filler) + 1)
                if words[first : first + len(filler)] == filler
                and free.issuperset(range(first, first + len(filler)))
            ),
            None,
        )
        if start is None:
            raise ValueError(f'the filler "{slot.filler}" of {slot.type} does not stand in its text.')
        marks.append((start, start + len(filler), slot.type))
        free.difference_update(range(start, start + len(filler)))
    entities = [{"span": list(range(start, end)), "type": name} for start, end, name in sorted(marks)]
    starts, ends = {start: name for start, _, name in marks}, {end - 1 for _, end, _ in marks}
    annotated = [
        (f"[{starts[number]} : " if number in starts else "") + word + ("]" if number in ends else "")
        for number, word in enumerate(words)
    ]
    return " ".join(annotated), words, entities
