"""The scores of a batch on one line, each with its interval, and what they were taken on."""

from __future__ import annotations

from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from core.evaluation.batch.scores import BatchScores
from core.evaluation.results import METRIC_TITLES
from gui.formatting import counted
from gui.theme import tabular
from gui.widgets.basics import label
from gui.widgets.final_scores import TIPS

METRICS = ("exact_match", "intent_accuracy", "slot_f1", "slu_f1")


class BatchScoresLine(QWidget):
    """Hidden while there is no score."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.values = {metric: label("\N{EN DASH}", "strong") for metric in METRICS}
        self.about = label("", "hint")
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(24)
        for metric, value in self.values.items():
            value.setFont(tabular(value.font()))
            value.setAccessibleName(METRIC_TITLES[metric])
            value.setToolTip(TIPS[metric])
            value.setAccessibleDescription(TIPS[metric])
            column = QVBoxLayout()
            column.setSpacing(2)
            column.addWidget(label(METRIC_TITLES[metric], "hint"))
            column.addWidget(value)
            row.addLayout(column)
        row.addWidget(self.about, 1)
        self.hide()

    def show_scores(self, scores: BatchScores | None, answered: int) -> None:
        """Show other scores. answered: how many items have an answer, scored or not."""
        self.setVisible(scores is not None)
        if scores is None:
            return
        for metric, value in self.values.items():
            found = scores.scores.get(metric)
            value.setText("\N{EN DASH}" if found is None else str(found))
        n = (
            f"n = {scores.n}"
            if scores.n == answered
            else f"n = {scores.n} of {answered} answered, with a label"
        )
        intents = counted(len(scores.intents), "intent")
        self.about.setText(f"{n} \u00b7 {intents} \u00b7 in brackets: 95 % intervals")
