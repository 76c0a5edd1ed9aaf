"""One run trained by several processes, each on a graphics card of its own: how they stay one run.

Each takes its part of a step's examples. The loss is a sum over target tokens divided by the number of all
target tokens, so the gradient of the step is the sum of the processes' gradients if only they divide by the
same number: that is added up before the backward pass, the gradients after it. Then all of them take the same
step with the same weights.

There is no wrapper around the model for that, such as torch's DistributedDataParallel. It takes the mean over
processes, whatever tokens each has, expects one forward method where a family has several, and wants every
weight to get a gradient in every process, which a process without a recording has none of for the audio
encoder. What it does better, sending while the backward pass still computes, matters little for the few
weights of an adapter.

Each process holds the whole model, unless all of the language model learns: `core.training.sharding`.

A process alone does nothing of this.
"""

from __future__ import annotations

import traceback
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal, TypeVar

import torch
from torch import distributed, nn

from core.data.seeding import draws
from core.errors import UserError
from core.experiment.schedule import Example
from core.models.memory import lacks_memory, too_little_memory
from core.training.sharding import is_divided

if TYPE_CHECKING:
    from accelerate import Accelerator

T = TypeVar("T")

_CHANCE: Final = 7
"""What the seed is used for here; core.experiment.schedule has the other uses."""


class Disconnected(Exception):
    """Another process of the run is gone: it can be asked nothing any more."""


class FailedElsewhere(Exception):
    """Another process of the run failed with an error that nobody foresaw; it is told as a note."""


def process_count(wanted: int | Literal["auto"]) -> int:
    """How many processes train: as many as there are graphics cards, unless a number is wanted. Raises
    UserError when there are fewer cards; without any, the processes share the processor."""
    cards = torch.cuda.device_count()
    if wanted == "auto":
        return max(1, cards)
    if cards and wanted > cards:
        there = "1 graphics card" if cards == 1 else f"{cards} graphics cards"
        raise UserError(
            f"The run shall train in {wanted} processes, but this computer has {there}, one for each.",
            where="[training] processes",
            remedy=f'Set it to {cards} or to "auto".',
        )
    return wanted


