"""What a training step makes smaller, beside the plain loss that is reported."""

from __future__ import annotations

from typing import NamedTuple

from torch import Tensor

from core.models.family import Batch, LalmFamily


class Losses(NamedTuple):
    """Of each row of a batch, float32 [N]. learned: what is made smaller, summed over the target's tokens.
    plain: their summed cross-entropy, which runs are compared by, without gradients where it is not `learned`
    itself. tokens: their number."""

    learned: Tensor
    plain: Tensor
    tokens: Tensor


def losses(family: LalmFamily, batch: Batch, label_smoothing: float) -> Losses:
    """label_smoothing: the part of each target token's weight that goes to all tokens alike, 0 to below 1."""
    if not label_smoothing:
        plain, tokens = family.loss(batch)
        return Losses(plain, plain, tokens)
    return Losses(*family.smoothed_loss(batch, label_smoothing))
