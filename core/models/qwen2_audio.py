"""Qwen2-Audio, and Teaspoon, which has its architecture: Whisper-like tower, projector, Qwen2 decoder.

The stock forward insists on audio padded to the whole window although the padding is masked in attention.
Here the tower runs on the true length: a frame's value depends on at most two frames after it (two
convolutions of width 3, the second with stride 2), so two extra frames of silence give the stock result.
"""

from __future__ import annotations

import re
from typing import Any, Self, cast

import numpy as np
from torch import Tensor
from torch.nn import functional
from transformers import PreTrainedModel, Qwen2AudioForConditionalGeneration, Qwen2AudioProcessor

from core.audio.files import SAMPLE_RATE
from core.audio.normalize import normalize_level
from core.models.base import BaseFamily
from core.models.family import LoadOptions, Samples
from core.models.prompt import chat_template

_WRAPPED = re.compile(r"\s*The original content of this audio is:\s*'(.*)'\s*", re.DOTALL)
"""The form of Qwen2-Audio-7B-Instruct's transcripts, for instance in transformers' own integration test."""
_FRAMES_PER_TOKEN = 4
_SILENT_FRAMES = 2


class Qwen2Audio(BaseFamily):
    """LalmFamily of model_type "qwen2_audio"."""

    trim_policy = "exact"
    audio_token = "<|AUDIO|>"  # noqa: S105 - a control token
    end_token = "<|im_end|>"  # noqa: S105
    transcribe_instruction = "What does the person say?"  # as on the card of Qwen2-Audio-7B-Instruct

    def __init__(self, model: Qwen2AudioForConditionalGeneration, processor: Qwen2AudioProcessor) -> None:
        self._extractor = cast(Any, processor).feature_extractor
        tokens_per_s = SAMPLE_RATE / (self._extractor.hop_length * _FRAMES_PER_TOKEN)
        super().__init__(
            cast(PreTrainedModel, model),
            cast(Any, processor).tokenizer,
            chat_template(processor),
            tokens_per_s,
        )
        self._normalize_level = bool(getattr(self._extractor, "normalize_level", False))
        # The stride is the second convolution's; only the average pooling comes after it.
        self._window_frames: int = cast(Any, model.config.audio_config).max_source_positions * 2

    @classmethod
    def load(cls, source: str, options: LoadOptions) -> Self:
        model = Qwen2AudioForConditionalGeneration.from_pretrained(source, **options.arguments())
        return cls(model, Qwen2AudioProcessor.from_pretrained(source, trust_remote_code=False))

    @property
    def window_s(self) -> float:
        return float(self._window_frames * self._extractor.hop_length / SAMPLE_RATE)

    def transcript(self, answer: str) -> str:
        wrapped = _WRAPPED.fullmatch(answer)
        return (wrapped[1] if wrapped else answer).strip()

    def _audio_tokens(self, samples: int) -> int:
        # Halved twice, as the stock code rounds.
        return (((self._frames(samples) - 1) // 2 + 1) - 2) // 2 + 1

    def _frames(self, samples: int) -> int:
        """Mel frames that hold sound, as the stock extractor's attention mask counts them."""
        return -(-samples // int(self._extractor.hop_length))

    def _features(self, samples: Samples) -> Tensor:
        """[mel bins, frames + silence] as the stock extractor computes them for its whole window."""
        needed = min(self._frames(len(samples)) + _SILENT_FRAMES, self._window_frames)
        hop = self._extractor.hop_length
        # Room for one whole analysis window of silence behind the last frame kept, where the extractor would
        # otherwise mirror the sound; a full window has no room, and the stock extractor mirrors there too.
        length = min(needed * hop + self._extractor.n_fft, self._window_frames * hop)
        padded = np.zeros(length, dtype=np.float32)
        padded[: len(samples)] = normalize_level(samples) if self._normalize_level else samples
        features = self._extractor(
            padded, sampling_rate=SAMPLE_RATE, padding="do_not_pad", truncation=False, return_tensors="pt"
        )["input_features"][0, :, :needed]
        return cast(Tensor, features)

    def _encode(self, features: Tensor, samples: int) -> Tensor:
        model = cast(Any, self._model).model
        tower = model.audio_tower
        states = functional.gelu(tower.conv1(features[None].to(tower.conv1.weight.dtype)))
        states = functional.gelu(tower.conv2(states)).transpose(1, 2)
        states = states[:, : (self._frames(samples) - 1) // 2 + 1]
        states = states + tower.embed_positions.weight[: states.shape[1]]
        for layer in tower.layers:
            states = layer(states, None)
        states = tower.layer_norm(tower.avg_pooler(states.transpose(1, 2)).transpose(1, 2))
        return cast(Tensor, model.multi_modal_projector(states[0]))

    def _feature_settings(self) -> str:
        tower = cast(Any, self._model.config).audio_config
        settings = (
            self._extractor.to_json_string(),
            str(self._normalize_level),
            tower.to_json_string(use_diff=False),
        )
        return "\n".join(settings)
