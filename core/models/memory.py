"""How a lack of memory is recognised and told: every library says it in its own way."""

from __future__ import annotations

import errno
from typing import Final

from core.errors import UserError

_PHRASES: Final = (
    "out of memory",
    "not enough memory",
    "allocate memory",
    "failed to allocate",
    "bad_alloc",
    "cublas_status_alloc_failed",
    "(os error 12)",
)


def lacks_memory(error: BaseException) -> bool:
    """Whether an error means that memory ran out, on the processor or on a graphics card.

    Not every error that has the word "memory" in it: that may stand in the name of a folder.
    """
    if isinstance(error, MemoryError) or getattr(error, "errno", None) == errno.ENOMEM:
        return True
    # By name, since this module is also there where torch is not to be loaded.
    if type(error).__name__ == "OutOfMemoryError":
        return True
    words = str(error).lower()
    return any(phrase in words for phrase in _PHRASES)


def too_little_memory(what_for: str, remedy: str, *, where: str = "", details: str = "") -> UserError:
    """The words for it. what_for: for instance "for this run". remedy: what needs less memory there."""
    return UserError(
        f"There was not enough memory {what_for}.",
        where=where,
        remedy=f"{remedy} Closing other programs may help too.",
        details=details,
    )
