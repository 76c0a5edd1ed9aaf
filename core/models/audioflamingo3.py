"""Audio Flamingo 3 and Music Flamingo: Qwen2-Audio's tower, a wider projector, a Qwen2 decoder.

Both hear up to ten minutes in windows of the tower's 30 s; spoken orders are shorter than one window, and
longer recordings are refused.
"""

from __future__ import annotations

from typing import Any, Self, cast

import torch
from torch import Tensor
from transformers import (
    AudioFlamingo3ForConditionalGeneration,
    AudioFlamingo3Processor,
    MusicFlamingoForConditionalGeneration,
    MusicFlamingoProcessor,
    PreTrainedModel,
)
from transformers.models.musicflamingo.modeling_musicflamingo import apply_rotary_time_emb

from core.models.family import LoadOptions
from core.models.whisper_tower import WhisperTowerFamily


class AudioFlamingo3(WhisperTowerFamily):
    """LalmFamily of model_type "audioflamingo3"."""

    audio_token = "<sound>"  # noqa: S105 - a control token
    end_token = "<|im_end|>"  # noqa: S105
    transcribe_instruction = "Transcribe the input speech."  # its processor's default_transcription_prompt

    @classmethod
    def load(cls, source: str, options: LoadOptions) -> Self:
        model = AudioFlamingo3ForConditionalGeneration.from_pretrained(source, **options.arguments())
        processor = AudioFlamingo3Processor.from_pretrained(source, trust_remote_code=False)
        return cls(cast(PreTrainedModel, model), processor)


class MusicFlamingo(WhisperTowerFamily):
    """LalmFamily of model_type "musicflamingo": what was heard is turned by the time it was heard at."""

    audio_token = "<sound>"  # noqa: S105 - a control token
    end_token = "<|im_end|>"  # noqa: S105
    transcribe_instruction = "Transcribe the input speech."

    @classmethod
    def load(cls, source: str, options: LoadOptions) -> Self:
        model = MusicFlamingoForConditionalGeneration.from_pretrained(source, **options.arguments())
        processor = MusicFlamingoProcessor.from_pretrained(source, trust_remote_code=False)
        return cls(cast(PreTrainedModel, model), processor)

    def _project(self, states: Tensor) -> Tensor:
        model = cast(Any, self._model).model
        # Four mel frames a token: convolution and pooling halve twice.
        times = torch.arange(states.shape[1], device=states.device, dtype=torch.float32)
        times = times * (model.config.audio_frame_step * 4)
        cos, sin = model.pos_emb(times[None], seq_len=states.shape[1])
        turned = apply_rotary_time_emb(states, cos, sin)  # type: ignore[no-untyped-call]
        return super()._project(turned)

    def _feature_settings(self) -> str:
        return f"{super()._feature_settings()}\n{self._model.config.to_json_string(use_diff=False)}"
