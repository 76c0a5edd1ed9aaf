"""A rehearsal before the long run: a few steps on its own batches, taken back afterwards, find at once what
would spoil it after hours, and how much fits into memory.

The run that follows is to the last bit the one without a rehearsal.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, Literal

import torch
from accelerate import Accelerator

from core.audio.files import SAMPLE_RATE
from core.data.utterance import Utterance
from core.errors import UserError
from core.experiment.schedule import Example, Schedule
from core.models.family import IGNORE, Batch, LalmFamily
from core.models.tuned import Tuned
from core.training.checkpoints import random_state, restore_random
from core.training.parallel import ALONE, Ranks
from core.training.reporter import Reporter
from core.training.sharding import own_part
from core.training.step import Room, StageOptimizer, StepLosses, collate, names, take_step

if TYPE_CHECKING:
    from core.training.recipe import Job

_log = logging.getLogger(__name__)

Kind = Literal["text", "pseudo-audio", "speech"]

_SLACK_TOKENS: Final = 3
"""Audio tokens by which a family's rounding may fall short of seconds x tokens per second."""
_SLACK: Final = 0.05
_SOARED: Final = 1.5
_SOARED_NATS: Final = 0.5
"""A loss has soared when the same utterances have one and a half times as much, and half a nat more, some
steps later. Training lets it fall; chance, as in dropout, moves it by less."""


@dataclass(frozen=True)
class Trial:
    """One step to try: micro-batches of one stage's schedule, or those of their examples of one kind."""

    kind: Kind
    examples: Sequence[Example]


class _WatchedOptimizer(StageOptimizer):
    """Remembers how long the last step's gradient was."""

    gradient: float = 0.0

    def clip(self) -> float:
        self.gradient = super().clip()
        return self.gradient


def rehearse(
    job: Job,
    tuned: Tuned,
    accelerator: Accelerator,
    room: Room,
    reporter: Reporter,
    ranks: Ranks = ALONE,
) -> None:
    """Try the beginnings of text, pseudo-audio and speech and the longest batch of each; then those
    beginnings again, at the highest learning rate of the run. Ten steps at most, none of which remains.

    ranks: the processes that rehearse together. What does not fit into memory is cut smaller, which `room`
    remembers for the run. Warns of a loss that soars and of recordings that are shorter than they were when
    imported. Raises UserError for a loss or gradient that is no number, a gradient of zero, utterances with
    nothing to learn from, and audio that does not arrive whole at the language model.
    """
    reporter.activity("rehearsing")
    opening = openings(job.schedule)
    begun = [trial.examples for trial in opening]
    longest = [
        trial for trial in longest_batches(job.schedule, job.utterances) if trial.examples not in begun
    ]

    def inspect() -> None:
        for trial in (*opening, *longest):
            _inspect(job.family, trial.examples, job.utterances, reporter)

    ranks.together(inspect)
    fitted = room.largest
    with _taken_back(tuned):
        trials = [*opening, *longest, *opening]
        losses = list(_try(job, tuned, accelerator, trials, room, reporter, ranks))
    for trial, before, after in zip(
        opening, losses[: len(opening)], losses[len(opening) + len(longest) :], strict=False
    ):
        _look_for_soaring(trial.kind, before, after, len(losses), reporter)
    if losses:
        _log.info(
            "rehearsed %d steps, the longest batches among them: at most %.0f MB of memory",
            len(losses),
            max(each.memory_mb for each in losses),
        )
    if room.largest != fitted:
        reporter.warning(
            "memory",
            f"Memory does not suffice for a whole batch, so it is learned in parts of at most {room.largest}"
            " utterances. The result is the same, only slower.",
        )


def openings(schedule: Schedule) -> list[Trial]:
    """Of each kind of example its first ones: those that the first batch with any holds."""
    found: dict[Kind, Trial] = {}
    for batch in _batches(schedule):
        for kind in {_kind(example): None for example in batch}:
            examples = [example for example in batch if _kind(example) == kind]
            found.setdefault(kind, Trial(kind, examples))
    return list(found.values())


def longest_batches(schedule: Schedule, utterances: Mapping[int, Utterance]) -> list[Trial]:
    """Of each kind of example the batch in which it takes most positions, its other examples included.

    Positions are counted in letters or seconds: only those of one kind are compared.
    """
    found: dict[Kind, tuple[float, Trial]] = {}
    for batch in _batches(schedule):
        longest: dict[Kind, float] = {}
        for example in batch:
            kind = _kind(example)
            longest[kind] = max(longest.get(kind, 0.0), _length(example, utterances))
        for kind, length in longest.items():
            # Shorter rows are padded to the longest one.
            cost = length * len(batch)
            if kind not in found or cost > found[kind][0]:
                found[kind] = cost, Trial(kind, batch)
    trials: list[Trial] = []
    for _, trial in found.values():
        if all(trial.examples is not other.examples for other in trials):
            trials.append(trial)
    return trials


def _batches(schedule: Schedule) -> Iterator[list[Example]]:
    return (batch for stage in schedule.stages for batch in stage.batches)


def _kind(example: Example) -> Kind:
    return "pseudo-audio" if example.pseudo_audio_seed is not None else example.modality


