"""Score a predictor on utterances given as speech, as text, by transcript, or with one another's audio."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from core.audio.files import read_audio
from core.data.progress import Cancel, Progress, never
from core.data.targets import parse_target
from core.data.utterance import Label, Utterance
from core.errors import Cancelled, UserError
from core.evaluation.bootstrap_ci import interval
from core.evaluation.hearing import exchange_audio, hearing_gain
from core.evaluation.metrics import Ratio, is_exact, score, share
from core.evaluation.results import EvaluationInput, EvaluationResult, ScoredPrediction
from core.evaluation.word_errors import word_error_rate

ModelInput = NDArray[np.float32] | str
"""Mono samples at 16 kHz, or a text."""

FREE_SAMPLE = 60
"""Utterances decoded freely (without the label grammar) to measure the valid JSON rate."""


class Answer(Protocol):
    """What a predictor says about one input; `core.inference.prediction.Prediction` is one.

    transcript: the words a cascade labelled, None where the input itself was labelled.
    """

    @property
    def label(self) -> Label | None: ...
    @property
    def raw(self) -> str: ...
    @property
    def confidence(self) -> float: ...
    @property
    def raw_confidence(self) -> float | None: ...
    @property
    def transcript(self) -> str | None: ...


class Answers(Protocol):
    """Whatever answers a list of inputs: `core.inference.predictor.Predictor`, or
    `core.inference.cascade.Cascade` for the input "cascade"."""

    def predict(self, items: Sequence[ModelInput], constrained: bool = True) -> Sequence[Answer]:
        """One answer per item, in order. constrained: only labels of the ontology."""


def silent(done: int, total: int | None) -> None:
    """The `progress` of a caller who does not look."""


def evaluate(
    predictor: Answers,
    utterances: Sequence[Utterance],
    input: EvaluationInput,  # noqa: A002 - the word of results.py and of the database
    *,
    seed: int = 17,
    batch_size: int = 16,
    free_sample: int = FREE_SAMPLE,
    progress: Progress = silent,
    cancelled: Cancel = never,
) -> EvaluationResult:
    """Ask `predictor` about every utterance and score the answers, and a cascade's transcripts with them.

    free_sample: how many of them, picked by `seed`, are also decoded without the label grammar to measure
    `valid_json`; 0 leaves that metric out. Raises UserError when there is nothing to score or an audio
    file cannot be read, Cancelled as soon as `cancelled()` says so. Both callbacks are called once per
    batch.
    """
    usable = [utterance for utterance in utterances if utterance.has("text" if input == "text" else "speech")]
    if not usable:
        raise UserError(
            f"No utterance to test on {'text' if input == 'text' else 'speech'}: none has "
            f"{'a text' if input == 'text' else 'audio'}.",
            remedy="Choose another split, another dataset or the other input.",
        )
    givers = exchange_audio(usable, seed) if input == "shuffled speech" else usable
    free = sorted(np.random.default_rng(seed).permutation(len(usable))[:free_sample].tolist())
    questions = _Questions(predictor, input, batch_size, progress, cancelled, total=len(usable) + len(free))

    answers = questions.ask(givers, constrained=True)
    predictions = tuple(
        ScoredPrediction(
            utterance_id=utterance.id,
            key=utterance.key,
            text=utterance.text,
            gold=utterance.label,
            predicted=answer.label,
            raw=answer.raw,
            confidence=answer.confidence,
            raw_confidence=answer.raw_confidence,
            correct=is_exact(utterance.label, answer.label),
        )
        for utterance, answer in zip(usable, answers, strict=True)
    )
    ratios = score([(prediction.gold, prediction.predicted) for prediction in predictions])
    ratios["word_error_rate"] = _word_errors(usable, answers)
    if free:
        free_answers = questions.ask([givers[index] for index in free], constrained=False)
        ratios["valid_json"] = share([parse_target(answer.raw) is not None for answer in free_answers])

    intervals = {metric: interval(ratio, seed) for metric, ratio in ratios.items()}
    return EvaluationResult(
        dataset=_joined({utterance.dataset for utterance in usable}),
        split=_joined({utterance.split for utterance in usable}),
        input=input,
        n=len(usable),
        scores={metric: found for metric, found in intervals.items() if found is not None},
        predictions=predictions,
        synthetic=0 if input == "text" else sum(bool(utterance.synthetic) for utterance in givers),
    )


def evaluate_hearing(
    predictor: Answers,
    utterances: Sequence[Utterance],
    true: EvaluationResult,
    *,
    seed: int = 17,
    batch_size: int = 16,
    progress: Progress = silent,
    cancelled: Cancel = never,
) -> EvaluationResult:
    """Evaluate the same utterances as `true` with exchanged audio.

    The result's scores also hold `hearing_gain_` + each metric of HEARING_METRICS: what the
    true audio adds, with paired intervals. Errors as `evaluate`.
    """
    shuffled = evaluate(
        predictor,
        utterances,
        "shuffled speech",
        seed=seed,
        batch_size=batch_size,
        free_sample=0,
        progress=progress,
        cancelled=cancelled,
    )
    gains = {f"hearing_gain_{metric}": gain for metric, gain in hearing_gain(true, shuffled, seed).items()}
    return replace(shuffled, scores={**shuffled.scores, **gains})


def _word_errors(utterances: Sequence[Utterance], answers: Sequence[Answer]) -> Ratio:
    """Of the transcripts whose utterance has a text to compare them with; undefined when there is none."""
    return word_error_rate(
        [
            (utterance.text, answer.transcript)
            for utterance, answer in zip(utterances, answers, strict=True)
            if utterance.text is not None and answer.transcript is not None
        ]
    )


@dataclass
class _Questions:
    """Puts utterances to a predictor batch by batch and counts how far it got."""

    predictor: Answers
    input: EvaluationInput
    batch_size: int
    progress: Progress
    cancelled: Cancel
    total: int
    done: int = 0

    def ask(self, utterances: Sequence[Utterance], *, constrained: bool) -> list[Answer]:
        """Answers in the order given; asked longest first, so that a batch holds equal lengths."""
        order = sorted(range(len(utterances)), key=lambda index: -_length(utterances[index], self.input))
        answers: dict[int, Answer] = {}
        for start in range(0, len(order), self.batch_size):
            if self.cancelled():
                raise Cancelled
            batch = order[start : start + self.batch_size]
            items = [_model_input(utterances[index], self.input) for index in batch]
            answers.update(zip(batch, self.predictor.predict(items, constrained=constrained), strict=True))
            self.done += len(batch)
            self.progress(self.done, self.total)
        return [answers[index] for index in range(len(utterances))]


def _model_input(utterance: Utterance, input: EvaluationInput) -> ModelInput:  # noqa: A002
    if input == "text":
        assert utterance.text is not None  # noqa: S101 - filtered by `evaluate`
        return utterance.text
    assert utterance.audio is not None  # noqa: S101 - filtered by `evaluate`
    return read_audio(utterance.audio)


def _length(utterance: Utterance, input: EvaluationInput) -> float:  # noqa: A002
    return len(utterance.text or "") if input == "text" else (utterance.duration_s or 0.0)


def _joined(names: set[str]) -> str:
    return " + ".join(sorted(names))
