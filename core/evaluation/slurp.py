"""SLURP's official evaluation of a file of predictions, to the last digit."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import reduce
from operator import add
from pathlib import Path
from typing import Any

from core.data.importers.json_lines import LineError, numbered_lines, parse_line
from core.data.utterance import Slot
from core.errors import UserError
from core.evaluation.slu_f1 import Counts, distance_counts, exact_counts


@dataclass(frozen=True)
class Example:
    """One line of either file, as far as it is scored."""

    scenario: str
    action: str
    slots: tuple[Slot, ...]


@dataclass(frozen=True)
class SlurpScores:
    """scenario, action, intent, entities, word, char, slu: as the official script prints them; of the first
    three F1 is the accuracy. scored: examples of both files. missing: names of gold examples without a
    prediction, which the official script passes over. unknown: predictions of nothing in the gold file.
    repeated: names predicted more than once, of which the last counts."""

    scores: dict[str, Counts]
    scored: int
    missing: tuple[str, ...]
    unknown: tuple[str, ...]
    repeated: tuple[str, ...]


def score_slurp(gold: Path, predictions: Path, *, by_sentence: bool) -> SlurpScores:
    """Score a file of predictions.

    by_sentence: predictions name the sentence ("slurp_id"), not the recording ("file"): the official
    `--load-gold`, for predictions from the written sentences. Raises UserError with file and line for what
    cannot be read, and when no prediction is of anything in the gold file.
    """
    wanted = dict(_gold(gold, by_sentence=by_sentence))
    named = list(_predicted(predictions, "slurp_id" if by_sentence else "file"))
    answered = dict(named)
    both = [name for name in wanted if name in answered]
    if not both:
        other = "without" if by_sentence else "with"
        raise UserError(
            "No prediction is of anything in the gold file.",
            where=str(predictions),
            remedy=f"Choose the files of the same split, or try {other} --load-gold.",
        )
    pairs = [(wanted[name], answered[name]) for name in both]

    def total(counts: Callable[[Example, Example], Counts]) -> Counts:
        return reduce(add, (counts(*pair) for pair in pairs), Counts())

    word = total(lambda one, other: distance_counts(one.slots, other.slots, "word"))
    char = total(lambda one, other: distance_counts(one.slots, other.slots, "char"))
    scores = {
        "scenario": total(lambda one, other: _same(one.scenario, other.scenario)),
        "action": total(lambda one, other: _same(one.action, other.action)),
        "intent": total(lambda one, other: _same(_intent(one), _intent(other))),
        "entities": total(lambda one, other: exact_counts(one.slots, other.slots)),
        "word": word,
        "char": char,
        "slu": word + char,
    }
    times = Counter(name for name, _ in named)
    return SlurpScores(
        scores,
        len(both),
        tuple(name for name in wanted if name not in answered),
        tuple(name for name in answered if name not in wanted),
        tuple(name for name, count in times.items() if count > 1),
    )


def _intent(example: Example) -> str:
    return f"{example.scenario}_{example.action}"


def _same(gold: str, answered: str) -> Counts:
    return Counts(1.0) if gold == answered else Counts(0.0, 1.0, 1.0)


def _gold(path: Path, *, by_sentence: bool) -> Iterator[tuple[str, Example]]:
    for where, line in _lines(path):
        words = [str(_field(token, "surface", where)).lower() for token in _field(line, "tokens", where)]
        slots = []
        for entity in _field(line, "entities", where):
            try:
                filler = " ".join(words[number] for number in _field(entity, "span", where))
            except (IndexError, TypeError) as error:
                raise _unusable(where, "the span of an entity points at no token") from error
            slots.append(Slot(str(_field(entity, "type", where)), filler))
        scenario, action = (str(_field(line, name, where)) for name in ("scenario", "action"))
        example = Example(scenario, action, tuple(slots))
        if by_sentence:
            yield str(_field(line, "slurp_id", where)), example
        else:
            for recording in _field(line, "recordings", where):
                yield str(_field(recording, "file", where)), example


def _predicted(path: Path, name: str) -> Iterator[tuple[str, Example]]:
    for where, line in _lines(path):
        slots = [
            Slot(str(_field(entity, "type", where)), str(_field(entity, "filler", where)))
            for entity in _field(line, "entities", where)
        ]
        scenario, action = (str(_field(line, each, where)) for each in ("scenario", "action"))
        yield str(_field(line, name, where)), Example(scenario, action, tuple(slots))


def _lines(path: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    for number, raw in numbered_lines(path):
        where = f"{path}, line {number}"
        try:
            yield where, parse_line(raw, number)
        except LineError as error:
            raise _unusable(where, str(error)) from error


def _field(holder: Any, name: str, where: str) -> Any:
    if not isinstance(holder, dict) or name not in holder:
        raise _unusable(where, f'"{name}" is missing')
    return holder[name]


def _unusable(where: str, why: str) -> UserError:
    return UserError(
        f"This line cannot be scored: {why}.",
        where=where,
        remedy="Both files need SLURP's own form; see its repository, scripts/evaluation.",
    )
