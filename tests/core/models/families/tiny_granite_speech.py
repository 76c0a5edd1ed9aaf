"""Granite Speech in miniature, with the adapter for speech it comes with, and the stock processor's way.

The stock extractor cannot be made without torchaudio, so its features are computed here from the formulas in
torchaudio's documentation, independently of `core.models.granite_speech`.
"""

from __future__ import annotations

import json
from math import ceil
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from peft import LoraConfig, get_peft_model
from tokenizers import AddedToken
from torch import Tensor
from transformers import (
    AutoTokenizer,
    GraniteSpeechConfig,
    GraniteSpeechForConditionalGeneration,
    PreTrainedModel,
    PreTrainedTokenizerFast,
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
    "{% for message in messages %}<|start_of_role|>{{ message['role'] }}<|end_of_role|>"
    "{{ message['content'] }}<|end_of_text|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|start_of_role|>assistant<|end_of_role|>{% endif %}"
)
CONTROL = ["<|end_of_text|>", "<|start_of_role|>", "<|end_of_role|>"]
WINDOW, DOWNSAMPLE = 15, 5


def tokenizer() -> PreTrainedTokenizerFast:
    """Its last token is the placeholder, for which the model has no embedding, as in the first releases."""
    made = tiny_tokenizer(CONTROL, end="<|end_of_text|>", pad="<|end_of_text|>")
    made.add_tokens([AddedToken("<|audio|>", special=True)])
    made.chat_template = TEMPLATE
    return made


def configuration(tokens: PreTrainedTokenizerFast, *, hearing: int = 32, **encoder: Any) -> dict[str, Any]:
    """Of both kinds of Granite Speech. hearing: width of what the projector is given."""
    return {
        "encoder_config": {
            "input_dim": 160,
            "num_layers": 4,
            "hidden_dim": 32,
            "num_heads": 2,
            "output_dim": 12,
            "context_size": 20,
            "max_pos_emb": 40,
            **encoder,
        },
        "projector_config": {
            "model_type": "blip_2_qformer",
            "hidden_size": 32,
            "num_hidden_layers": 2,
            "num_attention_heads": 2,
            "intermediate_size": 48,
            "encoder_hidden_size": hearing,
            "cross_attention_frequency": 1,
        },
        "text_config": {
            "model_type": "granite",
            "vocab_size": len(tokens) - 1,
            "hidden_size": 32,
            "intermediate_size": 48,
            "num_hidden_layers": 2,
            "num_attention_heads": 2,
            "num_key_value_heads": 2,
            "embedding_multiplier": 3.0,
            "residual_multiplier": 0.5,
            "attention_multiplier": 0.1,
            "tie_word_embeddings": True,
        },
        "audio_token_index": tokens.convert_tokens_to_ids("<|audio|>"),
        "window_size": WINDOW,
        "downsample_rate": DOWNSAMPLE,
        "tie_word_embeddings": True,
    }


def write(folder: Path, model: PreTrainedModel, tokens: PreTrainedTokenizerFast) -> None:
    """With running statistics that are not those of a fresh model, and the extractor's file as on the Hub."""
    enlarge(model, but=("rel_pos_emb",))
    for module in model.modules():
        if isinstance(module, torch.nn.BatchNorm1d):
            torch.nn.init.normal_(module.running_mean, std=0.3)
            torch.nn.init.uniform_(module.running_var, 0.5, 2.0)
    model.save_pretrained(folder)
    tokens.save_pretrained(folder)
    settings = {
        "feature_extractor_type": "GraniteSpeechFeatureExtractor",
        "melspec_kwargs": {
            "hop_length": 160,
            "n_fft": 512,
            "n_mels": 80,
            "sample_rate": 16000,
            "win_length": 400,
        },
        "processor_class": "GraniteSpeechProcessor",
        "projector_downsample_rate": DOWNSAMPLE,
        "projector_window_size": WINDOW,
        "sampling_rate": 16000,
    }
    (folder / "preprocessor_config.json").write_text(json.dumps(settings))


def add_speech_adapter(model: PreTrainedModel, folder: Path, targets: str) -> None:
    """Write an adapter that makes a difference, as peft writes it."""
    config = LoraConfig(r=4, lora_alpha=8, target_modules=targets, init_lora_weights=False)
    get_peft_model(model, config).save_pretrained(str(folder))


def build(folder: Path) -> None:
    tokens = tokenizer()
    torch.manual_seed(3)
    config = GraniteSpeechConfig(**configuration(tokens), has_lora_adapter=True)
    model = GraniteSpeechForConditionalGeneration(config)
    write(folder, model, tokens)
    add_speech_adapter(model, folder, r".*language_model.*\.(q_proj|v_proj)")


def mel_filters(n_fft: int, n_mels: int) -> NDArray[np.float64]:
    """[bins, mels]: triangles between points that are equally far apart on HTK's scale, 0 to 8000 Hz."""
    bins = np.linspace(0, 8000, n_fft // 2 + 1)
    highest = 2595 * np.log10(1 + 8000 / 700)
    points = 700 * (10 ** (np.linspace(0, highest, n_mels + 2) / 2595) - 1)
    low, middle, high = points[:-2], points[1:-1], points[2:]
    up = (bins[:, None] - low) / (middle - low)
    down = (high - bins[:, None]) / (high - middle)
    return np.maximum(0, np.minimum(up, down))


def stock_features(samples: Samples) -> NDArray[np.float64]:
    """[frames, 160], in double precision."""
    n_fft, width, hop = 512, 400, 160
    padded = np.pad(samples.astype(np.float64), n_fft // 2, mode="reflect")
    window = np.zeros(n_fft)
    window[(n_fft - width) // 2 :][:width] = np.sin(np.pi * np.arange(width) / width) ** 2
    starts = range(0, len(padded) - n_fft + 1, hop)
    power = np.abs(np.fft.rfft([padded[start : start + n_fft] * window for start in starts])) ** 2
    decades = np.log10(np.maximum(power @ mel_filters(n_fft, 80), 1e-10))
    decades = np.maximum(decades, decades.max() - 8) / 4 + 1
    return decades[: len(decades) // 2 * 2].reshape(-1, 160)


def stock_inputs(
    folder: Path, text: str | None, samples: Samples | None, instruction: str
) -> dict[str, Tensor]:
    tokens = AutoTokenizer.from_pretrained(folder)
    content = f"{text}\n{instruction}" if samples is None else f"<|audio|>{instruction}"
    message = {"role": "user", "content": content}
    prompt = str(tokens.apply_chat_template([message], tokenize=False, add_generation_prompt=True))
    inputs: dict[str, Tensor] = {}
    if samples is not None:
        features = stock_features(samples)
        length = ceil(len(features) / WINDOW) * WINDOW // DOWNSAMPLE
        prompt = prompt.replace("<|audio|>", "<|audio|>" * length)
        inputs["input_features"] = torch.from_numpy(features)[None].float()
        inputs["input_features_mask"] = torch.ones(1, length, dtype=torch.bool)
    encoded = tokens(prompt, return_tensors="pt")
    return {"input_ids": encoded["input_ids"], "attention_mask": encoded["attention_mask"], **inputs}


TINY = TinyFamily(build, stock_inputs, linear_names("model.language_model.layers", 2, *LLAMA_LINEAR))
