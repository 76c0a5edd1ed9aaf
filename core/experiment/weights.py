"""Which weights learn: the tables of the experiment file that say so."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import Field, model_validator

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


class AudioEncoderSpec(Table):
    """Each part learns only where it has a learning rate."""

    tower_learning_rate: float | None = Field(
        default=None,
        gt=0,
        le=1,
        title="Tower's learning rate",
        description="The highest step size of the audio tower, which turns sound into features. It rises and"
        " falls as each stage's does. Without it the tower stays as it is.",
    )
    projector_learning_rate: float | None = Field(
        default=None,
        gt=0,
        le=1,
        title="Projector's learning rate",
        description="The same for the projector, which turns features into what the language model reads.",
    )

    @model_validator(mode="after")
    def _something_learns(self) -> Self:
        if self.tower_learning_rate is None and self.projector_learning_rate is None:
            raise ValueError(
                'Nothing of the audio encoder learns without a rate: set "tower_learning_rate",'
                ' "projector_learning_rate" or both, or leave out [audio_encoder].'
            )
        return self
