"""Qwen2-Audio, and Teaspoon, which has its architecture."""

from __future__ import annotations

import re

from torch import Tensor
from transformers import (
    PreTrainedModel,
    ProcessorMixin,
    Qwen2AudioForConditionalGeneration,
    Qwen2AudioProcessor,
)

from core.audio.normalize import normalize_level
from core.models.family import Samples
from core.models.whisper_tower import WhisperTowerFamily


class Qwen2Audio(WhisperTowerFamily):
    """LalmFamily of model_type "qwen2_audio"."""

    model_class = Qwen2AudioForConditionalGeneration
    processor_class = Qwen2AudioProcessor
    audio_token = "<|AUDIO|>"  # noqa: S105 - a control token
    end_token = "<|im_end|>"  # noqa: S105
    transcribe_instruction = "What does the person say?"  # as on the card of Qwen2-Audio-7B-Instruct
    # The form of Qwen2-Audio-7B-Instruct's transcripts, for instance in transformers' own integration test.
    transcript_form = re.compile(r"\s*The original content of this audio is:\s*'(?P<words>.*)'\s*", re.DOTALL)

    def __init__(self, model: PreTrainedModel, processor: ProcessorMixin) -> None:
        super().__init__(model, processor)
        # Teaspoon's extractor asks for it.
        self._normalize_level = bool(getattr(self._extractor, "normalize_level", False))

    def _features(self, samples: Samples) -> Tensor:
        return super()._features(normalize_level(samples) if self._normalize_level else samples)

    def _feature_settings(self) -> str:
        return f"{super()._feature_settings()}\n{self._normalize_level}"
