"""One optimizer step over the micro-batches gathered for it, and what it measured."""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, cast

import psutil
import torch
from accelerate import Accelerator
from torch import Tensor, nn
from transformers import get_scheduler

from core.data.utterance import Modality, Utterance
from core.errors import UserError
from core.experiment.schedule import Example, StageSchedule
from core.experiment.spec import TrainingSpec
from core.experiment.stages import LearningRateSchedule
from core.models.family import IGNORE, Batch, LalmFamily
from core.models.memory import lacks_memory
from core.models.tuned import Tuned
from core.training.checkpoints import random_state, restore_random
from core.training.material import model_inputs
from core.training.objective import losses
from core.training.parallel import ALONE, Ranks
from core.training.reporter import StepMetrics
from core.training.sharding import divided_state, is_divided, whole_state

_log = logging.getLogger(__name__)

_NAMED = 8
"""Utterances named where a step failed."""


_SCHEDULE_SETTINGS: Final[Mapping[LearningRateSchedule, dict[str, Any]]] = {
    "cosine_with_min_lr": {"min_lr_rate": 0.1}
}


@dataclass(frozen=True)
class StageState:
    """The state dicts of a stage's optimizer and its scheduler."""

    optimizer: Mapping[str, Any]
    scheduler: Mapping[str, Any]


class StageOptimizer:
    """A stage's fresh AdamW over the weights that learn and its learning-rate schedule."""

    def __init__(
        self, accelerator: Accelerator, tuned: Tuned, stage: StageSchedule, training: TrainingSpec
    ) -> None:
        self.accelerator = accelerator
        self.parameters = tuned.parameters
        self.max_grad_norm = training.max_grad_norm
        self.label_smoothing = training.label_smoothing
        optimizer = torch.optim.AdamW(
            tuned.groups(stage.learning_rate),
            weight_decay=training.weight_decay,
            # One call for all weights takes them divided or whole, not both.
            fused=len({is_divided(weight) for weight in self.parameters}) == 1,
        )
        scheduler = get_scheduler(
            "constant_with_warmup" if stage.schedule == "constant" else stage.schedule,
            optimizer,
            num_warmup_steps=math.ceil(stage.warmup_ratio * stage.steps),
            num_training_steps=stage.steps,
            scheduler_specific_kwargs=_SCHEDULE_SETTINGS.get(stage.schedule, {}),
        )
        # It keeps every optimizer it prepared, and with it the means of all weights: here, the last stage's.
        accelerator.free_memory()
        self.optimizer, self.scheduler = accelerator.prepare(optimizer, scheduler)

    def clip(self) -> float:
        """Cut the gathered gradients to the longest length allowed; returns the length they had."""
        # A step of text leaves an audio encoder without gradients, and such weights have no say here.
        learned = [weight for weight in self.parameters if weight.grad is not None]
        # Divided weights and whole ones cannot be added up in one call.
        kinds = [[weight for weight in learned if is_divided(weight) is divided] for divided in (True, False)]
        norms = [_norm(weights) for weights in kinds if weights]
        norm = torch.linalg.vector_norm(torch.stack(norms))
        for weights in kinds:
            torch.nn.utils.clip_grads_with_norm_(weights, self.max_grad_norm, norm)
        return float(norm)

    def state(self, *, wanted: bool) -> StageState:
        """What to go on from, as a process alone would have it. wanted: see `whole_state`."""
        return StageState(whole_state(self.optimizer, wanted=wanted), self.scheduler.state_dict())

    def restore(self, state: StageState) -> None:
        """Go on from `state`. Raises KeyError or ValueError when it is of other weights."""
        self.optimizer.load_state_dict(divided_state(self.optimizer, state.optimizer))
        self.scheduler.load_state_dict(state.scheduler)

    def step(self) -> float:
        """Apply the gathered gradients; returns the language model's learning rate in that."""
        learning_rate = float(self.scheduler.get_last_lr()[0])
        self.optimizer.step()
        self.scheduler.step()
        self.optimizer.zero_grad()
        return learning_rate


def _norm(weights: Sequence[nn.Parameter]) -> Tensor:
    """The length of the gradients of weights that are all divided or all whole."""
    norm: Any = torch.nn.utils.get_total_norm([weight.grad for weight in weights if weight.grad is not None])
    return cast(Tensor, norm.full_tensor() if is_divided(norm) else norm)


