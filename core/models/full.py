"""Full fine-tuning: every weight of the language model learns."""

from __future__ import annotations

from torch import nn

from core.models.family import LalmFamily
from core.models.whole import WholeWeights

FULL_WEIGHTS = "language_model.safetensors"


class FullWeights(WholeWeights):
    """The language model itself, from its embeddings to its head."""

    def __init__(self, family: LalmFamily, *, trainable: bool, keep_base: bool) -> None:
        """Arguments as `WholeWeights`."""
        names = list(_language_weights(family))
        super().__init__(family.model, names, FULL_WEIGHTS, trainable=trainable, keep_base=keep_base)


def _language_weights(family: LalmFamily) -> dict[str, nn.Parameter]:
    """Each weight once, also where a head shares its matrix with the embeddings."""
    found: dict[str, nn.Parameter] = {}
    for prefix in family.language_modules():
        for name, weight in family.model.get_submodule(prefix).named_parameters(prefix=prefix):
            if not any(weight is known for known in found.values()):
                found[name] = weight
    return found
