"""The table [data] of the experiment file: what is learned from and what is tested on."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import Field, model_validator

from core.experiment.pools import LanguageSpec
from core.experiment.table import LARGEST_SEED, Table


class SpeechSpec(Table):
    share: float = Field(
        default=0.05,
        ge=0,
        le=1,
        title="Speech share",
        description="How much of the training recordings may be used: 0.05 is 5 %. A smaller share is always"
        " part of a larger one, and every intent is covered as far as the number allows.",
    )
    seed: int = Field(
        default=17,
        ge=0,
        le=LARGEST_SEED,
        title="Seed of the choice",
        description="Another seed chooses other recordings; the same seed always the same ones.",
    )


class DataSpec(Table):
    train: list[str] = Field(
        min_length=1, title="Train on", description="Datasets whose training split is learned from."
    )
    test: list[str] = Field(
        min_length=1, title="Test on", description="Datasets whose test split gives the final scores."
    )
    speech: SpeechSpec = Field(default=SpeechSpec(), title="Speech", description="Which recordings are used.")
    languages: dict[str, LanguageSpec] = Field(
        default={},
        title="Languages",
        description="How much of a language is used, by its code as the data have it. Others are used whole,"
        " with the speech share of all.",
    )
    weights: dict[str, Annotated[float, Field(gt=0, le=100)]] = Field(
        default={},
        title="Weights",
        description="How often an epoch goes through a dataset: 2 is twice, 0.5 another half each time."
        " Without a weight, once.",
    )

    @model_validator(mode="after")
    def _each_dataset_once(self) -> Self:
        for field, names in (("train", self.train), ("test", self.test)):
            if len(set(names)) < len(names):
                raise ValueError(f'"{field}" names a dataset twice; name each once.')
        for name in self.weights:
            if name not in self.train:
                raise ValueError(f'"weights" names "{name}", which is not trained on; add it to "train".')
        return self
