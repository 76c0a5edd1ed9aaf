"""GLM-ASR: an encoder with rotary positions, four of its frames side by side to a token, a Llama decoder.

Its encoder hears the silence behind a recording too, but what it made of that is left out of the prompt.
"""

from __future__ import annotations

from typing import Any, cast

import torch
from torch import Tensor
from transformers import GlmAsrForConditionalGeneration, GlmAsrProcessor

from core.models.whisper_features import WholeWindowFamily


class GlmAsr(WholeWindowFamily):
    """LalmFamily of model_type "glmasr"."""

    model_class = GlmAsrForConditionalGeneration
    processor_class = GlmAsrProcessor
    frames_per_token = 8
    audio_token = "<|pad|>"  # noqa: S105 - a control token
    end_token = "<|user|>"  # noqa: S105 - with it the other speaker's turn begins
    transcribe_instruction = "Please transcribe this audio into text"  # its default_transcription_prompt

    def _audio_tokens(self, samples: int) -> int:
        # Halved by the second convolution, then four frames to a token; a rest of less than four is dropped.
        return ((self._frames(samples) - 1) // 2 + 1) // 4

    def _encode(self, features: Tensor, samples: int) -> Tensor:
        holds_sound = torch.arange(self._window_frames, device=features.device) < self._frames(samples)
        heard = cast(Any, self._model).get_audio_features(
            self._tower_input(features), input_features_mask=holds_sound[None]
        )
        return cast(Tensor, heard.pooler_output)
