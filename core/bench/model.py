"""A Qwen2-Audio of random weights: with the real one's time geometry and little width, or as large as it.

3 000 mel frames of 10 ms, 1 500 tower positions, 750 audio tokens in 30 s, as in Qwen2-Audio-7B; so what is
padded, cut and merged is of the true size, while a step of the narrow one takes seconds on two cores.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final, cast

import torch
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
from torch import nn
from transformers import (
    PreTrainedModel,
    PreTrainedTokenizerFast,
    Qwen2AudioConfig,
    Qwen2AudioForConditionalGeneration,
    Qwen2AudioProcessor,
    WhisperFeatureExtractor,
)

from core.training.precision import training_device

_SEED: Final = 17
_VOCABULARY: Final = 2_000
_MEL_BINS: Final = 128
_CONTROL: Final = (
    "<|endoftext|>", "<|im_start|>", "<|im_end|>", "<|AUDIO|>", "<|audio_bos|>", "<|audio_eos|>",
)  # fmt: skip
_TEMPLATE: Final = (
    "{% for message in messages %}<|im_start|>{{ message['role'] }}\n"
    "{% for part in message['content'] %}"
    "{% if part['type'] == 'audio' %}<|audio_bos|><|AUDIO|><|audio_eos|>\n"
    "{% else %}{{ part['text'] }}{% endif %}"
    "{% endfor %}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)


@dataclass(frozen=True)
class Size:
    """How wide and deep. tower, decoder: beside the configuration's defaults; dtype: of the file."""

    tower: dict[str, int]
    decoder: dict[str, int]
    dtype: torch.dtype = torch.float32


NARROW: Final = Size(
    tower={"d_model": 256, "encoder_layers": 4, "encoder_attention_heads": 4, "encoder_ffn_dim": 1_024},
    decoder={
        "vocab_size": _VOCABULARY,
        "hidden_size": 384,
        "intermediate_size": 1_024,
        "num_hidden_layers": 6,
        "num_attention_heads": 6,
        "num_key_value_heads": 6,
    },
)
QWEN2_AUDIO_7B: Final = Size(
    tower={"d_model": 1_280, "encoder_layers": 32, "encoder_attention_heads": 20, "encoder_ffn_dim": 5_120},
    decoder={
        "vocab_size": 156_032,
        "hidden_size": 4_096,
        "intermediate_size": 11_008,
        "num_hidden_layers": 32,
        "num_attention_heads": 32,
        "num_key_value_heads": 32,
    },
    dtype=torch.bfloat16,
)
"""As in the config.json of Qwen2-Audio-7B; 17 GB on the disk."""


def build_model(folder: Path, texts: Iterable[str], size: Size = NARROW) -> None:
    """Write model, processor and a tokenizer learned from `texts` into `folder`."""
    tokenizer = _tokenizer(texts)
    extractor = WhisperFeatureExtractor(feature_size=_MEL_BINS)  # type: ignore[no-untyped-call]
    processor = Qwen2AudioProcessor(extractor, tokenizer, chat_template=_TEMPLATE)  # type: ignore[no-untyped-call]
    processor.save_pretrained(folder)
    audio_token = tokenizer.convert_tokens_to_ids("<|AUDIO|>")
    config = Qwen2AudioConfig.from_dict(
        {
            "audio_config": {"model_type": "qwen2_audio_encoder", "num_mel_bins": _MEL_BINS, **size.tower},
            "text_config": {
                "model_type": "qwen2",
                "max_position_embeddings": 4_096,
                "tie_word_embeddings": False,
                **size.decoder,
            },
            "audio_token_index": audio_token,
            "tie_word_embeddings": False,
        }
    )
    torch.manual_seed(_SEED)
    # On the card where there is one: drawing 8 billion numbers takes minutes elsewhere. They are 34 GB there
    # before they are made smaller.
    with torch.device(training_device()):
        model = cast(nn.Module, Qwen2AudioForConditionalGeneration(config)).to(size.dtype)
    cast(PreTrainedModel, model).save_pretrained(folder)


def _tokenizer(texts: Iterable[str]) -> PreTrainedTokenizerFast:
    backend = Tokenizer(models.BPE())
    backend.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    backend.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=_VOCABULARY,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        special_tokens=list(_CONTROL),
        show_progress=False,
    )
    backend.train_from_iterator(texts, trainer)
    return PreTrainedTokenizerFast(  # type: ignore[no-untyped-call]
        tokenizer_object=backend,
        eos_token="<|im_end|>",  # noqa: S106 - a control token
        pad_token="<|endoftext|>",  # noqa: S106
        additional_special_tokens=list(_CONTROL),
        clean_up_tokenization_spaces=False,
    )
