"""Gemma 4 in miniature, and the stock processor's way.

It has all that is special about the real ones: layers that see only the latest tokens, layers that reuse the
keys and values of others, embeddings for each layer, capped scores and a head tied to the embeddings. The
stock processor cannot be made without an image library, so its parts are called one by one.
"""

from __future__ import annotations

from pathlib import Path

import torch
from torch import Tensor
from transformers import (
    AutoTokenizer,
    Gemma4AudioFeatureExtractor,
    Gemma4Config,
    Gemma4ForConditionalGeneration,
)

from core.models.family import Samples
from tests.core.models.families.contract import (
    LLAMA_LINEAR,
    TinyFamily,
    enlarge,
    linear_names,
    tiny_tokenizer,
)

TEMPLATE = (
    "<bos>{% for message in messages %}<|turn>{{ message['role'] }}\n"
    "{% for part in message['content'] %}"
    "{% if part['type'] == 'audio' %}<|audio|>{% else %}{{ part['text'] | trim }}{% endif %}"
    "{% endfor %}<turn|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|turn>model\n{% endif %}"
)
AUDIO = {"audio_token": "<|audio|>", "boa_token": "<|audio>", "eoa_token": "<audio|>"}
CONTROL = ["<pad>", "<bos>", "<|turn>", "<turn|>", "<|image|>", "<|video|>", *AUDIO.values()]


def build(folder: Path) -> None:
    tokens = tiny_tokenizer(CONTROL, end="<turn|>", pad="<pad>", extra_special_tokens=AUDIO)
    tokens.chat_template = TEMPLATE
    ids = {token: tokens.convert_tokens_to_ids(token) for token in CONTROL}
    torch.manual_seed(3)
    config = Gemma4Config(
        text_config={
            "vocab_size": len(tokens),
            "vocab_size_per_layer_input": len(tokens),
            "hidden_size": 32,
            "hidden_size_per_layer_input": 8,
            "intermediate_size": 48,
            "num_hidden_layers": 4,
            "layer_types": ["sliding_attention", "full_attention"] * 2,
            "num_kv_shared_layers": 2,
            "use_double_wide_mlp": True,
            "num_attention_heads": 4,
            "num_key_value_heads": 2,
            "head_dim": 8,
            "global_head_dim": 16,
            "sliding_window": 12,
            "final_logit_softcapping": 4.0,
            "pad_token_id": ids["<pad>"],
            "bos_token_id": ids["<bos>"],
            "eos_token_id": ids["<turn|>"],
        },
        audio_config={
            "hidden_size": 32,
            "num_hidden_layers": 2,
            "num_attention_heads": 2,
            "subsampling_conv_channels": [16, 8],
            "output_proj_dims": 24,
        },
        vision_config={
            "hidden_size": 16,
            "intermediate_size": 16,
            "num_hidden_layers": 1,
            "num_attention_heads": 2,
            "num_key_value_heads": 2,
            "head_dim": 8,
            "position_embedding_size": 16,
        },
        image_token_id=ids["<|image|>"],
        video_token_id=ids["<|video|>"],
        audio_token_id=ids["<|audio|>"],
        boa_token_id=ids["<|audio>"],
        eoa_token_index=ids["<audio|>"],
    )
    model = Gemma4ForConditionalGeneration(config)
    enlarge(model)
    model.save_pretrained(folder)
    tokens.save_pretrained(folder)
    Gemma4AudioFeatureExtractor(feature_size=16).save_pretrained(folder)


def stock_inputs(
    folder: Path, text: str | None, samples: Samples | None, instruction: str
) -> dict[str, Tensor]:
    tokens = AutoTokenizer.from_pretrained(folder)
    inputs: dict[str, Tensor] = {}
    first = {"type": "audio"} if samples is not None else {"type": "text", "text": f"{text}\n{instruction}"}
    rest = [] if samples is None else [{"type": "text", "text": instruction}]
    message = {"role": "user", "content": [first, *rest]}
    prompt = str(tokens.apply_chat_template([message], tokenize=False, add_generation_prompt=True))
    if samples is not None:
        inputs = dict(Gemma4AudioFeatureExtractor.from_pretrained(folder)([samples], return_tensors="pt"))
        length = int(inputs["input_features_mask"][0, ::2][::2].sum())
        prompt = prompt.replace("<|audio|>", "<|audio>" + "<|audio|>" * length + "<audio|>")
    encoded = tokens(prompt, return_tensors="pt", add_special_tokens=False)
    return {"input_ids": encoded["input_ids"], "attention_mask": encoded["attention_mask"], **inputs}


PER_LAYER = ("per_layer_input_gate", "per_layer_projection")
WITHOUT_KEYS = tuple(name for name in LLAMA_LINEAR if name not in ("self_attn.k_proj", "self_attn.v_proj"))
LAYERS = "model.language_model.layers"

TINY = TinyFamily(
    build,
    stock_inputs,
    linear_names(LAYERS, 2, *LLAMA_LINEAR, *PER_LAYER)
    | linear_names(LAYERS, 4, *WITHOUT_KEYS, *PER_LAYER)
    | {"model.language_model.per_layer_model_projection"},
    others=("model.vision_tower.", "model.embed_vision."),
)
