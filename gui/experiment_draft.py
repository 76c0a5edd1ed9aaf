"""An experiment while it is being written: what the user typed so far, right or wrong. No Qt in here."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

from pydantic import TypeAdapter

from core.experiment.presets import load_preset
from core.experiment.spec import ExperimentSpec, Method
from core.experiment.stages import Scheme, StageSpec, scheme_fits
from core.experiment.weights import LoraSpec
from core.models.loading import TEASPOON
from gui.formatting import percent

PRESET_OF_SCHEME: dict[str, str] = {
    "text-only": "text-only",
    "direct mixing": "direct-mixing",
    "curriculum": "curriculum",
    # The same stages, with a part of the text written another way.
    "text-only + pseudo-audio": "text-only",
}
PSEUDO_AUDIO = 0.5
"""That part: one half, as in the preset demo-text-only-pseudo-audio."""


@dataclass(frozen=True)
class StageDraft:
    """A stage as typed so far. The learning rate stays text, so that a half-typed one is not lost."""

    name: str
    epochs: int
    text: float
    pseudo_audio: float
    speech: bool
    speech_part: float | None
    learning_rate: str
    warmup_ratio: float
    schedule: str

    @classmethod
    def of(cls, stage: StageSpec) -> StageDraft:
        values = stage.model_dump(include=set(cls.__dataclass_fields__))
        return cls(**{**values, "learning_rate": short_number(stage.learning_rate)})

    def document(self) -> dict[str, Any]:
        """The stage as a table of the experiment file; an unreadable number stays text for the checks.

        What text or speech brings along is left out without them, but comes back with them on the page.
        """
        values = dict(vars(self))
        if not self.text:
            values["pseudo_audio"] = 0.0
        if not (self.text and self.speech):
            values["speech_part"] = None
        with suppress(ValueError):
            values["learning_rate"] = float(self.learning_rate)
        return values


@dataclass(frozen=True)
class ExperimentDraft:
    """The page's state. `origin` carries what the page does not show (LoRA, batch size, seeds) through."""

    origin: ExperimentSpec
    name: str
    base_model: str
    scheme: Scheme
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

    @classmethod
    def from_json(cls, text: str) -> ExperimentDraft:
        """What `to_json` wrote. Raises ValueError for anything else."""
        return _JSON.validate_json(text)

    def to_json(self) -> str:
        """The draft, half-typed values and all, to be remembered; a file takes only right ones."""
        return _JSON.dump_json(self).decode()

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

    def changed(self, **changes: Any) -> ExperimentDraft:
        """The draft with other values. A name the user did not write follows them."""
        draft = replace(self, **changes)
        if "name" not in changes and self.name == suggested_name(self):
            draft = replace(draft, name=suggested_name(draft))
        return draft

    def with_stages(self, stages: tuple[StageDraft, ...]) -> ExperimentDraft:
        """Other stages; the scheme becomes "custom" when they no longer fit it."""
        kinds = [StageSpec.model_construct(**stage.document()) for stage in stages]
        scheme = self.scheme if scheme_fits(self.scheme, kinds) else "custom"
        return self.changed(stages=stages, scheme=scheme)

    def with_scheme(self, scheme: Scheme) -> ExperimentDraft:
        """The same data, share and seeds under another scheme, with its preset's stages and training values:
        only then are two schemes compared on the same recordings in the same order."""
        if scheme not in PRESET_OF_SCHEME:
            return self.changed(scheme=scheme)
        preset = ExperimentDraft.of(load_preset(preset_name(scheme, self.base_model, self.origin.method)))
        stages = preset.stages
        if scheme == "text-only + pseudo-audio":
            stages = tuple(replace(stage, pseudo_audio=PSEUDO_AUDIO) for stage in stages)
        kept = {"seed", "quantization", "label_smoothing", "processes"}
        training = preset.origin.training.model_copy(update=self.origin.training.model_dump(include=kept))
        origin = preset.origin.model_copy(
            update={
                "data": self.origin.data,
                "training": training,
                "evaluation": self.origin.evaluation,
                "method": self.origin.method,
                "lora": self.origin.lora and _same_kind(self.origin.lora, preset.origin.lora),
                "audio_encoder": self.origin.audio_encoder,
                "augmentation": self.origin.augmentation,
            }
        )
        return self.changed(origin=origin, scheme=scheme, stages=stages)

    def with_base_model(self, base_model: str) -> ExperimentDraft:
        """Another base model. Stages that are the preset's become those of the preset for that model: a
        small model's learning rates would ruin a large one."""
        draft = self.changed(base_model=base_model)
        is_preset = self.scheme in PRESET_OF_SCHEME and self.stages == self.with_scheme(self.scheme).stages
        return draft.with_scheme(self.scheme) if is_preset else draft


def _same_kind(lora: LoraSpec, of_preset: LoraSpec | None) -> LoraSpec | None:
    """The preset's adapter, of the kind that was asked for."""
    kind = lora.model_dump(include={"rslora", "dora", "targets"})
    return of_preset and of_preset.model_copy(update=kind)


_JSON = TypeAdapter(ExperimentDraft)


def preset_name(scheme: str, base_model: str, method: Method = "lora") -> str:
    """The preset with a scheme's values for this base model: the demo's for Teaspoon, else the paper's, whose
    learning rates are for either method."""
    if base_model != TEASPOON:
        return f"paper-{PRESET_OF_SCHEME[scheme]}"
    return f"demo-{PRESET_OF_SCHEME[scheme]}{'-full' if method == 'full' else ''}"


def suggested_name(draft: ExperimentDraft) -> str:
    """ "demo: curriculum, 5 % speech"."""
    speech = f", {percent(draft.share)} speech" if draft.uses_speech else ""
    weights = ", all weights" if draft.origin.method == "full" else ""
    return f"{' + '.join(draft.train) or 'no data'}: {draft.scheme}{speech}{weights}"


def short_number(value: float) -> str:
    """A learning rate the way people write it: 0.0002 -> "2e-4", 0.05 -> "0.05". Loses no digit."""
    if not 0 < value < 1e-2:
        return repr(value)
    for digits in range(17):
        mantissa, exponent = f"{value:.{digits}e}".split("e")
        short = f"{mantissa}e{int(exponent)}"
        if float(short) == value:
            return short
    return repr(value)
