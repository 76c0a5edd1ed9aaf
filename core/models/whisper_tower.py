"""Families whose tower is Whisper's with a pooling behind it, and which mask padding in its attention.

Their stock forward insists on audio padded to the whole window. Here the tower runs on the true length: a
frame's value depends on at most two frames after it (two convolutions of width 3, the second with stride 2),
so two extra frames of silence give the stock result.
"""

from __future__ import annotations

from typing import Any, cast

import numpy as np
from torch import Tensor
from torch.nn import functional

from core.models.family import Samples
from core.models.whisper_features import WhisperFeaturesFamily

_SILENT_FRAMES = 2


class WhisperTowerFamily(WhisperFeaturesFamily):
    """A family of this kind. The tower's settings are those of the model's own files."""

    trim_policy = "exact"
    frames_per_token = 4

    def _audio_tokens(self, samples: int) -> int:
        # Halved twice, as the stock code rounds.
        return (((self._frames(samples) - 1) // 2 + 1) - 2) // 2 + 1

    def _features(self, samples: Samples) -> Tensor:
        """[mel bins, frames + silence] as the stock extractor computes them for its whole window."""
        needed = min(self._frames(len(samples)) + _SILENT_FRAMES, self._window_frames)
        hop = self._extractor.hop_length
        # Room for one whole analysis window of silence behind the last frame kept, where the extractor would
        # otherwise mirror the sound; a full window has no room, and the stock extractor mirrors there too.
        length = min(needed * hop + self._extractor.n_fft, self._window_frames * hop)
        padded = np.zeros(length, dtype=np.float32)
        padded[: len(samples)] = samples
        return self._mel(padded, padding="do_not_pad")[:, :needed]

    def _encode(self, features: Tensor, samples: int) -> Tensor:
        model = cast(Any, self._model).model
        tower = model.audio_tower
        states = functional.gelu(tower.conv1(features[None].to(tower.conv1.weight.dtype)))
        states = functional.gelu(tower.conv2(states)).transpose(1, 2)
        states = states[:, : (self._frames(samples) - 1) // 2 + 1]
        states = states + tower.embed_positions.weight[: states.shape[1]]
        for layer in tower.layers:
            states = layer(states, None)
        states = tower.layer_norm(tower.avg_pooler(states.transpose(1, 2)).transpose(1, 2))
        return self._project(states)[0]

    def _project(self, states: Tensor) -> Tensor:
        """[1, audio tokens, H] of the tower's states [1, audio tokens, width]."""
        return cast(Tensor, cast(Any, self._model).model.multi_modal_projector(states))
