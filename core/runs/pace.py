"""How long a run will go on training, from the steps it took last."""

from __future__ import annotations

from typing import Final

import numpy as np

from core.runs.run import Run, StepSeries

RECENT_STEPS: Final = 50
"""Steps that the pace, and the loss and speed shown beside it, are taken from."""


def training_seconds_left(run: Run, steps: StepSeries) -> float | None:
    """Time the remaining steps take at the recent pace, pauses for validation included; None when unknown.

    The final scores come on top. steps: the run's, or its newest ones. The pace leaves out the gap that a
    stopped and resumed run has in it.
    """
    times = steps.time[-RECENT_STEPS:]
    if len(times) < 3 or not run.total_steps:
        return None
    gaps = np.diff(times)
    pace = float(np.mean(np.minimum(gaps, 20 * np.median(gaps))))
    return pace * (run.total_steps - int(steps.global_step[-1]))
