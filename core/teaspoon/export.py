"""Writes the embedded model as ordinary Hugging Face files."""

from __future__ import annotations

import copy
import tempfile
from pathlib import Path
from typing import Any, cast

from transformers import GenerationConfig, PreTrainedTokenizerFast, Qwen2AudioForConditionalGeneration

from core.teaspoon.tasks import TRANSCRIBE
from core.teaspoon.tokenizer import END, PAD, save_processor, token_ids


def export(
    model: Qwen2AudioForConditionalGeneration, tokenizer: PreTrainedTokenizerFast, folder: Path
) -> None:
    """Save model (float16) and processor into `folder`; a reader never sees half a file."""
    pad, end = token_ids(tokenizer, PAD, END)
    shipped = copy.deepcopy(model)
    cast(Any, shipped).half()
    make: Any = GenerationConfig
    shipped.generation_config = make(
        pad_token_id=pad,
        eos_token_id=end,
        max_new_tokens=128,
        do_sample=False,
        # Not one of transformers' own settings; it keeps others. `core.models.qwen2_audio` reads it.
        transcription_instruction=TRANSCRIBE,
    )
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent) as name:
        shipped.save_pretrained(name)
        save_processor(tokenizer, Path(name))
        for file in sorted(Path(name).iterdir()):
            # The temporary folder is the owner's alone; these files are for everybody.
            file.chmod(0o644)
            file.replace(folder / file.name)
