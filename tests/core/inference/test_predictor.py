"""Loading a model or a run, and what an answer carries."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from core.data.utterance import Ontology
from core.errors import UserError
from core.experiment.weights import LoraSpec
from core.inference.predictor import Predictor
from core.models.family import LalmFamily, ModelInput, Samples
from core.models.lora import add_adapter
from tests.core.models.fixtures import ONTOLOGY


def test_a_run_answers_with_its_adapter_and_its_own_labels(run: Path, tiny_model: Path) -> None:
    tuned, base = Predictor.load(run), Predictor.load(str(tiny_model), ONTOLOGY)
    assert tuned.grammar.ontology == ONTOLOGY
    (one,), (other,) = tuned.predict(["set an alarm"]), base.predict(["set an alarm"])
    assert abs(one.confidence - other.confidence) > 1e-4


def test_another_ontology_replaces_the_runs_own(run: Path) -> None:
    (answer,) = Predictor.load(run, Ontology(("coffee_make",), ())).predict(["set an alarm"])
    assert answer.label is not None
    assert answer.label.intent == "coffee_make"


def test_what_is_missing_is_told_in_words(run: Path, tiny_model: Path) -> None:
    with pytest.raises(UserError, match="knows no intents"):
        Predictor.load(str(tiny_model))
    with pytest.raises(UserError, match="no base model here"):
        Predictor.load("nonsense")
    (run / "ontology.json").write_text("{")
    with pytest.raises(UserError, match="list of intents"):
        Predictor.load(run)
    (run / "adapter" / "adapter_model.safetensors").unlink()
    with pytest.raises(UserError, match="no trained weights"):
        Predictor.load(run)


def test_an_answer_tells_where_its_time_went_and_can_be_written_as_json(
    family: LalmFamily, noise: Callable[[int], Samples]
) -> None:
    (answer,) = Predictor(family, ONTOLOGY).predict([noise(20_000)])
    assert set(answer.timings_ms) == {"features", "encoder", "decoding"}
    assert all(value > 0 for value in answer.timings_ms.values())
    assert answer.label is not None
    copy = json.loads(json.dumps(answer.as_dict()))
    assert copy["intent"] == answer.label.intent
    assert copy["slots"] == [[slot.type, slot.filler] for slot in answer.label.slots]
    assert [rival for rival, _ in copy["runner_up"]] == [rival for rival, _ in answer.runner_up]
    assert copy["transcript"] is None


def test_a_model_in_training_is_left_as_it_was(family: LalmFamily) -> None:
    add_adapter(family, LoraSpec(rank=2, alpha=4, dropout=0.5))
    modes = [module.training for module in family.model.modules()]
    assert any(modes)
    assert not all(modes)
    predictor = Predictor(family, ONTOLOGY)
    assert predictor.predict(["lights"])[0].confidence == predictor.predict(["lights"])[0].confidence
    assert [module.training for module in family.model.modules()] == modes


def test_a_transcript_is_what_greedy_generation_says_whatever_the_batch(
    family: LalmFamily, noise: Callable[[int], Samples]
) -> None:
    clips = [noise(9_000), noise(40_000), noise(20_000)]
    written = Predictor(family, ONTOLOGY).transcribe(clips, batch_size=2)
    for words, clip in zip(written, clips, strict=True):
        batch = family.collate([ModelInput(samples=clip, transcribe=True)])
        with torch.no_grad():
            stock = family.model.generate(  # type: ignore[operator]
                inputs_embeds=family.embed(batch),
                attention_mask=batch.attention_mask,
                max_new_tokens=20,
                do_sample=False,
                eos_token_id=family.end_id,
                pad_token_id=family.end_id,
            )
        said = family.tokenizer.decode(stock[0], skip_special_tokens=True)
        assert words.startswith(said.strip())


def test_nothing_asked_is_nothing_answered(family: LalmFamily) -> None:
    assert Predictor(family, ONTOLOGY).predict([]) == []
    assert Predictor(family, ONTOLOGY).transcribe([]) == []


def test_a_recording_too_long_is_refused(family: LalmFamily, noise: Callable[[int], Samples]) -> None:
    with pytest.raises(UserError, match="at most 8 s"):
        Predictor(family, ONTOLOGY).predict([noise(200_000)])
