"""Gathering utterances and all that is wrong with them: one look shows all there is to mend."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from core.audio.files import audio_info
from core.data.importers.source import Source
from core.data.progress import Cancel, Progress
from core.data.splits import Entry
from core.errors import Cancelled, UserError

_SHOWN: Final = 20
_CORRECT: Final = "Correct these lines and import again"
_ELSEWHERE: Final = (
    "If the recordings lie in another folder, choose it as that of the recordings (--audio on the command"
    " line). Correct these lines otherwise, and import again"
)
_OR_WITHOUT: Final = ", or have them left out (--leave-out-broken on the command line)"
_TOLD_EVERY: Final = 500
_CONTROL: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
"""Control characters other than tab and the ends of lines."""


@dataclass(frozen=True)
class NoValue:
    """Stands for the value of a cell that has none. why: "holds the error #N/A"."""

    why: str

    def __str__(self) -> str:
        return self.why


@dataclass
class Record:
    """The values of one line or row, by field, and what is wrong with them. Reading a value notes the problem
    and goes on; what was read is only of use when there is none afterwards."""

    values: dict[str, Any]
    problems: list[str] = field(default_factory=list)
    trimmed: int = 0
    """Texts and fillers from whose ends spaces were taken."""
    missing: int = 0
    """Recordings that are not where they should be."""

    def trim(self, text: str) -> str:
        """The text without space around it; that there was some is counted."""
        self.trimmed += text != text.strip()
        return text.strip()

    def text(self, name: str) -> str | None:
        """The text of a field without the space around it; None when the field is missing or null."""
        value = self.values.get(name)
        if value is None:
            return None
        if isinstance(value, NoValue):
            self.problems.append(f'"{name}" {value.why}.')
            return None
        if not isinstance(value, str):
            self.problems.append(f'"{name}" must be text, not {shown(value)}.')
            return None
        if not value.strip():
            self.problems.append(f'"{name}" is empty.')
            return None
        self.refuse_control(value, f'"{name}"')
        return self.trim(value)

    def clean(self, text: str, what: str) -> str:
        """The text without the space around it; a control character in it is a problem of `what`."""
        self.refuse_control(text, what)
        return self.trim(text)

    def refuse_control(self, text: str, what: str) -> None:
        """Note it as a problem of `what` when a control character is in its text."""
        control = _CONTROL.search(text)
        if control:
            code = f"U+{ord(control[0]):04X}"
            self.problems.append(f"{what} holds a control character ({code}), which nobody writes or says.")

    def number_or_text(self, name: str) -> str | None:
        """A name of something as its number or text; None when the field is missing or null."""
        value = self.values.get(name)
        if isinstance(value, int) and not isinstance(value, bool):
            return str(value)
        if value is None or isinstance(value, str):
            return self.text(name)
        self.problems.append(f'"{name}" must be a number or text, not {shown(value)}.')
        return None

    def required(self, name: str) -> str:
        """The text of a field that must be there."""
        text = self.text(name)
        if text is None and self.values.get(name) is None:
            self.problems.append(f'"{name}" is missing.')
        return text or ""

    def recording(self, path: Path, name: str, *, written: str = "") -> tuple[Path, float]:
        """The recording that the field `name` tells of, and its seconds. written: as it stands there."""
        try:
            return path, audio_info(path).duration_s
        except UserError as error:
            self.problems.append(f'"{name}": {error.what} ({written or path})')
            self.missing += _nothing_is_at(path)
            return path, 0.0


class BrokenLines(UserError):
    """Some lines cannot be taken, and there are others. lines: how many cannot."""

    lines = 0


@dataclass
class Gathering:
    """The utterances read so far. what: the kind of file, "manifest", for the user. leave_out: what cannot be
    taken is left out and told, instead of refusing all."""

    what: str
    progress: Progress | None
    cancelled: Cancel
    leave_out: bool = False
    entries: list[Entry] = field(default_factory=list)
    """Those with nothing wrong."""
    _places: dict[str, str] = field(default_factory=dict)
    _broken: set[str] = field(default_factory=set)
    """The places of what cannot be taken."""
    _problems: list[str] = field(default_factory=list)
    _count: int = 0
    _trimmed: int = 0
    _missing: int = 0

    @property
    def notes(self) -> list[str]:
        """What was done to values on the way."""
        said = []
        if self._broken:
            said.append(f"{counted(len(self._broken), 'line')} left out for what is wrong:\n{self._listed}")
        if self._trimmed:
            said.append(f"Spaces were taken from the ends of {counted(self._trimmed, 'value')}.")
        return said

    @property
    def _listed(self) -> str:
        lines = "\n".join(f"  {problem}" for problem in self._problems)
        return lines + (f"\n  and {self._count - _SHOWN} more." if self._count > _SHOWN else "")

    def add(self, place: str, entry: Entry, line: Record | None = None) -> None:
        """Take an utterance read at `place` ("orders.jsonl, line 7") of `line`, with all that is wrong with
        it."""
        before = self._count
        if entry.key in self._places:
            self.refuse(place, f'the id "{entry.key}" was already used in {self._places[entry.key]}.')
        if line is not None:
            self._missing += line.missing
            for problem in line.problems:
                self.refuse(place, problem)
        broken = self._count > before
        if not (broken and self.leave_out):
            self._places.setdefault(entry.key, place)
        if broken:
            return
        self._trimmed += line.trimmed if line is not None else 0
        self.entries.append(entry)
        if self.progress and len(self.entries) % _TOLD_EVERY == 0:
            self.progress(len(self.entries), None)

    def check_cancelled(self) -> None:
        """Raise Cancelled when the user said so."""
        if self.cancelled():
            raise Cancelled

    def refuse(self, place: str, problem: str) -> None:
        """Note what is wrong at `place`: nothing will be imported."""
        self._count += 1
        self._broken.add(place)
        if len(self._problems) < _SHOWN:
            # What is quoted from a bad line may itself be no text that can be printed or stored.
            said = f"{place}: {problem}".encode(errors="replace").decode()
            self._problems.append(_CONTROL.sub("\N{REPLACEMENT CHARACTER}", said))

    def finish(self, sources: Sequence[Source], remedy_when_empty: str) -> list[Entry]:
        """All utterances. Raises UserError with the first 20 problems and their number, or when there is no
        utterance; BrokenLines where leaving them out would leave something."""
        if self._count and not (self.leave_out and self.entries):
            remedy = _ELSEWHERE if self._missing == self._count else _CORRECT
            error = (BrokenLines if self.entries else UserError)(
                f"The {self.what} has {counted(self._count, 'problem')}; nothing was imported."
                f"\n{self._listed}\n",
                remedy=f"{remedy}{_OR_WITHOUT if self.entries else ''}.",
            )
            if isinstance(error, BrokenLines):
                error.lines = len(self._broken)
            raise error
        if not self.entries:
            raise UserError(
                f"The {self.what} holds no utterance.",
                where=", ".join(str(source.path) for source in sources),
                remedy=remedy_when_empty,
            )
        return self.entries


def _nothing_is_at(path: Path) -> bool:
    try:
        path.lstat()
    except FileNotFoundError:
        return True
    except (OSError, ValueError):  # it is told by who opens it
        return False
    return False


def key_prefixes(sources: Sequence[Source]) -> list[str]:
    """What keys of utterances without an id begin with: the file's name, numbered when names repeat."""
    stems = [source.path.stem for source in sources]
    if len(set(stems)) == len(stems):
        return stems
    return [f"{number}-{stem}" for number, stem in enumerate(stems, 1)]


def counted(number: int, one: str) -> str:
    """ "1 line", "2 lines"."""
    return f"1 {one}" if number == 1 else f"{number} {one}s"


def shown(value: object) -> str:
    """A value as it stands in a JSON file, cut when it is long."""
    written = json.dumps(value, ensure_ascii=False, default=str)
    return written if len(written) <= 40 else f"{written[:37]}..."
