"""How good a batch's answers are: the scores of `core.evaluation`, and which intents are taken for which."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from core.evaluation.batch.answers import BatchAnswer
from core.evaluation.bootstrap_ci import interval
from core.evaluation.metrics import score
from core.evaluation.results import Interval

NO_LABEL: Final = ""
"""Stands for the intent of an answer that spells no label."""


@dataclass(frozen=True)
class IntentScore:
    """Utterances of one intent in the labels; how many got this intent, and how many the whole label."""

    intent: str
    n: int
    intent_right: int
    exact: int


@dataclass(frozen=True)
class Confusions:
    """intents: the rows, what was right, ordered so that those taken for one another are neighbours.
    answered: the columns, the same and NO_LABEL behind them if any answer was none. counts: int64 [rows,
    columns]."""

    intents: tuple[str, ...]
    answered: tuple[str, ...]
    counts: NDArray[np.int64]

    @property
    def wrong(self) -> list[tuple[str, str, int]]:
        """Intent, the one answered instead, and how often; the most frequent first."""
        cells = [
            (self.intents[row], self.answered[column], int(self.counts[row, column]))
            for row, column in np.argwhere(self.counts)
            if row != column
        ]
        return sorted(cells, key=lambda cell: -cell[2])


@dataclass(frozen=True)
class BatchScores:
    """n: items that have a label and an answer. scores: metric key -> interval, as of an EvaluationResult.
    synthetic: how many of them were spoken by an engine. intents: sorted by name."""

    n: int
    scores: Mapping[str, Interval]
    synthetic: int
    intents: tuple[IntentScore, ...]
    confusions: Confusions


def score_answers(answers: Iterable[BatchAnswer], seed: int = 17) -> BatchScores | None:
    """Scores of what has a label and an answer, in the order of the batch; None when nothing has.

    The order matters to the intervals: these are those of `spoonful evaluate` on the same utterances.
    """
    scored = [
        (each.item.label, each.answer.label, each.item.synthetic)
        for each in answers
        if each.item.label is not None and each.answer is not None
    ]
    if not scored:
        return None
    pairs = [(gold, predicted) for gold, predicted, _ in scored]
    ratios = score(pairs)
    intervals = {metric: interval(ratio, seed) for metric, ratio in ratios.items()}
    asked = Counter(gold.intent for gold, _ in pairs)
    right = {
        metric: Counter(
            gold.intent for (gold, _), hit in zip(pairs, ratios[metric].numerator, strict=True) if hit
        )
        for metric in ("intent_accuracy", "exact_match")
    }
    return BatchScores(
        n=len(pairs),
        scores={metric: found for metric, found in intervals.items() if found is not None},
        synthetic=sum(bool(synthetic) for _, _, synthetic in scored),
        intents=tuple(
            IntentScore(intent, n, right["intent_accuracy"][intent], right["exact_match"][intent])
            for intent, n in sorted(asked.items())
        ),
        confusions=confusions(
            [(gold.intent, NO_LABEL if predicted is None else predicted.intent) for gold, predicted in pairs]
        ),
    )


def confusions(pairs: Sequence[tuple[str, str]]) -> Confusions:
    """Count which intent (first) was answered by which (second, NO_LABEL for none)."""
    counted = Counter(pairs)
    names = sorted({name for pair in counted for name in pair if name != NO_LABEL})
    mixed = np.zeros((len(names), len(names)), np.int64)
    index = {name: number for number, name in enumerate(names)}
    for (gold, predicted), count in counted.items():
        if predicted != NO_LABEL:
            mixed[index[gold], index[predicted]] = count
    rows = tuple(names[number] for number in _neighbours(mixed))
    columns = (*rows, NO_LABEL) if any(predicted == NO_LABEL for _, predicted in counted) else rows
    counts = np.array([[counted[row, column] for column in columns] for row in rows], np.int64)
    return Confusions(rows, columns, counts)


def _neighbours(counts: NDArray[np.int64]) -> list[int]:
    """An order in which what is confused is near one another: each group of intents that are connected by
    confusions by itself, the one with most of them first; within it by the second eigenvector of its
    Laplacian (Fiedler 1973), which minimises the squared distances weighted by the confusions."""
    between = counts + counts.T
    np.fill_diagonal(between, 0)
    groups = sorted(_groups(between), key=lambda group: (-int(between[np.ix_(group, group)].sum()), group[0]))
    order: list[int] = []
    for group in groups:
        weights = between[np.ix_(group, group)].astype(float)
        if len(group) > 2:
            _, vectors = np.linalg.eigh(np.diag(weights.sum(axis=1)) - weights)
            place = np.round(vectors[:, 1], 9)
            # A vector and its negative say the same; one of them is taken for good.
            place = place if place[np.argmax(np.abs(place))] > 0 else -place
            group = [group[number] for number in np.argsort(place, kind="stable")]  # noqa: PLW2901
        order += group
    return order


def _groups(between: NDArray[np.int64]) -> list[list[int]]:
    """The connected components, each sorted."""
    left = set(range(len(between)))
    groups: list[list[int]] = []
    while left:
        group, edge = set[int](), {min(left)}
        while edge:
            group |= edge
            edge = {int(each) for one in edge for each in np.flatnonzero(between[one])} - group
        left -= group
        groups.append(sorted(group))
    return groups
