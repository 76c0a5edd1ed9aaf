"""How a long operation tells how far it is, and is told to stop."""

from __future__ import annotations

from collections.abc import Callable

Progress = Callable[[int, int | None], None]
"""Called with (done, total); total is None while it is unknown."""

Cancel = Callable[[], bool]
"""Asked now and then; true means: leave everything as it was and raise Cancelled."""


def never() -> bool:
    """The Cancel of an operation that nobody stops."""
    return False
