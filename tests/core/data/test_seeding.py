"""Seeded choices: the same everywhere and always, fair, and nested."""

from __future__ import annotations

from collections import Counter

import pytest

from core.data.seeding import draws, evenly_spread, permutation, round_half_up, stratified_order

GOLDEN_17 = [4, 3, 1, 8, 5, 0, 2, 7, 6, 9]
GOLDEN_DRAWS = [12583025184137139806, 5882077148749621645]
GOLDEN_17_3_0_1 = [1, 5, 9, 8, 3, 7, 4, 6, 2, 0]


def test_the_order_of_a_seed_never_changes() -> None:
    # Written down once. If a numpy release breaks this, every published run loses its data order.
    assert permutation(10, 17).tolist() == GOLDEN_17
    assert permutation(10, 17, 3, 0, 1).tolist() == GOLDEN_17_3_0_1


def test_the_draws_of_a_seed_never_change_and_more_of_them_begin_alike() -> None:
    assert draws(2, 17).tolist() == GOLDEN_DRAWS
    assert draws(5, 17).tolist()[:2] == GOLDEN_DRAWS


def test_points_fill_the_unit_interval_evenly_from_the_first_ones_on() -> None:
    assert [evenly_spread(number) for number in range(6)] == [0, 1 / 2, 1 / 4, 3 / 4, 1 / 8, 5 / 8]
    for count in (2, 4, 8, 16):
        assert sorted(evenly_spread(number) for number in range(count)) == [i / count for i in range(count)]


def test_an_order_holds_each_position_once() -> None:
    assert sorted(permutation(1000, 5)) == list(range(1000))
    assert permutation(0, 5).tolist() == []


def test_another_seed_or_use_gives_another_order() -> None:
    orders = [permutation(50, *entropy).tolist() for entropy in [(1,), (2,), (1, 0), (1, 1), (1, 1, 1)]]
    assert len({tuple(order) for order in orders}) == len(orders)


def test_orders_are_fair() -> None:
    """Over many seeds each item comes first about equally often (chi-squared, 9 degrees of freedom)."""
    firsts = Counter(int(permutation(10, seed)[0]) for seed in range(2000))
    assert sum((firsts[item] - 200) ** 2 / 200 for item in range(10)) < 27.9  # p = 0.001


STRATA = ["common"] * 60 + ["usual"] * 30 + ["rare"] * 9 + ["single"]


@pytest.mark.parametrize("seed", range(5))
def test_a_beginning_covers_as_many_strata_as_it_can_frequent_ones_first(seed: int) -> None:
    first = [STRATA[position] for position in stratified_order(STRATA, seed)[:4]]
    assert first == ["common", "usual", "rare", "single"]


@pytest.mark.parametrize("seed", range(5))
def test_every_beginning_is_stratified(seed: int) -> None:
    order = stratified_order(STRATA, seed)
    assert sorted(order) == list(range(100))
    for size in range(4, 101):
        counts = Counter(STRATA[position] for position in order[:size])
        for name, whole in Counter(STRATA).items():
            # One each is given first, so that a small beginning may be off by those few.
            assert abs(counts[name] - max(1, whole * size / 100)) <= 2
    half = Counter(STRATA[position] for position in order[:50])
    assert half["common"] == pytest.approx(30, abs=1)


def test_within_a_stratum_chance_decides() -> None:
    chosen = {int(stratified_order(["one"] * 20, seed)[0]) for seed in range(100)}
    assert len(chosen) > 15


def test_no_items_have_no_order() -> None:
    assert stratified_order([], 17).tolist() == []


def test_halves_are_rounded_up() -> None:
    assert [round_half_up(value) for value in (0.4, 0.5, 1.5, 2.5, 2.4999)] == [0, 1, 2, 3, 2]