@dataclass
class Room:
    """What fits into memory at once, as far as the run has found out. largest: utterances, None for as many
    as the experiment says."""

    largest: int | None = None

    def cut(self, batches: Sequence[Sequence[Example]]) -> list[Sequence[Example]]:
        """The batches in parts that fit; the gradients stay the same, one sum over all of them."""
        return [
            batch[start : start + (self.largest or len(batch))]
            for batch in batches
            for start in range(0, len(batch), self.largest or len(batch))
        ]

    def halve(self, size: int) -> bool:
        """Make parts half as large as `size` from now on; False when that was a single utterance."""
        self.largest = max(1, size // 2)
        return size > 1


@dataclass(frozen=True)
class StepLosses:
    """Loss sums and target tokens of one step, by modality, with its cost."""

    sums: Mapping[Modality, float]
    tokens: Mapping[Modality, int]
    examples: int
    learning_rate: float
    seconds: float
    memory_mb: float

    def mean(self, *modalities: Modality) -> float | None:
        """Mean loss over these modalities' target tokens, None when there were none."""
        tokens = sum(self.tokens[modality] for modality in modalities)
        return sum(self.sums[modality] for modality in modalities) / tokens if tokens else None

    def metrics(self, global_step: int, *, stage: int, epoch: float) -> StepMetrics:
        """The step as it is reported."""
        return StepMetrics(
            global_step=global_step,
            stage=stage,
            epoch=epoch,
            loss=self.mean("text", "speech") or 0.0,
            loss_text=self.mean("text"),
            loss_speech=self.mean("speech"),
            learning_rate=self.learning_rate,
            utterances_per_s=self.examples / self.seconds,
            memory_mb=self.memory_mb,
            time=time.time(),
        )


def take_step(
    family: LalmFamily,
    optimizer: StageOptimizer,
    batches: Sequence[Sequence[Example]],
    utterances: Mapping[int, Utterance],
    room: Room,
    ranks: Ranks = ALONE,
) -> StepLosses:
    """Gather the gradients of the micro-batches' mean loss per target token and apply them.

    The mean is over all tokens of all micro-batches, so it does not depend on how a step is cut into them.
    Where memory runs out they are cut smaller, which `room` remembers, and the step is begun again. Raises
    UserError naming the utterances when a loss or the gradient is no number, or a recording cannot be heard;
    the weights are unchanged then. ranks: the processes that take the step together; the losses are all of
    theirs.
    """
    started = time.perf_counter()
    spare = batches[0][0]
    sums, tokens = _gather_in_parts(family, optimizer, ranks.share(batches), spare, utterances, room, ranks)
    ranks.add_up_gradients(optimizer.accelerator, optimizer.parameters)
    # A finite loss may have an infinite gradient, and one step with it would spoil the weights for ever.
    if not math.isfinite(optimizer.clip()):
        raise _no_number("gradient", [example for batch in batches for example in batch], utterances)
    learning_rate = optimizer.step()
    return StepLosses(
        sums=sums,
        tokens=tokens,
        examples=sum(map(len, batches)),
        learning_rate=learning_rate,
        seconds=time.perf_counter() - started,
        memory_mb=_memory_mb(family.device),
    )


def _gather_in_parts(
    family: LalmFamily,
    optimizer: StageOptimizer,
    batches: Sequence[Sequence[Example]],
    spare: Example,
    utterances: Mapping[int, Utterance],
    room: Room,
    ranks: Ranks,
) -> tuple[dict[Modality, float], dict[Modality, int]]:
    """As `_gather`, in ever smaller parts until they fit."""
    random = random_state()
    while True:
        parts = room.cut(batches)
        try:
            return _gather(family, optimizer, parts, spare, utterances, ranks)
        except (RuntimeError, MemoryError) as error:
            if not lacks_memory(error) or not room.halve(_largest(parts, ranks)):
                raise
            _log.warning("memory ran out; going on with at most %d utterances at once", room.largest)
        # Not before the error is gone: it holds on to what filled the memory.
        optimizer.optimizer.zero_grad()
        restore_random(random)
        if family.device.type == "cuda":
            torch.cuda.empty_cache()


def _gather(
    family: LalmFamily,
    optimizer: StageOptimizer,
    batches: Sequence[Sequence[Example]],
    spare: Example,
    utterances: Mapping[int, Utterance],
    ranks: Ranks,
) -> tuple[dict[Modality, float], dict[Modality, int]]:
    """Add up the gradients of this process's batches; returns the loss sums and target tokens of all
    processes by modality. spare: what a process without any batch passes through a divided model, uncounted,
    because the others need its part of the weights."""
    collated: list[Batch] = []

    def target_tokens() -> tuple[int, int]:
        collated.extend(collate(family, batch, utterances) for batch in batches)
        return sum(_target_tokens(batch) for batch in collated), len(collated)

    counted = ranks.together(target_tokens)
    total = sum(tokens for tokens, _ in counted)
    idle = max(passes for _, passes in counted) - len(collated) if ranks.divided else 0
    uncounted = [collated[0] if collated else collate(family, [spare], utterances)] * idle
    learned = ranks.side_by_side(lambda: _learn(family, optimizer, batches, collated, uncounted, total))
    broken = [example for each in learned for example in each.broken]
    if broken:
        raise _no_number("loss", broken, utterances)
    return (
        {modality: sum(each.sums[modality] for each in learned) for modality in learned[0].sums},
        {modality: sum(each.tokens[modality] for each in learned) for modality in learned[0].tokens},
    )


@dataclass(frozen=True)
class _Learned:
    """Loss sums and target tokens by modality, and the examples whose loss is no number."""

    sums: dict[Modality, float]
    tokens: dict[Modality, int]
    broken: list[Example]


def _learn(
    family: LalmFamily,
    optimizer: StageOptimizer,
    batches: Sequence[Sequence[Example]],
    collated: Sequence[Batch],
    uncounted: Sequence[Batch],
    total: int,
) -> _Learned:
    """Add up the gradients of the sum over batches, divided by `total`. uncounted: batches that only take
    part."""
    done = _Learned({"text": 0.0, "speech": 0.0}, {"text": 0, "speech": 0}, [])
    for examples, batch in zip(batches, collated, strict=True):
        with optimizer.accelerator.autocast():
            learned, plain, counts = losses(family, batch, optimizer.label_smoothing)
        broken: list[int] = (~torch.isfinite(learned.detach())).nonzero()[:, 0].tolist()
        done.broken.extend(examples[row] for row in broken)
        optimizer.accelerator.backward(learned.sum() / total)
        for example, loss_sum, count in zip(examples, plain.detach().tolist(), counts.tolist(), strict=True):
            done.sums[example.modality] += loss_sum
            done.tokens[example.modality] += count
    for batch in uncounted:
        with optimizer.accelerator.autocast():
            learned, _, _ = losses(family, batch, optimizer.label_smoothing)
        optimizer.accelerator.backward(0.0 * learned.sum())
    return done


def _largest(parts: Sequence[Sequence[Example]], ranks: Ranks) -> int:
    """Utterances in the largest part of any process, so that all of them cut alike."""
    return max(ranks.together(lambda: max(map(len, parts), default=0)))


def _target_tokens(batch: Batch) -> int:
    return int((batch.labels[:, 1:] != IGNORE).sum())


def collate(family: LalmFamily, examples: Sequence[Example], utterances: Mapping[int, Utterance]) -> Batch:
    """The examples as one batch. Raises UserError that names the utterance whose recording is unfit."""
    inputs = model_inputs(examples, utterances)
    try:
        return family.collate(inputs)
    except UserError as error:
        if error.where:
            raise
        # A family sees waveforms, not files. Asked one by one, it tells whose the refused one is.
        for example, item in zip(examples, inputs, strict=True):
            try:
                family.collate([item])
            except UserError as refused:
                utterance = utterances[example.utterance_id]
                raise UserError(
                    refused.what,
                    where=f"{_name(example, utterances)} {utterance.audio or ''}".rstrip(),
                    remedy=refused.remedy,
                    details=refused.details,
                ) from error
        raise


def _name(example: Example, utterances: Mapping[int, Utterance]) -> str:
    utterance = utterances[example.utterance_id]
    return f"{utterance.dataset}/{utterance.key} ({example.modality})"


def names(examples: Sequence[Example], utterances: Mapping[int, Utterance]) -> str:
    """ "beeps/train-0 (text), beeps/train-1 (speech)"; of many the first ones."""
    listed = ", ".join(_name(example, utterances) for example in examples[:_NAMED])
    return f"{listed} and more" if len(examples) > _NAMED else listed


def _no_number(what: str, examples: Sequence[Example], utterances: Mapping[int, Utterance]) -> UserError:
    return UserError(
        f"The {what} is no longer a number, so training stopped.",
        where=f"utterances {names(examples, utterances)}",
        remedy="If these are few, look at them in the data; otherwise lower the learning rate. "
        "Resuming goes on from the last checkpoint.",
    )


def _memory_mb(device: torch.device) -> float:
    used: Any = (
        torch.cuda.max_memory_allocated(device)
        if device.type == "cuda"
        else psutil.Process().memory_info().rss
    )
    return float(used) / 1e6
