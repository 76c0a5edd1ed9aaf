"""What can make a dataset's scores wrong or a run fail, found before training."""

from __future__ import annotations

import itertools
import os
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

import numpy as np

from core.audio.files import SAMPLE_RATE, SHORTEST_S, read_audio
from core.data.library import Library
from core.data.progress import Cancel, Progress, never
from core.data.splits import spoken_form
from core.data.utterance import SPLITS, Label, Split, Utterance
from core.errors import Cancelled, UserError

WINDOW_S: Final = 15.0
"""Seconds every base model hears, the built-in one included; large ones mostly hear 30."""

_SILENCE: Final = 10 ** (-60 / 20)
"""Peak (of full scale 1) below which there is nothing to hear: -60 dBFS."""

_EXAMPLES: Final = 5

_WORST_FIRST: Final[tuple[tuple[Split, Split], ...]] = (
    ("train", "test"),
    ("validation", "test"),
    ("train", "validation"),
)
"""Pairs of splits, those first in which something common flatters the final scores."""


@dataclass(frozen=True)
class Problem:
    """severity: "error" stops a run or makes its scores wrong, "warning" is worth knowing.

    where: utterance, file or splits. utterance_key: the utterance concerned, "" for several.
    """

    severity: Literal["error", "warning"]
    what: str
    where: str
    remedy: str
    utterance_key: str = ""


def check_dataset(
    library: Library,
    name: str,
    *,
    window_s: float = WINDOW_S,
    progress: Progress | None = None,
    cancelled: Cancel = never,
) -> list[Problem]:
    """All problems of a dataset, errors first. Every audio file is decoded whole.

    window_s: seconds of audio that the base model hears. Raises UserError for an unknown dataset, Cancelled.
    """
    utterances = list(library.utterances([name]))
    problems = [
        *_missing_parts(utterances),
        *_audio_problems(utterances, window_s, progress, cancelled),
        *_shared("recording", utterances, _real_path, "error"),
        *_shared("speaker", utterances, lambda u: u.speaker, "warning"),
        *_shared("text", utterances, lambda u: spoken_form(u.text or ""), "warning"),
        *_conflicting_labels(utterances),
        *_labels_only_in_test(utterances),
    ]
    return sorted(problems, key=lambda problem: problem.severity != "error")


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
            names[utterance.split].setdefault(_real_path(utterance), name)
    for first, second in _WORST_FIRST:
        both = [path for path in names[first] if path in names[second]]
        if both:
            what = "1 recording is" if len(both) == 1 else f"{len(both)} recordings are"
            pairs = [f"{path} ({names[first][path]} and {names[second][path]})" for path in both]
            raise UserError(
                f"{what} in both {first} and {second}: {_some(pairs)}. Scores on {second} would flatter.",
                where=f"{first} and {second}",
                remedy="Keep each recording in one split: train and test on other datasets, or import these "
                "recordings once, as one dataset.",
                details="\n".join(pairs),
            )


def _real_path(utterance: Utterance) -> str:
    # Not Path.resolve, which raises for links that go in a circle.
    return "" if utterance.audio is None else os.path.realpath(utterance.audio)


def _missing_parts(utterances: Sequence[Utterance]) -> Iterator[Problem]:
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
                f"The dataset has no {split} split: {consequence}.",
                split,
                f'Give some utterances "split": "{split}", or import without splits to have them divided.',
            )
    spoken = {utterance.split for utterance in utterances if utterance.audio is not None}
    if "test" in used and "test" not in spoken:
        yield Problem(
            "warning",
            "No test utterance has a recording: nothing can be said about speech.",
            "test",
            "Add recordings to the test split.",
        )


def _audio_problems(
    utterances: Sequence[Utterance], window_s: float, progress: Progress | None, cancelled: Cancel
) -> Iterator[Problem]:
    spoken = [(utterance, utterance.audio) for utterance in utterances if utterance.audio is not None]
    for done, (utterance, audio) in enumerate(spoken, 1):
        if cancelled():
            raise Cancelled
        found = _audio_problem(audio, window_s)
        if found is not None:
            severity, what, remedy = found
            yield Problem(severity, what, str(audio), remedy, utterance.key)
        if progress:
            progress(done, len(spoken))


