"""The cascade: the base model's transcript, the tuned model's label of it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from core.errors import UserError
from core.experiment.weights import LoraSpec
from core.inference.cascade import Cascade
from core.inference.predictor import Predictor
from core.models.family import LalmFamily, Samples
from core.models.lora import add_adapter
from tests.core.models.fixtures import ONTOLOGY

Noise = Callable[[int], Samples]


@pytest.mark.parametrize("kind", ["run", "full_run"])
def test_the_base_weights_write_and_the_tuned_ones_label(
    kind: str, tiny_model: Path, noise: Noise, request: pytest.FixtureRequest
) -> None:
    run: Path = request.getfixturevalue(kind)
    clips = [noise(20_000), noise(33_000)]
    base, tuned = Predictor.load(str(tiny_model), ONTOLOGY), Predictor.load(run)
    written = base.transcribe(clips)
    assert tuned.transcribe(clips) != written
    cascade = Cascade.load(run)
    # Twice: what was tuned must be back after each transcript, and off again for the next.
    for _ in range(2):
        answers = cascade.predict(clips)
        assert [answer.transcript for answer in answers] == written
        for answer, expected in zip(answers, tuned.predict(written), strict=True):
            assert answer.label == expected.label
            assert answer.confidence == pytest.approx(expected.confidence, abs=1e-5)


def test_a_base_model_labels_its_own_transcript(tiny_model: Path, noise: Noise) -> None:
    (answer,) = Cascade.load(str(tiny_model), ONTOLOGY).predict([noise(20_000)])
    (expected,) = Predictor.load(str(tiny_model), ONTOLOGY).predict([answer.transcript or ""])
    assert answer.label == expected.label
    with pytest.raises(UserError, match="knows no intents"):
        Cascade.load(str(tiny_model))


def test_a_text_is_its_own_transcript_and_nothing_asked_is_nothing_answered(run: Path, noise: Noise) -> None:
    cascade, clip = Cascade.load(run), noise(20_000)
    (heard,) = cascade.predict([clip])
    assert [answer.transcript for answer in cascade.predict(["lights", clip, "alarm"])] == [
        "lights",
        heard.transcript,
        "alarm",
    ]
    assert cascade.predict([]) == []


def test_free_answers_and_times_pass_through(family: LalmFamily, noise: Noise) -> None:
    cascade = Cascade(Predictor(family, ONTOLOGY), None)
    (answer,) = cascade.predict([noise(20_000)], constrained=False)
    (expected,) = Predictor(family, ONTOLOGY).predict([answer.transcript or ""], constrained=False)
    assert answer.raw == expected.raw
    assert set(answer.timings_ms) == {"transcription", "features", "encoder", "decoding"}
    assert all(value > 0 for value in answer.timings_ms.values())
    assert answer.as_dict()["transcript"] == answer.transcript


def test_an_adapter_in_training_stays_as_it_was(family: LalmFamily, noise: Noise) -> None:
    torch.manual_seed(0)
    adapted = add_adapter(family, LoraSpec(rank=2, alpha=4, dropout=0.5))
    modes = [module.training for module in family.model.modules()]
    trainable = {name for name, weight in family.model.named_parameters() if weight.requires_grad}
    Cascade(Predictor(family, ONTOLOGY), adapted).predict([noise(20_000)])
    assert [module.training for module in family.model.modules()] == modes
    assert {name for name, weight in family.model.named_parameters() if weight.requires_grad} == trainable


def test_a_recording_too_long_is_refused(family: LalmFamily, noise: Noise) -> None:
    with pytest.raises(UserError, match="at most 8 s"):
        Cascade(Predictor(family, ONTOLOGY), None).predict([noise(200_000)])
