"""Confidence that says how often the model is right, against models whose calibration is known."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from core.evaluation.calibration import (
    BINS,
    LEAST,
    expected_calibration_error,
    fit_temperature,
    reliability,
    tempered,
)

INTENTS = 6


def calibrated(n: int, seed: int = 17) -> tuple[np.ndarray, np.ndarray]:
    """Probabilities and right intents drawn from them: calibrated by construction."""
    rng = np.random.default_rng(seed)
    probabilities = rng.dirichlet(np.full(INTENTS, 0.4), n)
    gold = np.array([rng.choice(INTENTS, p=row) for row in probabilities])
    return probabilities, gold


@pytest.mark.parametrize("wrong_by", [0.4, 1.0, 2.5])
def test_the_temperature_undoes_what_made_a_model_too_sure_or_too_humble(wrong_by: float) -> None:
    probabilities, gold = calibrated(4000)
    fit = fit_temperature(tempered(probabilities, wrong_by), gold)
    assert fit is not None
    assert fit.temperature == pytest.approx(1 / wrong_by, rel=0.08)
    assert fit.nll_after <= fit.nll_before + 1e-3
    assert fit.ece_after < 0.03
    assert fit.n == 4000


def test_it_is_the_best_of_all_temperatures() -> None:
    probabilities, gold = calibrated(300)
    probabilities = tempered(probabilities, 0.5)
    fit = fit_temperature(probabilities, gold)
    assert fit is not None

    def nll(temperature: float) -> float:
        return float(-np.log(tempered(probabilities, temperature)[np.arange(300), gold]).mean())

    tried = np.exp(np.linspace(-2, 2, 400))
    best = tried[np.argmin([nll(each) for each in tried])]
    # The fit is a little blunter: its targets are short of certain by one answer in 302.
    assert best * 0.97 <= fit.temperature <= best * 1.1


def test_a_model_that_was_always_right_does_not_become_certain_for_ever() -> None:
    probabilities = np.full((100, INTENTS), 0.01)
    probabilities[:, 0] = 0.95
    fit = fit_temperature(probabilities, np.zeros(100, np.int64))
    assert fit is not None
    assert tempered(probabilities, fit.temperature)[:, 0].max() < 0.995


def test_few_answers_tell_nothing() -> None:
    assert fit_temperature(*calibrated(LEAST - 1)) is None
    assert fit_temperature(*calibrated(LEAST)) is not None


def test_the_order_stays_and_shares_sum_to_one() -> None:
    probabilities, _ = calibrated(50)
    for temperature in (0.05, 1.0, 3.0, np.linspace(0.5, 2, 50)):
        after = tempered(probabilities, temperature)
        assert np.array_equal(after.argmax(axis=1), probabilities.argmax(axis=1))
        assert after.sum(axis=1) == pytest.approx(1)
    assert tempered(probabilities, 1.0) == pytest.approx(probabilities)
    certain = np.eye(INTENTS)
    assert tempered(certain, 2.0) == pytest.approx(certain)


def test_the_error_is_the_distance_of_confidence_and_accuracy() -> None:
    confidence = np.full(10 * BINS, 0.8)
    correct = np.arange(10 * BINS) % 5 != 0  # 80 % in every bin
    assert expected_calibration_error(confidence, correct) == pytest.approx(0.0)
    assert expected_calibration_error(confidence, np.zeros(10 * BINS, bool)) == pytest.approx(0.8)
    assert expected_calibration_error(np.array([0.7]), np.array([True])) == pytest.approx(0.3)
    assert expected_calibration_error(np.array([]), np.array([], bool)) == 0


def test_the_diagram_has_every_answer_once_and_intervals_around_the_accuracy() -> None:
    rng = np.random.default_rng(17)
    confidence = rng.random(157)
    bins = reliability(confidence, rng.random(157) < confidence)
    assert len(bins) == BINS
    assert sum(each.n for each in bins) == 157
    assert all(first.high <= second.low for first, second in pairwise(bins))
    assert all(each.accuracy_low <= each.accuracy <= each.accuracy_high for each in bins)
    assert all(each.low <= each.confidence <= each.high for each in bins)
