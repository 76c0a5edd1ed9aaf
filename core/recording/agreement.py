"""How far two listeners agree about the same takes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from core.recording.session import Decision, Review


@dataclass(frozen=True)
class Agreement:
    """n: takes that both judged. percent: of them judged alike. kappa: Cohen's, which takes off what chance
    alone would give; None where that is all there could be, as when both accept everything. accepted: by
    both; rejected: by both; first_only, second_only: accepted by one. None for all of it without any take."""

    first: str
    second: str
    n: int
    percent: float | None
    kappa: float | None
    accepted: int
    rejected: int
    first_only: int
    second_only: int


def reviewers(reviews: Sequence[Review]) -> list[str]:
    """Who has reviewed, sorted."""
    return sorted({review.reviewer for review in reviews})


def agreement(reviews: Sequence[Review], first: str, second: str) -> Agreement:
    """The agreement of two reviewers. Of what one says of the same take more than once, the last counts.

    reviews: as `RecordingStore.reviews` gives them, in the order of time.
    """
    said: dict[str, dict[str, Decision]] = {first: {}, second: {}}
    for review in reviews:
        if review.reviewer in said:
            said[review.reviewer][review.take_id] = review.decision
    pairs = [
        (decision == "accept", said[second][take] == "accept")
        for take, decision in said[first].items()
        if take in said[second]
    ]
    n = len(pairs)
    both, neither = pairs.count((True, True)), pairs.count((False, False))
    one, other = pairs.count((True, False)), pairs.count((False, True))
    return Agreement(
        first=first,
        second=second,
        n=n,
        percent=100 * (both + neither) / n if n else None,
        kappa=_kappa(both, neither, one, other),
        accepted=both,
        rejected=neither,
        first_only=one,
        second_only=other,
    )


def _kappa(both: int, neither: int, one: int, other: int) -> float | None:
    n = both + neither + one + other
    if not n:
        return None
    by_chance = ((both + one) * (both + other) + (neither + other) * (neither + one)) / n**2
    return None if by_chance == 1 else ((both + neither) / n - by_chance) / (1 - by_chance)
