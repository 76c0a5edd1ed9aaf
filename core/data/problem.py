"""What a check found wrong."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

_EXAMPLES: Final = 5

Severity = Literal["error", "warning"]


@dataclass(frozen=True)
class Problem:
    """severity: "error" stops a run or makes its scores wrong, "warning" is worth knowing. kind: a word for
    all alike, such as "clipped". where: utterance, file or splits. keys: the utterances to set aside so that
    it is gone; none where that would not help."""

    severity: Severity
    kind: str
    what: str
    where: str
    remedy: str
    keys: tuple[str, ...] = ()


def some(names: Sequence[str]) -> str:
    """The first few names, and how many more there are."""
    more = f" and {len(names) - _EXAMPLES} more" if len(names) > _EXAMPLES else ""
    return ", ".join(names[:_EXAMPLES]) + more


def counted(number: int, thing: str) -> str:
    """ "1 text is", "7 texts are"."""
    return f"1 {thing} is" if number == 1 else f"{number} {thing}s are"
