"""Audio Flamingo 3 in miniature, and the stock processor's way."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from transformers import (
    AudioFlamingo3Config,
    AudioFlamingo3ForConditionalGeneration,
    AudioFlamingo3Processor,
    WhisperFeatureExtractor,
)

from core.models.family import Samples
from tests.core.models.families.contract import (
    LLAMA_LINEAR,
    TinyFamily,
    enlarge,
    linear_names,
    processed,
    tiny_tokenizer,
)

WINDOW_S = 8
CONTROL = ["<|endoftext|>", "<|im_start|>", "<|im_end|>", "<sound>"]
# As on the Hub: a system turn, and the sound before all text, with nothing between.
TEMPLATE = (
    "{% if messages[0]['role'] != 'system' %}<|im_start|>system\nYou are a helpful assistant.<|im_end|>\n"
    "{% endif %}{% for message in messages %}<|im_start|>{{ message['role'] }}\n"
    "{% if message['content'] | selectattr('type', 'equalto', 'audio') | list %}<sound>{% endif %}"
    "{% for part in message['content'] if part['type'] == 'text' %}{{ part['text'] }}{% endfor %}"
    "<|im_end|>\n{% endfor %}{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)


def extractor() -> WhisperFeatureExtractor:
    return WhisperFeatureExtractor(feature_size=16, chunk_length=WINDOW_S, return_attention_mask=True)


def configuration(vocabulary: dict[str, int]) -> dict[str, Any]:
    """What both Flamingos have. The tower's width leaves Music Flamingo's rotation two pairs of 20."""
    return {
        "audio_config": {
            "model_type": "audioflamingo3_encoder",
            "num_mel_bins": 16,
            "hidden_size": 20,
            "num_hidden_layers": 2,
            "num_attention_heads": 2,
            "intermediate_size": 32,
            "max_source_positions": WINDOW_S * 50,
        },
        "text_config": {
            "model_type": "qwen2",
            "vocab_size": len(vocabulary),
            "hidden_size": 32,
            "intermediate_size": 48,
            "num_hidden_layers": 2,
            "num_attention_heads": 2,
            "num_key_value_heads": 2,
            "max_position_embeddings": 1024,
        },
        "audio_token_id": vocabulary["<sound>"],
    }


def build(folder: Path) -> None:
    tokenizer = tiny_tokenizer(CONTROL, end="<|im_end|>", pad="<|endoftext|>")
    AudioFlamingo3Processor(extractor(), tokenizer, chat_template=TEMPLATE).save_pretrained(folder)
    torch.manual_seed(3)
    config = AudioFlamingo3Config(**configuration(tokenizer.get_vocab()))
    model = AudioFlamingo3ForConditionalGeneration(config)
    enlarge(model)
    model.save_pretrained(folder)


def stock_inputs(
    folder: Path, text: str | None, samples: Samples | None, instruction: str
) -> dict[str, Tensor]:
    return processed(AudioFlamingo3Processor.from_pretrained(folder), text, samples, instruction)


LORA = linear_names("model.language_model.layers", 2, *LLAMA_LINEAR)
TINY = TinyFamily(build, stock_inputs, LORA)
