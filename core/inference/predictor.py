"""A loaded model that answers utterances with labels."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from core.data.utterance import Ontology
from core.errors import UserError
from core.experiment.spec import Quantization, load_experiment
from core.inference.calibration_file import UNCALIBRATED, Calibration, read_calibration
from core.inference.decoding import Session, decode_freely, decode_labels
from core.inference.grammar import LabelGrammar
from core.inference.ontology_file import read_ontology
from core.inference.prediction import Prediction
from core.inference.variants import EXPERIMENT_FILE, run_of
from core.models.family import LalmFamily, ModelInput, Samples
from core.models.loading import load_family, resolve_base_model
from core.models.tuned import Tuned, check_tuned, load_tuned

BATCH_SIZE = 32


class Predictor:
    """Answers with the labels of one ontology. Not thread-safe.

    The model may be in training: each call switches it to evaluation mode and every module back."""

    def __init__(
        self, family: LalmFamily, ontology: Ontology, calibration: Calibration = UNCALIBRATED
    ) -> None:
        self.family = family
        self.calibration = calibration
        self.grammar = LabelGrammar(ontology, family.tokenize, family.tokenizer)

    @classmethod
    def load(cls, model: str | Path, ontology: Ontology | None = None) -> Predictor:
        """Load a base model ("teaspoon", a folder, a Hub id), the folder of a run, or of one of its stages.

        ontology: what it may answer with; a run brings its own, which this replaces. Raises UserError when
        the model is missing, unreadable or not trained yet, or when a base model comes without an ontology.
        """
        family, tuned, known = load_model(model, ontology)
        if tuned is not None and _is_exact(family):
            # It saves three small operations per adapted layer and token.
            tuned.merge()
        return cls(family, known, UNCALIBRATED if tuned is None else read_calibration(Path(model)))

    def predict(
        self,
        items: Sequence[Samples | str],
        constrained: bool = True,
        batch_size: int = BATCH_SIZE,
    ) -> list[Prediction]:
        """One answer per item, in order; an item is a text or a waveform (mono, 16 kHz, float32).

        constrained: only labels of the ontology; else whatever the model says. Raises UserError for a
        recording too short to hear or longer than the model's window.
        """
        answers: list[Prediction] = []
        with evaluating(self.family):
            for start in range(0, len(items), batch_size):
                answers += self._predict_batch(items[start : start + batch_size], constrained=constrained)
        return answers

    def intent_probabilities(self, items: Sequence[Samples | str]) -> NDArray[np.float64]:
        """[N, intents], in the order of the ontology, as the model has them, uncalibrated; one batch."""
        with evaluating(self.family), torch.no_grad():
            batch = self.family.collate(_inputs(items))
            session = Session(self.family, batch, self.family.embed(batch), self.grammar.opening)
            return session.choose_intent(self.grammar)

    def transcribe(self, items: Sequence[Samples], batch_size: int = BATCH_SIZE) -> list[str]:
        """What the model as it is now, tuned or not, writes down of each recording, in order.

        Greedy and free: no grammar, no ontology. Errors as `predict`.
        """
        written: list[str] = []
        with evaluating(self.family):
            for start in range(0, len(items), batch_size):
                written += self._transcribe_batch(items[start : start + batch_size])
        return written

    @torch.no_grad()
    def _transcribe_batch(self, items: Sequence[Samples]) -> list[str]:
        batch = self.family.collate([ModelInput(samples=item, transcribe=True) for item in items])
        session = Session(self.family, batch, self.family.embed(batch), ())
        return [self.family.transcript(answer.raw) for answer in decode_freely(session, self.family)]

    @torch.no_grad()
    def _predict_batch(self, items: Sequence[Samples | str], *, constrained: bool) -> list[Prediction]:
        started = time.perf_counter()
        batch = self.family.collate(_inputs(items))
        prepared = time.perf_counter()
        embeds = self.family.embed(batch)
        heard = time.perf_counter()
        if constrained:
            session = Session(self.family, batch, embeds, self.grammar.opening)
            heat = self.calibration
            temperatures = [heat.text if isinstance(item, str) else heat.speech for item in items]
            answers = decode_labels(session, self.grammar, self.family.tokenizer, temperatures)
        else:
            answers = decode_freely(Session(self.family, batch, embeds, ()), self.family)
        decoded = time.perf_counter()
        share = 1000 / len(items)
        timings = {
            "features": (prepared - started) * share,
            "encoder": (heard - prepared) * share,
            "decoding": (decoded - heard) * share,
        }
        return [
            Prediction(
                label=answer.label,
                raw=answer.raw,
                confidence=answer.confidence,
                raw_confidence=answer.raw_confidence,
                slot_confidence=answer.slot_confidence,
                runner_up=answer.runner_up,
                timings_ms=timings,
            )
            for answer in answers
        ]


def _inputs(items: Sequence[Samples | str]) -> list[ModelInput]:
    return [ModelInput(text=item) if isinstance(item, str) else ModelInput(samples=item) for item in items]


def load_model(
    model: str | Path, ontology: Ontology | None, *, keep_base: bool = False
) -> tuple[LalmFamily, Tuned | None, Ontology]:
    """A model, what was trained of it (None of a base model), and what it may answer with; arguments and
    errors as `Predictor.load`. keep_base: whether its base weights will be wanted, too."""
    folder = Path(model)
    run = run_of(folder)
    if not (run / EXPERIMENT_FILE).is_file():
        resolve_base_model(str(model))
        if ontology is None:
            raise UserError(
                "A base model knows no intents by itself.",
                where=str(model),
                remedy="Name the dataset whose intents and slots it shall use.",
            )
        return load_for_inference(str(model)), None, ontology
    check_tuned(folder / "adapter")
    spec = load_experiment(run / EXPERIMENT_FILE)
    family = load_for_inference(spec.base_model, spec.training.quantization)
    tuned = load_tuned(family, folder / "adapter", trainable=False, keep_base=keep_base)
    return family, tuned, ontology or read_ontology(run)


def load_for_inference(base_model: str, quantization: Quantization = "none") -> LalmFamily:
    """The base model on the best device here, in the precision that is fast there, quantised as it was when
    an adapter was trained on it."""
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    fast = device.type == "cuda" and torch.cuda.is_bf16_supported()
    dtype = torch.bfloat16 if fast else torch.float32
    return load_family(base_model, dtype=dtype, device=device, quantization=quantization)


def _is_exact(family: LalmFamily) -> bool:
    """Whether an adapter can become part of the weights without being rounded."""
    return family.model.dtype == torch.float32 and not getattr(family.model, "is_quantized", False)


@contextmanager
def evaluating(family: LalmFamily) -> Iterator[None]:
    """Every module in evaluation mode, and back in its own afterwards: the model may be in training."""
    training = [module for module in family.model.modules() if module.training]
    family.model.train(False)
    try:
        yield
    finally:
        for module in training:
            module.training = True
