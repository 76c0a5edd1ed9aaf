"""Music Flamingo in miniature, and the stock processor's way."""

from __future__ import annotations

from pathlib import Path

import torch
from torch import Tensor
from transformers import MusicFlamingoConfig, MusicFlamingoForConditionalGeneration, MusicFlamingoProcessor

from core.models.family import Samples
from tests.core.models.families.contract import TinyFamily, enlarge, processed, tiny_tokenizer
from tests.core.models.families.tiny_audioflamingo3 import CONTROL, LORA, TEMPLATE, configuration, extractor

MARKS = ["<|sound_bos|>", "<|sound_eos|>"]


def build(folder: Path) -> None:
    tokenizer = tiny_tokenizer([*CONTROL, *MARKS], end="<|im_end|>", pad="<|endoftext|>")
    template = TEMPLATE.replace("a helpful assistant", "Music Flamingo")
    MusicFlamingoProcessor(extractor(), tokenizer, chat_template=template).save_pretrained(folder)
    vocabulary = tokenizer.get_vocab()
    torch.manual_seed(3)
    config = MusicFlamingoConfig(
        **configuration(vocabulary),
        audio_bos_token_id=vocabulary["<|sound_bos|>"],
        audio_eos_token_id=vocabulary["<|sound_eos|>"],
        rope_parameters={"rope_type": "default", "rope_theta": 1200},
    )
    model = MusicFlamingoForConditionalGeneration(config)
    enlarge(model)
    model.save_pretrained(folder)


def stock_inputs(
    folder: Path, text: str | None, samples: Samples | None, instruction: str
) -> dict[str, Tensor]:
    return processed(MusicFlamingoProcessor.from_pretrained(folder), text, samples, instruction)


TINY = TinyFamily(build, stock_inputs, LORA)
