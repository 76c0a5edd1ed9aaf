"""Qwen2-Audio, and Teaspoon, which has its architecture."""

from __future__ import annotations

import re
from typing import Self, cast

from torch import Tensor
from transformers import (
    PreTrainedModel,
    ProcessorMixin,
    Qwen2AudioForConditionalGeneration,
    Qwen2AudioProcessor,
)

from core.audio.normalize import normalize_level
from core.models.family import LoadOptions, Samples
from core.models.whisper_tower import WhisperTowerFamily

_WRAPPED = re.compile(r"\s*The original content of this audio is:\s*'(.*)'\s*", re.DOTALL)
"""The form of Qwen2-Audio-7B-Instruct's transcripts, for instance in transformers' own integration test."""


class Qwen2Audio(WhisperTowerFamily):
    """LalmFamily of model_type "qwen2_audio"."""

    audio_token = "<|AUDIO|>"  # noqa: S105 - a control token
    end_token = "<|im_end|>"  # noqa: S105
    transcribe_instruction = "What does the person say?"  # as on the card of Qwen2-Audio-7B-Instruct

    def __init__(self, model: PreTrainedModel, processor: ProcessorMixin) -> None:
        super().__init__(model, processor)
        # Teaspoon's extractor asks for it.
        self._normalize_level = bool(getattr(self._extractor, "normalize_level", False))

    @classmethod
    def load(cls, source: str, options: LoadOptions) -> Self:
        model = Qwen2AudioForConditionalGeneration.from_pretrained(source, **options.arguments())
        processor = Qwen2AudioProcessor.from_pretrained(source, trust_remote_code=False)
        return cls(cast(PreTrainedModel, model), processor)

    def transcript(self, answer: str) -> str:
        wrapped = _WRAPPED.fullmatch(answer)
        return (wrapped[1] if wrapped else answer).strip()

    def _features(self, samples: Samples) -> Tensor:
        return super()._features(normalize_level(samples) if self._normalize_level else samples)

    def _feature_settings(self) -> str:
        return f"{super()._feature_settings()}\n{self._normalize_level}"
