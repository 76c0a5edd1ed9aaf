"""What an evaluation found: scores with intervals, and every single answer behind them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from core.data.utterance import Label

EvaluationInput = Literal["speech", "text", "cascade", "shuffled speech"]
"""What the model was given: the utterance's audio, its text, its audio by way of the transcript that the base
model writes of it, or another utterance's audio."""

NO_PEOPLE = "Such scores say nothing about people's voices."
"""Said wherever a score is shown that was taken on synthetic recordings."""

METRIC_TITLES: dict[str, str] = {
    "exact_match": "Exact match",
    "intent_accuracy": "Intent accuracy",
    "slot_f1": "Slot F1",
    "slu_f1": "SLU-F1",
    "valid_json": "Valid JSON",
    "word_error_rate": "Word error rate",
    "hearing_gain_exact_match": "Hearing gain, exact match",
    "hearing_gain_intent_accuracy": "Hearing gain, intent accuracy",
    "hearing_gain_slot_f1": "Hearing gain, slot F1",
    "hearing_loss_gain": "Hearing gain, loss",
    "hearing_loss_gain_silence": "Hearing gain over silence, loss",
}
"""Every metric's key in `EvaluationResult.scores` and in the table `scores`, with its name on screen."""


@dataclass(frozen=True)
class Interval:
    """A score and its 95 % confidence interval; all three are shares (0..1; a difference: -1..1; a word error
    rate, the one score that is better when lower, can pass 1). Only `hearing_loss_...` is no share but a
    difference of losses, in nats per target token."""

    value: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{100 * self.value:.1f} % [{100 * self.low:.1f}, {100 * self.high:.1f}]"


@dataclass(frozen=True)
class ScoredPrediction:
    """One utterance's answer. key, text: the utterance's, so that the answer can be read when the dataset is
    gone. predicted: None when the answer spelled no label. raw: the answer as the model wrote it.
    confidence: 0..1, calibrated where the run was; raw_confidence: the model's own, where it is known.
    correct: intent and all slots right."""

    utterance_id: int
    key: str
    text: str | None
    gold: Label
    predicted: Label | None
    raw: str
    confidence: float
    correct: bool
    raw_confidence: float | None = None


@dataclass(frozen=True)
class EvaluationResult:
    """Scores of one model on one input of one split.

    n: utterances scored. scores: metric key -> interval; a metric that these utterances cannot show (slot
    F1 where neither label nor answer holds a slot, the word error rate where nothing was transcribed) is left
    out. predictions: in the order asked. synthetic: how many were heard in a recording that an engine spoke.
    """

    dataset: str
    split: str
    input: EvaluationInput
    n: int
    scores: dict[str, Interval]
    predictions: tuple[ScoredPrediction, ...]
    synthetic: int = 0


def synthetic_in_words(synthetic: int, n: int) -> str:
    """ "12 of the 30 recordings are synthetic: spoken by a machine. ..."; empty when none is."""
    if not synthetic:
        return ""
    if synthetic == n:
        who = "The recording is" if n == 1 else f"All {n} recordings are"
    else:
        who = f"{synthetic} of the {n} recordings {'is' if synthetic == 1 else 'are'}"
    return f"{who} synthetic: spoken by a machine. {NO_PEOPLE}"
