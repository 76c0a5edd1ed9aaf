"""Which weights learn: the tables of the experiment file that say so."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from core.experiment.table import Table

LoraTargets = Literal["all", "attention", "mlp"]


class LoraSpec(Table):
    rank: int = Field(
        default=16, ge=1, le=1024, title="Rank", description="Size of the adapter; a larger one learns more."
    )
    alpha: int = Field(
        default=32, ge=1, le=4096, title="Alpha", description="Strength of the adapter, usually rank x 2."
    )
    dropout: float = Field(
        default=0.0, ge=0, lt=1, title="Dropout", description="Part of the adapter left out at random."
    )
    rslora: bool = Field(
        default=False,
        title="rsLoRA",
        description="Whether alpha is divided by the square root of the rank instead of the rank, so that"
        " large ranks learn as strongly as small ones.",
    )
    dora: bool = Field(
        default=False,
        title="DoRA",
        description="Whether the length of each adapted weight is learned apart from its direction: often"
        " better at small ranks, and slower.",
    )
    targets: LoraTargets = Field(
        default="all",
        title="Adapted layers",
        description="all: every linear layer of the language model. attention: those that look back at other"
        " words. mlp: those between them.",
    )
