"""What an importer is asked to read, and what it may be told about it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from core.data.splits import DEFAULT_DIVISION, Division
from core.data.utterance import Split


@dataclass(frozen=True)
class Source:
    """A file or folder; split: where utterances of it belong that name no split of their own (None: to be
    divided)."""

    path: Path
    split: Split | None = None


@dataclass(frozen=True)
class Options:
    """What the files do not say themselves.

    division: how utterances without a split are divided. audio: the folder of the recordings, where it is not
    where the format has it. languages: take only these; without any, all. columns: of a table, field ->
    column. guess_columns: whether the others are taken by their usual names. configuration: which one of a
    dataset of the Hugging Face Hub that has several. leave_out: take the rest where lines are broken.
    """

    division: Division = DEFAULT_DIVISION

    audio: Path | None = None
    languages: tuple[str, ...] = ()
    columns: Mapping[str, str] = field(default_factory=dict)
    guess_columns: bool = True
    configuration: str = ""
    leave_out: bool = False


NO_OPTIONS: Final = Options()

_SPLITS: Final[Mapping[str, Split]] = {
    "train": "train",
    "dev": "validation",
    "val": "validation",
    "test": "test",
}


def split_named(name: str) -> Split | None:
    """The split that a name as other people give it means: "devel", "valid_data", "test-00000-of-00001"."""
    return next((split for start, split in _SPLITS.items() if name.lower().startswith(start)), None)


def is_among(locale: str, languages: Sequence[str]) -> bool:
    """Whether "de-DE" is one of the languages, which are named like "de" or like "de-DE"."""
    names = {locale.lower(), locale.partition("-")[0].lower()}
    return any(language.lower() in names for language in languages)
