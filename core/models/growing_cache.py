"""A key/value cache with room to spare: a new token is written into it, and what is there stays where it is.

transformers' dynamic cache copies all it holds at each token, which was three quarters of the time of a batch
of answers on two cores; with its static one, attention reads the whole room each time.
"""

from __future__ import annotations

from typing import Any, Final, cast

from torch import Tensor
from transformers import DynamicCache, PreTrainedConfig
from transformers.cache_utils import DynamicLayer

_SPARE: Final = 64
"""Positions of room, at least, each time there is no more: answers have about as many tokens."""


class GrowingLayer(DynamicLayer):
    """What one layer keeps: `keys` and `values` [N, heads, positions, width], views of larger tensors."""

    _rooms: tuple[Tensor, Tensor]

    def update(self, key_states: Tensor, value_states: Tensor, *_: Any, **__: Any) -> tuple[Tensor, Tensor]:
        """Append some positions; returns all that is there."""
        if not self.is_initialized:
            self.lazy_initialization(key_states, value_states)  # type: ignore[no-untyped-call]
            self._rooms = (key_states[:, :, :0], value_states[:, :, :0])
        used = int(self.get_seq_length())
        end = used + key_states.shape[2]
        if end > self._rooms[0].shape[2]:
            self._rooms = cast(
                tuple[Tensor, Tensor], tuple(_with_room(room, used, end) for room in self._rooms)
            )
        for room, states in zip(self._rooms, (key_states, value_states), strict=True):
            room[:, :, used:end] = states
        self.keys, self.values = (room[:, :, :end] for room in self._rooms)
        return self.keys, self.values

    def unpack(self, real: Tensor) -> None:
        """See `GrowingCache.unpack`."""
        keys, values = (_padded(cast(Tensor, packed), real) for packed in (self.keys, self.values))
        self.reset()
        self.update(keys, values)


class GrowingCache(DynamicCache):
    """For a decoder of the given configuration. Layers that keep only what is near stay transformers' own."""

    def __init__(self, config: PreTrainedConfig) -> None:
        super().__init__(config=config)
        self.layers = [
            GrowingLayer() if type(layer) is DynamicLayer else layer  # type: ignore[no-untyped-call]
            for layer in self.layers
        ]

    @property
    def can_unpack(self) -> bool:
        """Whether all layers keep everything."""
        return all(isinstance(layer, GrowingLayer) for layer in self.layers)

    def unpack(self, real: Tensor) -> None:
        """Make padded rows of rows that were appended behind each other as one; where `can_unpack`.

        real: [N, L], True where the padded rows have something.
        """
        for layer in self.layers:
            cast(GrowingLayer, layer).unpack(real)


def _with_room(room: Tensor, used: int, needed: int) -> Tensor:
    rows, heads, _, width = room.shape
    larger = room.new_empty(rows, heads, needed + max(_SPARE, needed // 4), width)
    larger[:, :, :used] = room[:, :, :used]
    return larger


def _padded(packed: Tensor, real: Tensor) -> Tensor:
    """[N, heads, L, width] of [1, heads, positions, width]; real: [N, L], where the positions go."""
    rows, columns = real.nonzero(as_tuple=True)
    padded = packed.new_zeros(real.shape[0], packed.shape[1], real.shape[1], packed.shape[3])
    padded[rows, :, columns] = packed[0].transpose(0, 1)
    return padded
