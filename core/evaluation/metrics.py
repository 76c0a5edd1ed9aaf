"""The metrics as sums over utterances: a score is numerator / denominator, so it resamples exactly.

Definitions: intent accuracy and exact match are shares of utterances (an answer that is no label counts as
wrong). Slot F1 is micro-averaged over (type, filler) pairs compared exactly, as multisets, the intent
notwithstanding: F1 = 2 hits / (slots answered + slots in the labels). SLU-F1 is SLURP's, see
`core.evaluation.slu_f1`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.data.utterance import Label
from core.evaluation.slu_f1 import slu_counts

Pair = tuple[Label, Label | None]
"""The label in the dataset and the label the model answered, None when it answered none."""


@dataclass(frozen=True)
class Ratio:
    """One metric before division: float64 arrays of shape [utterances]; score = sum / sum."""

    numerator: NDArray[np.float64]
    denominator: NDArray[np.float64]

    @property
    def value(self) -> float:
        """The score, NaN when nothing counts towards it."""
        total = float(self.denominator.sum())
        return float(self.numerator.sum()) / total if total else float("nan")


def is_exact(gold: Label, predicted: Label | None) -> bool:
    """Whether intent and all slots are right; the order of the slots does not matter."""
    return (
        predicted is not None
        and predicted.intent == gold.intent
        and Counter(predicted.slots) == Counter(gold.slots)
    )


def score(pairs: Sequence[Pair]) -> dict[str, Ratio]:
    """Metric key -> per-utterance sums, for `exact_match`, `intent_accuracy`, `slot_f1` and `slu_f1`."""
    hits = [_slot_hits(gold, answer) for gold, answer in pairs]
    slots = [len(gold.slots) + (len(answer.slots) if answer else 0) for gold, answer in pairs]
    return {
        "exact_match": share([is_exact(gold, answer) for gold, answer in pairs]),
        "intent_accuracy": share(
            [answer is not None and answer.intent == gold.intent for gold, answer in pairs]
        ),
        "slot_f1": Ratio(2 * np.array(hits, dtype=np.float64), np.array(slots, dtype=np.float64)),
        "slu_f1": _slu_f1(pairs),
    }


def share(successes: Sequence[bool]) -> Ratio:
    """A metric that is the share of utterances for which something holds."""
    return Ratio(np.array(successes, dtype=np.float64), np.ones(len(successes)))


def _slu_f1(pairs: Sequence[Pair]) -> Ratio:
    counts = [slu_counts(gold.slots, answer.slots if answer else ()) for gold, answer in pairs]
    found = np.array([each.found for each in counts], dtype=np.float64)
    besides = np.array([each.wrong + each.missed for each in counts], dtype=np.float64)
    return Ratio(2 * found, 2 * found + besides)


def _slot_hits(gold: Label, predicted: Label | None) -> int:
    if predicted is None:
        return 0
    return (Counter(gold.slots) & Counter(predicted.slots)).total()
