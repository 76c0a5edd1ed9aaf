"""Audio Flamingo 3 and Music Flamingo: Qwen2-Audio's tower, a wider projector, a Qwen2 decoder.

Both hear many minutes in windows of the tower's 30 s; spoken orders are shorter than one window, and longer
recordings are refused.
"""

from __future__ import annotations

import re
from typing import Any, ClassVar, cast

import torch
from torch import Tensor
from transformers import (
    AudioFlamingo3ForConditionalGeneration,
    AudioFlamingo3Processor,
    MusicFlamingoForConditionalGeneration,
    MusicFlamingoProcessor,
    PreTrainedModel,
    ProcessorMixin,
)
from transformers.models.musicflamingo.modeling_musicflamingo import apply_rotary_time_emb

from core.models.prompt import Render, between_marks
from core.models.whisper_tower import WhisperTowerFamily


class AudioFlamingo3(WhisperTowerFamily):
    """LalmFamily of model_type "audioflamingo3"."""

    model_class: ClassVar[type[PreTrainedModel]] = AudioFlamingo3ForConditionalGeneration
    processor_class: ClassVar[type[ProcessorMixin]] = AudioFlamingo3Processor
    audio_token = "<sound>"  # noqa: S105 - a control token
    end_token = "<|im_end|>"  # noqa: S105
    transcribe_instruction = "Transcribe the input speech."  # its processor's default_transcription_prompt
    # The sentences its processor knows, too.
    transcript_form = re.compile(
        r"\s*The (?:spoken content of the|transcription of the|content of the input) audio is\s*"
        r"(?P<quote>['\"]?)(?P<words>.*?)(?P=quote)\.?\s*",
        re.DOTALL,
    )


class MusicFlamingo(AudioFlamingo3):
    """LalmFamily of model_type "musicflamingo": what was heard is turned by the time it was heard at."""

    model_class = MusicFlamingoForConditionalGeneration
    processor_class = MusicFlamingoProcessor

    @classmethod
    def _render(cls, processor: ProcessorMixin) -> Render:
        stock = cast(MusicFlamingoProcessor, processor)
        return between_marks(
            super()._render(processor), cls.audio_token, stock.audio_bos_token, stock.audio_eos_token
        )

    def _project(self, states: Tensor) -> Tensor:
        model = cast(Any, self._model).model
        times = torch.arange(states.shape[1], device=states.device, dtype=torch.float32)
        times = times * (model.config.audio_frame_step * self.frames_per_token)
        cos, sin = model.pos_emb(times[None], seq_len=states.shape[1])
        turned = apply_rotary_time_emb(states, cos, sin)  # type: ignore[no-untyped-call]
        return super()._project(turned)

    def _feature_settings(self) -> str:
        config = cast(Any, self._model.config)
        return f"{super()._feature_settings()}\n{config.audio_frame_step} {config.rope_parameters}"
