from __future__ import annotations

import numpy as np
import pytest

from core.evaluation.bootstrap_ci import difference, interval
from core.evaluation.metrics import Ratio, share


def _share(right: int, of: int) -> Ratio:
    return share([index < right for index in range(of)])


def test_the_interval_of_a_share_is_as_wide_as_the_binomial_says() -> None:
    found = interval(_share(60, 100))
    assert found is not None
    assert found.value == 0.6
    # Normal approximation: 1.96 * sqrt(0.6 * 0.4 / 100) = 0.096.
    assert found.low == pytest.approx(0.504, abs=0.02)
    assert found.high == pytest.approx(0.696, abs=0.02)


def test_the_same_data_gives_the_same_interval() -> None:
    assert interval(_share(7, 20)) == interval(_share(7, 20))


def test_the_interval_covers_the_truth_about_95_times_in_100() -> None:
    rng = np.random.default_rng(5)
    covered = 0
    for _ in range(200):
        found = interval(share((rng.random(150) < 0.7).tolist()))
        assert found is not None
        covered += found.low <= 0.7 <= found.high
    assert 180 <= covered <= 199


def test_a_perfect_score_on_few_utterances_is_not_certain() -> None:
    perfect, none_right = interval(_share(20, 20)), interval(_share(0, 20))
    assert perfect is not None
    assert none_right is not None
    assert (perfect.value, perfect.high) == (1.0, 1.0)
    assert perfect.low == pytest.approx(1 - none_right.high)
    assert none_right.high == pytest.approx(0.168, abs=0.001)  # Clopper-Pearson for 0 of 20


def test_errors_that_happen_to_equal_the_words_are_not_certain() -> None:
    # A word error rate of exactly 1: some utterances are right, in others twice as much was invented.
    found = interval(Ratio(np.array([0.0, 8.0] * 20), np.full(40, 4.0)))
    assert found is not None
    assert found.value == 1
    assert found.low < 0.8
    assert found.high > 1.2


def test_a_metric_nothing_counts_towards_has_no_interval() -> None:
    empty = Ratio(np.zeros(5), np.zeros(5))
    assert interval(empty) is None
    assert difference(empty, empty) is None


def test_pairing_sharpens_a_difference() -> None:
    rng = np.random.default_rng(3)
    easy = rng.random(200) < 0.5
    better, worse = share(easy.tolist()), share((easy & (rng.random(200) < 0.9)).tolist())
    found = difference(better, worse)
    assert found is not None
    assert found.low > 0
    # Unpaired, each share alone is uncertain by about 0.14.
    assert found.high - found.low < 0.1


def test_a_difference_that_is_the_same_for_all_of_a_few_is_not_certain() -> None:
    alike, gained = difference(_share(5, 10), _share(5, 10)), difference(_share(10, 10), _share(0, 10))
    assert alike is not None
    assert gained is not None
    assert (alike.value, gained.value) == (0, 1)
    assert alike.high == pytest.approx(0.308, abs=0.001)  # Clopper-Pearson for 0 of 10
    assert (alike.low, gained.low, gained.high) == pytest.approx((-alike.high, 1 - alike.high, 1))


def test_a_difference_needs_the_same_utterances() -> None:
    with pytest.raises(ValueError, match="same utterances"):
        difference(_share(1, 3), _share(1, 4))
