"""Qwen3-Omni in miniature, talker and all, in the layout of its repository."""

from __future__ import annotations

import json
from pathlib import Path

import torch
from transformers import Qwen3OmniMoeConfig, Qwen3OmniMoeForConditionalGeneration

from tests.core.models.families.contract import TinyFamily, enlarge, linear_names
from tests.core.models.families.omni import (
    VISION,
    BlindQwen3OmniMoeProcessor,
    omni_inputs,
    omni_tokenizer,
    save_beside_weights,
)

TOKENS = {
    "audio_token": "<|audio_pad|>",
    "audio_bos_token": "<|audio_start|>",
    "audio_eos_token": "<|audio_end|>",
    "image_token": "<|image_pad|>",
    "video_token": "<|video_pad|>",
    "vision_bos_token": "<|vision_start|>",
    "vision_eos_token": "<|vision_end|>",
}
DECODER = {
    "vocab_size": 20,
    "hidden_size": 16,
    "intermediate_size": 16,
    "num_hidden_layers": 1,
    "num_attention_heads": 2,
    "num_key_value_heads": 1,
    "head_dim": 8,
}
TALKER = {
    "code_predictor_config": {**DECODER, "num_code_groups": 2},
    "text_config": {
        **DECODER,
        "moe_intermediate_size": 8,
        "shared_expert_intermediate_size": 8,
        "num_experts": 2,
        "num_experts_per_tok": 1,
    },
    "thinker_hidden_size": 32,
    "num_code_groups": 2,
    "spatial_merge_size": 2,
    "accept_hidden_layer": 1,
}
CODE2WAV = {
    "hidden_size": 16,
    "intermediate_size": 16,
    "num_hidden_layers": 1,
    "num_attention_heads": 2,
    "num_key_value_heads": 2,
    "codebook_size": 20,
    "num_quantizers": 2,
    "upsample_rates": [2],
    "upsampling_ratios": [2],
    "decoder_dim": 8,
}


def build(folder: Path) -> None:
    save_beside_weights(folder, TOKENS)
    # The real file has the length of the window in samples alone.
    file = folder / "preprocessor_config.json"
    extractor = json.loads(file.read_text())
    del extractor["chunk_length"]
    file.write_text(json.dumps(extractor))
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
            "n_window": 50,
            # Two chunks, so that a recording of the tests is longer than what is attended to at once.
            "n_window_infer": 200,
            "downsample_hidden_size": 8,
            "output_dim": 32,
        },
        "vision_config": {**VISION, "num_position_embeddings": 16, "deepstack_visual_indexes": [0]},
        "text_config": {
            "vocab_size": len(tokenizer),
            "hidden_size": 32,
            "intermediate_size": 48,
            "moe_intermediate_size": 16,
            "num_experts": 4,
            "num_experts_per_tok": 2,
            "num_hidden_layers": 2,
            "num_attention_heads": 2,
            "num_key_value_heads": 1,
            "head_dim": 16,
            "rope_parameters": {
                "rope_type": "default",
                "rope_theta": 1e6,
                "mrope_section": [4, 2, 2],
                "mrope_interleaved": True,
            },
        },
        "audio_token_id": ids["audio_token"],
        "image_token_id": ids["image_token"],
        "video_token_id": ids["video_token"],
        "audio_start_token_id": ids["audio_bos_token"],
        "vision_start_token_id": ids["vision_bos_token"],
    }
    torch.manual_seed(3)
    model = Qwen3OmniMoeForConditionalGeneration(
        Qwen3OmniMoeConfig(thinker_config=thinker, talker_config=TALKER, code2wav_config=CODE2WAV)
    )
    enlarge(model.thinker)
    model.save_pretrained(folder)


ATTENTION = ("self_attn.q_proj", "self_attn.k_proj", "self_attn.v_proj", "self_attn.o_proj")
TINY = TinyFamily(
    build,
    omni_inputs(BlindQwen3OmniMoeProcessor),
    linear_names("model.language_model.layers", 2, *ATTENTION),
    others=("model.visual.",),
)
