"""The Thinkers of Qwen2.5-Omni and Qwen3-Omni: what hears and writes. What speaks is never loaded.

Their repositories hold the whole model; transformers takes the Thinker's part out of it by itself, and reads
a folder that holds a Thinker alone just as well.
"""

from __future__ import annotations

from typing import Any, ClassVar, Self, cast

import numpy as np
import torch
from torch import Tensor
from transformers import (
    AutoTokenizer,
    PreTrainedModel,
    ProcessorMixin,
    Qwen2_5OmniThinkerForConditionalGeneration,
    Qwen3OmniMoeThinkerForConditionalGeneration,
    WhisperFeatureExtractor,
)

from core.audio.files import SAMPLE_RATE
from core.models.family import LoadOptions, Samples
from core.models.native_tower import (
    QWEN3_TOKENS_PER_S,
    NativeTowerFamily,
    qwen3_audio_tokens,
)
from core.models.prompt import chat_template
from core.models.registry import WINDOWS_S
from core.models.stock import load_complete


class OmniThinker(NativeTowerFamily):
    """A Thinker. Its three rotary positions of a token (time, height, width) differ only where it sees, so
    `hidden` gives it one, which it takes for all three."""

    end_token = "<|im_end|>"  # noqa: S105 - a control token
    # The cards' sentence, "Transcribe the English audio into text", for a language Spoonful is not told.
    transcribe_instruction = "Transcribe the audio into text."
    projector_names = ()
    """The tower itself ends in the language model's width."""
    model_class: ClassVar[type[PreTrainedModel]]
    tokens_per_s: ClassVar[float]

    @classmethod
    def load(cls, source: str, options: LoadOptions) -> Self:
        model = load_complete(cls.model_class, source, options)
        # Not by the processor, which wants an image processor and the libraries that one needs.
        tokenizer = AutoTokenizer.from_pretrained(source, trust_remote_code=False)
        processor, _ = ProcessorMixin.get_processor_dict(source)
        # The tokenizer's own template, where it has one at all, may be for text alone.
        tokenizer.chat_template = processor.get("chat_template", tokenizer.chat_template)
        return cls(
            model,
            tokenizer,
            chat_template(tokenizer),
            WhisperFeatureExtractor.from_pretrained(source),
            tokens_per_s=cls.tokens_per_s,
        )

    def _encode(self, features: Tensor, samples: int) -> Tensor:
        heard = cast(Any, self._model).get_audio_features(
            features[None],
            feature_attention_mask=torch.ones(1, self._frames(samples), dtype=torch.long, device=self.device),
        )
        return cast(Tensor, heard.last_hidden_state)


class Qwen2_5Omni(OmniThinker):  # noqa: N801 - the model's own name
    """LalmFamily of model_type "qwen2_5_omni" and of its Thinker alone."""

    audio_token = "<|AUDIO|>"  # noqa: S105
    model_class = Qwen2_5OmniThinkerForConditionalGeneration
    tokens_per_s = 25.0

    def _frames(self, samples: int) -> int:
        return -(-samples // int(self._extractor.hop_length))

    def _audio_tokens(self, samples: int) -> int:
        # Halved twice, as the stock code rounds.
        return (((self._frames(samples) - 1) // 2 + 1) - 2) // 2 + 1

    def _features(self, samples: Samples) -> Tensor:
        """[mel bins, frames] as the stock extractor computes them for its whole window."""
        hop, frames = self._extractor.hop_length, self._frames(len(samples))
        # Room for one analysis window of silence behind the last frame, where the extractor would otherwise
        # mirror the sound; a full window has no room, and the stock extractor mirrors there too.
        length = min(frames * hop + self._extractor.n_fft, round(self.window_s * SAMPLE_RATE))
        padded = np.zeros(length, dtype=np.float32)
        padded[: len(samples)] = samples
        features = self._extractor(
            padded, sampling_rate=SAMPLE_RATE, padding="do_not_pad", truncation=False, return_tensors="pt"
        )["input_features"][0, :, :frames]
        return cast(Tensor, features)


class Qwen3OmniMoe(OmniThinker):
    """LalmFamily of model_type "qwen3_omni_moe" and of its Thinker alone. Adapters go into its attention: the
    experts are no linear modules, but three-dimensional weights."""

    audio_token = "<|audio_pad|>"  # noqa: S105
    model_class = Qwen3OmniMoeThinkerForConditionalGeneration
    tokens_per_s = QWEN3_TOKENS_PER_S

    @property
    def window_s(self) -> float:
        return WINDOWS_S["qwen3_omni_moe"]

    def _frames(self, samples: int) -> int:
        return samples // int(self._extractor.hop_length)

    def _audio_tokens(self, samples: int) -> int:
        return qwen3_audio_tokens(self._frames(samples), cast(Any, self._model.config).audio_config)

    def _features(self, samples: Samples) -> Tensor:
        """[mel bins, frames] of the stock extractor."""
        features = self._extractor(
            samples, sampling_rate=SAMPLE_RATE, padding="do_not_pad", truncation=False, return_tensors="pt"
        )["input_features"][0]
        return cast(Tensor, features)
