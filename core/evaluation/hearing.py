"""Does the model hear? Ask everything again with other people's audio: what the true audio adds is the
hearing gain. A model that ignores the audio answers both alike and gains nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Final

import numpy as np

from core.data.utterance import Utterance
from core.errors import UserError
from core.evaluation.bootstrap_ci import difference
from core.evaluation.metrics import score
from core.evaluation.results import EvaluationResult, Interval

LIKELY_CAUSES = (
    "Likely causes: too little speech or too few steps in training, recordings that do not belong to their"
    " labels, or a base model whose audio part does not fit."
)

FEWEST_ANSWERS: Final = 20
"""Of fewer, a gain by a quarter of the answers may well not be told from chance."""

HEARING_METRICS = ("exact_match", "intent_accuracy", "slot_f1")


def exchange_audio(utterances: Sequence[Utterance], seed: int = 17) -> list[Utterance]:
    """For each utterance the one whose audio it gets instead, in the same order; seeded.

    Nobody keeps the own audio, every audio is used once, and the other utterance has another intent
    wherever the intents allow that for all. Raises UserError for fewer than two utterances.
    """
    count = len(utterances)
    if count < 2:
        raise UserError(
            "The hearing check needs at least two utterances with audio, to exchange it.",
            remedy="Choose a split or a dataset with more recordings.",
        )
    rng = np.random.default_rng(seed)
    largest = max(Counter(utterance.label.intent for utterance in utterances).values())
    intents = sorted({utterance.label.intent for utterance in utterances})
    place = dict(zip(intents, rng.permutation(len(intents)).tolist(), strict=True))
    shuffled = rng.permutation(count).tolist()
    # Sorted by intent, a shift by the largest group's size leads out of every group, and if that group
    # holds no more than half of all, never back into one round the end.
    ring = sorted(shuffled, key=lambda index: place[utterances[index].label.intent])
    shift = largest if largest < count else 1
    giver = {ring[index]: ring[(index + shift) % count] for index in range(count)}
    return [utterances[giver[index]] for index in range(count)]


def hearing_gain(true: EvaluationResult, shuffled: EvaluationResult, seed: int = 17) -> dict[str, Interval]:
    """Score with the true audio minus score with the exchanged audio, per metric of HEARING_METRICS.

    Resampled in pairs over the utterances both hold. Raises ValueError when they share none.
    """
    answers = {prediction.utterance_id: prediction for prediction in shuffled.predictions}
    both = [
        (prediction, answers[prediction.utterance_id])
        for prediction in true.predictions
        if prediction.utterance_id in answers
    ]
    if not both:
        raise ValueError("the two evaluations share no utterance")
    heard = score([(mine.gold, mine.predicted) for mine, _ in both])
    unheard = score([(other.gold, other.predicted) for _, other in both])
    gains = {metric: difference(heard[metric], unheard[metric], seed) for metric in HEARING_METRICS}
    return {metric: gain for metric, gain in gains.items() if gain is not None}
