"""Two listeners' agreement, against figures worked out by hand."""

from __future__ import annotations

import pytest

from core.recording.agreement import agreement, reviewers
from core.recording.session import Decision, Review


def said(reviewer: str, decisions: str) -> list[Review]:
    """One review a letter: a(ccept), r(eject), - for none."""
    meant: dict[str, Decision] = {"a": "accept", "r": "reject"}
    return [
        Review(f"{reviewer}{n}", f"t{n}", reviewer, float(n), meant[letter])
        for n, letter in enumerate(decisions)
        if letter in meant
    ]


def test_agreement_beyond_chance() -> None:
    # 20 accepted by both, 15 by none, 5 + 10 by one: 70 %, chance 50 %, kappa 0.4 (Cohen's usual example).
    reviews = said("ann", "a" * 25 + "r" * 25) + said("ben", "a" * 20 + "r" * 5 + "a" * 10 + "r" * 15)
    found = agreement(reviews, "ann", "ben")
    assert (found.n, found.accepted, found.rejected, found.first_only, found.second_only) == (
        50,
        20,
        15,
        5,
        10,
    )
    assert found.percent == pytest.approx(70)
    assert found.kappa == pytest.approx(0.4)
    assert reviewers(reviews) == ["ann", "ben"]


def test_only_what_both_judged_counts_and_the_last_word_of_each() -> None:
    reviews = said("ann", "ar-") + said("ben", "-ra") + said("ben", "aa-")
    found = agreement(reviews, "ann", "ben")
    assert (found.n, found.percent) == (2, 50)


def test_where_chance_is_all_there_is_no_kappa() -> None:
    both_accept_all = agreement(said("ann", "aaa") + said("ben", "aaa"), "ann", "ben")
    assert (both_accept_all.percent, both_accept_all.kappa) == (100, None)
    nothing = agreement([], "ann", "ben")
    assert (nothing.n, nothing.percent, nothing.kappa) == (0, None, None)
