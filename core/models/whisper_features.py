"""Families that see sound through Whisper's feature extractor, which most audio towers do."""

from __future__ import annotations

from typing import Any, ClassVar, Self, cast

import numpy as np
from numpy.typing import NDArray
from torch import Tensor
from transformers import PreTrainedModel, ProcessorMixin

from core.audio.files import SAMPLE_RATE
from core.models.base import BaseFamily
from core.models.family import LoadOptions, Samples
from core.models.prompt import Render, chat_template
from core.models.stock import load_complete


class WhisperFeaturesFamily(BaseFamily):
    """A family of this kind. The features' settings are those of the model's own files."""

    model_class: ClassVar[type[PreTrainedModel]]
    processor_class: ClassVar[type[ProcessorMixin]]
    frames_per_token: ClassVar[int]
    """Mel frames of one audio embedding."""

    def __init__(self, model: PreTrainedModel, processor: ProcessorMixin) -> None:
        self._extractor = cast(Any, processor).feature_extractor
        tokens_per_s = SAMPLE_RATE / (self._extractor.hop_length * self.frames_per_token)
        super().__init__(model, cast(Any, processor).tokenizer, self._render(processor), tokens_per_s)
        self._window_frames: int = self._extractor.nb_max_frames

    @classmethod
    def load(cls, source: str, options: LoadOptions) -> Self:
        model = load_complete(cls.model_class, source, options)
        return cls(model, cls._load_processor(source))

    @property
    def window_s(self) -> float:
        return float(self._extractor.chunk_length)

    @classmethod
    def _load_processor(cls, source: str) -> ProcessorMixin:
        processor: ProcessorMixin = cls.processor_class.from_pretrained(source, trust_remote_code=False)
        return processor

    @classmethod
    def _render(cls, processor: ProcessorMixin) -> Render:
        """How a prompt is written: by the chat template that came with the model."""
        return chat_template(processor)

    def _frames(self, samples: int) -> int:
        """Mel frames that hold sound, as the stock extractor's attention mask counts them."""
        return -(-samples // int(self._extractor.hop_length))

    def _mel(self, samples: NDArray[np.float32], **options: Any) -> Tensor:
        """[mel bins, frames] of the stock extractor. options: how it shall pad."""
        features = self._extractor(
            samples, sampling_rate=SAMPLE_RATE, truncation=False, return_tensors="pt", **options
        )
        return cast(Tensor, features["input_features"][0])

    def _feature_settings(self) -> str:
        tower = cast(Any, self._model.config).audio_config
        return "\n".join((self._extractor.to_json_string(), tower.to_json_string(use_diff=False)))


class WholeWindowFamily(WhisperFeaturesFamily):
    """Its tower does not mask padding: each recording is padded with silence to the whole window, which the
    tower hears, too."""

    trim_policy = "window"

    def _sounding_frames(self, samples: int, frames: int) -> int:
        return min(frames, self._frames(samples))

    def _features(self, samples: Samples) -> Tensor:
        return self._mel(samples, padding="max_length")

    def _tower_input(self, features: Tensor) -> Tensor:
        """[1, mel bins, frames of the window] in the number format of the tower."""
        tower = cast(Any, self._model).model.audio_tower
        return features[None].to(tower.conv1.weight.dtype)