def _audio_problem(audio: Path, window_s: float) -> tuple[Literal["error", "warning"], str, str] | None:
    try:
        samples = read_audio(audio)
    except UserError as error:
        return "error", error.what, error.remedy
    seconds = len(samples) / SAMPLE_RATE
    if seconds < SHORTEST_S:
        return (
            "error",
            f"The recording lasts only {1000 * seconds:.0f} ms; {1000 * SHORTEST_S:.0f} ms are needed.",
            "Record it again, or leave it out.",
        )
    if seconds > window_s:
        return (
            "error",
            f"The recording lasts {seconds:.1f} s; the base model hears {window_s:g} s.",
            "Cut it, leave it out, or use a base model with a longer window.",
        )
    if np.abs(samples).max() < _SILENCE:
        return "warning", "The recording is silent.", "Record it again, or leave it out."
    return None


def _shared(
    kind: str,
    utterances: Sequence[Utterance],
    name_of: Callable[[Utterance], str],
    severity: Literal["error", "warning"],
) -> Iterator[Problem]:
    """One problem for each pair of splits that have something in common that should be apart."""
    names: dict[Split, set[str]] = {split: set() for split in SPLITS}
    for utterance in utterances:
        names[utterance.split].add(name_of(utterance))
    for first, second in itertools.combinations(SPLITS, 2):
        both = sorted(names[first] & names[second] - {""})
        if both:
            what = f"1 {kind} is" if len(both) == 1 else f"{len(both)} {kind}s are"
            yield Problem(
                severity,
                f"{what} in both {first} and {second}: {_some(both)}. Scores on {second} will flatter.",
                f"{first} and {second}",
                f"Keep each {kind} in one split.",
            )


def _conflicting_labels(utterances: Sequence[Utterance]) -> Iterator[Problem]:
    """A text with two labels; slots are compared without their order, which carries no meaning."""
    labels: dict[tuple[str, str], dict[Label, Utterance]] = defaultdict(dict)
    for utterance in utterances:
        if utterance.text is not None:
            label = Label(utterance.label.intent, tuple(sorted(utterance.label.slots)))
            labels[utterance.language, spoken_form(utterance.text)].setdefault(label, utterance)
    for first, *others in (list(found.values()) for found in labels.values()):
        for other in others:
            ours, theirs = _spell(first.label), _spell(other.label)
            yield Problem(
                "warning",
                f'"{first.text}" is labelled {ours} and, as {other.key}, {theirs}.',
                first.key,
                "Correct one of the two labels.",
                other.key,
            )


def _labels_only_in_test(utterances: Sequence[Utterance]) -> Iterator[Problem]:
    def only_in_test(names_of: Callable[[Utterance], Iterable[str]]) -> list[str]:
        learned = {name for u in utterances if u.split != "test" for name in names_of(u)}
        tested = {name for u in utterances if u.split == "test" for name in names_of(u)}
        return sorted(tested - learned)

    intents = only_in_test(lambda u: [u.label.intent])
    slot_types = only_in_test(lambda u: [slot.type for slot in u.label.slots])
    for kind, names in (("intent", intents), ("slot type", slot_types)):
        if names:
            what = f"1 {kind} is" if len(names) == 1 else f"{len(names)} {kind}s are"
            yield Problem(
                "warning",
                f"{what} only in test and cannot be answered: {_some(names)}.",
                "test",
                "Add training utterances with them, or correct the labels.",
            )


def _spell(label: Label) -> str:
    slots = ", ".join(f"{slot.type}: {slot.filler}" for slot in label.slots)
    return f"{label.intent} ({slots})" if slots else label.intent


def _some(names: Sequence[str]) -> str:
    more = f" and {len(names) - _EXAMPLES} more" if len(names) > _EXAMPLES else ""
    return ", ".join(names[:_EXAMPLES]) + more
