"""Texts with their slots marked in brackets: "wake me at [time : nine am]", as SLURP and MASSIVE write
them."""

from __future__ import annotations

import re
from typing import Final

from core.data.utterance import Slot

_MARK: Final = re.compile(r"\[\s*([^\[\]:]+?)\s*:\s*([^\[\]]*?)\s*\]")


def read_annotation(annotated: str) -> tuple[str, tuple[Slot, ...]]:
    """The text without marks, and the slots in their order.

    Raises ValueError, in words, when a bracket is left over or a filler is empty.
    """
    slots = tuple(Slot(slot_type, filler) for slot_type, filler in _MARK.findall(annotated))
    text = _MARK.sub(lambda mark: mark[2], annotated)
    if "[" in text or "]" in text:
        raise ValueError(f'has a bracket that belongs to no "[type : filler]": {annotated}')
    empty = [slot.type for slot in slots if not slot.filler]
    if empty:
        raise ValueError(f"has no filler for {', '.join(empty)}: {annotated}")
    return " ".join(text.split()), slots
