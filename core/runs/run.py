"""A run as the database knows it, and what can be read about it."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from core.data.utterance import Label
from core.errors import UserError
from core.evaluation.results import EvaluationInput, Interval

RunState = Literal["starting", "running", "stopping", "completed", "stopped", "failed", "crashed", "lost"]
"""completed: all stages done. stopped: on request, with a checkpoint. failed: with a worded reason.
crashed: the process died and how is known. lost: it is gone and how is not known."""

LIVE: frozenset[RunState] = frozenset({"starting", "running", "stopping"})
RESUMABLE: frozenset[RunState] = frozenset({"stopped", "failed", "crashed", "lost"})


@dataclass(frozen=True)
class RunOutcome:
    """Why a run ended: fields as in `UserError`; empty `what` when there is nothing to explain."""

    what: str = ""
    where: str = ""
    remedy: str = ""
    details: str = ""

    @classmethod
    def from_error(cls, error: UserError) -> RunOutcome:
        return cls(**error.as_dict())

    def to_json(self) -> str:
        return json.dumps(asdict(self), ensure_ascii=False)


@dataclass(frozen=True)
class Run:
    """One row of the table `runs`.

    Times are seconds since the Unix epoch. pid and process_started name the worker process; while it is
    being launched, pid is None and process_started is the moment of the launch. heartbeat: the last sign
    of life. experiment: the experiment file as run (TOML). activity: what it is busy with, in words.
    warnings: what is doubtful about it though it goes on, a sentence or two each.
    """

    id: str
    name: str
    scheme: str
    base_model: str
    speech_share: float
    experiment: str
    state: RunState
    request: str | None
    created_at: float
    started_at: float | None
    ended_at: float | None
    pid: int | None
    process_started: float | None
    heartbeat: float | None
    global_step: int
    total_steps: int
    stage: str
    activity: str
    outcome: RunOutcome | None
    warnings: tuple[str, ...] = ()

    @property
    def is_live(self) -> bool:
        return self.state in LIVE

    @property
    def is_resumable(self) -> bool:
        return self.state in RESUMABLE

    @property
    def progress(self) -> float | None:
        """Share of the optimizer steps done, 0..1; None until their number (`total_steps`) is known."""
        return self.global_step / self.total_steps if self.total_steps else None


class StepSeries(NamedTuple):
    """The columns of `steps` in order of global_step, each of shape [steps]; NaN where nothing was measured.

    Units as in `core.training.reporter.StepMetrics`.
    """

    global_step: NDArray[np.int64]
    stage: NDArray[np.int64]
    epoch: NDArray[np.float64]
    loss: NDArray[np.float64]
    loss_text: NDArray[np.float64]
    loss_speech: NDArray[np.float64]
    learning_rate: NDArray[np.float64]
    utterances_per_s: NDArray[np.float64]
    memory_mb: NDArray[np.float64]
    time: NDArray[np.float64]


@dataclass(frozen=True)
class RunEvaluation:
    """Scores taken during or after a run; `final` marks those on test data after the last stage. synthetic:
    how many of the n were heard in a recording that an engine spoke."""

    id: int
    run_id: str
    global_step: int
    stage: int
    dataset: str
    split: str
    input: EvaluationInput
    n: int
    final: bool
    time: float
    scores: dict[str, Interval]
    synthetic: int = 0


@dataclass(frozen=True)
class ShownPrediction:
    """One answer of a run's newest evaluation beside the utterance it answers.

    text: None for an utterance that only has audio. predicted: None when the answer spelled no label.
    """

    utterance_id: int
    key: str
    text: str | None
    input: EvaluationInput
    gold: Label
    predicted: Label | None
    raw: str
    confidence: float
    correct: bool
