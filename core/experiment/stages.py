"""Curriculum stages: their table of the experiment file, and the schemes that are names for kinds of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal, Self

from pydantic import Field, model_validator

from core.experiment.table import Table

Scheme = Literal[
    "text-only",
    "speech-only",
    "direct mixing",
    "curriculum",
    "cross-lingual",
    "text-only + pseudo-audio",
    "custom",
]
LearningRateSchedule = Literal["cosine", "cosine_with_min_lr", "linear", "inverse_sqrt", "constant"]


class StageSpec(Table):
    name: str = Field(min_length=1, title="Name", description="Shown in the plots, for instance: text.")
    epochs: int = Field(
        default=1, ge=1, le=1000, title="Epochs", description="How often the stage goes through its data."
    )
    text: float = Field(
        default=1.0,
        ge=0,
        le=1,
        title="Text share",
        description="How much of the text is seen in each epoch: 1 is all of it, 0 none. Below 1, each epoch"
        " sees another part until all of it was seen. A speech part takes the place of some of it.",
    )
    pseudo_audio: float = Field(
        default=0.0,
        ge=0,
        le=1,
        title="Pseudo-audio",
        description="How much of the text is written the way audio looks to the model: each piece as long as"
        " it would sound, some misheard. Costs no recording; for base models that know the form, as Teaspoon"
        " does.",
    )
    speech: bool = Field(
        default=False, title="Speech", description="Whether this stage learns from the chosen recordings."
    )
    speech_part: float | None = Field(
        default=None,
        gt=0,
        lt=1,
        title="Speech part",
        description="How much of each epoch is speech: 0.5 is half. The recordings take the place of that"
        " much text and are repeated until they fill it, so an epoch is as long at any speech share. When"
        " there are more recordings than places, each epoch hears others. Without it, each chosen recording"
        " is heard once per epoch, in addition to the text.",
    )
    learning_rate: float = Field(
        gt=0, le=1, title="Learning rate", description="The highest step size of the stage."
    )
    warmup_ratio: float = Field(
        default=0.0,
        ge=0,
        le=1,
        title="Warm-up",
        description="Part of the stage in which the learning rate rises from 0: 0.04 is the first 4 %.",
    )
    schedule: LearningRateSchedule = Field(
        default="cosine",
        title="Schedule",
        description="How the learning rate falls after the warm-up: cosine and linear to 0,"
        " cosine_with_min_lr to a tenth, inverse_sqrt with the root of the steps (which needs a warm-up),"
        " constant not at all.",
    )

    @model_validator(mode="after")
    def _uses_data(self) -> Self:
        if self.text == 0 and not self.speech:
            raise ValueError('The stage uses no data: set "text" above 0 or "speech" to true.')
        if self.speech_part is not None and not (self.text > 0 and self.speech):
            raise ValueError(
                'A "speech_part" takes the place of text: set "text" above 0 and "speech" to true,'
                " or leave it out."
            )
        if self.pseudo_audio > 0 and self.text == 0:
            raise ValueError('Text is written as "pseudo_audio": set "text" above 0, or leave it out.')
        if self.schedule == "inverse_sqrt" and self.warmup_ratio == 0:
            raise ValueError(
                'The schedule "inverse_sqrt" falls by how long the warm-up was: set "warmup_ratio" above 0,'
                " for instance to 0.04."
            )
        return self


SCHEME_RULES: Mapping[Scheme, str] = {
    "text-only": "no stage uses speech or pseudo-audio",
    "speech-only": "every stage uses speech and no text",
    "direct mixing": "every stage uses text and speech, none pseudo-audio",
    "curriculum": "the first stage uses text only and a later one speech, none pseudo-audio",
    "cross-lingual": "the last stage uses text and speech, none pseudo-audio, and [data.languages] gives"
    " languages different speech shares",
    "text-only + pseudo-audio": "no stage uses speech and every stage pseudo-audio",
    "custom": "any stages",
}


def scheme_fits(scheme: Scheme, stages: Sequence[StageSpec]) -> bool:
    """Whether these stages may carry that name; a run is compared with others under its scheme's name."""
    if scheme == "custom":
        return True
    if scheme == "text-only + pseudo-audio":
        return all(stage.pseudo_audio > 0 and not stage.speech for stage in stages)
    if any(stage.pseudo_audio > 0 for stage in stages):
        return False
    if scheme == "text-only":
        return all(not stage.speech for stage in stages)
    if scheme == "speech-only":
        return all(stage.speech and stage.text == 0 for stage in stages)
    if scheme == "cross-lingual":
        return stages[-1].speech and stages[-1].text > 0
    if scheme == "direct mixing":
        return all(stage.speech and stage.text > 0 for stage in stages)
    return not stages[0].speech and any(stage.speech for stage in stages[1:])
