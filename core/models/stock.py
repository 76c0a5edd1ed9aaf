"""Reading a stock model's weights, all of them."""

from __future__ import annotations

from typing import Any, cast

from transformers import PreTrainedModel

from core.models.family import LoadOptions


def load_complete(model_class: type[PreTrainedModel], source: str, options: LoadOptions) -> PreTrainedModel:
    """The stock model. Raises ValueError when its files lack weights, which transformers would make up."""
    loaded: Any = model_class.from_pretrained(source, output_loading_info=True, **options.arguments())
    model, report = loaded
    missing = sorted(report["missing_keys"])
    if missing:
        raise ValueError(f"{len(missing)} weights are missing, such as {missing[0]}")
    return cast(PreTrainedModel, model)
