"""The embedded model: a small stock Qwen2-Audio, and the forward passes that training uses."""

from __future__ import annotations

import math
from functools import partial
from typing import Any, cast

import torch
from torch import Tensor, nn
from transformers import (
    PreTrainedTokenizerFast,
    Qwen2AudioConfig,
    Qwen2AudioForConditionalGeneration,
    Qwen2Config,
)
from transformers.models.qwen2_audio.configuration_qwen2_audio import Qwen2AudioEncoderConfig

from core.teaspoon.features import HOP, MELS, WINDOW_SECONDS
from core.teaspoon.speech import SAMPLE_RATE
from core.teaspoon.tokenizer import AUDIO, END, PAD, token_ids

_POSITION_SCALE = 0.2
"""Full-size sinusoids would drown the convolutions' output at the start, and little would be learned."""
_EMBEDDING_STD = 0.05


def build_model(tokenizer: PreTrainedTokenizerFast) -> Qwen2AudioForConditionalGeneration:
    """A fresh model with the initialisation the small encoder needs (torch's global seed)."""
    pad, end, audio_token = token_ids(tokenizer, PAD, END, AUDIO)
    audio = Qwen2AudioEncoderConfig(
        num_mel_bins=MELS, d_model=192, encoder_layers=4, encoder_attention_heads=4, encoder_ffn_dim=768,
        max_source_positions=WINDOW_SECONDS * SAMPLE_RATE // HOP // 2, activation_function="gelu",
    )  # fmt: skip
    text = Qwen2Config(
        vocab_size=len(tokenizer), hidden_size=256, intermediate_size=640, num_hidden_layers=4,
        num_attention_heads=4, num_key_value_heads=4, max_position_embeddings=1024,
        # A tied head cannot be saved for this class.
        tie_word_embeddings=False, pad_token_id=pad, eos_token_id=end, bos_token_id=None,
    )  # fmt: skip
    config = Qwen2AudioConfig(audio_config=audio, text_config=text, audio_token_index=audio_token)
    config.tie_word_embeddings = False
    model = Qwen2AudioForConditionalGeneration(config)
    _initialise_encoder(model.model.audio_tower, model.model.multi_modal_projector)
    nn.init.normal_(model.model.language_model.embed_tokens.weight, std=_EMBEDDING_STD)
    return model


def _initialise_encoder(tower: Any, projector: Any) -> None:
    for conv in (tower.conv1, tower.conv2):
        nn.init.kaiming_normal_(conv.weight, nonlinearity="relu")
        nn.init.zeros_(conv.bias)
    for module in (*tower.layers.modules(), *projector.modules()):
        if isinstance(module, nn.Linear):
            nn.init.xavier_uniform_(module.weight)
            if module.bias is not None:
                nn.init.zeros_(module.bias)
    with torch.no_grad():
        # Audio embeddings start as small as those of text.
        projector.linear.weight *= _EMBEDDING_STD
    count, width = tower.embed_positions.weight.shape
    steps = torch.exp(-math.log(10_000.0) / (width // 2 - 1) * torch.arange(width // 2))
    angles = torch.arange(count)[:, None] * steps
    tower.embed_positions.weight.data = _POSITION_SCALE * torch.cat([angles.sin(), angles.cos()], dim=1)


def fold_statistics(model: Qwen2AudioForConditionalGeneration, mean: Tensor, std: Tensor) -> None:
    """Make conv1 see standardised features without any extra module. mean, std: [80]."""
    conv = model.model.audio_tower.conv1
    with torch.no_grad():
        conv.weight /= std[None, :, None]
        conv.bias -= (conv.weight * mean[None, :, None]).sum(dim=(1, 2))


def audio_lengths(frames: Tensor) -> tuple[Tensor, Tensor]:
    """Mel frames [batch] -> lengths behind the convolutions (32 Hz) and behind the pooling (16 Hz)."""
    states = (frames - 1) // 2 + 1
    return states, (states - 2) // 2 + 1


def encode_audio(
    model: Qwen2AudioForConditionalGeneration, features: Tensor, frames: Tensor
) -> tuple[Tensor, Tensor]:
    """The stock encoder and projector at the batch's true length.

    features: [batch, time, 80] with at least two frames behind each true end; frames: [batch] true counts.
    Returns audio embeddings [batch, tokens, hidden] and the last layer's states [batch, 32 Hz steps, 192].
    """
    tower = model.model.audio_tower
    hidden = nn.functional.gelu(tower.conv1(features.transpose(1, 2)))
    hidden = nn.functional.gelu(tower.conv2(hidden)).transpose(1, 2)
    hidden = hidden + tower.embed_positions.weight[: hidden.shape[1]]
    states, _ = audio_lengths(frames)
    mask = torch.arange(hidden.shape[1])[None, :] < states[:, None]
    for layer in tower.layers:
        hidden = layer(hidden, mask[:, None, None, :].expand(-1, 1, hidden.shape[1], -1))
    pooled = tower.layer_norm(tower.avg_pooler(hidden.transpose(1, 2)).transpose(1, 2))
    return model.model.multi_modal_projector(pooled), hidden


def run_language_model(
    model: Qwen2AudioForConditionalGeneration, embeddings: Tensor, mask: Tensor
) -> tuple[Tensor, ...]:
    """All layers' states [batch, time, hidden], the last one normalised; mask [batch, time], right-padded."""
    output = model.model.language_model(
        inputs_embeds=embeddings, attention_mask=mask, use_cache=False, output_hidden_states=True
    )
    return tuple(output.hidden_states)


def multiply_in_bf16(module: nn.Module) -> None:
    """Let every linear layer below `module` multiply in bfloat16 and hand on float32.

    Nearly twice as fast on processors with AVX512-BF16. Weights, sums and everything else stay float32;
    full bfloat16 autocast is slower than float32 here, because attention and norms lose more than is won.
    """
    for linear in module.modules():
        if isinstance(linear, nn.Linear):
            linear.forward = partial(_bf16_linear, linear)  # type: ignore[method-assign]


def _bf16_linear(linear: nn.Linear, x: Tensor) -> Tensor:
    # torch types the bias as always there; bias=False makes it None.
    bias = cast("Tensor | None", linear.bias)
    low = None if bias is None else bias.bfloat16()
    return nn.functional.linear(x.bfloat16(), linear.weight.bfloat16(), low).float()
