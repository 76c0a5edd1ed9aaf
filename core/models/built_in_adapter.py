"""A LoRA adapter that a base model brings along: merged into its language model when it is loaded.

Some models (Granite Speech, Phi-4-multimodal) are a text model and an adapter without which it understands
little of what it hears. Granite's stock `generate` switches it on for prompts with audio and off for others.
Here it becomes part of the weights, for text prompts too: text stands in for speech in training, so it has to
be read by the weights that hear.
"""

from __future__ import annotations

from typing import Any, cast

from peft.tuners.tuners_utils import BaseTunerLayer
from transformers import PreTrainedModel
from transformers.utils.hub import cached_file

from core.models.lora import ADAPTER_CONFIG, ADAPTER_WEIGHTS


def has_adapter(source: str, subfolder: str = "") -> bool:
    """Whether a folder or a model of the Hub holds an adapter.

    Raises OSError when its weights are not there as safetensors: the stock loader would then open a pickle.
    """
    config = cached_file(
        source, ADAPTER_CONFIG, subfolder=subfolder, _raise_exceptions_for_missing_entries=False
    )
    return config is not None and cached_file(source, ADAPTER_WEIGHTS, subfolder=subfolder) is not None


def merge_adapter(model: PreTrainedModel) -> None:
    """Make the adapter that the stock loader put into `model` part of its weights."""
    for name, layer in list(model.named_modules()):
        if isinstance(layer, BaseTunerLayer):
            layer.merge()
            model.set_submodule(name, layer.get_base_layer())
    # The model's own `delete_adapter` does only this, but asks for a newer peft.
    adapted = cast(Any, model)
    del adapted.peft_config
    adapted._hf_peft_config_loaded = False  # noqa: SLF001
