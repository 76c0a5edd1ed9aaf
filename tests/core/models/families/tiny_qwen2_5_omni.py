"""Qwen2.5-Omni in miniature, talker and all, in the layout of its repository."""

from __future__ import annotations

from pathlib import Path

import torch
from transformers import Qwen2_5OmniConfig, Qwen2_5OmniForConditionalGeneration

from tests.core.models.families.contract import LLAMA_LINEAR, TinyFamily, enlarge, linear_names
from tests.core.models.families.omni import (
    VISION,
    BlindQwen2_5OmniProcessor,
    omni_inputs,
    omni_tokenizer,
    save_beside_weights,
)

TOKENS = {
    "audio_token": "<|AUDIO|>",
    "audio_bos_token": "<|audio_bos|>",
    "audio_eos_token": "<|audio_eos|>",
    "image_token": "<|IMAGE|>",
    "video_token": "<|VIDEO|>",
    "vision_bos_token": "<|vision_bos|>",
    "vision_eos_token": "<|vision_eos|>",
}
TALKER = {
    "vocab_size": 20,
    "embedding_size": 32,
    "hidden_size": 16,
    "intermediate_size": 16,
    "num_hidden_layers": 1,
    "num_attention_heads": 2,
    "num_key_value_heads": 1,
    "head_dim": 8,
}
TOKEN2WAV = {
    "dit_config": {
        "hidden_size": 16,
        "num_hidden_layers": 1,
        "num_attention_heads": 2,
        "head_dim": 8,
        "ff_mult": 1,
        "emb_dim": 16,
        "num_embeds": 20,
        "mel_dim": 16,
        "enc_emb_dim": 8,
        "enc_dim": 8,
        "enc_channels": [8, 8, 8, 8, 8],
        "enc_attention_channels": 4,
        "enc_se_channels": 4,
    },
    "bigvgan_config": {
        "mel_dim": 16,
        "upsample_initial_channel": 8,
        "resblock_kernel_sizes": [3],
        "resblock_dilation_sizes": [[1, 1, 1]],
        "upsample_rates": [2],
        "upsample_kernel_sizes": [4],
    },
}


def build(folder: Path) -> None:
    save_beside_weights(folder, TOKENS)
    tokenizer = omni_tokenizer(TOKENS)
    ids = {name: tokenizer.convert_tokens_to_ids(token) for name, token in TOKENS.items()}
    thinker = {
        "audio_config": {
            "num_mel_bins": 16,
            "d_model": 16,
            "encoder_layers": 2,
            "encoder_attention_heads": 2,
            "encoder_ffn_dim": 32,
            "max_source_positions": 100,
            "n_window": 100,
            "output_dim": 32,
        },
        "vision_config": {**VISION, "fullatt_block_indexes": [0]},
        "text_config": {
            "vocab_size": len(tokenizer),
            "hidden_size": 32,
            "intermediate_size": 48,
            "num_hidden_layers": 2,
            "num_attention_heads": 2,
            "num_key_value_heads": 1,
            "rope_parameters": {"rope_type": "default", "rope_theta": 1e6, "mrope_section": [2, 3, 3]},
            "tie_word_embeddings": False,
        },
        "audio_token_index": ids["audio_token"],
        "image_token_index": ids["image_token"],
        "video_token_index": ids["video_token"],
        "audio_start_token_id": ids["audio_bos_token"],
        "vision_start_token_id": ids["vision_bos_token"],
        "audio_end_token_id": ids["audio_eos_token"],
    }
    torch.manual_seed(3)
    model = Qwen2_5OmniForConditionalGeneration(
        Qwen2_5OmniConfig(thinker_config=thinker, talker_config=TALKER, token2wav_config=TOKEN2WAV)
    )
    enlarge(model.thinker)
    model.save_pretrained(folder)


TINY = TinyFamily(
    build,
    omni_inputs(BlindQwen2_5OmniProcessor),
    linear_names("model.language_model.layers", 2, *LLAMA_LINEAR),
    others=("model.visual.",),
)
