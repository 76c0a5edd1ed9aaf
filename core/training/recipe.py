"""The training recipe, readable top to bottom: stages, steps, scores, checkpoints.

The same experiment and seed give the same losses on the same machine, and a run that was stopped or killed
at any step and resumed gives the losses of one that never was.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import torch
from accelerate import Accelerator
from accelerate.utils import DataLoaderConfiguration, set_seed

from core.data.utterance import Ontology, Utterance
from core.errors import Cancelled, UserError
from core.evaluation.evaluate import evaluate
from core.evaluation.results import EvaluationInput
from core.experiment.schedule import Schedule, StageSchedule
from core.experiment.spec import ExperimentSpec
from core.inference.predictor import BATCH_SIZE, Predictor
from core.models.audio_encoder import encoder_rates
from core.models.family import LalmFamily
from core.models.tuned import Tuned, load_tuned, tune
from core.training.checkpoints import (
    Checkpoint,
    Position,
    best_weights,
    keep_stage,
    load_checkpoint,
    save_checkpoint,
)
from core.training.early_stopping import Progress
from core.training.footprint import checkpoint_gradients_if_needed
from core.training.hearing_check import HearingCheck
from core.training.parallel import ALONE, Ranks
from core.training.precision import mixed_precision
from core.training.rehearsal import rehearse
from core.training.reporter import Reporter
from core.training.sharding import UNDIVIDED, Division, divide
from core.training.step import Room, StageOptimizer, StageState, take_step

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Job:
    """Everything a run works on.

    utterances: every utterance the schedule names, by id. validation: what is scored while training (its
    recordings, or its texts where there are none). checkpoints: folder for `step-N`.
    """

    spec: ExperimentSpec
    schedule: Schedule
    family: LalmFamily
    utterances: dict[int, Utterance]
    ontology: Ontology
    validation: Sequence[Utterance]
    checkpoints: Path


def train(job: Job, reporter: Reporter, ranks: Ranks = ALONE) -> Tuned:
    """Train the job's model through all stages, from its newest checkpoint if there is one; returns it.

    Where stages may end early (`evaluation.stop_after`) its weights are in the end those that scored best on
    validation. ranks: the processes that train it together, of which the first one scores, saves, and decides
    when to stop. Raises Cancelled when its reporter says stop, after a checkpoint was saved; UserError for a
    loss or gradient that is no number (naming the utterances), unreadable audio or a full disk.
    """
    # Warnings, not errors, where a graphics card has no exact variant of an operation; CPUs always have.
    torch.use_deterministic_algorithms(mode=True, warn_only=job.family.device.type != "cpu")
    set_seed(job.spec.training.seed)
    accelerator = Accelerator(
        mixed_precision=mixed_precision(job.spec.training.precision),
        cpu=job.family.device.type == "cpu",
        # The schedule's batches are those of all processes: the learning rate takes one step for each.
        dataloader_config=DataLoaderConfiguration(split_batches=True),
    )
    saved = load_checkpoint(job.checkpoints)
    tuned = _weights(job, saved)
    shared = job.spec.method == "full" and ranks.count > 1
    division = divide(job.family) if shared else UNDIVIDED
    ranks = replace(ranks, divided=shared)
    position = Position() if saved is None else saved.position
    progress = Progress() if saved is None else saved.progress
    room = Room(None if saved is None else saved.largest)
    hearing = HearingCheck(job.family, job.validation, job.spec.training.seed)
    reporter.rewind(position.global_step)
    ranks.together(lambda: checkpoint_gradients_if_needed(job, tuned, room, ranks))
    if saved is None:
        _begin(job, tuned, accelerator, room, hearing, reporter, ranks, division)

    for index in range(position.stage, len(job.schedule.stages)):
        stage = job.schedule.stages[index]
        reporter.stage(index, stage.name)
        reporter.activity(_training(room))
        optimizer = StageOptimizer(accelerator, tuned, stage, job.spec.training)
        if saved is not None:
            _restore(saved, optimizer)
            saved = None
        while position.stage == index:
            ranks.seed_step(job.spec.training.seed, position.global_step)
            position = _train_step(job, stage, optimizer, position, room, reporter, ranks)
            ended = position.stage > index
            if ended or _due(position.global_step, job.spec.evaluation.every_steps):
                with division.whole():
                    position = _score(job, index, position, progress, hearing, room, reporter, ranks)
            # The others wait here while the first one scores.
            position, stopping, best = ranks.told(
                (position, reporter.should_stop(), position.global_step == progress.best_step)
            )
            ended = position.stage > index
            if ended or stopping or best or _due(position.global_step, job.spec.training.checkpoint_steps):
                ranks.expect_equal(tuned.parameters)
                state = None if ended else optimizer.state(wanted=ranks.leads)
                with division.whole():
                    if ranks.leads:
                        reporter.flush()
                        _save(job, tuned, position, state, room, progress)
            if stopping:
                raise Cancelled
    division.put_together()
    best_so_far = best_weights(job.checkpoints, progress) if ranks.leads else None
    if best_so_far is not None:
        tuned.load(best_so_far)
    return tuned


def _weights(job: Job, saved: Checkpoint | None) -> Tuned:
    """What is trained of the model, as it begins or as it was saved."""
    if saved is None:
        return tune(job.family, job.spec)
    _log.info("going on from step %d", saved.position.global_step)
    return load_tuned(
        job.family,
        saved.weights,
        trainable=True,
        keep_base=job.spec.evaluation.cascade,
        rates=encoder_rates(job.spec),
    )


def _begin(
    job: Job,
    tuned: Tuned,
    accelerator: Accelerator,
    room: Room,
    hearing: HearingCheck,
    reporter: Reporter,
    ranks: Ranks,
    division: Division,
) -> None:
    """What is looked at before the first step of a run."""
    if job.spec.training.rehearsal:
        rehearse(job, tuned, accelerator, room, reporter, ranks)
    with division.whole():
        if ranks.leads:
            _check_hearing(job, hearing, Position(), reporter)


def _training(room: Room) -> str:
    if room.largest is None:
        return "training"
    return f"training, at most {room.largest} at once for lack of memory"


def _train_step(
    job: Job,
    stage: StageSchedule,
    optimizer: StageOptimizer,
    position: Position,
    room: Room,
    reporter: Reporter,
    ranks: Ranks,
) -> Position:
    """One optimizer step from `position` on; returns the position after it."""
    end = stage.ends_step.index(True, position.batch) + 1
    batches = stage.batches[position.batch : end]
    fitted = room.largest
    losses = take_step(job.family, optimizer, batches, job.utterances, room, ranks)
    if room.largest != fitted:
        reporter.activity(_training(room))
    done = end == len(stage.batches)
    after = Position(
        position.stage + 1 if done else position.stage, 0 if done else end, position.global_step + 1
    )
    epochs = stage.epoch_of_batch[-1] + 1
    reporter.step(
        losses.metrics(after.global_step, stage=position.stage, epoch=epochs * end / len(stage.batches))
    )
    return after


def _score(
    job: Job,
    stage: int,
    position: Position,
    progress: Progress,
    hearing: HearingCheck,
    room: Room,
    reporter: Reporter,
    ranks: Ranks,
) -> Position:
    """In the first process: what validation shows after a step, and the position that follows from it."""
    if ranks.leads:
        _validate(job, stage, position.global_step, progress, reporter)
        position = _end_early(job, stage, position, progress)
        _check_hearing(job, hearing, position, reporter)
        reporter.activity(_training(room))
    return position


def _validate(job: Job, stage: int, global_step: int, progress: Progress, reporter: Reporter) -> None:
    """Score the validation utterances and report; constrained answers only, to cost little."""
    if not job.validation:
        return
    given: EvaluationInput = "speech" if job.validation[0].has("speech") else "text"
    reporter.activity(f"scoring validation {given}")
    result = evaluate(
        Predictor(job.family, job.ontology),
        job.validation,
        given,
        seed=job.spec.training.seed,
        batch_size=BATCH_SIZE,
        free_sample=0,
        progress=lambda _done, _total: reporter.heartbeat(),
    )
    reporter.evaluation(result, stage=stage, global_step=global_step, final=False)
    if job.spec.evaluation.stop_after is not None:
        score = result.scores[job.spec.evaluation.stop_score].value
        progress.note(score, stage=stage, global_step=global_step)


def _check_hearing(job: Job, check: HearingCheck, position: Position, reporter: Reporter) -> None:
    """Report whether the true audio helps; what may be expected of it depends on the stages that are done."""
    if not (job.spec.evaluation.hearing and check.is_possible):
        return
    stages = job.schedule.stages
    check.report(
        reporter,
        # At the end of a stage the position is the next one's start.
        stage=max(0, position.stage - 1) if position.batch == 0 else position.stage,
        global_step=position.global_step,
        learned_speech=any(stage.has_speech for stage in stages[: position.stage]),
    )


def _end_early(job: Job, stage: int, position: Position, progress: Progress) -> Position:
    """The position, or the next stage's beginning where the score that decides no longer rises."""
    patience = job.spec.evaluation.stop_after
    if patience is None or position.stage > stage or progress.stalled < patience:
        return position
    current = job.schedule.stages[stage]
    done = sum(current.ends_step[: position.batch])
    progress.end_stage(current.name, job.spec.evaluation, step=done, of=current.steps)
    _log.info("%s", progress.ended[-1])
    return Position(stage + 1, 0, position.global_step)


