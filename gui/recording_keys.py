"""The keys of the recording studio: for one hand, all of them the user's to change."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, NamedTuple

from PySide6.QtGui import QKeyEvent, QKeySequence


@dataclass(frozen=True)
class KeyAction:
    """title: what it does, for people. default: its key as Qt writes it."""

    title: str
    default: str


STUDIO_KEYS: Final[Mapping[str, KeyAction]] = MappingProxyType(
    {
        "record": KeyAction("Record, or stop; held: record until it is let go", "Space"),
        "accept": KeyAction("Accept the take and go on", "Return"),
        "again": KeyAction("Record again (the old take is kept)", "R"),
        "play": KeyAction("Play the take, or stop", "P"),
        "previous": KeyAction("Back to the prompt before", "Backspace"),
        "skip": KeyAction("Skip this prompt", "S"),
        "cancel": KeyAction("Forget the take that is being recorded", "Esc"),
        "undo": KeyAction("Undo the last decision", "Ctrl+Z"),
        "help": KeyAction("Show the keys", "?"),
    }
)
REVIEW_KEYS: Final[Mapping[str, KeyAction]] = MappingProxyType(
    {
        "play": STUDIO_KEYS["play"],
        "accept": KeyAction("The take is good: next", "Return"),
        "reject": KeyAction("In review: the take is not good", "X"),
        "previous": STUDIO_KEYS["previous"],
        "skip": KeyAction("Next without a decision", "S"),
        "undo": STUDIO_KEYS["undo"],
        "help": STUDIO_KEYS["help"],
    }
)


ALL_KEYS: Final[Mapping[str, KeyAction]] = MappingProxyType({**STUDIO_KEYS, "reject": REVIEW_KEYS["reject"]})
"""Studio and review have the same keys for the same things; none is given twice."""


class Wish(NamedTuple):
    """An action that waits. at: the position of the stream it was asked for at. prompt_id: what was in sight
    then. ahead: whether the take's verdict was not."""

    action: str
    at: int
    prompt_id: int | None
    ahead: bool


def keys_of(changed: Mapping[str, str], actions: Mapping[str, KeyAction] = STUDIO_KEYS) -> dict[str, str]:
    """Action -> key, with what the user changed. changed: as the settings keep it."""
    return {name: changed.get(name, action.default) for name, action in actions.items()}


def action_of(
    event: QKeyEvent, changed: Mapping[str, str], actions: Mapping[str, KeyAction] = STUDIO_KEYS
) -> str | None:
    """The action whose key was pressed; None for any other key. changed: as in `keys_of`."""
    pressed = QKeySequence(event.keyCombination()).toString(QKeySequence.SequenceFormat.PortableText)
    written = {plain(key): name for name, key in keys_of(changed, actions).items()}
    # Signs like "?" take Shift on most keyboards; a letter with Shift is another key.
    sign = "" if event.text().isalnum() else event.text()
    return written.get(plain(pressed)) or written.get(sign)


def plain(key: str) -> str:
    """The number pad's Enter is Enter, too."""
    return key.replace("Enter", "Return").replace("Num+", "")
