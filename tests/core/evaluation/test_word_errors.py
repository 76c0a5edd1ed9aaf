from __future__ import annotations

import math

import pytest

from core.evaluation.edit_distance import edit_distance
from core.evaluation.word_errors import word_error_rate


@pytest.mark.parametrize(
    ("ours", "theirs", "errors"),
    [
        ("a b c", "a b c", 0),
        ("", "a b", 2),
        ("a x c", "a b c", 1),
        ("a b c d", "a b c", 1),
        ("b c", "a b c", 1),
    ],
)
def test_edits_are_counted(ours: str, theirs: str, errors: int) -> None:
    assert edit_distance(ours.split(), theirs.split()) == errors


def test_errors_are_counted_over_all_words_not_averaged_over_utterances() -> None:
    found = word_error_rate([("set an alarm for eight", "set an arm for eight"), ("stop", "stop it")])
    assert found.numerator.tolist() == [1, 1]
    assert found.denominator.tolist() == [5, 1]
    assert found.value == pytest.approx(2 / 6)


def test_case_and_punctuation_are_no_errors_and_inventions_count_beyond_one() -> None:
    assert (
        word_error_rate([("Set it to Eight o'clock, please!", "set it to eight o'clock please")]).value == 0
    )
    assert word_error_rate([("stop", "please stop it now")]).value == 3


def test_without_words_there_is_no_rate() -> None:
    assert math.isnan(word_error_rate([]).value)
