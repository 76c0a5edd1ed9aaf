"""Confidence intervals by the percentile bootstrap over utterances (Efron 1979), seeded: same data, same
interval. Differences between two answers to the same utterances are resampled in pairs."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from core.evaluation.metrics import Ratio
from core.evaluation.results import Interval

RESAMPLES = 1_000
TAIL = 0.025
"""Probability left out on either side: 95 % intervals."""

_NO_SPREAD = 1e-12


def interval(ratio: Ratio, seed: int = 17) -> Interval | None:
    """The score with its interval; None when no utterance counts towards it."""
    value = ratio.value
    if np.isnan(value):
        return None
    if not ratio.numerator.any() or np.array_equal(ratio.numerator, ratio.denominator):
        return _unanimous(value, int(np.count_nonzero(ratio.denominator)))
    samples = _resampled_scores([ratio], seed)[0]
    return _percentiles(value, samples)


def difference(first: Ratio, second: Ratio, seed: int = 17) -> Interval | None:
    """first - second with its paired interval; row i of both must be the same utterance.

    None when one of the two is undefined.
    """
    if len(first.numerator) != len(second.numerator):
        raise ValueError("a paired difference needs the same utterances on both sides")
    value = first.value - second.value
    if np.isnan(value):
        return None
    samples = _resampled_scores([first, second], seed)
    differences = samples[0] - samples[1]
    if np.nanmax(differences) - np.nanmin(differences) < _NO_SPREAD:
        # Every utterance differs alike, for instance not at all: as with `_unanimous`, few prove little.
        reach = _reach(int(np.count_nonzero(first.denominator + second.denominator)))
        return Interval(value, max(-1.0, value - reach), min(1.0, value + reach))
    return _percentiles(value, differences)


def _resampled_scores(ratios: list[Ratio], seed: int) -> NDArray[np.float64]:
    """Scores over resampled utterances, shape [ratios, RESAMPLES]; NaN where a resample holds nothing."""
    columns = np.stack([part for ratio in ratios for part in (ratio.numerator, ratio.denominator)], axis=1)
    count = len(columns)
    rng = np.random.default_rng(seed)
    sums = np.empty((RESAMPLES, columns.shape[1]))
    for row in range(RESAMPLES):
        drawn = np.bincount(rng.integers(0, count, size=count), minlength=count)
        sums[row] = drawn @ columns
    numerators, denominators = sums[:, 0::2].T, sums[:, 1::2].T
    return np.divide(numerators, denominators, out=np.full_like(numerators, np.nan), where=denominators > 0)


def _percentiles(value: float, samples: NDArray[np.float64]) -> Interval:
    low, high = np.nanquantile(samples, [TAIL, 1 - TAIL])
    return Interval(value, float(low), float(high))


def _unanimous(value: float, count: int) -> Interval:
    """All right or all wrong, each of them: resampling sees no spread at all, so the exact binomial bound
    (Clopper and Pearson 1934) says how far `count` utterances can be trusted."""
    reach = _reach(count)
    return Interval(value, 0.0, reach) if value == 0.0 else Interval(value, 1 - reach, 1.0)


def _reach(count: int) -> float:
    """How large the share of exceptions may still be when `count` utterances held none."""
    return float(1 - TAIL ** (1 / count))
