"""Which number format a run computes in."""

from __future__ import annotations

import torch

from core.experiment.spec import Precision


def training_device() -> torch.device:
    """The graphics card if there is one, else the processor."""
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


def mixed_precision(wanted: Precision) -> str:
    """accelerate's name for the precision: "auto" means bf16 on a card that has it, else float32.

    Processors here compute bf16 more slowly than float32, so "auto" never chooses it for them.
    """
    capable = torch.cuda.is_available() and torch.cuda.is_bf16_supported()
    return "bf16" if wanted == "bf16" or (wanted == "auto" and capable) else "no"


def weights_dtype(wanted: Precision) -> torch.dtype:
    """Format the frozen base model is kept in; what learns is always float32."""
    bf16_on_card = mixed_precision(wanted) == "bf16" and torch.cuda.is_available()
    return torch.bfloat16 if bf16_on_card else torch.float32
