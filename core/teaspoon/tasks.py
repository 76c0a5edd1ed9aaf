"""Pretraining questions: small tasks about a sentence, asked by text, by speech or by pseudo-audio text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

from core.data.targets import INSTRUCTION, target_segments
from core.data.utterance import Label, Slot
from core.teaspoon import lexicon
from core.teaspoon.corpus import Text
from core.teaspoon.domains import DOMAINS
from core.teaspoon.spoken import number_words

STYLES = 20
"""Label styles besides the plain one: each renames every intent and slot type of some domains."""
_DOMAINS_PER_STYLE = 6

TRANSCRIBE = "Write the words."
"""What asks for a transcript; the exported model names it in its generation settings."""


@dataclass(frozen=True)
class Question:
    """An instruction and the segments of its answer."""

    instruction: str
    answer: tuple[str, ...]


@dataclass(frozen=True)
class Style:
    """One way to label: the names of (domain, intent) and of (domain, slot type) when they are asked for."""

    instruction: str
    intents: dict[tuple[str, str], str]
    slots: dict[tuple[str, str], str]

    def ask(self, text: Text) -> Question:
        label = Label(
            self.intents[text.domain, text.intent],
            tuple(
                Slot(self.slots[text.domain, slot], filler)
                for slot, filler in text.slots
                if (text.domain, slot) in self.slots
            ),
        )
        return Question(self.instruction, tuple(target_segments(label)))


class Tasks:
    """Draws questions. The styles are fixed by `seed`, so both modalities of a question agree."""

    def __init__(self, seed: int = 0) -> None:
        rng = Random(f"styles {seed}")
        self._plain = _style(INSTRUCTION, [domain.name for domain in DOMAINS], None)
        self._styles = [
            _style(
                f"Label it for {lexicon.NAMES[index]}.",
                rng.sample([domain.name for domain in DOMAINS], _DOMAINS_PER_STYLE),
                rng,
            )
            for index in range(STYLES)
        ]

    def ask(self, text: Text, rng: Random) -> Question:
        """A question about `text`; labels are asked only of labelled sentences."""
        if text.domain and rng.random() < 0.7:
            known = [style for style in self._styles if (text.domain, text.intent) in style.intents]
            style = rng.choice(known) if known and rng.random() < 0.6 else self._plain
            return style.ask(text)
        words = text.text.split()
        kind = rng.random()
        if kind < 0.70:
            return Question(TRANSCRIBE, (text.text,))
        if kind < 0.77:
            return Question("Write the first word.", (words[0],))
        if kind < 0.84:
            return Question("Write the last word.", (words[-1],))
        if kind < 0.88:
            return Question("Write the first three words.", (" ".join(words[:3]),))
        if kind < 0.92:
            return Question("How many words?", (number_words(len(words)),))
        word = rng.choice(words) if rng.random() < 0.5 else rng.choice(lexicon.THINGS)
        return Question(f"Is there the word {word}?", ("yes" if word in words else "no",))


def _slot_types(templates: Sequence[str]) -> set[str]:
    found = (piece.split("}")[0].partition(":")[0] for t in templates for piece in t.split("{")[1:])
    return {slot for slot in found if not slot.startswith("~")}


def _style(instruction: str, domains: list[str], rng: Random | None) -> Style:
    """The plain style (rng None) keeps names; others draw new ones and drop some slot types."""
    intents: dict[tuple[str, str], str] = {}
    slots: dict[tuple[str, str], str] = {}
    for domain in (d for d in DOMAINS if d.name in domains):
        for intent, templates in domain.intents.items():
            intents[domain.name, intent] = intent.replace(" ", "_") if rng is None else _new_name(rng, intent)
            for slot in sorted(_slot_types(templates)):
                if rng is None:
                    slots[domain.name, slot] = slot
                elif rng.random() < 0.8 and (domain.name, slot) not in slots:
                    slots[domain.name, slot] = _new_name(rng, slot)
    return Style(instruction, intents, slots)


def _new_name(rng: Random, name: str) -> str:
    first, second = rng.choice(lexicon.TRANSITIVE), rng.choice((*lexicon.THINGS, *lexicon.ABSTRACT))
    form = rng.randrange(4)
    if form == 0:
        return second
    if form == 1:
        return f"{first}_{second}"
    if form == 2:
        return f"{rng.choice(lexicon.COLOURS)}_{name.replace(' ', '_')}"
    return f"{second}_{rng.choice(lexicon.ABSTRACT)}"
