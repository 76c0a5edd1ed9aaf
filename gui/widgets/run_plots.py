"""The live plots of one run."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QGridLayout, QWidget

from core.runs.run import RunEvaluation, StepSeries
from gui.run_watcher import RunDetails
from gui.theme import Theme
from gui.widgets.basics import Card, label
from gui.widgets.metric_plot import SMOOTH_STEPS, Band, MetricPlot, Range, Series

TURN_MS = 30
SCORE_TITLES = {"exact_match": "exact match", "intent_accuracy": "intent", "slot_f1": "slot F1"}


class RunPlots(Card):
    """Losses of text and speech apart, validation scores on speech, learning rate, throughput, memory."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._loss = MetricPlot(
            theme,
            "Loss",
            [
                Series("loss_text", "text", "text_series", smooth=True),
                Series("loss_speech", "speech", "speech_series", smooth=True),
            ],
        )
        self._scores = MetricPlot(
            theme,
            "Scores on validation speech",
            [
                Series("slot_f1", SCORE_TITLES["slot_f1"], "muted", sparse=True),
                Series("intent_accuracy", SCORE_TITLES["intent_accuracy"], "text", sparse=True),
                Series("exact_match", SCORE_TITLES["exact_match"], "speech_series", sparse=True),
            ],
            format_value="{:.0f} %",
            y_range=Range(0, 100),
        )
        self._rate = MetricPlot(theme, "Learning rate", [Series("learning_rate", "", "accent")], height=130)
        self._speed = MetricPlot(
            theme,
            "Utterances per second",
            [Series("utterances_per_s", "", "accent", smooth=True)],
            height=130,
        )
        self._memory = MetricPlot(
            theme, "Memory (MB)", [Series("memory_mb", "", "accent")], height=130, format_value="{:.0f}"
        )
        self._columns: dict[MetricPlot, tuple[str, ...]] = {
            self._loss: ("loss_text", "loss_speech"),
            self._scores: (),
            self._rate: ("learning_rate",),
            self._speed: ("utterances_per_s",),
            self._memory: ("memory_mb",),
        }
        self._details: RunDetails | None = None
        self._waiting: list[MetricPlot] = []
        self._turn = QTimer(self)
        self._turn.setInterval(TURN_MS)
        self._turn.timeout.connect(self._draw_next)
        self._lay_out()

    def show_details(self, details: RunDetails) -> None:
        """Draw the run's curves as far as they are known: one plot at a time, so that none delays a click."""
        self._details = details
        self._waiting = list(self._columns)
        self._turn.start()

    def _draw_next(self) -> None:
        if self._details is not None and self._waiting:
            self._draw(self._waiting.pop(0), self._details)
        if not self._waiting:
            self._turn.stop()

    def _draw(self, plot: MetricPlot, details: RunDetails) -> None:
        steps = details.steps
        last = int(steps.global_step[-1]) if len(steps.global_step) else 0
        plot.set_steps(max(details.run.total_steps or 0, last))
        plot.set_bands(stage_bands(steps, details.stages))
        for column in self._columns[plot]:
            plot.set_curve(column, steps.global_step.astype(np.float64), getattr(steps, column))
        if plot is self._scores:
            self._set_scores(details.evaluations)
        plot.refresh()

    def _set_scores(self, evaluations: Sequence[RunEvaluation]) -> None:
        taken = [each for each in evaluations if not each.final and each.input == "speech"]
        x = np.array([each.global_step for each in taken], dtype=np.float64)
        for key in SCORE_TITLES:
            scores = [100 * each.scores[key].value if key in each.scores else np.nan for each in taken]
            self._scores.set_curve(key, x, np.array(scores, dtype=np.float64))

    def _lay_out(self) -> None:
        room = QWidget()
        grid = QGridLayout(room)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(16)
        grid.setVerticalSpacing(8)
        grid.addWidget(self._loss, 0, 0, 1, 3)
        grid.addWidget(self._scores, 0, 3, 1, 3)
        for place, plot in enumerate((self._rate, self._speed, self._memory)):
            grid.addWidget(plot, 1, 2 * place, 1, 2)
        for column in range(6):
            grid.setColumnStretch(column, 1)
        self.body.addWidget(room)
        words = (
            f"Shaded: the curriculum's stages. Faint: every step; strong: mean of the last {SMOOTH_STEPS}."
        )
        self.body.addWidget(label(words, "hint"))


def stage_bands(steps: StepSeries, names: Sequence[str]) -> list[Band]:
    """The stages met so far, each from the step before its first to its last."""
    bands = []
    for stage in np.unique(steps.stage):
        own = steps.global_step[steps.stage == stage]
        name = names[stage] if stage < len(names) else f"stage {stage + 1}"
        bands.append(Band(name, float(own[0] - 1), float(own[-1])))
    return bands
