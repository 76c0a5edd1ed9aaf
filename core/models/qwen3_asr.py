"""Qwen3-ASR: a tower like Qwen3-Omni's, a projector, a Qwen3 decoder that was made to transcribe."""

from __future__ import annotations

from typing import Any, Self, cast

import torch
from torch import Tensor
from transformers import (
    PreTrainedModel,
    Qwen3ASRConfig,
    Qwen3ASRForConditionalGeneration,
    Qwen3ASRProcessor,
)

from core.audio.files import SAMPLE_RATE
from core.errors import UserError
from core.models.family import LoadOptions, Samples
from core.models.native_tower import (
    QWEN3_TOKENS_PER_S,
    NativeTowerFamily,
    qwen3_audio_tokens,
)
from core.models.prompt import Render
from core.models.stock import load_complete


class Qwen3Asr(NativeTowerFamily):
    """LalmFamily of model_type "qwen3_asr"."""

    audio_token = "<|audio_pad|>"  # noqa: S105 - a control token
    end_token = "<|im_end|>"  # noqa: S105
    transcribe_instruction = ""
    """Without any it transcribes, as its processor's `apply_transcription_request` asks it to."""

    def __init__(self, model: PreTrainedModel, processor: Qwen3ASRProcessor) -> None:
        stock = cast(Any, processor)
        super().__init__(
            model,
            stock.tokenizer,
            _instruction_as_context(stock),
            stock.feature_extractor,
            tokens_per_s=QWEN3_TOKENS_PER_S,
        )
        self._processor = stock

    @classmethod
    def load(cls, source: str, options: LoadOptions) -> Self:
        # Both layouts go by the same model_type.
        if hasattr(Qwen3ASRConfig.from_pretrained(source), "thinker_config"):
            raise UserError(
                "This is Qwen3-ASR in the layout of its own program, which transformers cannot read.",
                where=source,
                remedy="Take the same model in the layout of transformers, such as Qwen/Qwen3-ASR-1.7B-hf.",
            )
        model = load_complete(Qwen3ASRForConditionalGeneration, source, options)
        return cls(model, Qwen3ASRProcessor.from_pretrained(source, trust_remote_code=False))

    def transcript(self, answer: str) -> str:
        return str(self._processor.extract_transcription(answer)).strip()

    def _frames(self, samples: int) -> int:
        # The extractor lengthens a short recording by silence, and the tower hears that, too.
        return max(samples, int(self._extractor.min_length)) // int(self._extractor.hop_length)

    def _audio_tokens(self, samples: int) -> int:
        return qwen3_audio_tokens(self._frames(samples), cast(Any, self._model.config).audio_config)

    def _features(self, samples: Samples) -> Tensor:
        """[mel bins, frames filled up to whole chunks] of the stock extractor."""
        features = self._extractor(samples, sampling_rate=SAMPLE_RATE, padding=True, return_tensors="pt")
        return cast(Tensor, features["input_features"][0])

    def _sounding_frames(self, samples: int, frames: int) -> int:
        return min(frames, self._frames(samples))

    def _encode(self, features: Tensor, samples: int) -> Tensor:
        heard = torch.arange(features.shape[-1], device=features.device) < self._frames(samples)
        output = cast(Any, self._model).get_audio_features(
            features[None].to(self._model.dtype), input_features_mask=heard[None].long()
        )
        return cast(Tensor, output.pooler_output)


def _instruction_as_context(processor: Any) -> Render:
    """Prompts by the model's chat template, which drops every text of the user's turn: the instruction is
    given as the context, in the system's turn, and what is written stands where a recording would."""
    recording = f"{processor.audio_bos_token}{processor.audio_token}{processor.audio_eos_token}"

    def render(written: str | None, instruction: str) -> str:
        messages = [
            {"role": "system", "content": [{"type": "text", "text": instruction}]},
            {"role": "user", "content": [{"type": "audio", "audio": ""}]},
        ]
        prompt = str(processor.apply_chat_template(messages, tokenize=False, add_generation_prompt=True))
        return prompt if written is None else prompt.replace(recording, written)

    return render
