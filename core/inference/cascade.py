"""The baseline for hearing: the base model writes down what it hears, the tuned one labels that text."""

from __future__ import annotations

import time
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from pathlib import Path

from core.data.utterance import Ontology
from core.inference.calibration_file import UNCALIBRATED, read_calibration
from core.inference.prediction import Prediction
from core.inference.predictor import Predictor, load_model
from core.models.family import LalmFamily, Samples
from core.models.tuned import Tuned


class Cascade:
    """Answers like its predictor, but hears by way of a transcript. Not thread-safe.

    What learned labels may have forgotten how to transcribe, so the base weights do that.
    """

    def __init__(self, predictor: Predictor, tuned: Tuned | None) -> None:
        """tuned: what was trained of the predictor's model, not merged into it; None if nothing was."""
        self._predictor = predictor
        self._tuned = tuned

    @classmethod
    def load(cls, model: str | Path, ontology: Ontology | None = None) -> Cascade:
        """Load a base model or the folder of a run; arguments and errors as `Predictor.load`."""
        family, tuned, known = load_model(model, ontology, keep_base=True)
        calibration = UNCALIBRATED if tuned is None else read_calibration(Path(model))
        return cls(Predictor(family, known, calibration), tuned)

    @property
    def family(self) -> LalmFamily:
        """The model, of whichever weights."""
        return self._predictor.family

    def predict(self, items: Sequence[Samples | str], constrained: bool = True) -> list[Prediction]:
        """One answer per item, in order, each with its transcript; a text is its own.

        Arguments and errors as `Predictor.predict`; the timings also hold "transcription".
        """
        started = time.perf_counter()
        spoken = [item for item in items if not isinstance(item, str)]
        with self._base_weights():
            written = iter(self._predictor.transcribe(spoken))
        transcripts = [item if isinstance(item, str) else next(written) for item in items]
        share = 1000 * (time.perf_counter() - started) / max(1, len(items))
        return [
            replace(answer, transcript=transcript, timings_ms={"transcription": share, **answer.timings_ms})
            for answer, transcript in zip(
                self._predictor.predict(transcripts, constrained), transcripts, strict=True
            )
        ]

    def _base_weights(self) -> AbstractContextManager[None]:
        return nullcontext() if self._tuned is None else self._tuned.base_weights()
