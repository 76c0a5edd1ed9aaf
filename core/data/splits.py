"""Splits for utterances that came without one: seeded, and such that testing is on what was not learned."""

from __future__ import annotations

import math
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from core.data.seeding import permutation, round_half_up, stratified_order
from core.data.utterance import SPLITS, Label, Split
from core.errors import UserError

# Different uses of one seed must not be correlated.
_SPEAKERS, _SPEECH, _TEXT = 11, 12, 13


@dataclass(frozen=True, slots=True)
class Entry:
    """An utterance as an importer reads it: like `Utterance`, but perhaps without a split."""

    key: str
    label: Label
    text: str | None
    audio: Path | None
    duration_s: float | None
    language: str
    speaker: str
    split: Split | None
    origin: str = ""
    synthetic: str = ""


@dataclass(frozen=True)
class Division:
    """How utterances without a split are divided. fractions: parts for train, validation and test.

    Raises UserError when the parts are not three shares of a whole.
    """

    fractions: tuple[float, float, float] = (0.8, 0.1, 0.1)
    seed: int = 17

    def __post_init__(self) -> None:
        if min(self.fractions) < 0 or not math.isclose(sum(self.fractions), 1, abs_tol=1e-6):
            raise UserError(
                f"The parts for train, validation and test are {self.fractions}.",
                remedy="Give three numbers from 0 to 1 that add up to 1, for instance 0.8,0.1,0.1.",
            )


DEFAULT_DIVISION = Division()


def spoken_form(text: str) -> str:
    """Equal for texts that sound the same: without case, punctuation and extra spaces."""
    return " ".join(re.sub(r"[^\w\s']", " ", text.casefold()).split())


def assign_splits(entries: Sequence[Entry], division: Division) -> list[Split]:
    """A split for each entry; a split that an entry has stays.

    Entries with a speaker are divided speaker by speaker: no voice is in two splits. Entries without are
    divided text by text, stratified by intent, recordings and mere text each on their own so that both
    come in the asked-for parts; a text that an already divided entry has goes where that one is.
    """
    splits: dict[int, Split] = {
        index: entry.split for index, entry in enumerate(entries) if entry.split is not None
    }
    if len(splits) == len(entries):
        return list(splits.values())
    speakers = _group(((i, e.speaker) for i, e in enumerate(entries) if i not in splits and e.speaker))
    _follow(speakers, _known(((entries[i].speaker, split) for i, split in splits.items())), splits)
    order = permutation(len(speakers), division.seed, _SPEAKERS)
    names = list(speakers)
    _divide([speakers[names[position]] for position in order], division, splits)

    # An entry without text is a group of its own; no spoken form begins with a line break.
    texts = _group(
        (i, spoken_form(e.text) if e.text is not None else f"\n{i}")
        for i, e in enumerate(entries)
        if i not in splits
    )
    _follow(
        texts, _known(((spoken_form(entries[i].text or ""), split) for i, split in splits.items())), splits
    )
    spoken = [group for group in texts.values() if any(entries[i].audio is not None for i in group)]
    written = [group for group in texts.values() if all(entries[i].audio is None for i in group)]
    for use, groups in ((_SPEECH, spoken), (_TEXT, written)):
        order = stratified_order([entries[group[0]].label.intent for group in groups], division.seed, use)
        _divide([groups[position] for position in order], division, splits)
    return [splits[index] for index in range(len(entries))]


def _group(named: Iterable[tuple[int, str]]) -> dict[str, list[int]]:
    groups: dict[str, list[int]] = defaultdict(list)
    for index, name in named:
        groups[name].append(index)
    return dict(groups)


def _known(named: Iterable[tuple[str, Split]]) -> dict[str, Split]:
    """The split of each non-empty name; of several the first in SPLITS, where more leaks nothing new."""
    known: dict[str, Split] = {}
    for name, split in named:
        if name and (name not in known or SPLITS.index(split) < SPLITS.index(known[name])):
            known[name] = split
    return known


def _follow(groups: dict[str, list[int]], known: Mapping[str, Split], splits: dict[int, Split]) -> None:
    """Move the groups whose name is known out of `groups`, to where that name already is."""
    for name in [name for name in groups if name in known]:
        splits.update(dict.fromkeys(groups.pop(name), known[name]))


def _divide(groups: list[list[int]], division: Division, splits: dict[int, Split]) -> None:
    """Give each group, whole, to a split. Test and validation are filled first, each with at least one
    group while one is left for training; what is over is for training."""
    total = sum(len(group) for group in groups)
    part = dict(zip(SPLITS, division.fractions, strict=True))
    rest: Split = max(SPLITS, key=lambda split: (split == "train" and part[split] > 0, part[split]))
    for split in ("test", "validation"):
        if part[split] == 0 or split == rest:
            continue
        target, count, left = round_half_up(part[split] * total), 0, []
        for group in groups:
            if count + len(group) <= target:
                splits.update(dict.fromkeys(group, split))
                count += len(group)
            else:
                left.append(group)
        if count == 0 and len(left) > 1:
            smallest = min(left, key=len)
            left.remove(smallest)
            splits.update(dict.fromkeys(smallest, split))
        groups = left
    for group in groups:
        splits.update(dict.fromkeys(group, rest))
