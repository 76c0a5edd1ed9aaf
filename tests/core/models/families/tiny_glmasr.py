"""GLM-ASR in miniature, and the stock processor's way."""

from __future__ import annotations

from pathlib import Path

import torch
from torch import Tensor
from transformers import (
    GlmAsrConfig,
    GlmAsrForConditionalGeneration,
    GlmAsrProcessor,
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

CONTROL = [
    "<|endoftext|>", "<|system|>", "<|user|>", "<|assistant|>", "<|observation|>",
    "<|pad|>", "<|begin_of_audio|>", "<|end_of_audio|>",
]  # fmt: skip
# As on the Hub: the sound is a turn of its own, and no turn has an end.
TEMPLATE = (
    "{% for message in messages %}<|{{ message['role'] }}|>\n{% for part in message['content'] %}"
    "{% if part['type'] == 'audio' %}<|begin_of_audio|><|pad|><|end_of_audio|><|user|>\n"
    "{% else %}{{ part['text'] }}{% endif %}{% endfor %}{% endfor %}"
    "{% if add_generation_prompt %}<|assistant|>\n{% endif %}"
)


def build(folder: Path) -> None:
    tokenizer = tiny_tokenizer(CONTROL, end="<|endoftext|>", pad="<|endoftext|>")
    extractor = WhisperFeatureExtractor(feature_size=16, chunk_length=8)
    GlmAsrProcessor(extractor, tokenizer, chat_template=TEMPLATE).save_pretrained(folder)
    vocabulary = tokenizer.get_vocab()
    config = GlmAsrConfig(
        audio_config={
            "model_type": "glmasr_encoder",
            "num_mel_bins": 16,
            "hidden_size": 16,
            "num_hidden_layers": 2,
            "num_attention_heads": 2,
            "intermediate_size": 64,
        },
        text_config={
            "model_type": "llama",
            "vocab_size": len(tokenizer),
            "hidden_size": 32,
            "intermediate_size": 48,
            "num_hidden_layers": 2,
            "num_attention_heads": 4,
            "num_key_value_heads": 2,
            "max_position_embeddings": 1024,
            "eos_token_id": [vocabulary[end] for end in ("<|endoftext|>", "<|user|>", "<|observation|>")],
        },
        audio_token_id=vocabulary["<|pad|>"],
    )
    torch.manual_seed(3)
    model = GlmAsrForConditionalGeneration(config)
    enlarge(model)
    model.save_pretrained(folder)


def stock_inputs(
    folder: Path, text: str | None, samples: Samples | None, instruction: str
) -> dict[str, Tensor]:
    return processed(GlmAsrProcessor.from_pretrained(folder), text, samples, instruction)


TINY = TinyFamily(build, stock_inputs, linear_names("model.language_model.layers", 2, *LLAMA_LINEAR))
