"""A run while it goes on: one line that renews itself on a terminal, a line every few seconds in a log."""

from __future__ import annotations

import shutil
import sys
import time

import click
import numpy as np

from core.commands.output import duration, percent
from core.commands.services import Services
from core.runs.pace import RECENT_STEPS, training_seconds_left
from core.runs.run import Run, StepSeries

LOOK_EVERY_S = 0.5
LOG_EVERY_S = 5.0
TRAINING = "training"
"""What the recipe calls its activity between evaluations."""

_RENEW = "\r\x1b[K"


class LiveLine:
    """Words about something that goes on, on standard error."""

    def __init__(self) -> None:
        self._screen = sys.stderr
        self._renews = self._screen.isatty()
        self._shown_at = 0.0
        self._shown_topic = ""

    def show(self, words: str, topic: str = "") -> None:
        """Put `words` in the place of the last ones; in a log add them when the topic is new or some
        seconds went by."""
        now = time.monotonic()
        if self._renews:
            self._screen.write(_RENEW + words[: shutil.get_terminal_size().columns - 1])
            self._screen.flush()
        elif topic != self._shown_topic or now - self._shown_at >= LOG_EVERY_S:
            click.echo(words, err=True)
            self._shown_at, self._shown_topic = now, topic

    def say(self, words: str) -> None:
        """A line that stays."""
        self.clear()
        click.echo(words, err=True)

    def clear(self) -> None:
        """Remove the words shown last, before something else is printed."""
        if self._renews:
            self._screen.write(_RENEW)
            self._screen.flush()


def follow(services: Services, run_id: str, *, stop_on_interrupt: bool) -> Run:
    """Show the run until it has ended, and return it.

    Ctrl-C leaves: the run goes on and is returned as it is. With `stop_on_interrupt` the first Ctrl-C asks
    the run to save a checkpoint and stop, and only the second leaves.
    """
    line = LiveLine()
    may_stop = stop_on_interrupt
    while True:
        try:
            run = services.supervisor.poll(run_id)
            if not run.is_live:
                line.clear()
                return run
            recent = services.runs.steps(run_id, run.global_step - RECENT_STEPS)
            line.show(describe(run, recent), topic=_topic(run))
            time.sleep(LOOK_EVERY_S)
        except KeyboardInterrupt:
            if not may_stop:
                line.say(f"The run goes on in the background. Watch it: spoonful runs watch {run_id}")
                return services.supervisor.poll(run_id)
            may_stop = False
            if services.supervisor.poll(run_id).is_live:
                services.supervisor.stop(run_id)
                line.say(
                    "Stopping: the run saves a checkpoint first and can be resumed. "
                    "Press Ctrl-C again to leave it to itself."
                )


def _topic(run: Run) -> str:
    """What a log gets a line for at once: a new state, stage or activity, but not each count of one."""
    return f"{run.state} {run.stage} {run.activity.partition(':')[0]}"


def describe(run: Run, recent: StepSeries) -> str:
    """`training [text]  step 45 / 300 (15 %)  loss 0.532  52 utterances/s  3 min 12 s of training left`."""
    parts = [f"{'stopping, ' if run.state == 'stopping' else ''}{run.activity or run.state}"]
    if run.stage and run.global_step < run.total_steps:
        parts[0] += f" [{run.stage}]"
    if run.total_steps:
        share = percent(run.global_step / run.total_steps, digits=0)
        parts.append(f"step {run.global_step} / {run.total_steps} ({share})")
    if run.activity == TRAINING and len(recent.loss):
        parts += [
            f"loss {np.mean(recent.loss):.3f}",
            f"{np.median(recent.utterances_per_s):.0f} utterances/s",
        ]
    left = training_seconds_left(run, recent)
    if run.activity == TRAINING and left:
        parts.append(f"{duration(left)} of training left")
    return "  ".join(parts)
