"""How long a run worked: a break between a stop and its resumption is no work, waiting for scores is."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from core.runs.pace import seconds_of_breaks
from core.runs.run import RunEvaluation, StepSeries


def steps_at(times: Sequence[float]) -> StepSeries:
    number, nothing = np.arange(1, len(times) + 1), np.zeros(len(times))
    return StepSeries(number, number * 0, *([nothing] * 7), np.array(times))


def evaluation(moment: float) -> RunEvaluation:
    return RunEvaluation(1, "run", 20, 0, "demo", "validation", "speech", 60, False, moment, {})


EVERY_SECOND = [1000.0 + number for number in range(1, 21)]


def test_the_break_of_a_stopped_run_does_not_count() -> None:
    steps = steps_at([*EVERY_SECOND, *(4000.0 + moment for moment in EVERY_SECOND)])
    assert seconds_of_breaks(steps, []) == 3980
    # Scored, then stopped: only what came after the scores is a break.
    assert seconds_of_breaks(steps, [evaluation(1050.0)]) == 3950
    # It scored until shortly before the next step: no break at all.
    assert seconds_of_breaks(steps, [evaluation(4990.0)]) == 0


def test_waiting_for_scores_or_the_disk_is_work() -> None:
    steps = steps_at([*EVERY_SECOND, *(60.0 + moment for moment in EVERY_SECOND)])
    assert seconds_of_breaks(steps, []) == 0
    # Long after the last step, the final scores.
    assert seconds_of_breaks(steps, [evaluation(9000.0)]) == 0
