"""LoRA adapters: which modules get one, and reading and writing them in peft's own format."""

from __future__ import annotations

import copy
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Final, cast, get_args

from peft import (
    LoraConfig,
    PeftModel,
    get_peft_model,
    get_peft_model_state_dict,
    set_peft_model_state_dict,
)
from peft.tuners.lora import LoraLayer
from safetensors.torch import load_file
from safetensors.torch import save as serialize
from torch import nn

from core.errors import UserError
from core.experiment.weights import LoraSpec, LoraTargets
from core.models.family import LalmFamily, ParameterGroup
from core.storage.files import worded_disk_errors, write_bytes_atomically

ADAPTER_WEIGHTS = "adapter_model.safetensors"
ADAPTER_CONFIG = "adapter_config.json"

_KINDS: Final[dict[LoraTargets, tuple[str, ...]]] = {
    "attention": ("attn", "attention"),
    "mlp": ("mlp", "feed_forward", "moe"),
}
"""What stands in the name of a block of that kind, in whichever family: `layers.3.self_attn.q_proj`."""


class LoraAdapter:
    """A `core.models.tuned.Tuned`: small matrices beside the language model's frozen ones."""

    def __init__(self, adapted: PeftModel) -> None:
        self._adapted = adapted
        # Noted now: the rest of the model that `adapted` wraps may be made to learn by others.
        self._parameters = [weight for weight in adapted.parameters() if weight.requires_grad]

    @property
    def parameters(self) -> list[nn.Parameter]:
        return self._parameters

    def groups(self, learning_rate: float) -> list[ParameterGroup]:
        return [{"params": self._parameters, "lr": learning_rate}]

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

    def load(self, folder: Path) -> None:
        set_peft_model_state_dict(self._adapted, load_file(folder / ADAPTER_WEIGHTS))

    def base_weights(self) -> AbstractContextManager[None]:
        return cast("AbstractContextManager[None]", self._adapted.disable_adapter())

    def merge(self) -> None:
        self._adapted.merge_and_unload()


def add_adapter(family: LalmFamily, spec: LoraSpec) -> LoraAdapter:
    """Put a fresh, trainable adapter into the family's language model; everything else stays frozen.

    The new weights come from torch's global random generator. Raises UserError when the model has no layers
    of the kind asked for, AssertionError when the adapter landed anywhere else than asked (a matcher has
    mistaken an audio tower for the language model before).
    """
    wanted = chosen_targets(family.lora_targets(), spec.targets)
    if not wanted:
        raise UserError(
            f'This base model has no layers of the kind "{spec.targets}" that an adapter could go into.',
            where=f'[lora] targets = "{spec.targets}"',
            remedy='Set targets = "all".',
        )
    config = LoraConfig(
        r=spec.rank,
        lora_alpha=spec.alpha,
        lora_dropout=spec.dropout,
        use_rslora=spec.rslora,
        use_dora=spec.dora,
        target_modules=wanted,
        bias="none",
    )
    adapted = cast(PeftModel, get_peft_model(family.model, config))
    _settle(family, [wanted], trainable=True)
    return LoraAdapter(adapted)


def chosen_targets(names: list[str], which: LoraTargets) -> list[str]:
    """Those of the modules `names` that belong to blocks of the kind `which`."""
    if which == "all":
        return names
    return [name for name in names if any(mark in part for part in name.split(".") for mark in _KINDS[which])]


def load_adapter(family: LalmFamily, folder: Path, *, trainable: bool) -> LoraAdapter:
    """Put the adapter saved in `folder` into the family's language model.

    Raises OSError, ValueError, RuntimeError, KeyError or SafetensorError when it is damaged or another
    base model's.
    """
    names = family.lora_targets()
    adapted = PeftModel.from_pretrained(family.model, str(folder), is_trainable=trainable)
    _settle(family, [chosen_targets(names, which) for which in get_args(LoraTargets)], trainable=trainable)
    return LoraAdapter(adapted)


def _settle(family: LalmFamily, allowed: list[list[str]], *, trainable: bool) -> None:
    """Check that the adapter landed in one of the `allowed` sets of modules, and give it alone the mode it
    needs: the frozen base stays in evaluation mode, also while training, since some towers normalise by
    running statistics."""
    layers = {name: module for name, module in family.model.named_modules() if isinstance(module, LoraLayer)}
    if layers.keys() not in [set(wanted) for wanted in allowed]:
        others = sorted(layers.keys() ^ set(allowed[0]))
        raise AssertionError(f"adapter landed in other modules than asked: {others[:8]}")
    family.model.train(False)
    for layer in layers.values():
        layer.lora_dropout.train(trainable)
