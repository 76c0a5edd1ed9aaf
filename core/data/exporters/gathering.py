"""What exporters have in common: all that cannot be written, told at once, and copies of recordings."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from core.data.progress import Cancel, Progress
from core.data.utterance import Utterance
from core.errors import Cancelled, UserError

_SHOWN: Final = 20


@dataclass
class Refusals:
    """Utterances that a format cannot hold. what: the format, for the user."""

    what: str
    _told: list[str] = field(default_factory=list)

    def add(self, utterance: Utterance, why: str) -> None:
        self._told.append(f"{utterance.dataset}/{utterance.key}: {why}")

    def raise_if_any(self) -> None:
        """Raise UserError with the first 20 and their number."""
        if self._told:
            more = f"\n  and {len(self._told) - _SHOWN} more." if len(self._told) > _SHOWN else ""
            lines = "\n".join(f"  {each}" for each in self._told[:_SHOWN])
            raise UserError(
                f"{len(self._told)} utterances cannot be written as {self.what}:\n{lines}{more}\n",
                remedy="Correct or quarantine them, or choose another format.",
            )


@dataclass
class Copies:
    """Recordings copied into `folder`/audio, each file once, named by its number and its own name."""

    folder: Path
    progress: Progress | None
    cancelled: Cancel
    total: int
    _names: dict[Path, str] = field(default_factory=dict)

    def add(self, audio: Path) -> str:
        """Where the copy is, below `folder`. Raises UserError when the recording is gone, Cancelled."""
        if self.cancelled():
            raise Cancelled
        if audio not in self._names:
            name = f"audio/{len(self._names) + 1:06d}-{audio.name}"
            copy_recording(audio, self.folder / name)
            self._names[audio] = name
            if self.progress:
                self.progress(len(self._names), self.total)
        return self._names[audio]


def copy_recording(audio: Path, target: Path) -> None:
    """Copy a recording into a folder, which is made. Raises UserError when it is gone."""
    if not audio.is_file():
        raise UserError(
            "The sound file is missing.",
            where=str(audio),
            remedy="Put it back, or quarantine its utterance; a check of the dataset finds all.",
        )
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(audio, target)


def copies(
    folder: Path, utterances: Sequence[Utterance], progress: Progress | None, cancelled: Cancel
) -> Copies:
    """For all recordings of these utterances."""
    total = len({utterance.audio for utterance in utterances if utterance.audio is not None})
    return Copies(folder, progress, cancelled, total)
