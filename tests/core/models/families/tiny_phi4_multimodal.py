"""Phi-4-multimodal in miniature, with its adapter for speech, and the stock processor's way.

The stock processor cannot be made without an image library, so its parts are called one by one.
"""

from __future__ import annotations

from pathlib import Path

import torch
from torch import Tensor
from transformers import (
    AutoTokenizer,
    Phi4MultimodalConfig,
    Phi4MultimodalFeatureExtractor,
    Phi4MultimodalForCausalLM,
)

from core.audio.files import SAMPLE_RATE
from core.models.family import Samples
from tests.core.models.families.contract import TinyFamily, enlarge, linear_names, tiny_tokenizer
from tests.core.models.families.tiny_granite_speech import add_speech_adapter

CONTROL = ["<|endoftext|>", "<|user|>", "<|assistant|>", "<|end|>", "<|image|>", "<|audio|>"]


def build(folder: Path) -> None:
    tokens = tiny_tokenizer(CONTROL, end="<|end|>", pad="<|endoftext|>")
    pad = tokens.convert_tokens_to_ids("<|endoftext|>")
    torch.manual_seed(3)
    config = Phi4MultimodalConfig(
        vocab_size=len(tokens),
        hidden_size=32,
        intermediate_size=48,
        num_hidden_layers=2,
        num_attention_heads=2,
        num_key_value_heads=2,
        tie_word_embeddings=True,
        sliding_window=262144,
        bos_token_id=pad,
        pad_token_id=pad,
        eos_token_id=[pad, tokens.convert_tokens_to_ids("<|end|>")],
        vision_config={
            "hidden_size": 16,
            "intermediate_size": 16,
            "num_hidden_layers": 2,
            "num_attention_heads": 2,
            "image_size": 28,
            "crop_size": 28,
            "image_token_id": tokens.convert_tokens_to_ids("<|image|>"),
        },
        audio_config={
            "hidden_size": 32,
            "intermediate_size": 48,
            "num_blocks": 2,
            "num_attention_heads": 2,
            "ext_pw_out_channel": 32,
            "depthwise_separable_out_channel": 32,
            "nemo_conv_channels": 8,
            "audio_token_id": tokens.convert_tokens_to_ids("<|audio|>"),
        },
    )
    model = Phi4MultimodalForCausalLM(config)
    enlarge(model)
    model.save_pretrained(folder)
    tokens.save_pretrained(folder)
    Phi4MultimodalFeatureExtractor().save_pretrained(folder)
    add_speech_adapter(model, folder / "speech-lora", r"model\.layers.*\.(qkv_proj|down_proj)")


def stock_inputs(
    folder: Path, text: str | None, samples: Samples | None, instruction: str
) -> dict[str, Tensor]:
    tokens = AutoTokenizer.from_pretrained(folder)
    inputs: dict[str, Tensor] = {}
    content = f"{text}\n{instruction}"
    if samples is not None:
        extractor = Phi4MultimodalFeatureExtractor.from_pretrained(folder)
        inputs = dict(extractor([samples], sampling_rate=SAMPLE_RATE, return_tensors="pt"))
        content = "<|audio|>" * int(inputs["audio_embed_sizes"][0]) + instruction
    encoded = tokens(f"<|user|>{content}<|end|><|assistant|>", return_tensors="pt")
    return {"input_ids": encoded["input_ids"], "attention_mask": encoded["attention_mask"], **inputs}


TINY = TinyFamily(
    build,
    stock_inputs,
    linear_names(
        "model.layers", 2, "self_attn.qkv_proj", "self_attn.o_proj", "mlp.gate_up_proj", "mlp.down_proj"
    ),
    others=("model.embed_tokens_extend.image_embed.",),
)
