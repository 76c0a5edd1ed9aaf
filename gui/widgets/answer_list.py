"""The last validation answers: what was said, what the model answered, right or wrong."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtWidgets import QGridLayout, QWidget

from core.runs.run import ShownPrediction
from gui.theme import Theme
from gui.widgets.basics import Card, ElidedLabel, IconLabel, label

ROWS = 5


class AnswerList(Card):
    """Up to `ROWS` answers; the same utterances each time, so that one sees the model learn them."""

    def __init__(self, theme: Theme) -> None:
        super().__init__("What the model answers")
        self._empty = label("The first answers come with the first validation.", "hint")
        self.body.addWidget(self._empty)
        self._rows = [_AnswerRow(theme) for _ in range(ROWS)]
        for row in self._rows:
            self.body.addWidget(row)
            row.hide()
        self.body.addStretch(1)

    def show_answers(self, answers: Sequence[ShownPrediction]) -> None:
        self._empty.setVisible(not answers)
        for index, row in enumerate(self._rows):
            row.setVisible(index < len(answers))
            if index < len(answers):
                row.show_answer(answers[index])


class _AnswerRow(QWidget):
    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._verdict = IconLabel(theme)
        self._verdict.setFixedWidth(72)
        self._said = ElidedLabel("", "strong")
        self._answered = ElidedLabel()
        self._wanted = ElidedLabel("", "hint")
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 4, 0, 4)
        grid.setHorizontalSpacing(8)
        grid.setVerticalSpacing(2)
        grid.addWidget(self._verdict, 0, 0)
        grid.addWidget(self._said, 0, 1)
        grid.addWidget(self._answered, 1, 1)
        grid.addWidget(self._wanted, 2, 1)
        grid.setColumnStretch(1, 1)

    def show_answer(self, answer: ShownPrediction) -> None:
        if answer.correct:
            self._verdict.set("good", "Right", "good")
        else:
            self._verdict.set("bad", "Wrong", "bad")
        said = answer.text if answer.text is not None else f"(recording {answer.key})"
        answered = answer.predicted.words if answer.predicted else f"no label: {answer.raw or '(nothing)'}"
        self._said.setText(f"“{said}”")
        self._answered.setText(f"answered {answered}")
        self._wanted.setText("" if answer.correct else f"expected {answer.gold.words}")
        self._wanted.setVisible(not answer.correct)
        verdict = "right" if answer.correct else f"wrong, expected {answer.gold.words}"
        self.setAccessibleName(f"{said}: answered {answered}: {verdict}")
