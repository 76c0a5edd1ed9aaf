"""Finding a model's temperatures on validation utterances, which it did not learn from."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np

from core.audio.files import read_audio
from core.data.progress import Cancel, Progress, never
from core.data.utterance import MODALITIES, Modality, Ontology, Utterance
from core.errors import Cancelled
from core.evaluation.calibration import Fit, Shares, fit_temperature
from core.evaluation.evaluate import ModelInput, silent

BATCH_SIZE = 16
MOST = 400
"""Utterances, the first of the validation split: one number needs no more."""


class Intents(Protocol):
    """Who is to be calibrated: `core.inference.predictor.Predictor`."""

    def intent_probabilities(self, items: Sequence[ModelInput]) -> Shares:
        """[N, intents], as the model has them, uncalibrated."""


def calibrate(
    predictor: Intents,
    ontology: Ontology,
    validation: Sequence[Utterance],
    *,
    progress: Progress = silent,
    cancelled: Cancel = never,
) -> dict[Modality, tuple[Fit | None, int]]:
    """By input: what fits best, None where too few utterances have it, and how many there were.

    Raises UserError for audio that cannot be read, Cancelled as soon as `cancelled()` says so.
    """
    known = {intent: index for index, intent in enumerate(ontology.intents)}
    usable = {
        modality: [each for each in validation if each.has(modality) and each.label.intent in known][:MOST]
        for modality in MODALITIES
    }
    done, total = 0, sum(map(len, usable.values()))
    fits: dict[Modality, tuple[Fit | None, int]] = {}
    for modality, utterances in usable.items():
        parts: list[Shares] = []
        for start in range(0, len(utterances), BATCH_SIZE):
            if cancelled():
                raise Cancelled
            batch = utterances[start : start + BATCH_SIZE]
            parts.append(predictor.intent_probabilities([_item(each, modality) for each in batch]))
            done += len(batch)
            progress(done, total)
        gold = np.array([known[each.label.intent] for each in utterances], np.int64)
        fits[modality] = (fit_temperature(np.concatenate(parts), gold) if parts else None, len(gold))
    return fits


def _item(utterance: Utterance, modality: Modality) -> ModelInput:
    if modality == "text":
        assert utterance.text is not None  # noqa: S101 - chosen by `calibrate`
        return utterance.text
    assert utterance.audio is not None  # noqa: S101 - chosen by `calibrate`
    return read_audio(utterance.audio)
