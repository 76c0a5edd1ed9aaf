"""An experiment while it is being written: what the user typed so far, right or wrong. No Qt in here."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

from core.experiment.spec import ExperimentSpec, StageSpec


@dataclass(frozen=True)
class StageDraft:
    """A stage as typed so far. The learning rate stays text, so that a half-typed one is not lost."""

    name: str
    epochs: int
    text: float
    speech: bool
    speech_repeats: int
    learning_rate: str
    warmup_ratio: float
    schedule: str

    @classmethod
    def of(cls, stage: StageSpec) -> StageDraft:
        values = stage.model_dump(include=set(cls.__dataclass_fields__))
        return cls(**{**values, "learning_rate": short_number(stage.learning_rate)})

    def document(self) -> dict[str, Any]:
        """The stage as a table of the experiment file; an unreadable number stays text for the checks."""
        values = dict(vars(self))
        with suppress(ValueError):
            values["learning_rate"] = float(self.learning_rate)
        return values


@dataclass(frozen=True)
class ExperimentDraft:
    """The page's state. `origin` carries what the page does not show (LoRA, batch size, seeds) through."""

    origin: ExperimentSpec
    name: str
    base_model: str
    scheme: str
    train: tuple[str, ...]
    test: tuple[str, ...]
    share: float
    stages: tuple[StageDraft, ...]

    @classmethod
    def of(cls, spec: ExperimentSpec) -> ExperimentDraft:
        return cls(
            origin=spec,
            name=spec.name,
            base_model=spec.base_model,
            scheme=spec.scheme,
            train=tuple(spec.data.train),
            test=tuple(spec.data.test),
            share=spec.data.speech.share,
            stages=tuple(StageDraft.of(stage) for stage in spec.stage),
        )

    def with_scheme_of(self, spec: ExperimentSpec) -> ExperimentDraft:
        """The same data and model under another preset's scheme, stages and training values."""
        other = ExperimentDraft.of(spec)
        return replace(self, origin=other.origin, scheme=other.scheme, stages=other.stages, name=self.name)

    @property
    def uses_speech(self) -> bool:
        return any(stage.speech for stage in self.stages)

    def document(self) -> dict[str, Any]:
        """The experiment as the dictionary its TOML file would give."""
        document = self.origin.model_dump()
        document.update(name=self.name.strip(), base_model=self.base_model.strip(), scheme=self.scheme)
        document["data"].update(train=list(self.train), test=list(self.test))
        document["data"]["speech"]["share"] = self.share
        document["stage"] = [stage.document() for stage in self.stages]
        return document


def short_number(value: float) -> str:
    """A learning rate the way people write it: 0.0002 -> "2e-4", 0.05 -> "0.05". Loses no digit."""
    if not 0 < value < 1e-2:
        return repr(value)
    mantissa, exponent = f"{value:.16e}".split("e")
    for digits in range(1, 17):
        short = f"{float(mantissa):.{digits}g}e{int(exponent)}"
        if float(short) == value:
            return short
    return repr(value)


def total_epochs(stages: Sequence[StageDraft]) -> int:
    return sum(stage.epochs for stage in stages)
