"""Whether the language model can be kept in 8 or 4 bits here, found out before anything is loaded."""

from __future__ import annotations

import importlib.util
import sys
from typing import Final, Literal

from core.errors import UserError
from core.experiment.spec import Quantization
from core.models.registry import WITH_EXPERTS

BITS: Final[dict[Quantization, Literal[4, 8] | None]] = {"none": None, "8bit": 8, "4bit": 4}

_OTHERWISE: Final = 'Or set training.quantization = "none".'


def refuse_quantization(quantization: Quantization, *, card: bool) -> None:
    """Raise UserError when this computer cannot quantise as asked. card: whether CUDA runs on it."""
    if quantization == "none":
        return
    where = f"training.quantization = {quantization}"
    if not card:
        raise UserError(
            "Quantised models need a graphics card from NVIDIA, and there is none that works here.",
            where=where,
            remedy=f"Use a computer with such a card and its driver. {_OTHERWISE}",
        )
    if importlib.util.find_spec("bitsandbytes") is None:
        raise UserError(
            "Quantised models need the library bitsandbytes, which is not installed.",
            where=where,
            remedy=f"Install it: {sys.executable} -m pip install bitsandbytes. {_OTHERWISE}",
        )


def refuse_quantized_experts(quantization: Quantization, model_type: str, where: str) -> None:
    """Raise UserError for a model that would hardly get smaller."""
    if quantization != "none" and model_type in WITH_EXPERTS:
        raise UserError(
            "Most weights of this model are in its experts, which cannot be quantised.",
            where=where,
            remedy='Set training.quantization = "none", or choose a base model without experts.',
        )