def _length(example: Example, utterances: Mapping[int, Utterance]) -> float:
    utterance = utterances[example.utterance_id]
    return (utterance.duration_s or 0.0) if example.modality == "speech" else float(len(utterance.text or ""))


def _try(
    job: Job,
    tuned: Tuned,
    accelerator: Accelerator,
    trials: Sequence[Trial],
    room: Room,
    reporter: Reporter,
    ranks: Ranks,
) -> Iterator[StepLosses]:
    steepest = max(job.schedule.stages, key=lambda stage: stage.learning_rate)
    stage = replace(steepest, warmup_ratio=0.0, schedule="constant")
    optimizer = _WatchedOptimizer(accelerator, tuned, stage, job.spec.training)
    for trial in trials:
        if ranks.told(reporter.should_stop()):
            return
        yield take_step(job.family, optimizer, [trial.examples], job.utterances, room, ranks)
        if optimizer.gradient == 0.0:
            raise UserError(
                f"No weight learns anything from {trial.kind}: the gradient is zero.",
                where=names(trial.examples, job.utterances),
                remedy="Choose another base model or another method; if it happens with every one, please"
                " report it with the run's log.",
            )


@contextmanager
def _taken_back(tuned: Tuned) -> Iterator[None]:
    """Afterwards the weights and torch's random generators are as before."""
    random = random_state()
    # Off the graphics card, whose memory is the scarcer.
    kept = [own_part(weight.detach()).to("cpu", copy=True) for weight in tuned.parameters]
    try:
        yield
    finally:
        with torch.no_grad():
            for weight, before in zip(tuned.parameters, kept, strict=True):
                own_part(weight).copy_(before)
                weight.grad = None
        restore_random(random)


@torch.no_grad()
def _inspect(
    family: LalmFamily, examples: Sequence[Example], utterances: Mapping[int, Utterance], reporter: Reporter
) -> None:
    """See that each example has something to learn from, and that all of its audio is there."""
    # As recorded: at another pace it would have another length.
    examples = [example._replace(augmentation_seed=None) for example in examples]
    batch = collate(family, examples, utterances)
    learned = (batch.labels[:, 1:] != IGNORE).any(-1).tolist()
    unlabelled = [example for example, any_token in zip(examples, learned, strict=True) if not any_token]
    if unlabelled:
        raise UserError(
            "Nothing can be learned from these utterances: no token of their label is left to predict.",
            where=names(unlabelled, utterances),
            remedy="Look at their labels in the data; if they are right, choose another base model.",
        )
    spoken = [row for row, example in enumerate(examples) if example.modality == "speech"]
    places = family.placeholders(batch).sum(-1).tolist()
    # One by one: in the batch as a whole a token too few here and one too many there would go unnoticed.
    tokens = [len(heard) for heard in family.hear(batch)]
    for row, count in zip(spoken, tokens, strict=True):
        if places[row] != count:
            raise UserError(
                f"The prompt has places for {places[row]} audio tokens, but the recording gives {count}.",
                where=names([examples[row]], utterances),
                remedy="The base model's files do not fit together: copy or download them again.",
            )
    _look_for_cut_audio(family, batch, [examples[row] for row in spoken], tokens, utterances, reporter)


def _look_for_cut_audio(
    family: LalmFamily,
    batch: Batch,
    spoken: Sequence[Example],
    tokens: Sequence[int],
    utterances: Mapping[int, Utterance],
    reporter: Reporter,
) -> None:
    for example, heard, count in zip(spoken, batch.audio, tokens, strict=True):
        seconds = heard.samples / SAMPLE_RATE
        if _falls_short(count / family.tokens_per_s, seconds, _SLACK_TOKENS / family.tokens_per_s):
            raise UserError(
                f"The base model hears only {count / family.tokens_per_s:.1f} s of a recording of"
                f" {seconds:.1f} s.",
                where=names([example], utterances),
                remedy="Its preprocessor cuts recordings short: copy or download the base model again, or"
                " choose another one.",
            )
        imported_s = utterances[example.utterance_id].duration_s or 0.0
        if _falls_short(seconds, imported_s, 0.0):
            words = (
                f"The recording of {names([example], utterances)} lasts {seconds:.1f} s, but lasted"
                f" {imported_s:.1f} s when it was imported: it may have been cut. Import the dataset again."
            )
            _log.warning("%s", words)
            reporter.warning("recordings", words)


def _falls_short(found: float, expected: float, slack: float) -> bool:
    return found + slack < (1 - _SLACK) * expected


def _look_for_soaring(
    kind: Kind, first: StepLosses, last: StepLosses, steps: int, reporter: Reporter
) -> None:
    before, after = first.mean("text", "speech") or 0.0, last.mean("text", "speech") or 0.0
    if after > _SOARED * before + _SOARED_NATS:
        words = (
            f"In the rehearsal the loss on {kind} soared from {before:.2f} to {after:.2f} in {steps} steps:"
            " the learning rate is probably too high. Lower it if the losses of the run do not fall."
        )
        _log.warning("%s", words)
        reporter.warning("learning rate", words)
