"""What a run may learn from: which texts and recordings of which languages, and how often each dataset's."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pydantic import Field

from core.data.seeding import round_half_up, stratified_order
from core.data.utterance import Candidate
from core.errors import UserError
from core.experiment.table import Table

# A use of the speech seed; see core.experiment.schedule for the others.
_SPEECH_CHOICE = 1
_TEXT_CHOICE = 7


class LanguageSpec(Table):
    """How much of one language is used. Cross-lingual training is the source language's speech, the target
    language's text, and a little of its speech (arXiv 2509.15389, section 2)."""

    text: float = Field(
        default=1.0,
        ge=0,
        le=1,
        title="Text share",
        description="How much of the language's text may be used: 1 is all of it, 0 none. A smaller share is"
        " part of a larger one.",
    )
    speech: float | None = Field(
        default=None,
        ge=0,
        le=1,
        title="Speech share",
        description="How much of the language's recordings may be used, in the place of the speech share of"
        " all; without it, that one.",
    )


@dataclass(frozen=True)
class Pool:
    """What one kind of example is taken from: ids in the library's order, which an epoch goes through
    `weight` times."""

    ids: tuple[int, ...]
    weight: float = 1.0

    @property
    def turns(self) -> float:
        """Examples of an epoch that uses all of it."""
        return self.weight * len(self.ids)


@dataclass(frozen=True)
class Pools:
    """Of each dataset with a weight of its own one pool, of all others together one; none is empty."""

    text: tuple[Pool, ...]
    speech: tuple[Pool, ...]

    @property
    def speech_ids(self) -> list[int]:
        """All recordings that may be heard."""
        return [id_ for pool in self.speech for id_ in pool.ids]


def speech_subset(candidates: Sequence[Candidate], share: float, seed: int) -> list[int]:
    """Ids of the recordings that `share` (0 to 1) of all means, in the order they are taken in.

    Their number is share x recordings, rounded, at least 1 when share > 0. Subsets are nested (the 2 %
    are inside the 5 %) and stratified by intent; every intent is covered first as far as the number goes,
    frequent intents first.
    """
    return _subset([each for each in candidates if each.has_audio], share, seed, _SPEECH_CHOICE)


def choose_pools(
    candidates: Sequence[Candidate],
    *,
    share: float,
    seed: int,
    languages: Mapping[str, LanguageSpec],
    weights: Mapping[str, float],
) -> Pools:
    """share: of the recordings of every language that `languages` says nothing else of. seed: of the choice.

    Raises UserError for a language that no candidate has.
    """
    known = {candidate.language for candidate in candidates}
    for code in languages:
        if code not in known:
            there = ", ".join(sorted(known - {""}))
            raise UserError(
                f'No training utterance is in the language "{code}".',
                where="[data.languages]",
                remedy=f"There are: {there}." if there else "Import the data with their languages.",
            )
    groups: dict[str | None, list[Candidate]] = defaultdict(list)
    for candidate in candidates:
        groups[candidate.language if candidate.language in languages else None].append(candidate)
    texts: set[int] = set()
    speech: list[int] = []
    for named, group in groups.items():
        own = LanguageSpec() if named is None else languages[named]
        readable = [candidate for candidate in group if candidate.has_text]
        texts.update(
            (candidate.id for candidate in readable)
            if own.text == 1
            else _subset(readable, own.text, seed, _TEXT_CHOICE)
        )
        speech += speech_subset(group, share if own.speech is None else own.speech, seed)
    return Pools(
        _pools([candidate.id for candidate in candidates if candidate.id in texts], candidates, weights),
        _pools(speech, candidates, weights),
    )


def allotted(total: int, turns: Sequence[float]) -> list[int]:
    """`total` shared out in proportion to `turns`: whole numbers that add up to it (largest remainders)."""
    whole = sum(turns)
    if not whole:
        return [0] * len(turns)
    exact = [total * each / whole for each in turns]
    counts = [int(each) for each in exact]
    for index in sorted(range(len(exact)), key=lambda i: counts[i] - exact[i])[: total - sum(counts)]:
        counts[index] += 1
    return counts


def _subset(candidates: Sequence[Candidate], share: float, seed: int, use: int) -> list[int]:
    if share == 0 or not candidates:
        return []
    count = max(1, round_half_up(share * len(candidates)))
    order = stratified_order([candidate.intent for candidate in candidates], seed, use)
    return [candidates[position].id for position in order[:count]]


def _pools(
    ids: Sequence[int], candidates: Sequence[Candidate], weights: Mapping[str, float]
) -> tuple[Pool, ...]:
    dataset_of = {candidate.id: candidate.dataset for candidate in candidates} if weights else {}
    found: dict[str, list[int]] = defaultdict(list)
    for id_ in ids:
        name = dataset_of.get(id_, "")
        found[name if name in weights else ""].append(id_)
    return tuple(Pool(tuple(own), weights.get(name, 1.0)) for name, own in found.items())
