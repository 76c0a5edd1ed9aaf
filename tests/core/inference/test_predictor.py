"""Loading a model or a run, and what an answer carries."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from core.data.utterance import Ontology
from core.errors import UserError
from core.experiment.spec import LoraSpec
from core.inference.ontology_file import write_ontology
from core.inference.predictor import Predictor
from core.models.family import LalmFamily, Samples
from core.models.lora import add_adapter, save_adapter
from tests.core.models.fixtures import ONTOLOGY, load_tiny

EXPERIMENT = """
schema_version = 1
name = "tiny"
base_model = {base}
[data]
train = ["demo"]
test = ["demo"]
[[stage]]
name = "text"
learning_rate = 1e-3
"""


@pytest.fixture
def run(tiny_model: Path, tmp_path: Path) -> Path:
    """Folder of a run whose adapter changes every answer."""
    folder = tmp_path / "20261123-101500-a1b2"
    folder.mkdir()
    (folder / "experiment.toml").write_text(EXPERIMENT.format(base=json.dumps(str(tiny_model))))
    write_ontology(folder, ONTOLOGY)
    family = load_tiny(tiny_model)
    torch.manual_seed(0)
    adapted = add_adapter(family, LoraSpec(rank=2, alpha=16, dropout=0.0))
    with torch.no_grad():
        for name, weight in adapted.named_parameters():
            if "lora_B" in name:
                weight.normal_()
    save_adapter(adapted, folder / "adapter")
    return folder


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
    with pytest.raises(UserError, match="no trained adapter"):
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


def test_a_model_in_training_is_left_as_it_was(family: LalmFamily) -> None:
    add_adapter(family, LoraSpec(rank=2, alpha=4, dropout=0.5))
    modes = [module.training for module in family.model.modules()]
    assert any(modes)
    assert not all(modes)
    predictor = Predictor(family, ONTOLOGY)
    assert predictor.predict(["lights"])[0].confidence == predictor.predict(["lights"])[0].confidence
    assert [module.training for module in family.model.modules()] == modes


def test_nothing_asked_is_nothing_answered(family: LalmFamily) -> None:
    assert Predictor(family, ONTOLOGY).predict([]) == []


def test_a_recording_too_long_is_refused(family: LalmFamily, noise: Callable[[int], Samples]) -> None:
    with pytest.raises(UserError, match="at most 8 s"):
        Predictor(family, ONTOLOGY).predict([noise(200_000)])
