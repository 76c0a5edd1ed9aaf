"""Label smoothing: what is learned changes, what is reported does not."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch

from core.experiment.weights import LoraSpec
from core.models.family import LalmFamily, ModelInput, Samples
from core.models.lora import add_adapter
from core.training.objective import losses

TARGET = ('{"intent": "', "alarm", '", "slots": []}')


@pytest.fixture
def items(noise: Callable[[int], Samples]) -> list[ModelInput]:
    return [ModelInput(text="set an alarm", target=TARGET), ModelInput(samples=noise(9_000), target=TARGET)]


def test_smoothing_gives_a_part_of_the_weight_to_all_tokens_alike(
    family: LalmFamily, items: list[ModelInput]
) -> None:
    batch = family.collate(items)
    with torch.no_grad():
        smooth, plain, none = (losses(family, batch, part) for part in (0.2, 1e-9, 0.0))
        hidden = family.hidden(
            batch.input_ids,
            attention_mask=batch.attention_mask,
            positions=batch.positions,
            inputs_embeds=family.embed(batch),
        )
        chances = torch.log_softmax(family.logits(hidden), -1)[:, :-1]
    spread = -chances.mean(-1)
    for row in range(2):
        to_all = spread[row][batch.labels[row, 1:] >= 0].sum()
        expected = 0.8 * none.plain[row] + 0.2 * to_all
        assert smooth.learned[row].item() == pytest.approx(expected.item(), rel=1e-4)
    assert smooth.learned.sum() > smooth.plain.sum()
    assert torch.allclose(plain.learned, none.learned, rtol=1e-5)


def test_the_reported_loss_is_the_plain_one_and_only_the_learned_one_has_gradients(
    family: LalmFamily, items: list[ModelInput]
) -> None:
    add_adapter(family, LoraSpec(rank=2))
    batch = family.collate(items)
    smooth, none = losses(family, batch, 0.2), losses(family, batch, 0.0)
    assert torch.equal(smooth.plain, none.plain.detach())
    assert torch.equal(smooth.tokens, none.tokens)
    assert none.learned.requires_grad
    assert smooth.learned.requires_grad
    assert not smooth.plain.requires_grad
