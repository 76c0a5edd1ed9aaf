"""Rows of a batch behind each other instead of above each other: no position is padding.

Everything in a decoder but its attention works position by position, so rows of any length can stand in one
sequence; attention is asked row by row. The result is that of a padded batch, to rounding.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final, cast

import torch
from torch import Tensor, nn
from torch.nn import functional
from transformers import AttentionInterface, PreTrainedConfig

from core.models.growing_cache import GrowingCache

_BY_ROW: Final = "spoonful_by_row"


def _attend_by_row(
    _module: nn.Module,
    query: Tensor,
    key: Tensor,
    value: Tensor,
    _mask: Tensor | None,
    *,
    row_lengths: list[int],
    scaling: float,
    dropout: float = 0.0,
    **_: Any,
) -> tuple[Tensor, None]:
    """transformers' interface of an attention: query, key and value [1, heads, positions, width].

    Returns [1, positions, heads, width]. There is no mask: rows are causal and see only themselves.
    """
    attended = [
        functional.scaled_dot_product_attention(
            q, k, v, dropout_p=dropout, is_causal=True, scale=scaling, enable_gqa=q.shape[1] != k.shape[1]
        )
        for q, k, v in zip(
            *(torch.split(each, row_lengths, dim=2) for each in (query, key, value)), strict=True
        )
    ]
    return torch.cat(attended, dim=2).transpose(1, 2), None


AttentionInterface.register(_BY_ROW, _attend_by_row)


@contextmanager
def attention_by_row(config: PreTrainedConfig) -> Iterator[None]:
    """Within it the decoder of this configuration takes packed rows, and their lengths as `row_lengths`."""
    usual = config._attn_implementation  # noqa: SLF001 - transformers has no public way to read it
    config._attn_implementation = _BY_ROW  # noqa: SLF001
    try:
        yield
    finally:
        config._attn_implementation = usual  # noqa: SLF001


def sees_whole_rows(config: PreTrainedConfig) -> bool:
    """Whether every layer of the decoder attends to all of a row, and not only to what is near."""
    kinds = getattr(config, "layer_types", None) or ["full_attention"]
    return set(kinds) == {"full_attention"}


def hidden_of_padded(decoder: Any, inputs_embeds: Tensor, real: Tensor) -> Tensor:
    """[P, H]: as `hidden_of_packed`, with the rows above each other.

    No mask is given: a row's padding is behind it, where causal attention never looks. For that, graphics
    cards have one fast kernel, and by rows they would be waiting for their next small task.
    """
    rows, positions, _ = inputs_embeds.shape
    # Padding is counted like the rest: transformers takes a count that stands still for another row's start.
    counted = torch.arange(positions, device=inputs_embeds.device).expand(rows, -1)
    output = decoder(inputs_embeds=inputs_embeds, position_ids=counted, use_cache=False)
    return cast(Tensor, output.last_hidden_state)[real]


def hidden_of_packed(
    decoder: Any, inputs_embeds: Tensor, real: Tensor, positions: Tensor, cache: GrowingCache | None = None
) -> Tensor:
    """[P, H]: the decoder's last hidden states at the P real positions of a padded batch, row after row.

    inputs_embeds: [N, L, H]. real and positions: [N, L]. cache: an empty one to keep what later tokens see,
    as of the padded batch.
    """
    rows, columns = real.nonzero(as_tuple=True)
    with attention_by_row(decoder.config):
        output = decoder(
            inputs_embeds=inputs_embeds[rows, columns][None],
            position_ids=positions[rows, columns][None],
            cache=cache,
            use_cache=cache is not None,
            row_lengths=real.sum(-1).tolist(),
        )
    if cache is not None:
        cache.unpack(real)
    return cast(Tensor, output.last_hidden_state)[0]
