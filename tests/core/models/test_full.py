"""Full fine-tuning: the language model learns, what hears does not, and what is saved comes back."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from core.errors import UserError
from core.models.family import LalmFamily, ModelInput, Samples
from core.models.full import FULL_WEIGHTS, FullWeights
from core.models.tuned import load_tuned
from tests.core.models.families.contract import tiny_family
from tests.core.models.fixtures import load_tiny

TARGET = ('{"intent": "', "alarm", '", "slots": []}')
QUESTION = ModelInput(text="set an alarm", target=TARGET)


def loss_of(family: LalmFamily) -> float:
    with torch.no_grad():
        return family.loss(family.collate([QUESTION]))[0].item()


def train_a_little(family: LalmFamily, tuned: FullWeights, *questions: ModelInput) -> None:
    optimizer = torch.optim.SGD(tuned.parameters, lr=0.05)
    for _ in range(3):
        family.loss(family.collate(questions or [QUESTION]))[0].sum().backward()
        optimizer.step()
        optimizer.zero_grad()


def test_the_whole_language_model_learns_and_nothing_that_hears(
    family: LalmFamily, noise: Callable[[int], Samples]
) -> None:
    before = {name: weight.clone() for name, weight in family.model.named_parameters()}
    tuned = FullWeights(family, trainable=True, keep_base=False)
    train_a_little(family, tuned, QUESTION, ModelInput(samples=noise(20_000), target=TARGET))
    same = {name for name, weight in family.model.named_parameters() if torch.equal(weight, before[name])}
    hears = {name for name in before if "audio_tower" in name or "multi_modal_projector" in name}
    assert same == hears


def test_saved_weights_come_back_on_a_fresh_base(
    family: LalmFamily, tiny_model: Path, tmp_path: Path
) -> None:
    untuned = loss_of(family)
    tuned = FullWeights(family, trainable=True, keep_base=False)
    train_a_little(family, tuned)
    learned = loss_of(family)
    assert learned < untuned - 0.1
    tuned.save(tmp_path / "weights")

    other = load_tiny(tiny_model)
    again = load_tuned(other, tmp_path / "weights", trainable=False)
    assert loss_of(other) == learned
    assert again.parameters == []


@pytest.mark.parametrize("model_type", ["gemma4", "granite_speech", "phi4_multimodal"])
def test_a_head_tied_to_the_embeddings_is_saved_once_and_stays_tied(tmp_path: Path, model_type: str) -> None:
    tiny_family(model_type).build(tmp_path / "model")
    family = load_tiny(tmp_path / "model")
    untuned = loss_of(family)
    tuned = FullWeights(family, trainable=True, keep_base=True)
    train_a_little(family, tuned)
    learned = loss_of(family)
    assert learned < untuned - 0.1
    with tuned.base_weights():
        assert loss_of(family) == untuned
    tuned.save(tmp_path / "weights")
    assert not any("lm_head" in name for name in load_file(tmp_path / "weights" / FULL_WEIGHTS))

    other = load_tiny(tmp_path / "model")
    load_tuned(other, tmp_path / "weights", trainable=False)
    assert loss_of(other) == learned
    for model in (family.model, other.model):
        assert model.get_submodule("lm_head").weight is model.get_input_embeddings().weight


def test_the_base_weights_are_there_for_a_while_and_gone_again(family: LalmFamily) -> None:
    untuned = loss_of(family)
    tuned = FullWeights(family, trainable=True, keep_base=True)
    train_a_little(family, tuned)
    learned = loss_of(family)
    with tuned.base_weights():
        assert loss_of(family) == untuned
    assert loss_of(family) == learned


def test_sixteen_bit_weights_learn_in_thirty_two_and_go_back(tiny_model: Path, tmp_path: Path) -> None:
    family = load_tiny(tiny_model)
    family.model.bfloat16()
    tuned = FullWeights(family, trainable=True, keep_base=False)
    assert {weight.dtype for weight in tuned.parameters} == {torch.float32}
    with torch.autocast("cpu", torch.bfloat16):
        train_a_little(family, tuned)
    tuned.save(tmp_path)
    other = load_tiny(tiny_model)
    other.model.bfloat16()
    load_tuned(other, tmp_path, trainable=False)
    assert {weight.dtype for weight in other.model.parameters()} == {torch.bfloat16}


def test_a_lack_of_memory_is_not_told_as_damage(
    family: LalmFamily, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    FullWeights(family, trainable=False, keep_base=False).save(tmp_path)

    def out_of_memory(*_: object) -> None:
        raise RuntimeError("CUDA out of memory. Tried to allocate 2.00 GiB")

    monkeypatch.setattr(FullWeights, "load", out_of_memory)
    with pytest.raises(UserError, match="not enough memory for the trained weights"):
        load_tuned(family, tmp_path, trainable=True)


def test_damaged_weights_and_those_of_another_base_are_told_in_words(
    family: LalmFamily, tmp_path: Path
) -> None:
    FullWeights(family, trainable=False, keep_base=False).save(tmp_path)
    saved = (tmp_path / FULL_WEIGHTS).read_bytes()
    (tmp_path / FULL_WEIGHTS).write_bytes(saved[: len(saved) // 2])
    with pytest.raises(UserError, match="damaged"):
        load_tuned(family, tmp_path, trainable=False)
    (tmp_path / FULL_WEIGHTS).write_bytes(saved)
    family.model.lm_head.weight.data = family.model.lm_head.weight.data[:-1]
    with pytest.raises(UserError, match="do not fit this base model") as caught:
        load_tuned(family, tmp_path, trainable=False)
    assert "other names or shapes" in caught.value.details