@dataclass(frozen=True)
class Ranks:
    """The processes that train one run, as one of them sees them. rank: its number, from 0; that one decides,
    scores, reports and saves while the others wait. count: of all. divided: whether they divide the model, so
    that each pass through it is made by all of them at once.

    All of them must call the methods in the same order. Those that talk raise Disconnected when another
    process is gone.
    """

    rank: int = 0
    count: int = 1
    divided: bool = False

    @property
    def leads(self) -> bool:
        """Whether this is the process that decides, scores, reports and saves."""
        return self.rank == 0

    def share(self, batches: Sequence[Sequence[Example]]) -> Sequence[Sequence[Example]]:
        """This process's part of a step: every count-th example, in batches no larger than the largest one
        given; none at all when there are fewer examples than processes."""
        if self.count == 1:
            return batches
        size = max(map(len, batches))
        own = [example for batch in batches for example in batch][self.rank :: self.count]
        return [own[start : start + size] for start in range(0, len(own), size)]

    def together(self, work: Callable[[], T]) -> list[T]:
        """Do `work` in every process; returns what each of them got, by rank.

        Where one fails, all do, with one error: the one of the lowest rank, and a lack of memory only when
        there is no other. So none waits for what will not come. What `work` returns is small and can be
        pickled.
        """
        if self.count == 1:
            return [work()]
        error: Exception | None = None
        try:
            outcome = _Outcome(work())
        except Exception as failure:  # noqa: BLE001 - raised again below, once the others know
            error, outcome = failure, _Outcome.of(failure)
        outcomes = self._exchanged(outcome)
        worst = max(range(self.count), key=lambda rank: (outcomes[rank].severity, -rank))
        if not outcomes[worst].severity:
            return [each.value for each in outcomes]
        try:
            raise error if error is not None and worst == self.rank else outcomes[worst].error(worst)
        finally:
            # It holds on to this frame, and in a circle both would hold on to what filled the memory.
            del error

    def side_by_side(self, passes: Callable[[], T]) -> list[T]:
        """As `together`, for passes through the model. Where it is divided, a process cannot tell the others
        that it failed, since they wait for it in the midst of a pass: it ends, and so the run does."""
        if not self.divided:
            return self.together(passes)
        try:
            value = passes()
        except (RuntimeError, MemoryError) as error:
            if not lacks_memory(error):
                raise
            raise too_little_memory(
                "for a batch",
                "Lower training.batch_size (and raise training.gradient_accumulation as much), or set"
                ' method = "lora".',
                where="[training] batch_size",
                details=str(error),
            ) from error
        return self._exchanged(value)

    def told(self, value: T) -> T:
        """The value of the process that decides."""
        if self.count == 1:
            return value
        values = [value]
        try:
            distributed.broadcast_object_list(values, src=0)
        except RuntimeError as error:
            raise Disconnected from error
        return values[0]

    def add_up_gradients(self, accelerator: Accelerator, parameters: Iterable[nn.Parameter]) -> None:
        """Give every process the sum of all gradients. A weight that has none anywhere is left without, so
        that the optimizer passes it over as in a process alone."""
        if self.count == 1:
            return
        # Those that are divided were added up within the backward pass.
        weights = [weight for weight in parameters if not is_divided(weight)]
        by_rank = self._exchanged([weight.grad is not None for weight in weights])
        for weight, *learned in zip(weights, *by_rank, strict=True):
            if not any(learned):
                continue
            own = torch.zeros_like(weight) if weight.grad is None else weight.grad
            try:
                weight.grad = accelerator.reduce(own, "sum")
            except RuntimeError as error:
                if lacks_memory(error):
                    raise
                raise Disconnected from error

    def seed_step(self, seed: int, global_step: int) -> None:
        """Begin the step's chance, as in dropout, afresh: another one in every process and step, and the same
        after a resume without any process but the first saving its own. Alone, chance goes on as it was."""
        if self.count > 1:
            torch.manual_seed(int(draws(1, seed, _CHANCE, global_step, self.rank)[0]))

    def expect_equal(self, parameters: Iterable[nn.Parameter]) -> None:
        """Raise UserError when weights that each process has are no longer the same, to the last bit."""
        if self.count == 1:
            return
        # What learns is float32; its bits as whole numbers add up to the same in any order.
        sums = [
            int(weight.detach().view(torch.int32).sum(dtype=torch.int64))
            for weight in parameters
            if not is_divided(weight)
        ]
        if any(other != sums for other in self._exchanged(sums)):
            raise UserError(
                "The processes that train this run no longer have the same weights, so training stopped.",
                where="[training] processes",
                remedy="Resume the run: it goes on from the last checkpoint. If it happens again, start one"
                " with processes = 1, and please report it with the run's log.",
            )

    def _exchanged(self, value: T) -> list[T]:
        """Everybody's value, by rank."""
        values: list[Any] = [None] * self.count
        try:
            distributed.all_gather_object(values, value)
        except RuntimeError as error:
            raise Disconnected from error
        return values


ALONE: Final = Ranks()


@dataclass(frozen=True)
class _Outcome:
    """What came of a piece of work, in a form that another process can read. severity: 0 when it went well,
    1 for a lack of memory, which smaller batches may cure, 2 for any other error."""

    value: Any = None
    severity: int = 0
    words: dict[str, str] | None = None
    trace: str = ""

    @classmethod
    def of(cls, error: Exception) -> _Outcome:
        if isinstance(error, UserError):
            return cls(severity=2, words=error.as_dict())
        trace = "".join(traceback.format_exception(error))
        return cls(severity=1 if lacks_memory(error) else 2, trace=trace)

    def error(self, rank: int) -> Exception:
        """The error as it is raised in the other processes."""
        if self.words is not None:
            return UserError(**self.words)
        error = MemoryError() if self.severity == 1 else FailedElsewhere(f"in process {rank}")
        error.add_note(self.trace)
        return error
