"""Whether a model is right as often as it is sure: temperature scaling and how to see what it did.

Guo et al., "On Calibration of Modern Neural Networks" (ICML 2017): one number, the temperature, divides the
logits; it is chosen so that the right answers of a validation set become as likely as they can. The order of
the answers never changes, so no score does. Loads no torch.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

BINS: Final = 15
LEAST: Final = 30
"""Fewer validation utterances tell nothing about how sure to be."""
_SHARPEST, _BLUNTEST = 0.05, 20.0
_TINY: Final = 1e-300

Shares = NDArray[np.float64]


@dataclass(frozen=True)
class Fit:
    """A temperature and what it does on the `n` utterances it was chosen on. nll: mean negative
    log-likelihood of the right intents, in nats. ece: expected calibration error, 0 to 1."""

    temperature: float
    n: int
    nll_before: float
    nll_after: float
    ece_before: float
    ece_after: float


@dataclass(frozen=True)
class Bin:
    """Answers of similar confidence. low, high: the least and the greatest of them. accuracy_low,
    accuracy_high: Wilson's 95 % interval of the accuracy."""

    low: float
    high: float
    n: int
    confidence: float
    accuracy: float
    accuracy_low: float
    accuracy_high: float


def tempered(probabilities: Shares, temperature: float | Shares) -> Shares:
    """Probabilities [N, intents] at another temperature, which may differ from row to row [N]; above 1 they
    become more alike, below it less, at 1 they stay."""
    if np.all(np.equal(temperature, 1.0)):
        return probabilities  # to the last digit
    exponent = np.broadcast_to(1.0 / np.asarray(temperature, np.float64), len(probabilities))[:, None]
    scaled = exponent * np.log(np.maximum(probabilities, _TINY))
    weights = np.exp(scaled - scaled.max(axis=1, keepdims=True))
    result: Shares = weights / weights.sum(axis=1, keepdims=True)
    return result


def fit_temperature(probabilities: Shares, gold: NDArray[np.int64]) -> Fit | None:
    """The temperature that makes the right intents likeliest; None for fewer than LEAST utterances.

    probabilities [N, intents]; gold [N]: the index of the right one. As in Platt's scaling the targets are a
    little short of certain, by one answer in N + 2, which goes to the rivals: where every answer was right
    nothing else would keep the model from claiming to be certain for ever.
    """
    if len(gold) < LEAST:
        return None
    logs = np.log(np.maximum(probabilities, _TINY))
    is_right = np.arange(probabilities.shape[1]) == gold[:, None]
    rivals = np.where(is_right, 0.0, np.maximum(probabilities, _TINY))
    rivals /= np.maximum(rivals.sum(axis=1, keepdims=True), _TINY)
    targets = (is_right * (len(gold) + 1) + rivals) / (len(gold) + 2)
    right = (targets * logs).sum(axis=1).mean()

    def slope(sharpness: float) -> float:
        """Of the negative log-likelihood over 1 / temperature; it grows throughout."""
        expected = (tempered(probabilities, 1 / sharpness) * logs).sum(axis=1).mean()
        return float(expected - right)

    low, high = 1 / _BLUNTEST, 1 / _SHARPEST
    for _ in range(60):
        middle = math.sqrt(low * high)
        low, high = (low, middle) if slope(middle) > 0 else (middle, high)
    temperature = 1 / math.sqrt(low * high)
    after = tempered(probabilities, temperature)
    return Fit(
        temperature,
        len(gold),
        _nll(probabilities, gold),
        _nll(after, gold),
        _top_error(probabilities, gold),
        _top_error(after, gold),
    )


def expected_calibration_error(confidence: Shares, correct: NDArray[np.bool_]) -> float:
    """How far confidence and accuracy are apart, on average, in BINS bins of equally many answers [N]."""
    bins = reliability(confidence, correct)
    return sum(each.n * abs(each.confidence - each.accuracy) for each in bins) / max(1, len(confidence))


def reliability(confidence: Shares, correct: NDArray[np.bool_]) -> list[Bin]:
    """Answers [N] sorted by confidence and divided into BINS bins of equally many, or one each if they are
    fewer."""
    order = np.argsort(confidence, kind="stable")
    parts = np.array_split(order, min(BINS, len(order))) if len(order) else []
    return [_bin(confidence[part], correct[part]) for part in parts]


def _bin(confidence: Shares, correct: NDArray[np.bool_]) -> Bin:
    n, share = len(correct), float(np.mean(correct))
    spread, z = 1.0 + 1.96**2 / n, 1.96
    centre = (share + z * z / (2 * n)) / spread
    half = z * math.sqrt(share * (1 - share) / n + z * z / (4 * n * n)) / spread
    return Bin(
        float(confidence.min()),
        float(confidence.max()),
        n,
        float(confidence.mean()),
        share,
        # Rounding aside, both are within 0 and 1 and on either side of the share.
        min(share, max(0.0, centre - half)),
        max(share, min(1.0, centre + half)),
    )


def _nll(probabilities: Shares, gold: NDArray[np.int64]) -> float:
    return float(-np.log(np.maximum(probabilities[np.arange(len(gold)), gold], _TINY)).mean())


def _top_error(probabilities: Shares, gold: NDArray[np.int64]) -> float:
    return expected_calibration_error(probabilities.max(axis=1), probabilities.argmax(axis=1) == gold)
