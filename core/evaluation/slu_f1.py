"""SLU-F1, SLURP's measure of slots (Bastianelli et al., EMNLP 2020), as its official script counts.

A slot answered with the type of a slot of the label counts as found, and the distance of the two fillers,
which is 0 where they are equal, counts as found wrongly and as missed besides. It is paired with the slot
of its type whose filler is nearest; slots left over on either side count as wrong and as missed. The
distance is once that of words (word errors by words of the label, which may pass 1) and once that of
characters (by those of the longer filler), and SLU-F1 is the F1 of both counts together.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, Literal

from core.data.utterance import Slot
from core.evaluation.edit_distance import edit_distance

Distance = Literal["word", "char"]


@dataclass(frozen=True)
class Counts:
    """found: true positives. wrong: false positives. missed: false negatives."""

    found: float = 0.0
    wrong: float = 0.0
    missed: float = 0.0

    def __add__(self, other: Counts) -> Counts:
        return Counts(self.found + other.found, self.wrong + other.wrong, self.missed + other.missed)

    @property
    def precision(self) -> float:
        """0 where nothing was answered."""
        answered = self.found + self.wrong
        return self.found / answered if answered else 0.0

    @property
    def recall(self) -> float:
        """0 where there is nothing to find."""
        wanted = self.found + self.missed
        return self.found / wanted if wanted else 0.0

    @property
    def f1(self) -> float:
        """0 where nothing was found."""
        both = 2 * self.found + self.wrong + self.missed
        return 2 * self.found / both if both else 0.0


def exact_counts(gold: Sequence[Slot], answered: Sequence[Slot]) -> Counts:
    """Of slots that are equal in type and filler."""
    left, found = list(gold), 0
    for slot in answered:
        if slot in left:
            left.remove(slot)
            found += 1
    return Counts(found, len(answered) - found, len(left))


def distance_counts(gold: Sequence[Slot], answered: Sequence[Slot], distance: Distance) -> Counts:
    """Of slots that are equal in type, less by how far their fillers are apart. As in the official script the
    order of the answered slots counts: each takes the nearest of those that are left."""
    apart, left = _DISTANCES[distance], list(gold)
    found = wrong = missed = 0.0
    for slot in answered:
        candidates = [each for each in left if each.type == slot.type]
        if not candidates:
            wrong += 1
            continue
        distances = [apart(each.filler, slot.filler) for each in candidates]
        nearest = min(range(len(candidates)), key=distances.__getitem__)
        left.remove(candidates[nearest])
        found += 1
        wrong += distances[nearest]
        missed += distances[nearest]
    return Counts(found, wrong, missed + len(left))


def slu_counts(gold: Sequence[Slot], answered: Sequence[Slot]) -> Counts:
    """What SLU-F1 is the F1 of: the counts by words and by characters together."""
    return distance_counts(gold, answered, "word") + distance_counts(gold, answered, "char")


def _words_apart(gold: str, answered: str) -> float:
    wanted = gold.split()
    return edit_distance(answered.split(), wanted) / max(1, len(wanted))


def _characters_apart(gold: str, answered: str) -> float:
    longest = max(len(gold), len(answered))
    return edit_distance(answered, gold) / longest if longest else 0.0


_DISTANCES: Final[Mapping[Distance, Callable[[str, str], float]]] = MappingProxyType(
    {"word": _words_apart, "char": _characters_apart}
)
