"""Families whose tower takes a recording at its own length, chunk by chunk: Qwen's since Qwen2.5-Omni."""

from __future__ import annotations

from abc import abstractmethod
from typing import Any, cast

from transformers import PreTrainedModel, PreTrainedTokenizerBase, SequenceFeatureExtractor

from core.models.base import BaseFamily
from core.models.prompt import Render

QWEN3_TOKENS_PER_S = 13.0
"""A chunk of 100 mel frames lasts one second, and `qwen3_audio_tokens` leaves 13 of it."""


class NativeTowerFamily(BaseFamily):
    """A family of this kind.

    Its tower has no longest recording: positions begin anew in each chunk. So the window is the length that
    the model's own extractor was set to.
    """

    trim_policy = "native"

    def __init__(
        self,
        model: PreTrainedModel,
        tokenizer: PreTrainedTokenizerBase,
        render: Render,
        extractor: SequenceFeatureExtractor,
        *,
        tokens_per_s: float,
    ) -> None:
        super().__init__(model, tokenizer, render, tokens_per_s)
        self._extractor = cast(Any, extractor)

    @property
    def window_s(self) -> float:
        return float(self._extractor.chunk_length)

    @abstractmethod
    def _frames(self, samples: int) -> int:
        """Mel frames that the tower hears of so many samples, as the stock extractor's mask counts them."""

    def _feature_settings(self) -> str:
        tower = cast(Any, self._model.config).audio_config
        return "\n".join((self._extractor.to_json_string(), tower.to_json_string(use_diff=False)))


def qwen3_audio_tokens(frames: int, tower: Any) -> int:
    """What the three convolutions of stride 2 in a Qwen3 tower leave of mel frames, each chunk rounded up.

    tower: its configuration.
    """
    chunk = 2 * int(tower.n_window)
    whole, rest = divmod(frames, chunk)
    return whole * -(-chunk // 8) + -(-rest // 8)
