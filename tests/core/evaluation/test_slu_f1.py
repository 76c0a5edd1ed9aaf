"""SLU-F1 against a second reading of its definition, written without regard to speed."""

from __future__ import annotations

from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.data.utterance import Label, Slot
from core.evaluation.metrics import score
from core.evaluation.slu_f1 import Counts, distance_counts, exact_counts, slu_counts

fillers = st.lists(st.sampled_from(["red", "re", "blue", "dark", "ten", "café", ""]), max_size=3).map(
    " ".join
)
slots = st.lists(st.builds(Slot, st.sampled_from(["color", "time", "room"]), fillers), max_size=4)


def apart(ours: tuple[str, ...], theirs: tuple[str, ...]) -> int:
    """Levenshtein's distance by its recursive definition."""

    @cache
    def rest(i: int, j: int) -> int:
        if i == len(ours) or j == len(theirs):
            return len(ours) - i + len(theirs) - j
        same = 0 if ours[i] == theirs[j] else 1
        return min(rest(i + 1, j) + 1, rest(i, j + 1) + 1, rest(i + 1, j + 1) + same)

    return rest(0, 0)


def brute(gold: list[Slot], answered: list[Slot], kind: str) -> tuple[float, float, float]:
    left, found, wrong, missed = list(gold), 0, 0.0, 0.0
    for slot in answered:
        best: tuple[float, int] | None = None
        for place, each in enumerate(left):
            if each.type == slot.type:
                if kind == "word":
                    words = tuple(each.filler.split())
                    distance = apart(tuple(slot.filler.split()), words) / max(1, len(words))
                else:
                    size = max(len(each.filler), len(slot.filler), 1)
                    distance = apart(tuple(slot.filler), tuple(each.filler)) / size
                if best is None or distance < best[0]:
                    best = distance, place
        if best is None:
            wrong += 1
        else:
            found, wrong, missed = found + 1, wrong + best[0], missed + best[0]
            del left[best[1]]
    return found, wrong, missed + len(left)


@settings(deadline=None)
@given(slots, slots)
def test_it_counts_as_the_definition_says(gold: list[Slot], answered: list[Slot]) -> None:
    for kind in ("word", "char"):
        counts = distance_counts(gold, answered, kind)  # type: ignore[arg-type]
        assert (counts.found, counts.wrong, counts.missed) == pytest.approx(brute(gold, answered, kind))


@settings(deadline=None)
@given(slots)
def test_what_is_right_scores_one_and_nothing_scores_nothing(gold: list[Slot]) -> None:
    whole, none = slu_counts(gold, gold), slu_counts(gold, [])
    assert (whole.wrong, whole.missed) == (0, 0)
    assert whole.f1 == (1.0 if gold else 0.0)
    assert none.f1 == 0
    assert none.missed == 2 * len(gold)


@settings(deadline=None)
@given(slots, slots)
def test_precision_recall_and_f1_agree(gold: list[Slot], answered: list[Slot]) -> None:
    for counts in (slu_counts(gold, answered), exact_counts(gold, answered)):
        both = counts.precision + counts.recall
        assert counts.f1 == pytest.approx(2 * counts.precision * counts.recall / both if both else 0.0)


def test_nearly_right_counts_nearly() -> None:
    gold, near = [Slot("color", "dark blue")], [Slot("color", "dark blues")]
    assert exact_counts(gold, near) == Counts(0, 1, 1)
    assert distance_counts(gold, near, "word") == Counts(1, 0.5, 0.5)
    assert distance_counts(gold, near, "char") == Counts(1, 0.1, 0.1)


def test_repeated_slots_are_paired_once_each() -> None:
    gold = [Slot("color", "red"), Slot("color", "blue")]
    assert exact_counts(gold, [Slot("color", "red")] * 2) == Counts(1, 1, 1)
    assert distance_counts(gold, gold[::-1], "word") == Counts(2, 0, 0)


@settings(deadline=None)
@given(st.lists(st.tuples(slots, slots), min_size=1, max_size=4))
def test_the_metric_is_the_f1_of_all_counts_together(pairs: list[tuple[list[Slot], list[Slot]]]) -> None:
    ratio = score([(Label("x", tuple(gold)), Label("x", tuple(answered))) for gold, answered in pairs])[
        "slu_f1"
    ]
    total = Counts()
    for gold, answered in pairs:
        total += slu_counts(gold, answered)
    if total.found + total.wrong + total.missed:
        assert ratio.value == pytest.approx(total.f1)


def test_an_answer_that_is_no_label_found_no_slot() -> None:
    ratio = score([(Label("x", (Slot("color", "red"),)), None)])["slu_f1"]
    assert ratio.value == 0
