"""What a training run tells the world while it trains, and the one thing it asks: shall I stop?

The recipe only knows this protocol. `core.runs.reporter.RunReporter` writes to the database; tests record.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from core.evaluation.results import EvaluationResult


@dataclass(frozen=True)
class StepMetrics:
    """One optimizer step; the fields are the columns of the table `steps`.

    global_step: optimizer steps done in the whole run, from 1. stage: index from 0. epoch: position in the
    stage (1.5 = half of its second pass). loss: mean cross-entropy over all target tokens of the step, plain
    also where labels are smoothed; loss_text and loss_speech: the same over one modality's tokens, None when
    the step held none. learning_rate: the one this step was taken with. utterances_per_s: training examples
    per second of wall time. memory_mb: resident memory of the process, or allocated GPU memory. time: seconds
    since the Unix epoch.
    """

    global_step: int
    stage: int
    epoch: float
    loss: float
    loss_text: float | None
    loss_speech: float | None
    learning_rate: float
    utterances_per_s: float
    memory_mb: float
    time: float


class Reporter(Protocol):
    """Channel from the training loop to whoever watches. Calls are cheap; implementations batch writes."""

    def stage(self, index: int, name: str) -> None:
        """A curriculum stage begins (or, after a resume, goes on)."""

    def activity(self, text: str) -> None:
        """What the run is busy with now, in a few words: "loading the model", "training"."""

    def step(self, metrics: StepMetrics) -> None:
        """An optimizer step was taken. A step number told twice replaces the first telling."""

    def evaluation(self, result: EvaluationResult, *, stage: int, global_step: int, final: bool) -> None:
        """Scores were taken; `final` marks those on test data after the last stage."""

    def warning(self, about: str, words: str) -> None:
        """Something is doubtful though the run goes on. It takes the place of what was said `about` the same
        before; no words take that back. A resumed run keeps it."""

    def rewind(self, global_step: int) -> None:
        """Forget every step and evaluation after `global_step`: a resumed run does them again."""

    def heartbeat(self) -> None:
        """The process is alive; called at least every few seconds, also while evaluating."""

    def flush(self) -> None:
        """Everything told so far is durable when this returns; called before each checkpoint."""

    def should_stop(self) -> bool:
        """Whether the user asked this run to stop (a request in the database or SIGTERM)."""
        ...
