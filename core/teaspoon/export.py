"""Writes the embedded model as ordinary Hugging Face files."""

from __future__ import annotations

import copy
import os
import tempfile
from pathlib import Path

import torch
from transformers import GenerationConfig, PreTrainedTokenizerFast, Qwen2AudioForConditionalGeneration

from core.teaspoon.tokenizer import END, PAD, save_processor


def export(
    model: Qwen2AudioForConditionalGeneration, tokenizer: PreTrainedTokenizerFast, folder: Path
) -> None:
    """Save model (float16) and processor into `folder`; a reader never sees half a file."""
    pad, end = tokenizer.convert_tokens_to_ids([PAD, END])
    shipped = copy.deepcopy(model).to(torch.float16)
    shipped.generation_config = GenerationConfig(
        pad_token_id=pad, eos_token_id=end, max_new_tokens=128, do_sample=False
    )
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent) as name:
        shipped.save_pretrained(name)
        save_processor(tokenizer, Path(name))
        for file in sorted(Path(name).iterdir()):
            os.replace(file, folder / file.name)
