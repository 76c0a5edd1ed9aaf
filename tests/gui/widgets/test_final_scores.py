"""The final scores in words that need no knowledge, and what each metric counts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from core.evaluation.results import EvaluationInput, Interval
from core.runs.run import RunEvaluation
from gui.context import AppContext
from gui.widgets.final_scores import DIFFERS, FinalScores, in_plain_words


def final(given: EvaluationInput, exact: float, intent: float | None = None, n: int = 270) -> RunEvaluation:
    shares = {"exact_match": exact} if intent is None else {"exact_match": exact, "intent_accuracy": intent}
    scores = {metric: Interval(share, share / 2, share) for metric, share in shares.items()}
    return RunEvaluation(1, "run", 100, 1, "demo", "test", given, n, True, 0.0, scores)


def words(*finals: RunEvaluation) -> str:
    by_input: Mapping[EvaluationInput, RunEvaluation] = {each.input: each for each in finals}
    return in_plain_words(by_input)


@pytest.mark.parametrize(
    ("finals", "said"),
    [
        (
            [final("text", 1.0, 1.0), final("speech", 0.268, 0.51)],
            (
                "Of 10 spoken commands the model got about 3 completely right "
                "(about 5 with the right intent); of 10 written ones all."
            ),
        ),
        ([final("speech", 0.3)], "Of 10 spoken commands the model got 3 completely right."),
        ([final("text", 0.96, 0.99)], "Of 10 written commands the model got almost all completely right."),
        (
            [final("speech", 0.004, 0.12)],
            (
                "Of 10 spoken commands the model got almost none completely right "
                "(about 1 with the right intent)."
            ),
        ),
        ([final("speech", 0.0, 0.0)], "Of 10 spoken commands the model got none completely right."),
        (
            [final("speech", 1 / 3, 2 / 3, n=3), final("text", 1.0, n=1)],
            (
                "Of 3 spoken commands the model got 1 completely right (2 with the right intent); "
                "of 1 written one 1."
            ),
        ),
        ([final("cascade", 0.5)], ""),
    ],
)
def test_the_result_in_one_sentence(finals: list[RunEvaluation], said: str) -> None:
    assert words(*finals) == said


def test_every_metric_says_what_it_counts(context: AppContext, qtbot: QtBot) -> None:
    scores = FinalScores(context.theme)
    qtbot.addWidget(scores)
    scores.show_scores([final("speech", 0.268, 0.51)])
    shown = {each.text(): each for each in scores.findChildren(QLabel)}
    for title in ("Exact match", "Intent accuracy", "Slot F1", "Valid JSON", "26.8 % [13.4, 26.8]"):
        assert "in brackets" in shown[title].toolTip()
        assert shown[title].accessibleDescription() == shown[title].toolTip()
    assert shown[DIFFERS].isVisible()


@pytest.mark.parametrize(
    ("synthetic", "said"),
    [(0, ""), (270, "All 270 recordings are synthetic"), (12, "12 of the 270 recordings are synthetic")],
)
def test_scores_on_synthetic_recordings_say_so(
    context: AppContext, qtbot: QtBot, synthetic: int, said: str
) -> None:
    scores = FinalScores(context.theme)
    qtbot.addWidget(scores)
    scores.show_scores([final("text", 0.9), replace(final("speech", 0.268), synthetic=270)])
    scores.show_scores([final("text", 0.9), replace(final("speech", 0.268), synthetic=synthetic)])
    shown = [each for each in scores.findChildren(QLabel) if "synthetic" in each.text() and each.isVisible()]
    assert len(shown) == bool(said)
    for each in shown:
        assert said in each.text()
        assert "nothing about people's voices" in each.text()


def test_a_run_tested_on_text_only_speaks_of_no_voices(context: AppContext, qtbot: QtBot) -> None:
    scores = FinalScores(context.theme)
    qtbot.addWidget(scores)
    scores.show_scores([final("text", 0.268)])
    shown = {each.text() for each in scores.findChildren(QLabel) if each.isVisible()}
    assert "Of 10 written commands the model got about 3 completely right." in shown
    assert DIFFERS not in shown
