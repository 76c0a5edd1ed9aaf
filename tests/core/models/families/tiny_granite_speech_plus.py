"""Granite Speech Plus in miniature: its projector sees two more of the tower's layers; it has no adapter."""

from __future__ import annotations

from pathlib import Path

import torch
from transformers import GraniteSpeechPlusConfig, GraniteSpeechPlusForConditionalGeneration

from tests.core.models.families.contract import LLAMA_LINEAR, TinyFamily, linear_names
from tests.core.models.families.tiny_granite_speech import configuration, stock_inputs, tokenizer, write


def build(folder: Path) -> None:
    tokens = tokenizer()
    torch.manual_seed(3)
    settings = configuration(tokens, hearing=3 * 32, cat_hidden_layers=[0, 3])
    config = GraniteSpeechPlusConfig(**settings, has_lora_adapter=False)
    write(folder, GraniteSpeechPlusForConditionalGeneration(config), tokens)


TINY = TinyFamily(build, stock_inputs, linear_names("model.language_model.layers", 2, *LLAMA_LINEAR))
