"""LoRA adapters: which modules get one, and reading and writing them in peft's own format."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import TYPE_CHECKING, cast

from peft import LoraConfig, PeftModel, get_peft_model, get_peft_model_state_dict
from peft.tuners.lora import LoraLayer
from safetensors import SafetensorError
from safetensors.torch import save as serialize

from core.errors import UserError
from core.models.family import LalmFamily
from core.storage.files import worded_disk_errors, write_bytes_atomically

if TYPE_CHECKING:
    from core.experiment.spec import LoraSpec

ADAPTER_WEIGHTS = "adapter_model.safetensors"
ADAPTER_CONFIG = "adapter_config.json"


def add_adapter(family: LalmFamily, spec: LoraSpec) -> PeftModel:
    """Put a fresh, trainable adapter into the family's language model; everything else stays frozen.

    The new weights come from torch's global random generator. Raises RuntimeError when the adapter landed
    anywhere else than asked (a matcher has mistaken an audio tower for the language model before).
    """
    wanted = family.lora_targets()
    config = LoraConfig(
        r=spec.rank, lora_alpha=spec.alpha, lora_dropout=spec.dropout, target_modules=wanted, bias="none"
    )
    adapted = cast(PeftModel, get_peft_model(family.model, config))
    _settle(family, wanted, trainable=True)
    return adapted


def save_adapter(adapted: PeftModel, folder: Path) -> None:
    """Write the adapter into `folder`: weights as safetensors, configuration as JSON, as peft reads them.

    Raises UserError when the disk is full or read-only.
    """
    # Through memory: safetensors reports a full disk as an error of its own that does not say so.
    weights = {name: tensor.contiguous() for name, tensor in get_peft_model_state_dict(adapted).items()}
    config = copy.copy(adapted.peft_config[adapted.active_adapter])
    config.inference_mode = True
    with worded_disk_errors(folder):
        folder.mkdir(parents=True, exist_ok=True)
        config.save_pretrained(str(folder))
    write_bytes_atomically(folder / ADAPTER_WEIGHTS, serialize(weights, metadata={"format": "pt"}))


def load_adapter(family: LalmFamily, folder: Path, *, trainable: bool) -> PeftModel:
    """Put a saved adapter into the family's language model.

    Raises UserError when the folder holds no adapter, only pickled weights, or one of another base model.
    """
    check_adapter(folder)
    wanted = family.lora_targets()
    try:
        adapted = PeftModel.from_pretrained(family.model, str(folder), is_trainable=trainable)
    except (OSError, ValueError, RuntimeError, KeyError, SafetensorError) as error:
        raise UserError(
            "The adapter does not fit this base model, or is damaged.",
            where=str(folder),
            remedy="Choose the base model the run was trained on, or another run.",
            details=str(error),
        ) from error
    _settle(family, wanted, trainable=trainable)
    return adapted


def check_adapter(folder: Path) -> None:
    """Raise UserError unless `folder` holds an adapter stored as safetensors."""
    if (folder / ADAPTER_CONFIG).is_file() and (folder / ADAPTER_WEIGHTS).is_file():
        return
    if any(folder.glob("*.bin")):
        raise UserError(
            "The adapter is stored in a format that can run hidden programs.",
            where=str(folder),
            remedy="Spoonful opens only safetensors files.",
        )
    raise UserError(
        "There is no trained adapter here.",
        where=str(folder),
        remedy="Choose a run that finished at least one stage, or resume this one.",
    )


def _settle(family: LalmFamily, wanted: list[str], *, trainable: bool) -> None:
    """Check where the adapter landed, and give it alone the mode it needs: the frozen base stays in
    evaluation mode, also while training, since some towers normalise by running statistics."""
    layers = {name: module for name, module in family.model.named_modules() if isinstance(module, LoraLayer)}
    if layers.keys() != set(wanted):
        others = sorted(layers.keys() ^ set(wanted))
        raise RuntimeError(f"adapter landed in other modules than asked: {others[:8]}")
    family.model.train(False)
    for layer in layers.values():
        layer.lora_dropout.train(trainable)
