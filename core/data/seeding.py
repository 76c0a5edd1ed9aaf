"""Choices by seed that are the same in every process, on every platform and with every numpy release."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray


def permutation(count: int, *entropy: int) -> NDArray[np.intp]:
    """A random order of range(count), fixed by the non-negative numbers in `entropy`.

    Raw draws are sorted, since numpy does not promise Generator.permutation to stay as it is. Two equal
    draws are as good as impossible, and the stable sort settles even those.
    """
    return np.argsort(draws(count, *entropy), kind="stable")


def draws(count: int, *entropy: int) -> NDArray[np.uint64]:
    """Random 64-bit numbers, fixed by the non-negative numbers in `entropy`.

    numpy promises unchanged output only for its bit generators and for SeedSequence (NEP 19).
    """
    # The length goes in because SeedSequence takes (1,) and (1, 0) for the same.
    sequence = np.random.SeedSequence((len(entropy), *entropy))
    return np.asarray(np.random.PCG64(sequence).random_raw(count), dtype=np.uint64)


def evenly_spread(number: int) -> float:
    """The points 0, 1/2, 1/4, 3/4, 1/8 ... for 0, 1, 2 ...: the first few of them always lie far apart.

    Van der Corput's sequence: the digits of the number, in base 2, mirrored at the point.
    """
    return int(f"{number:b}"[::-1], 2) / (1 << number.bit_length())


def stratified_order(strata: Sequence[str], *entropy: int) -> NDArray[np.intp]:
    """A random order of the items in which every beginning is a stratified sample.

    strata: one name per item. The first items are one of each stratum, frequent strata first, so that
    even a short beginning covers as many as it can; from there on a beginning holds max(1, about its
    share) of each stratum, the share rounded as in Sainte-Lague's method of apportionment. Because a
    smaller sample is a beginning of a larger one, samples of different sizes are nested.
    """
    shuffled = permutation(len(strata), *entropy)
    names, inverse = np.unique(np.asarray(strata, dtype=np.str_), return_inverse=True)
    stratum = inverse[shuffled]
    sizes = np.bincount(stratum, minlength=len(names))
    by_stratum = np.argsort(stratum, kind="stable")
    rank = np.empty(len(strata), dtype=np.intp)
    starts = np.cumsum(sizes) - sizes
    rank[by_stratum] = np.arange(len(strata)) - np.repeat(starts, sizes)
    size = sizes[stratum]
    # An item's turn: the share of the whole at which its stratum is due one more.
    turn = np.where(rank == 0, -1.0, (rank + 0.5) / size)
    # Among equal turns the larger stratum comes first, then chance (the shuffled position) decides.
    order: NDArray[np.intp] = shuffled[np.lexsort((np.arange(len(strata)), -size, turn))]
    return order


def round_half_up(value: float) -> int:
    """The nearest whole number; unlike round(), 0.5 and 2.5 go up alike."""
    return int(np.floor(value + 0.5))
