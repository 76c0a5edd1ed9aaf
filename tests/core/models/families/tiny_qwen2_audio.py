"""Qwen2-Audio in miniature, and the stock processor's way."""

from __future__ import annotations

from pathlib import Path

from torch import Tensor
from transformers import Qwen2AudioProcessor

from core.models.family import Samples
from tests.core.models.families.contract import LLAMA_LINEAR, TinyFamily, linear_names, processed
from tests.core.models.tiny import build_tiny_model


def build(folder: Path) -> None:
    build_tiny_model(folder)


def stock_inputs(
    folder: Path, text: str | None, samples: Samples | None, instruction: str
) -> dict[str, Tensor]:
    return processed(Qwen2AudioProcessor.from_pretrained(folder), text, samples, instruction)


TINY = TinyFamily(build, stock_inputs, linear_names("model.language_model.layers", 2, *LLAMA_LINEAR))
