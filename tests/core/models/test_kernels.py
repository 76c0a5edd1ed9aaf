"""Liger's kernels: for the language model only, and the same to rounding where they can run."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch

from core.models import kernels
from core.models.family import LalmFamily, ModelInput
from core.models.kernels import use_fast_kernels
from core.models.loading import load_family
from tests.core.models.fixtures import TARGET


def test_the_language_model_alone_gets_them_and_the_loss_stays_ours(
    family: LalmFamily, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[tuple[object, dict[str, Any]]] = []
    monkeypatch.setattr(kernels, "is_liger_kernel_available", lambda: True)
    monkeypatch.setattr(kernels, "apply_liger_kernel", lambda model, config: asked.append((model, config)))
    use_fast_kernels(family)
    ((model, config),) = asked
    assert model is family.model.get_submodule("model.language_model")
    assert not config["fused_linear_cross_entropy"]
    assert not config["cross_entropy"]


def test_without_the_library_nothing_changes(family: LalmFamily, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kernels, "is_liger_kernel_available", lambda: False)
    before = [type(module).forward for module in family.model.modules()]
    use_fast_kernels(family)
    assert [type(module).forward for module in family.model.modules()] == before
    assert not any("forward" in vars(module) for module in family.model.modules())


@pytest.mark.skipif(not torch.cuda.is_available(), reason="there is no graphics card")
def test_losses_and_gradients_are_those_of_the_stock_model(tiny_model: Path) -> None:
    pytest.importorskip("liger_kernel")
    found = []
    for fast in (False, True):
        family = load_family(str(tiny_model), dtype=torch.float32, device=torch.device("cuda"))
        if fast:
            use_fast_kernels(family)
        weight = family.model.get_input_embeddings().weight.requires_grad_(True)
        loss, _ = family.loss(family.collate([ModelInput(text="play music", target=TARGET)]))
        loss.sum().backward()  # type: ignore[no-untyped-call]
        found.append((loss.detach(), weight.grad))
    for stock, own in zip(*found, strict=True):
        torch.testing.assert_close(stock, own, rtol=1e-4, atol=1e-5)
