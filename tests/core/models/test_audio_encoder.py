"""An audio encoder that learns: only what shall, at its own rate, kept beside the rest and found again."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from core.errors import UserError
from core.experiment.spec import ExperimentSpec
from core.models.family import LalmFamily, ModelInput, Samples
from core.models.qwen2_audio import Qwen2Audio
from core.models.tuned import Tuned, load_tuned, tune
from tests.core.models.fixtures import load_tiny
from tests.core.training.world import experiment

TARGET = ('{"intent": "', "alarm", '", "slots": []}')
BOTH = ["audio_encoder.tower_learning_rate=0.01", "audio_encoder.projector_learning_rate=0.02"]
Noise = Callable[[int], Samples]


@pytest.fixture
def heard(noise: Noise) -> ModelInput:
    return ModelInput(samples=noise(20_000), target=TARGET)


def asked(folder: Path, method: str, *more: str) -> ExperimentSpec:
    spec = experiment(folder, "lora.dropout=0.0", *more)
    return spec if method == "lora" else spec.model_copy(update={"method": "full", "lora": None})


def loss_of(family: LalmFamily, item: ModelInput) -> float:
    with torch.no_grad():
        return family.loss(family.collate([item]))[0].item()


def train_a_little(family: LalmFamily, tuned: Tuned, item: ModelInput, *, sixteen_bit: bool = False) -> None:
    optimizer = torch.optim.AdamW(tuned.groups(1e-3), weight_decay=0.1)
    batch = family.collate([item])
    for _ in range(3):
        with torch.autocast("cpu", torch.bfloat16, enabled=sixteen_bit):
            loss = family.loss(batch)[0].sum()
        loss.backward()
        optimizer.step()
        optimizer.zero_grad()


def changed(family: LalmFamily, before: dict[str, torch.Tensor]) -> set[str]:
    """Names of the weights of tower and projector that are others now."""
    now = {name.replace(".base_layer", ""): weight for name, weight in family.model.named_parameters()}
    return {name for name, weight in before.items() if not torch.equal(now[name], weight)}


@pytest.mark.parametrize("method", ["lora", "full"])
@pytest.mark.parametrize(
    ("rates", "parts"),
    [
        (BOTH, {"audio_tower", "multi_modal_projector"}),
        (BOTH[:1], {"audio_tower"}),
        (BOTH[1:], {"multi_modal_projector"}),
    ],
    ids=["both", "tower", "projector"],
)
def test_only_what_has_a_rate_learns_beside_the_language_model(
    family: LalmFamily, tiny_model: Path, heard: ModelInput, method: str, rates: list[str], parts: set[str]
) -> None:
    encoder = {
        name: weight.clone()
        for name, weight in family.model.named_parameters()
        if "audio_tower" in name or "projector" in name
    }
    train_a_little(family, tune(family, asked(tiny_model, method, *rates)), heard)
    learned = changed(family, encoder)
    assert {name.split(".")[1] for name in learned} == parts
    # A table of positions is no weight.
    rest = {name for name in encoder if name.split(".")[1] in parts} - learned
    assert rest <= {"model.audio_tower.embed_positions.weight"}


def test_text_teaches_the_encoder_nothing(family: LalmFamily, tiny_model: Path) -> None:
    encoder = {name: w.clone() for name, w in family.model.named_parameters() if "language_model" not in name}
    del encoder["lm_head.weight"]
    train_a_little(
        family, tune(family, asked(tiny_model, "lora", *BOTH)), ModelInput(text="a", target=TARGET)
    )
    assert not changed(family, encoder)


@pytest.mark.parametrize("method", ["lora", "full"])
def test_a_trained_encoder_comes_back_with_the_rest(
    family: LalmFamily, tiny_model: Path, tmp_path: Path, heard: ModelInput, method: str
) -> None:
    tuned = tune(family, asked(tiny_model, method, *BOTH))
    train_a_little(family, tuned, heard)
    learned = loss_of(family, heard)
    tuned.save(tmp_path)
    assert {"audio_tower.safetensors", "projector.safetensors"} < {file.name for file in tmp_path.iterdir()}

    other = load_tiny(tiny_model)
    again = load_tuned(other, tmp_path, trainable=False)
    assert loss_of(other, heard) == learned
    assert again.parameters == []
    again.merge()
    assert loss_of(other, heard) == pytest.approx(learned, rel=1e-4)


@pytest.mark.parametrize("method", ["lora", "full"])
def test_weights_taken_back_are_those_that_were_saved(
    family: LalmFamily, tiny_model: Path, tmp_path: Path, heard: ModelInput, method: str
) -> None:
    tuned = tune(family, asked(tiny_model, method, *BOTH))
    train_a_little(family, tuned, heard)
    tuned.save(tmp_path)
    saved = loss_of(family, heard)
    train_a_little(family, tuned, heard)
    assert loss_of(family, heard) != saved
    tuned.load(tmp_path)
    assert loss_of(family, heard) == saved


@pytest.mark.parametrize("method", ["lora", "full"])
def test_the_base_model_hears_as_it_did(
    family: LalmFamily, tiny_model: Path, tmp_path: Path, heard: ModelInput, method: str
) -> None:
    untuned = loss_of(family, heard)
    tuned = tune(family, asked(tiny_model, method, *BOTH, "evaluation.cascade=true"))
    train_a_little(family, tuned, heard)
    learned = loss_of(family, heard)
    with tuned.base_weights():
        assert loss_of(family, heard) == untuned
    assert loss_of(family, heard) == learned
    tuned.save(tmp_path)
    other = load_tiny(tiny_model)
    with load_tuned(other, tmp_path, trainable=False, keep_base=True).base_weights():
        assert loss_of(other, heard) == untuned


def test_each_part_has_its_own_rate_and_the_language_model_comes_first(
    family: LalmFamily, tiny_model: Path
) -> None:
    tuned = tune(family, asked(tiny_model, "lora", *BOTH))
    groups = tuned.groups(0.5)
    assert [group["lr"] for group in groups] == [0.5, 0.01, 0.02]
    assert sum(len(group["params"]) for group in groups) == len(tuned.parameters)


def test_a_frozen_encoder_records_no_gradients(family: LalmFamily, heard: ModelInput) -> None:
    embeds = family.embed(family.collate([heard]))
    assert not embeds.requires_grad


def test_what_is_heard_by_a_learning_encoder_is_not_remembered(
    family: LalmFamily, tiny_model: Path, tmp_path: Path, heard: ModelInput
) -> None:
    family.remember_features(tmp_path)
    tune(family, asked(tiny_model, "lora", *BOTH))
    loss_of(family, heard)
    assert not list(tmp_path.rglob("*.features"))


def test_sixteen_bit_weights_learn_in_thirty_two_and_hear_outside_of_autocast_too(
    tiny_model: Path, tmp_path: Path, heard: ModelInput
) -> None:
    family = load_tiny(tiny_model)
    family.model.bfloat16()
    tuned = tune(family, asked(tiny_model, "lora", *BOTH[1:]))
    train_a_little(family, tuned, heard, sixteen_bit=True)
    assert {weight.dtype for weight in tuned.parameters} == {torch.float32}
    loss = loss_of(family, heard)
    tuned.save(tmp_path)
    other = load_tiny(tiny_model)
    other.model.bfloat16()
    load_tuned(other, tmp_path, trainable=False)
    assert other.model.model.multi_modal_projector.linear.weight.dtype == torch.bfloat16
    assert loss_of(other, heard) == pytest.approx(loss, rel=0.05)


def test_a_part_that_the_base_model_does_not_have_is_refused_in_words(
    family: LalmFamily, tiny_model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Qwen2Audio, "projector_names", ())
    with pytest.raises(UserError, match="no projector") as caught:
        tune(family, asked(tiny_model, "lora", *BOTH))
    assert caught.value.where == "[audio_encoder] projector_learning_rate"


def test_a_damaged_encoder_is_told_in_words(family: LalmFamily, tiny_model: Path, tmp_path: Path) -> None:
    tune(family, asked(tiny_model, "lora", *BOTH)).save(tmp_path)
    (tmp_path / "projector.safetensors").write_bytes(b"torn")
    with pytest.raises(UserError, match="damaged"):
        load_tuned(load_tiny(tiny_model), tmp_path, trainable=False)
