"""Adapters: where they go, and that what is saved comes back."""

from __future__ import annotations

import pickle
from pathlib import Path

import pytest
import torch

from core.errors import UserError
from core.experiment.weights import LoraSpec
from core.models.family import LalmFamily, ModelInput
from core.models.lora import add_adapter, load_adapter
from core.models.qwen2_audio import Qwen2Audio
from core.models.tuned import load_tuned
from tests.core.models.fixtures import load_tiny

SPEC = LoraSpec(rank=2, alpha=4, dropout=0.0)
QUESTION = ModelInput(text="set an alarm", target=('{"intent": "', "alarm", '", "slots": []}'))


def loss_of(family: LalmFamily) -> float:
    return family.loss(family.collate([QUESTION]))[0].item()


def train_a_little(family: LalmFamily) -> None:
    weights = [weight for weight in family.model.parameters() if weight.requires_grad]
    optimizer = torch.optim.SGD(weights, lr=0.05)
    for _ in range(3):
        family.loss(family.collate([QUESTION]))[0].sum().backward()
        optimizer.step()
        optimizer.zero_grad()


def test_only_the_adapter_learns(family: LalmFamily) -> None:
    before = {name: weight.clone() for name, weight in family.model.named_parameters()}
    add_adapter(family, SPEC)
    train_a_little(family)
    for name, weight in family.model.named_parameters():
        if "lora_" in name:
            assert weight.requires_grad
            assert "audio_tower" not in name
        else:
            assert torch.equal(weight, before[name.replace(".base_layer", "")])


def test_a_saved_adapter_comes_back_on_a_fresh_base(
    family: LalmFamily, tiny_model: Path, tmp_path: Path
) -> None:
    untuned = loss_of(family)
    adapted = add_adapter(family, SPEC)
    assert loss_of(family) == pytest.approx(untuned, abs=1e-5)
    train_a_little(family)
    tuned = loss_of(family)
    assert tuned < untuned - 0.1
    adapted.save(tmp_path / "adapter")

    other = load_tiny(tiny_model)
    load_tuned(other, tmp_path / "adapter", trainable=False)
    assert loss_of(other) == tuned
    assert not any(weight.requires_grad for weight in other.model.parameters())


KINDS = {
    "rslora": LoraSpec(rank=4, alpha=4, rslora=True),
    "dora": LoraSpec(rank=4, alpha=8, dora=True),
    "attention": LoraSpec(rank=4, alpha=8, targets="attention"),
    "mlp": LoraSpec(rank=4, alpha=8, targets="mlp"),
    "all of it": LoraSpec(rank=4, alpha=8, rslora=True, dora=True, targets="attention"),
}


@pytest.mark.parametrize("spec", KINDS.values(), ids=KINDS)
def test_every_kind_of_adapter_begins_as_the_base_learns_and_comes_back(
    family: LalmFamily, tiny_model: Path, tmp_path: Path, spec: LoraSpec
) -> None:
    untuned = loss_of(family)
    # rsLoRA is the stronger for it: from some beginnings these few large steps overshoot.
    torch.manual_seed(17)
    adapted = add_adapter(family, spec)
    assert loss_of(family) == pytest.approx(untuned, abs=1e-5)
    train_a_little(family)
    tuned = loss_of(family)
    assert tuned < untuned
    with adapted.base_weights():
        assert loss_of(family) == pytest.approx(untuned, abs=1e-5)
    adapted.save(tmp_path)
    other = load_tiny(tiny_model)
    again = load_adapter(other, tmp_path, trainable=False)
    assert loss_of(other) == tuned
    again.merge()
    assert loss_of(other) == pytest.approx(tuned, rel=1e-4)


def adapted_modules(family: LalmFamily) -> set[str]:
    learning = {name for name, weight in family.model.named_parameters() if weight.requires_grad}
    return {name.partition(".lora_")[0].rpartition(".layers.")[2] for name in learning}


def test_attention_and_mlp_are_the_two_halves_of_all(tiny_model: Path) -> None:
    found = {}
    for which in ("all", "attention", "mlp"):
        family = load_tiny(tiny_model)
        add_adapter(family, LoraSpec(rank=2, targets=which))
        found[which] = adapted_modules(family)
    assert "0.self_attn.q_proj" in found["attention"]
    assert "1.mlp.up_proj" in found["mlp"]
    assert not found["attention"] & found["mlp"]
    assert found["attention"] | found["mlp"] == found["all"]


def test_rslora_divides_by_the_root_of_the_rank_and_dora_learns_a_length(tiny_model: Path) -> None:
    plain, root = (load_tiny(tiny_model) for _ in range(2))
    add_adapter(plain, LoraSpec(rank=16, alpha=8))
    add_adapter(root, LoraSpec(rank=16, alpha=8, rslora=True))
    name = "model.language_model.layers.0.self_attn.q_proj"
    assert plain.model.get_submodule(name).scaling["default"] == 0.5
    assert root.model.get_submodule(name).scaling["default"] == 2.0
    dora = load_tiny(tiny_model)
    add_adapter(dora, LoraSpec(rank=2, dora=True))
    assert any("magnitude" in name and w.requires_grad for name, w in dora.model.named_parameters())


def test_layers_that_a_model_does_not_have_are_refused_in_words(
    family: LalmFamily, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Qwen2Audio, "lora_targets", lambda _self: ["model.layers.0.mixer"])
    with pytest.raises(UserError, match='no layers of the kind "mlp"') as caught:
        add_adapter(family, LoraSpec(targets="mlp"))
    assert 'targets = "all"' in caught.value.remedy


def test_an_adapter_that_landed_elsewhere_is_a_bug_told_at_once(
    family: LalmFamily, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Qwen2Audio, "lora_targets", lambda _self: ["q_proj"])
    with pytest.raises(AssertionError, match="other modules than asked"):
        add_adapter(family, SPEC)


def test_a_pickled_adapter_is_never_opened(family: LalmFamily, tmp_path: Path) -> None:
    class Evil:
        def __reduce__(self) -> tuple[object, tuple[str]]:
            return (exec, ("raise SystemExit('opened')",))

    (tmp_path / "adapter_config.json").write_text("{}")
    (tmp_path / "adapter_model.bin").write_bytes(pickle.dumps(Evil()))
    with pytest.raises(UserError, match="can run hidden programs"):
        load_tuned(family, tmp_path, trainable=False)


def test_no_adapter_and_a_damaged_one_are_told_in_words(family: LalmFamily, tmp_path: Path) -> None:
    with pytest.raises(UserError, match="no trained weights"):
        load_tuned(family, tmp_path, trainable=False)
    add_adapter(family, SPEC).save(tmp_path)
    (tmp_path / "adapter_model.safetensors").write_bytes(b"torn")
    with pytest.raises(UserError, match="damaged") as caught:
        load_tuned(family, tmp_path, trainable=False)
    assert caught.value.where == str(tmp_path)
