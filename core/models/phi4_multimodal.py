"""Phi-4-multimodal: a conformer and a projector among the decoder's embeddings, a Phi-4-mini decoder.

The folder has to be one for transformers' own code (the Hub's microsoft/Phi-4-multimodal-instruct keeps it in
a revision of its own), with its adapter for speech in `speech-lora`. The vision tower is never used.
"""

from __future__ import annotations

import logging
from typing import Any, Self, cast

import torch
from torch import Tensor
from transformers import (
    AutoTokenizer,
    Phi4MultimodalFeatureExtractor,
    Phi4MultimodalForCausalLM,
    PreTrainedModel,
    PreTrainedTokenizerBase,
)

from core.audio.files import SAMPLE_RATE
from core.models.base import BaseFamily
from core.models.built_in_adapter import has_adapter, merge_adapter
from core.models.family import LoadOptions, Samples
from core.models.registry import WINDOWS_S
from core.models.stock import load_complete

_ADAPTER_FOLDER = "speech-lora"
_log = logging.getLogger(__name__)


class Phi4Multimodal(BaseFamily):
    """LalmFamily of model_type "phi4_multimodal"."""

    trim_policy = "native"
    frames_axis = 0
    audio_token = "<|audio|>"  # noqa: S105 - a control token
    end_token = "<|end|>"  # noqa: S105
    transcribe_instruction = "Transcribe the audio clip into text."  # as on its card
    tower_names = ("model.embed_tokens_extend.audio_embed",)
    projector_names = ()  # inside the tower
    language_model_name = "model"

    def __init__(
        self,
        model: PreTrainedModel,
        tokenizer: PreTrainedTokenizerBase,
        extractor: Phi4MultimodalFeatureExtractor,
    ) -> None:
        self._extractor = cast(Any, extractor)
        frames_per_token = self._extractor.audio_compression_rate * self._extractor.audio_downsample_rate
        tokens_per_s = SAMPLE_RATE / (self._extractor.hop_length * frames_per_token)
        super().__init__(model, tokenizer, _render, tokens_per_s)

    @classmethod
    def load(cls, source: str, options: LoadOptions) -> Self:
        model = load_complete(Phi4MultimodalForCausalLM, source, options)
        if has_adapter(source, _ADAPTER_FOLDER):
            model.load_adapter(
                source, "speech", use_safetensors=True, adapter_kwargs={"subfolder": _ADAPTER_FOLDER}
            )
            merge_adapter(model)
        else:
            _log.warning("%s has no adapter for speech (%s): it may hear badly", source, _ADAPTER_FOLDER)
        tokenizer = AutoTokenizer.from_pretrained(source, trust_remote_code=False)
        extractor = Phi4MultimodalFeatureExtractor.from_pretrained(source)
        return cls(model, tokenizer, extractor)

    @property
    def window_s(self) -> float:
        return WINDOWS_S["phi4_multimodal"]

    def lora_targets(self) -> list[str]:
        # The towers hang below the language model.
        return [name for name in super().lora_targets() if name.startswith("model.layers.")]

    def language_modules(self) -> list[str]:
        return ["model.embed_tokens", "model.layers", "model.norm", self.head_name]

    def _audio_tokens(self, samples: int) -> int:
        extractor = self._extractor
        frames = (samples - extractor.win_length) // extractor.hop_length + 1
        tokens = -(-frames // extractor.audio_compression_rate)
        return int(-(-tokens // extractor.audio_downsample_rate))

    def _features(self, samples: Samples) -> Tensor:
        """[frames, mel bins]"""
        made = self._extractor(samples, sampling_rate=SAMPLE_RATE, return_tensors="pt")
        return cast(Tensor, made["audio_input_features"][0])

    def _encode(self, features: Tensor, samples: int) -> Tensor:
        tower = cast(Any, self._model).model.embed_tokens_extend.audio_embed
        tokens = self._audio_tokens(samples)
        # It writes what it heard into a prompt; here into one of nothing but placeholders.
        ids = torch.full((1, tokens), tower.config.audio_config.audio_token_id, device=self.device)
        blank = torch.zeros(1, tokens, tower.config.hidden_size, dtype=self._model.dtype, device=self.device)
        return cast(Tensor, tower(ids, blank, features[None], audio_embed_sizes=[tokens])[0])

    def _feature_settings(self) -> str:
        return f"{self._extractor.to_json_string()}\n{self._model_settings()}"


def _render(written: str | None, instruction: str) -> str:
    # As on the card. The chat template that came with the model differs from release to release in what it
    # takes for content, and writes the same.
    content = f"<|audio|>{instruction}" if written is None else f"{written}\n{instruction}"
    return f"<|user|>{content}<|end|><|assistant|>"
