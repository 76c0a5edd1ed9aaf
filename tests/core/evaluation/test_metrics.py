from __future__ import annotations

import math

import pytest

from core.data.utterance import Label, Slot
from core.evaluation.metrics import is_exact, score

LAMP = Slot("device", "lamp")
KITCHEN = Slot("room", "kitchen")


def test_scores_of_a_worked_example() -> None:
    pairs = [
        (Label("on", (LAMP, KITCHEN)), Label("on", (KITCHEN, LAMP))),  # all right, slots in another order
        (Label("on", (LAMP,)), Label("off", (LAMP,))),  # slot right, intent wrong
        (Label("off", (LAMP, LAMP)), Label("off", (LAMP,))),  # one of two equal slots found
        (Label("off", (KITCHEN,)), None),  # no label at all
        (Label("stop"), Label("stop", (Slot("room", "Kitchen"),))),  # an invented slot
    ]
    found = {metric: ratio.value for metric, ratio in score(pairs).items()}
    assert found["exact_match"] == pytest.approx(1 / 5)
    assert found["intent_accuracy"] == pytest.approx(3 / 5)
    # Hits 2 + 1 + 1 of 6 in the labels and 5 answered.
    assert found["slot_f1"] == pytest.approx(2 * 4 / (6 + 5))


def test_fillers_must_match_to_the_letter() -> None:
    assert not is_exact(Label("on", (LAMP,)), Label("on", (Slot("device", "Lamp"),)))


def test_slot_f1_is_undefined_where_no_slot_is() -> None:
    assert math.isnan(score([(Label("stop"), Label("stop"))])["slot_f1"].value)
