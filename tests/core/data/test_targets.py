"""The way back from an answer to its label."""

from __future__ import annotations

import pytest

from core.data.targets import parse_target, target_text
from core.data.utterance import Label, Slot


def test_a_target_is_read_back_as_its_label() -> None:
    label = Label("order", (Slot("number", "two"), Slot("drink", 'a "flat" white')))
    assert parse_target(target_text(label)) == label


@pytest.mark.parametrize(
    "answer", ["", "[" * 100_000, "9" * 5000, '{"intent": "a"}', '{"intent": "a", "slots": [1]}', '{"intent"']
)
def test_whatever_a_model_answers_is_a_label_or_none(answer: str) -> None:
    assert parse_target(answer) is None
