"""SLURP's annotations: see `core.data.importers.slurp`. Lines that came from there go back as they were."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from core.data.exporters.gathering import Refusals
from core.data.importers.annotation import read_annotation
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
    """A file for each split that has sentences. Recordings are named as their SLURP line names them; others
    are not written, which a note tells."""
    refusals = Refusals("SLURP")
    lines: dict[Split, list[str]] = {}
    left_out = 0
    for done, utterance in enumerate(utterances, 1):
        if cancelled():
            raise Cancelled
        origin = json.loads(utterance.origin) if utterance.origin else {}
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
        lines.setdefault(utterance.split, []).append(json.dumps(line, ensure_ascii=False))
        if progress and done % 500 == 0:
            progress(done, len(utterances))
    refusals.raise_if_any()
    for split, written in lines.items():
        (folder / _FILES[split]).write_text("\n".join(written) + "\n", encoding="utf-8")
    return [f"{left_out} recordings were not written: SLURP keeps them apart."] if left_out else []


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
    changed = {"intent": action, "action": action, "scenario": scenario, "sentence_annotation": annotation}
    return {**line, **changed, "entities": entities}


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
