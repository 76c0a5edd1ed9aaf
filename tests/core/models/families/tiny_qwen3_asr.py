"""Qwen3-ASR in miniature, and the stock processor's way."""

from __future__ import annotations

from pathlib import Path

import torch
from torch import Tensor
from transformers import (
    Qwen3ASRConfig,
    Qwen3ASRFeatureExtractor,
    Qwen3ASRForConditionalGeneration,
    Qwen3ASRProcessor,
)

from core.audio.files import SAMPLE_RATE
from core.models.family import Samples
from tests.core.models.families.contract import (
    LLAMA_LINEAR,
    TinyFamily,
    enlarge,
    linear_names,
    tiny_tokenizer,
)

WINDOW_S = 8
RECORDING = "<|audio_start|><|audio_pad|><|audio_end|>"
NAMED = {
    "audio_token": "<|audio_pad|>",
    "audio_bos_token": "<|audio_start|>",
    "audio_eos_token": "<|audio_end|>",
}
TEMPLATE = (
    "<|im_start|>system\n"
    "{% for message in messages if message['role'] == 'system' %}{% for part in message['content'] %}"
    "{{ part['text'] }}{% endfor %}{% endfor %}<|im_end|>\n<|im_start|>user\n"
    "{% for message in messages %}{% for part in message['content'] if part['type'] == 'audio' %}"
    + RECORDING
    + "{% endfor %}{% endfor %}<|im_end|>\n"
    "{% for message in messages if message['role'] == 'assistant' %}<|im_start|>assistant\n"
    "{% for part in message['content'] %}{{ part['text'] }}{% endfor %}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)
"""As the real one: the system's text, the recordings, the assistant's text, and no text of the user's."""


def build(folder: Path) -> None:
    control = ["<|endoftext|>", "<|im_start|>", "<|im_end|>", *NAMED.values()]
    tokenizer = tiny_tokenizer(control, end="<|im_end|>", pad="<|endoftext|>", **NAMED)
    tokenizer.add_tokens(["<asr_text>"])
    extractor = Qwen3ASRFeatureExtractor(feature_size=16, chunk_length=WINDOW_S)
    Qwen3ASRProcessor(extractor, tokenizer, chat_template=TEMPLATE).save_pretrained(folder)
    config = Qwen3ASRConfig(
        audio_config={
            "num_mel_bins": 16,
            "d_model": 16,
            "encoder_layers": 2,
            "encoder_attention_heads": 2,
            "encoder_ffn_dim": 32,
            # Two chunks, so that a recording of the tests is longer than what is attended to at once.
            "n_window_infer": 200,
            "downsample_hidden_size": 8,
            "output_dim": 32,
        },
        text_config={
            "vocab_size": len(tokenizer),
            "hidden_size": 32,
            "intermediate_size": 48,
            "num_hidden_layers": 2,
            "num_attention_heads": 2,
            "num_key_value_heads": 1,
            "head_dim": 16,
            "max_position_embeddings": 1024,
            "tie_word_embeddings": True,
        },
        audio_token_id=tokenizer.convert_tokens_to_ids("<|audio_pad|>"),
        pad_token_id=tokenizer.pad_token_id,
        eos_token_id=tokenizer.eos_token_id,
        tie_word_embeddings=True,
    )
    torch.manual_seed(3)
    model = Qwen3ASRForConditionalGeneration(config)
    enlarge(model)
    model.save_pretrained(folder)


def stock_inputs(
    folder: Path, text: str | None, samples: Samples | None, instruction: str
) -> dict[str, Tensor]:
    processor = Qwen3ASRProcessor.from_pretrained(folder)
    messages = [
        {"role": "system", "content": [{"type": "text", "text": instruction}]},
        {"role": "user", "content": [{"type": "audio", "audio": ""}]},
    ]
    prompt = processor.apply_chat_template(messages, tokenize=False, add_generation_prompt=True)
    if text is not None:
        # The stock processor refuses text without audio: its tokenizer alone.
        return dict(processor.tokenizer(prompt.replace(RECORDING, f"{text}\n"), return_tensors="pt"))
    return dict(processor(text=[prompt], audio=[samples], sampling_rate=SAMPLE_RATE))


TINY = TinyFamily(build, stock_inputs, linear_names("model.language_model.layers", 2, *LLAMA_LINEAR))
