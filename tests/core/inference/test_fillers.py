from __future__ import annotations

import pytest

from core.data.utterance import Slot
from core.inference.fillers import find_fillers


def marked(text: str, *fillers: str) -> list[str]:
    found = find_fillers(text, [Slot(f"type {number}", filler) for number, filler in enumerate(fillers)])
    return [f"{each.type}={text[each.start : each.end]}" for each in found]


@pytest.mark.parametrize(
    ("text", "fillers", "expected"),
    [
        ("turn on the Kitchen light", ["kitchen"], ["type 0=Kitchen"]),
        ("wake me at  six thirty", ["six thirty"], ["type 0=six thirty"]),
        ("a kitchenette", ["kitchen"], []),
        ("blue and blue", ["blue", "blue"], ["type 0=blue", "type 1=blue"]),
        ("once blue", ["blue", "blue"], ["type 0=blue"]),
        ("dark blue", ["blue", "dark blue"], ["type 1=dark blue"]),
        ("it costs $5 (five)", ["$5", "(five)"], ["type 0=$5", "type 1=(five)"]),
        ("nothing of it", [" ", "something else"], []),
        ("in the Küche", ["küche"], ["type 0=Küche"]),
    ],
)
def test_fillers_are_found_as_whole_words_once_each(
    text: str, fillers: list[str], expected: list[str]
) -> None:
    assert marked(text, *fillers) == expected


def test_they_come_in_the_order_of_the_text() -> None:
    assert marked("red before blue", "blue", "red") == ["type 1=red", "type 0=blue"]
