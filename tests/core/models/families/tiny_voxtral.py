"""Voxtral in miniature. Its stock processor needs mistral-common for prompts, which are put together here
token by token; the features are the stock processor's."""

from __future__ import annotations

import json
import re
from base64 import b64encode
from pathlib import Path

import torch
from torch import Tensor
from transformers import (
    VoxtralConfig,
    VoxtralForConditionalGeneration,
    VoxtralProcessor,
    WhisperFeatureExtractor,
)

from core.models.family import Samples
from tests.core.models.families.contract import CORPUS, LLAMA_LINEAR, TinyFamily, enlarge, linear_names

# As in Voxtral's tekken.json, whose other ranks below 1000 are spare.
BEGIN, END, INSTRUCT, INSTRUCTED, PAD, AUDIO, BEGIN_AUDIO, TRANSCRIBE = 1, 2, 3, 4, 11, 24, 25, 34
CONTROL = {
    0: "<unk>", BEGIN: "<s>", END: "</s>", INSTRUCT: "[INST]", INSTRUCTED: "[/INST]", PAD: "<pad>",
    AUDIO: "[AUDIO]", BEGIN_AUDIO: "[BEGIN_AUDIO]", TRANSCRIBE: "[TRANSCRIBE]",
}  # fmt: skip
SPECIALS = 40
PATTERN = r" ?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+|\s+"
WINDOW_TOKENS = 375


def build(folder: Path) -> None:
    # Not the processor's `save_pretrained`: the model on the Hub has its files in these older forms.
    WhisperFeatureExtractor(feature_size=16).save_pretrained(folder)
    vocabulary = [bytes([byte]) for byte in range(256)]
    vocabulary += sorted({word.encode() for line in CORPUS for word in re.findall(r" ?[a-zA-Z]{2,}", line)})
    (folder / "tekken.json").write_text(json.dumps(tekken(vocabulary)))
    config = VoxtralConfig(
        audio_config={
            "model_type": "voxtral_encoder",
            "num_mel_bins": 16,
            "hidden_size": 16,
            "num_hidden_layers": 2,
            "num_attention_heads": 2,
            "intermediate_size": 64,
        },
        text_config={
            "model_type": "llama",
            "vocab_size": SPECIALS + len(vocabulary),
            "hidden_size": 32,
            "intermediate_size": 48,
            "num_hidden_layers": 2,
            "num_attention_heads": 4,
            "num_key_value_heads": 2,
            "head_dim": 8,
            "max_position_embeddings": 1024,
        },
        audio_token_id=AUDIO,
    )
    torch.manual_seed(3)
    model = VoxtralForConditionalGeneration(config)
    enlarge(model)
    model.save_pretrained(folder)


def tekken(vocabulary: list[bytes]) -> dict[str, object]:
    """The content of a tekken.json with these tokens behind the special ones."""
    return {
        "config": {
            "pattern": PATTERN,
            "num_vocab_tokens": len(vocabulary),
            "default_vocab_size": SPECIALS + len(vocabulary),
            "default_num_special_tokens": SPECIALS,
            "version": "v7",
        },
        "special_tokens": [
            {"rank": rank, "token_str": CONTROL.get(rank, f"<SPECIAL_{rank}>"), "is_control": True}
            for rank in range(SPECIALS)
        ],
        "vocab": [
            {"rank": rank, "token_bytes": b64encode(token).decode(), "token_str": None}
            for rank, token in enumerate(vocabulary)
        ],
        "audio": {
            "sampling_rate": 16_000,
            "frame_rate": 12.5,
            "audio_encoding_config": {"num_mel_bins": 16, "hop_length": 160, "window_size": 400},
            "chunk_length_s": 30.0,
        },
    }


def stock_inputs(
    folder: Path, text: str | None, samples: Samples | None, instruction: str
) -> dict[str, Tensor]:
    processor = VoxtralProcessor.from_pretrained(folder, mistral_format=False)
    inputs: dict[str, Tensor] = {}
    if samples is None:
        asked = processor.tokenizer(f"{text}\n{instruction}")["input_ids"]
    else:
        spoken = [BEGIN_AUDIO, *[AUDIO] * WINDOW_TOKENS]
        asked = [*spoken, *processor.tokenizer(instruction)["input_ids"]]
        inputs["input_features"] = processor._retrieve_input_features([samples], **processor.audio_kwargs)
    inputs["input_ids"] = torch.tensor([[BEGIN, INSTRUCT, *asked, INSTRUCTED]])
    inputs["attention_mask"] = torch.ones_like(inputs["input_ids"])
    return inputs


TINY = TinyFamily(build, stock_inputs, linear_names("model.language_model.layers", 2, *LLAMA_LINEAR))
