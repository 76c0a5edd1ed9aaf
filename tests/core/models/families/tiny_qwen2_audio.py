"""Qwen2-Audio in miniature, and the stock processor's way."""

from __future__ import annotations

from pathlib import Path

from torch import Tensor
from transformers import Qwen2AudioProcessor

from core.audio.files import SAMPLE_RATE
from core.models.family import Samples
from tests.core.models.families.contract import LLAMA_LINEAR, TinyFamily, linear_names
from tests.core.models.tiny import build_tiny_model


def build(folder: Path) -> None:
    build_tiny_model(folder)


def stock_inputs(
    folder: Path, text: str | None, samples: Samples | None, instruction: str
) -> dict[str, Tensor]:
    processor = Qwen2AudioProcessor.from_pretrained(folder)
    first = {"type": "audio", "audio": ""} if text is None else {"type": "text", "text": f"{text}\n"}
    message = {"role": "user", "content": [first, {"type": "text", "text": instruction}]}
    prompt = processor.apply_chat_template([message], tokenize=False, add_generation_prompt=True)
    audio = None if samples is None else [samples]
    return dict(processor(text=[prompt], audio=audio, sampling_rate=SAMPLE_RATE, return_tensors="pt"))


TINY = TinyFamily(build, stock_inputs, linear_names("model.language_model.layers", 2, *LLAMA_LINEAR))
