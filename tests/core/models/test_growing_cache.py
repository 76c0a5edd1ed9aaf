"""The key/value cache: what it gives is what transformers' own gives, and nothing moves at each token."""

from __future__ import annotations

import torch
from transformers import DynamicCache, Phi4MultimodalConfig, Qwen2Config

from core.models.growing_cache import GrowingCache

CONFIG = Qwen2Config(num_hidden_layers=2)


def states(positions: int, *, rows: int = 3) -> tuple[torch.Tensor, torch.Tensor]:
    return torch.randn(rows, 2, positions, 4), torch.randn(rows, 2, positions, 5)


def test_it_gives_what_the_usual_one_gives() -> None:
    usual, growing = DynamicCache(config=CONFIG), GrowingCache(CONFIG)
    for positions in (5, 1, 90, 1, 1, 130, 1):
        for layer in range(2):
            given = states(positions)
            for expected, got in zip(usual.update(*given, layer), growing.update(*given, layer), strict=True):
                assert torch.equal(expected, got)
        assert growing.get_seq_length() == usual.get_seq_length()


def test_what_is_there_stays_where_it_is() -> None:
    cache = GrowingCache(CONFIG)
    cache.update(*states(100), 0)
    places = {tensor.data_ptr() for _ in range(30) for tensor in cache.update(*states(1), 0)}
    assert len(places) <= 2 * 2


def test_rows_behind_each_other_are_taken_apart() -> None:
    cache = GrowingCache(CONFIG)
    real = torch.tensor([[True, True, False, True], [True, False, False, False]])
    packed = [states(4, rows=1) for _ in range(2)]
    for layer, given in enumerate(packed):
        cache.update(*given, layer)
    cache.unpack(real)
    for layer, given in enumerate(packed):
        for tensor, whole in zip(given, cache.update(*states(1, rows=2), layer), strict=True):
            assert whole.shape[:3] == (2, 2, 5)
            assert torch.equal(whole[0, :, [0, 1, 3]], tensor[0, :, :3])
            assert torch.equal(whole[1, :, 0], tensor[0, :, 3])


def test_layers_that_keep_only_what_is_near_cannot_be_taken_apart() -> None:
    assert GrowingCache(CONFIG).can_unpack
    assert not GrowingCache(Phi4MultimodalConfig(num_hidden_layers=1, sliding_window=8)).can_unpack
