"""Errors worded for the person at the screen; the window and the command line show the same words."""

from __future__ import annotations


class UserError(Exception):
    """Something the user can understand and mend.

    what: one sentence, what is wrong. where: file, line, field or device it concerns ("" when
    there is no place to name). remedy: what to do about it. `details` may hold technical text for a
    "details" button; it is never needed to act.
    """

    def __init__(self, what: str, *, where: str = "", remedy: str = "", details: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.where = where
        self.remedy = remedy
        self.details = details

    def __str__(self) -> str:
        place = f"{self.where}: " if self.where else ""
        return f"{place}{self.what}" + (f" {self.remedy}" if self.remedy else "")

    def as_dict(self) -> dict[str, str]:
        """The error for `--json` output and for storing a run's outcome."""
        return {
            "what": self.what,
            "where": self.where,
            "remedy": self.remedy,
            "details": self.details,
        }


class Cancelled(Exception):
    """The user asked a long operation to stop; not an error."""
