"""The head of a run: name, state, how far it is, and what went wrong if anything did."""

from __future__ import annotations

import time

from PySide6.QtWidgets import QHBoxLayout, QProgressBar

from core.runs.pace import seconds_of_breaks, seconds_taken, training_seconds_left
from core.runs.run import Run, RunState
from gui.formatting import duration, grouped, moment, percent, rough_duration
from gui.item_models.runs import STATE_LOOKS, TIME_TIP, begun_at
from gui.run_watcher import RunDetails
from gui.theme import Theme
from gui.widgets.basics import Card, ElidedLabel, IconLabel, label
from gui.widgets.message import InlineMessage, Kind


class RunSummary(Card):
    """Name, state, progress bar with words, the outcome of a run that did not complete, and warnings."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._name = ElidedLabel("", "section")
        self._state = IconLabel(theme)
        self._shown_state: RunState | None = None
        self._about = ElidedLabel("", "hint")
        self._bar = QProgressBar()
        self._bar.setTextVisible(False)
        self._bar.setRange(0, 1000)
        self._bar.setAccessibleName("Progress of the run")
        self._progress = label("")
        self._progress.setWordWrap(True)
        self._outcome = InlineMessage(theme)
        self._warnings = InlineMessage(theme)
        head = QHBoxLayout()
        head.setSpacing(16)
        head.addWidget(self._name, 1)
        head.addWidget(self._state)
        self.body.addLayout(head)
        self.body.addWidget(self._about)
        self.body.addWidget(self._bar)
        self.body.addWidget(self._progress)
        self.body.addWidget(self._outcome)
        self.body.addWidget(self._warnings)

    def show_details(self, details: RunDetails) -> None:
        run = details.run
        self._name.setText(run.name)
        if run.state != self._shown_state:
            self._shown_state = run.state
            look = STATE_LOOKS[run.state]
            self._state.set(look.icon, look.word, look.color)
        speech = f", {percent(run.speech_share)} speech" if run.speech_share else ""
        self._about.setText(
            f"{run.scheme.capitalize()}{speech}, base model {run.base_model}, run {run.id}, "
            f"started {moment(begun_at(run))}"
        )
        self._bar.setVisible(run.is_live)
        self._bar.setValue(round(1000 * (run.progress or 0.0)))
        self._progress.setText(progress_words(details, time.time()))
        self._bar.setAccessibleDescription(self._progress.text())
        self._progress.setToolTip("" if run.is_live else TIME_TIP)
        self._show_outcome(run)
        if run.warnings:
            self._warnings.say("warn", " ".join(run.warnings))
        else:
            self._warnings.clear()

    def _show_outcome(self, run: Run) -> None:
        if run.is_live or run.outcome is None or not run.outcome.what:
            self._outcome.clear()
            return
        kinds: dict[str, Kind] = {"completed": "good", "stopped": "info", "lost": "warn"}
        self._outcome.say(kinds.get(run.state, "bad"), f"{run.outcome.what} {run.outcome.remedy}".strip())


def progress_words(details: RunDetails, now: float) -> str:
    """ "Step 120 of 400, stage 2 of 2: text + speech. Training. About 1 min left of training." """
    run = details.run
    done = f"Step {grouped(run.global_step)}"
    if run.total_steps:
        done += f" of {grouped(run.total_steps)}"
    taken = seconds_taken(run, now, seconds_of_breaks(details.steps, details.evaluations))
    if not run.is_live:
        return done + (f" in {duration(taken)}." if taken is not None else ".")
    words = [done + _stage_words(details) + "."]
    if run.activity:
        words.append(f"{run.activity[0].upper()}{run.activity[1:]}.")
    left = training_seconds_left(run, details.steps)
    if left:
        words.append(f"{rough_duration(left).capitalize()} of training left.")
    return " ".join(words)


def _stage_words(details: RunDetails) -> str:
    if not len(details.steps.stage):
        return ""
    stage = int(details.steps.stage[-1])
    if stage >= len(details.stages):
        return ""
    return f", stage {stage + 1} of {len(details.stages)}: {details.stages[stage]}"
