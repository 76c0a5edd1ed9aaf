"""Where the fillers of a label stand in the words they were taken from."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from core.data.utterance import Slot


class Found(NamedTuple):
    """text[start:end] is the filler of a slot of this type."""

    start: int
    end: int
    type: str


def find_fillers(text: str, slots: Sequence[Slot]) -> list[Found]:
    """The fillers that `text` holds as whole words, in the order of the text; none overlaps another, and a
    filler that is said twice stands at its first place that is still free. Case and the kind of white space
    do not count. A filler that is not said like that is left out: nothing is guessed."""
    found: list[Found] = []
    for slot in sorted(slots, key=lambda slot: -len(slot.filler)):
        words = r"\s+".join(map(re.escape, slot.filler.split()))
        if not words:
            continue
        for match in re.finditer(rf"(?<!\w){words}(?!\w)", text, re.IGNORECASE):
            if all(match.end() <= other.start or other.end <= match.start() for other in found):
                found.append(Found(match.start(), match.end(), slot.type))
                break
    return sorted(found)
