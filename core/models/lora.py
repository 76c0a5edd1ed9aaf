"""LoRA adapters: which modules get one, and reading and writing them in peft's own format."""

from __future__ import annotations

import copy
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, cast

from peft import LoraConfig, PeftModel, get_peft_model, get_peft_model_state_dict
from peft.tuners.lora import LoraLayer
from safetensors.torch import save as serialize
from torch import nn

from core.models.family import LalmFamily
from core.storage.files import worded_disk_errors, write_bytes_atomically

if TYPE_CHECKING:
    from core.experiment.spec import LoraSpec

ADAPTER_WEIGHTS = "adapter_model.safetensors"
ADAPTER_CONFIG = "adapter_config.json"


class LoraAdapter:
    """A `core.models.tuned.Tuned`: small matrices beside the language model's frozen ones."""

    def __init__(self, adapted: PeftModel) -> None:
        self._adapted = adapted

    @property
    def parameters(self) -> list[nn.Parameter]:
        return [weight for weight in self._adapted.parameters() if weight.requires_grad]

    def save(self, folder: Path) -> None:
        """As peft reads it: weights as safetensors, configuration as JSON."""
        adapted = self._adapted
        weights = {name: tensor.contiguous() for name, tensor in get_peft_model_state_dict(adapted).items()}
        config = copy.copy(adapted.peft_config[adapted.active_adapter])
        config.inference_mode = True
        with worded_disk_errors(folder):
            folder.mkdir(parents=True, exist_ok=True)
            config.save_pretrained(str(folder))
        # Through memory: safetensors reports a full disk as an error of its own that does not say so.
        write_bytes_atomically(folder / ADAPTER_WEIGHTS, serialize(weights, metadata={"format": "pt"}))

    def base_weights(self) -> AbstractContextManager[None]:
        return cast("AbstractContextManager[None]", self._adapted.disable_adapter())

    def merge(self) -> None:
        self._adapted.merge_and_unload()


def add_adapter(family: LalmFamily, spec: LoraSpec) -> LoraAdapter:
    """Put a fresh, trainable adapter into the family's language model; everything else stays frozen.

    The new weights come from torch's global random generator. Raises AssertionError when the adapter landed
    anywhere else than asked (a matcher has mistaken an audio tower for the language model before).
    """
    wanted = family.lora_targets()
    config = LoraConfig(
        r=spec.rank, lora_alpha=spec.alpha, lora_dropout=spec.dropout, target_modules=wanted, bias="none"
    )
    adapted = cast(PeftModel, get_peft_model(family.model, config))
    _settle(family, wanted, trainable=True)
    return LoraAdapter(adapted)


def load_adapter(family: LalmFamily, folder: Path, *, trainable: bool) -> LoraAdapter:
    """Put the adapter saved in `folder` into the family's language model.

    Raises OSError, ValueError, RuntimeError, KeyError or SafetensorError when it is damaged or another
    base model's.
    """
    wanted = family.lora_targets()
    adapted = PeftModel.from_pretrained(family.model, str(folder), is_trainable=trainable)
    _settle(family, wanted, trainable=trainable)
    return LoraAdapter(adapted)


def _settle(family: LalmFamily, wanted: list[str], *, trainable: bool) -> None:
    """Check where the adapter landed, and give it alone the mode it needs: the frozen base stays in
    evaluation mode, also while training, since some towers normalise by running statistics."""
    layers = {name: module for name, module in family.model.named_modules() if isinstance(module, LoraLayer)}
    if layers.keys() != set(wanted):
        others = sorted(layers.keys() ^ set(wanted))
        raise AssertionError(f"adapter landed in other modules than asked: {others[:8]}")
    family.model.train(False)
    for layer in layers.values():
        layer.lora_dropout.train(trainable)
