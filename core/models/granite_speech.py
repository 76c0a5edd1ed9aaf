"""Granite Speech and Granite Speech Plus: a conformer, a windowed Q-Former, a Granite decoder.

The tower looks around within blocks of 4 s and normalises by running statistics; neither it nor the stock
extractor masks padding, so a recording is heard alone and as long as it is. The extractor's features are
computed here, since it cannot be made without torchaudio.
"""

from __future__ import annotations

import logging
from dataclasses import asdict, dataclass
from typing import Any, ClassVar, Self, cast

import torch
from torch import Tensor
from transformers import (
    AutoTokenizer,
    GraniteSpeechFeatureExtractor,
    GraniteSpeechForConditionalGeneration,
    GraniteSpeechPlusForConditionalGeneration,
    PreTrainedModel,
    PreTrainedTokenizerBase,
)
from transformers.audio_utils import mel_filter_bank

from core.audio.files import SAMPLE_RATE
from core.models.base import BaseFamily
from core.models.built_in_adapter import has_adapter, merge_adapter
from core.models.family import LoadOptions, Samples
from core.models.prompt import string_template
from core.models.registry import WINDOWS_S
from core.models.stock import load_complete

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class LogMel:
    """The log-mel features of Granite's extractor: torchaudio's MelSpectrogram with its defaults (a periodic
    Hann window, frames centred with mirrored ends, power, HTK's mel scale without normalisation), in decades,
    at most 8 below the loudest, and two frames side by side. Settings and their defaults are the extractor's.
    """

    n_fft: int = 512
    win_length: int = 400
    hop_length: int = 160
    n_mels: int = 80

    @classmethod
    def of(cls, settings: dict[str, Any]) -> Self:
        """Those that stand in an extractor's file; others there are not for the features."""
        return cls(**{name: settings[name] for name in asdict(cls()) if name in settings})

    def frames(self, samples: int) -> int:
        """Pairs of mel frames of so many samples."""
        return (samples // self.hop_length + 1) // 2

    def __call__(self, samples: Samples) -> Tensor:
        """[frames, 2 * mel bins]"""
        spectrum = torch.stft(
            torch.from_numpy(samples),
            self.n_fft,
            self.hop_length,
            self.win_length,
            torch.hann_window(self.win_length),
            return_complex=True,
        )
        filters = mel_filter_bank(
            num_frequency_bins=self.n_fft // 2 + 1,
            num_mel_filters=self.n_mels,
            min_frequency=0.0,
            max_frequency=SAMPLE_RATE / 2,
            sampling_rate=SAMPLE_RATE,
            mel_scale="htk",
        )
        power = spectrum.abs().square().T @ torch.from_numpy(filters).float()
        decades = power.clamp(min=1e-10).log10()
        decades = torch.maximum(decades, decades.max() - 8.0) / 4 + 1
        frames = self.frames(len(samples))
        return decades[: 2 * frames].reshape(frames, 2 * self.n_mels)


class GraniteSpeech(BaseFamily):
    """LalmFamily of model_type "granite_speech"."""

    trim_policy = "native"
    frames_axis = 0
    audio_token = "<|audio|>"  # noqa: S105 - a control token
    end_token = "<|end_of_text|>"  # noqa: S105
    transcribe_instruction = "can you transcribe the speech into a written format?"  # as on the models' cards
    tower_names = ("model.encoder",)
    projector_names = ("model.projector",)
    model_class: ClassVar[type[PreTrainedModel]] = GraniteSpeechForConditionalGeneration

    def __init__(self, model: PreTrainedModel, tokenizer: PreTrainedTokenizerBase, log_mel: LogMel) -> None:
        config = cast(Any, model.config)
        self._log_mel = log_mel
        self._block_frames: int = config.window_size
        self._block_tokens: int = config.window_size // config.downsample_rate
        self._logits_scaling: float = config.text_config.logits_scaling
        tokens_per_s = SAMPLE_RATE / (2 * log_mel.hop_length) * self._block_tokens / self._block_frames
        super().__init__(model, tokenizer, string_template(tokenizer, self.audio_token), tokens_per_s)

    @classmethod
    def load(cls, source: str, options: LoadOptions) -> Self:
        adapted = has_adapter(source)
        # This puts an adapter that is there into the language model, too.
        model = load_complete(cls.model_class, source, options)
        if adapted:
            merge_adapter(model)
        elif cast(Any, model.config).has_lora_adapter:
            _log.warning("%s should have an adapter for speech, and has none: it may hear badly", source)
        settings, _ = GraniteSpeechFeatureExtractor.get_feature_extractor_dict(source)
        tokenizer = AutoTokenizer.from_pretrained(source, trust_remote_code=False)
        return cls(model, tokenizer, LogMel.of(settings))

    @property
    def window_s(self) -> float:
        return WINDOWS_S["granite_speech"]

    def logits(self, hidden: Tensor, tokens: Tensor | None = None) -> Tensor:
        # As Granite was trained, and answers as a text model. The stock speech model forgets to divide: it
        # chooses the same tokens, but is far too sure of them.
        return super().logits(hidden, tokens) / self._logits_scaling

    def _audio_tokens(self, samples: int) -> int:
        blocks = -(-self._log_mel.frames(samples) // self._block_frames)
        return blocks * self._block_tokens

    def _features(self, samples: Samples) -> Tensor:
        return self._log_mel(samples)

    def _encode(self, features: Tensor, samples: int) -> Tensor:  # noqa: ARG002 - all frames are sound
        model = cast(Any, self._model)
        heard = model.get_audio_features(features[None].to(model.dtype), return_dict=True)
        return cast(Tensor, heard.pooler_output[0])

    def _feature_settings(self) -> str:
        return f"{self._log_mel}\n{self._model_settings()}"


class GraniteSpeechPlus(GraniteSpeech):
    """LalmFamily of model_type "granite_speech_plus", whose projector sees more of the tower's layers."""

    model_class = GraniteSpeechPlusForConditionalGeneration
