"""One place where errors become words on the screen and lines in the log."""

from __future__ import annotations

import logging
import traceback

from PySide6.QtCore import QObject, Signal

from core.errors import UserError

_log = logging.getLogger(__name__)


class ErrorReporter(QObject):
    """Pages report; the main window shows. Safe to call from any thread."""

    error_reported = Signal(object)
    """a `UserError`"""

    def report(self, error: BaseException) -> None:
        """Show an error in the window's error bar; one that is not worded for users is logged and worded."""
        if not isinstance(error, UserError):
            _log.error("unexpected error", exc_info=error)
        self.error_reported.emit(worded(error))


def worded(error: BaseException) -> UserError:
    """The error in plain words; technical text of an unexpected one goes behind "details"."""
    if isinstance(error, UserError):
        return error
    return UserError(
        f"Something went wrong inside Spoonful: {type(error).__name__}.",
        remedy="Your data and runs are safe on disk. If it comes back, report it with its details.",
        details="".join(traceback.format_exception(error)),
    )