def _save(
    job: Job,
    tuned: Tuned,
    position: Position,
    state: StageState | None,
    room: Room,
    progress: Progress,
) -> None:
    """Save a checkpoint; without a state at the end of a stage, since the next one starts afresh."""
    if state is None and position.stage < len(job.schedule.stages):
        # Before the checkpoint: a run killed in between ends the stage once more. The last one's weights are
        # the run's.
        keep_stage(job.checkpoints.parent, tuned, position.stage)
    save_checkpoint(
        job.checkpoints,
        tuned,
        position,
        optimizer=None if state is None else state.optimizer,
        scheduler=None if state is None else state.scheduler,
        largest=room.largest,
        keep=job.spec.training.keep_checkpoints,
        progress=progress,
    )


def _restore(saved: Checkpoint, optimizer: StageOptimizer) -> None:
    if saved.optimizer is not None and saved.scheduler is not None:
        try:
            optimizer.restore(StageState(saved.optimizer, saved.scheduler))
        except (KeyError, ValueError) as error:
            raise UserError(
                "The checkpoint does not fit what this version of Spoonful trains, so the run cannot go on"
                " exactly where it was.",
                where=str(saved.weights.parent),
                remedy="Resume it with the version that began it, or start a new run of the same experiment.",
                details=repr(error),
            ) from error
    saved.restore_random()


def _due(step: int, every: int) -> bool:
    return every > 0 and step % every == 0
