"""How long a run has worked, and how long it will go on training, from its steps."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from core.runs.run import Run, RunEvaluation, StepSeries

RECENT_STEPS: Final = 50
"""Steps that the pace, and the loss and speed shown beside it, are taken from."""
_FEWEST_STEPS: Final = 3
_LONG_GAP_STEPS: Final = 20
_LONG_GAP_S: Final = 60


def training_seconds_left(run: Run, steps: StepSeries) -> float | None:
    """Time the remaining steps take at the recent pace, pauses for validation included; None when unknown.

    The final scores come on top. steps: the run's, or its newest ones. The pace leaves out the gap that a
    stopped and resumed run has in it.
    """
    times = steps.time[-RECENT_STEPS:]
    if len(times) < _FEWEST_STEPS or not run.total_steps:
        return None
    gaps = np.diff(times)
    pace = float(np.mean(np.minimum(gaps, _LONG_GAP_STEPS * np.median(gaps))))
    return pace * (run.total_steps - int(steps.global_step[-1]))


def seconds_taken(run: Run, now: float, break_s: float = 0.0) -> float | None:
    """Time since the start, or from start to end, without breaks; None for a run that has not started."""
    if run.started_at is None:
        return None
    end = run.ended_at if run.ended_at is not None and not run.is_live else now
    return max(0.0, end - run.started_at - break_s)


def seconds_of_breaks(steps: StepSeries, evaluations: Sequence[RunEvaluation]) -> float:
    """How long a run stood still before steps: while it was stopped and not yet resumed.

    A step that comes more than a minute, and more than twenty usual steps, after the
    last sign of life was not waited for by anyone. Evaluations may take any time.
    """
    if len(steps.time) < _FEWEST_STEPS:
        return 0.0
    usual = float(np.median(np.diff(steps.time)))
    alive = np.concatenate([steps.time, [each.time for each in evaluations]])
    is_step = np.arange(len(alive)) < len(steps.time)
    order = np.argsort(alive, kind="stable")
    gaps, ends_in_step = np.diff(alive[order]), is_step[order][1:]
    breaks = gaps[ends_in_step & (gaps > max(_LONG_GAP_S, _LONG_GAP_STEPS * usual))]
    return float((breaks - usual).sum())
