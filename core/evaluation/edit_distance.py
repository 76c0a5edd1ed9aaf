"""How far two sequences are apart."""

from __future__ import annotations

from collections.abc import Sequence


def edit_distance(ours: Sequence[str], theirs: Sequence[str]) -> int:
    """Fewest insertions, deletions and substitutions that turn one into the other (Levenshtein 1966): of
    words, or of the characters of two strings."""
    row = list(range(len(theirs) + 1))
    for index, word in enumerate(ours, start=1):
        previous, row[0] = row[0], index
        for at, other in enumerate(theirs, start=1):
            previous, row[at] = row[at], min(row[at] + 1, row[at - 1] + 1, previous + (word != other))
    return row[-1]
