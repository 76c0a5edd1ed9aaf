"""What is missing in the splits of a dataset, and what is in several of them that should be apart."""

from __future__ import annotations

import itertools
import os
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Final

from core.data.problem import Problem, Severity, counted, some
from core.data.utterance import SPLITS, Split, Utterance
from core.errors import UserError

_WORST_FIRST: Final[tuple[tuple[Split, Split], ...]] = (
    ("train", "test"),
    ("validation", "test"),
    ("train", "validation"),
)
"""Pairs of splits, those first in which something common flatters the final scores."""


def refuse_leaks(learned: Iterable[Utterance], tested: Iterable[Utterance]) -> None:
    """Raise UserError when a recording is in two splits of what a run uses, whatever the datasets are called.

    learned: the training and validation splits of the datasets trained on, whole: which part of them a speech
    share takes must not decide whether a score can be believed. tested: the test splits. The same recording
    is the same file, also through a link; shared texts are only a warning of `check_dataset`.
    """
    names: dict[Split, dict[str, str]] = {split: {} for split in SPLITS}
    for utterance in itertools.chain(learned, tested):
        if utterance.audio is not None:
            name = f"{utterance.dataset}/{utterance.key}"
            names[utterance.split].setdefault(real_path(utterance), name)
    for first, second in _WORST_FIRST:
        both = [path for path in names[first] if path in names[second]]
        if both:
            pairs = [f"{path} ({names[first][path]} and {names[second][path]})" for path in both]
            raise UserError(
                f"{counted(len(both), 'recording')} in both {first} and {second}: {some(pairs)}."
                f" Scores on {second} would flatter.",
                where=f"{first} and {second}",
                remedy="Keep each recording in one split: train and test on other datasets, or import these "
                "recordings once, as one dataset.",
                details="\n".join(pairs),
            )


def real_path(utterance: Utterance) -> str:
    """The recording's file behind all links; empty without a recording."""
    # Not Path.resolve, which raises for links that go in a circle.
    return "" if utterance.audio is None else os.path.realpath(utterance.audio)


def missing_parts(utterances: Sequence[Utterance]) -> Iterator[Problem]:
    """Splits that a run needs, and test recordings."""
    used = {utterance.split for utterance in utterances}
    needed: dict[Split, str] = {
        "train": "nothing can be learned",
        "validation": "progress cannot be watched while training",
        "test": "there will be no final scores",
    }
    for split, consequence in needed.items():
        if split not in used:
            yield Problem(
                "warning",
                "missing split",
                f"The dataset has no {split} split: {consequence}.",
                split,
                f'Give some utterances "split": "{split}", or import without splits to have them divided.',
            )
    spoken = {utterance.split for utterance in utterances if utterance.audio is not None}
    if "test" in used and "test" not in spoken:
        yield Problem(
            "warning",
            "no test speech",
            "No test utterance has a recording: nothing can be said about speech.",
            "test",
            "Add recordings to the test split.",
        )


def synthetic_test(utterances: Sequence[Utterance]) -> Iterator[Problem]:
    """Test recordings that an engine spoke."""
    spoken = [utterance for utterance in utterances if utterance.split == "test" and utterance.audio]
    synthetic = tuple(utterance.key for utterance in spoken if utterance.synthetic)
    if synthetic:
        all_are = len(synthetic) == len(spoken)
        yield Problem(
            "warning",
            "synthetic test speech",
            f"{counted(len(synthetic), 'test recording')} synthetic (spoken by a machine): scores on"
            f" {'it' if len(synthetic) == 1 else 'them'} say nothing about people's voices.",
            "test",
            "Record people for the test split; learning from such speech is fine.",
            # Without any recording left there would be no score on speech at all.
            () if all_are else synthetic,
        )


def shared(
    kind: str, utterances: Sequence[Utterance], name_of: Callable[[Utterance], str], severity: Severity
) -> Iterator[Problem]:
    """One problem for each pair of splits that have something in common that should be apart. name_of: "" for
    an utterance that has no such thing."""
    keys: dict[Split, dict[str, list[str]]] = {split: defaultdict(list) for split in SPLITS}
    for utterance in utterances:
        name = name_of(utterance)
        if name:
            keys[utterance.split][name].append(utterance.key)
    for first, second in itertools.combinations(SPLITS, 2):
        both = sorted(keys[first].keys() & keys[second].keys())
        if both:
            yield Problem(
                severity,
                f"{kind} in two splits",
                f"{counted(len(both), kind)} in both {first} and {second}: {some(both)}."
                f" Scores on {second} will flatter.",
                f"{first} and {second}",
                f"Keep each {kind} in one split.",
                # Set aside what is learned from: the test set stays what it is.
                tuple(key for name in both for key in keys[first][name]),
            )


def labels_only_in_test(utterances: Sequence[Utterance]) -> Iterator[Problem]:
    """Intents and slot types that cannot have been learned."""

    def only_in_test(names_of: Callable[[Utterance], Iterable[str]]) -> list[str]:
        learned = {name for u in utterances if u.split != "test" for name in names_of(u)}
        tested = {name for u in utterances if u.split == "test" for name in names_of(u)}
        return sorted(tested - learned)

    intents = only_in_test(lambda u: [u.label.intent])
    slot_types = only_in_test(lambda u: [slot.type for slot in u.label.slots])
    for kind, names in (("intent", intents), ("slot type", slot_types)):
        if names:
            yield Problem(
                "warning",
                f"{kind} only in test",
                f"{counted(len(names), kind)} only in test and cannot be answered: {some(names)}.",
                "test",
                "Add training utterances with them, or correct the labels.",
                tuple(u.key for u in utterances if u.split == "test" and _has(u, kind, set(names))),
            )


def _has(utterance: Utterance, kind: str, names: set[str]) -> bool:
    own = {utterance.label.intent} if kind == "intent" else {slot.type for slot in utterance.label.slots}
    return bool(own & names)
