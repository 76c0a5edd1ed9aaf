"""A small sentence grammar: templates with choices, optional parts and slots.

Template syntax: `[maybe]` is kept half of the time, `(a|b|)` picks one branch, `{city}` inserts a value
and records it as the slot `city`, `{origin:city}` records a value of `city` as the slot `origin`, and
`{~city}` inserts a value that is no slot. Brackets nest. Everything is drawn from the caller's generator,
so a seed fixes every sentence.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from random import Random

Values = Sequence[str] | Callable[[Random], str]
"""What a slot can be filled with: fixed values, or a function that makes one up."""

_PIECE = re.compile(r"[\[\](){}|]|[^\[\](){}|]+")
_CLOSING = {"[": "]", "(": ")"}


@dataclass(frozen=True)
class Sentence:
    """One sentence with its label; slots in spoken order as (type, filler)."""

    text: str
    intent: str
    slots: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Domain:
    """A domain: intent -> templates, and slot values by type."""

    name: str
    intents: Mapping[str, Sequence[str]]
    values: Mapping[str, Values]

    def sample(self, rng: Random, intent: str | None = None) -> Sentence:
        """One sentence of `intent`, or of an intent drawn evenly."""
        chosen = intent or rng.choice(list(self.intents))
        template = rng.choice(list(self.intents[chosen]))
        slots: list[tuple[str, str]] = []
        text = _expand(template, rng, self.values, slots)
        return Sentence(" ".join(text.split()), chosen, tuple(slots))


def _expand(template: str, rng: Random, values: Mapping[str, Values], slots: list[tuple[str, str]]) -> str:
    pieces = _PIECE.findall(template)
    text, end = _sequence(pieces, 0, "", rng, values, slots)
    if end != len(pieces):
        raise ValueError(f"unbalanced brackets in template {template!r}")
    return text


def _sequence(
    pieces: list[str],
    start: int,
    closing: str,
    rng: Random,
    values: Mapping[str, Values],
    slots: list[tuple[str, str]],
) -> tuple[str, int]:
    """The text up to `closing` (choosing among its `|` branches) and the index behind it."""
    branches: list[tuple[str, list[tuple[str, str]]]] = []
    text, found, at = "", list[tuple[str, str]](), start
    while at < len(pieces) and pieces[at] != closing:
        piece = pieces[at]
        if piece == "|":
            branches.append((text, found))
            text, found = "", []
            at += 1
        elif piece in _CLOSING:
            inner: list[tuple[str, str]] = []
            part, at = _sequence(pieces, at + 1, _CLOSING[piece], rng, values, inner)
            if piece == "(" or rng.random() < 0.5:
                text += part
                found += inner
        elif piece == "{":
            text += _fill(pieces[at + 1], rng, values, found)
            at += 3
        else:
            text += piece
            at += 1
    if closing and at == len(pieces):
        raise ValueError(f"a template lacks its {closing!r}")
    branches.append((text, found))
    text, found = rng.choice(branches) if len(branches) > 1 else branches[0]
    slots += found
    return text, at + 1 if closing else at


def _fill(name: str, rng: Random, values: Mapping[str, Values], found: list[tuple[str, str]]) -> str:
    slot, _, kind = name.partition(":")
    kind = (kind or slot).lstrip("~")
    source = values[kind]
    value = source(rng) if callable(source) else rng.choice(source)
    if not slot.startswith("~"):
        found.append((slot, value))
    return value
