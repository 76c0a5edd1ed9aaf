"""An experiment while it is being written: what the user typed so far, right or wrong. No Qt in here."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Any, Final, cast

from pydantic import TypeAdapter

from core.experiment.pools import LanguageSpec
from core.experiment.presets import load_preset
from core.experiment.spec import ExperimentSpec, Method
from core.experiment.stages import Scheme, StageSpec, scheme_fits
from core.models.loading import TEASPOON
from gui.experiment_settings import METHOD, ROOT, Typed, readable, typed_settings, write_settings
from gui.formatting import percent, short_number

PRESET_OF_SCHEME: dict[str, str] = {
    "text-only": "text-only",
    "direct mixing": "direct-mixing",
    "curriculum": "curriculum",
    "cross-lingual": "direct-mixing",
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
    """The page's state. settings: what "More settings" holds, by its place in the file and as typed so far;
    those of tables that are off are kept for when they are switched on again."""

    name: str
    base_model: str
    scheme: Scheme
    train: tuple[str, ...]
    test: tuple[str, ...]
    share: float
    stages: tuple[StageDraft, ...]
    settings: dict[str, Typed]
    languages: dict[str, LanguageSpec] = field(default_factory=dict)
    weights: dict[str, float] = field(default_factory=dict)

    @classmethod
    def of(cls, spec: ExperimentSpec) -> ExperimentDraft:
        return cls(
            name=spec.name,
            base_model=spec.base_model,
            scheme=spec.scheme,
            train=tuple(spec.data.train),
            test=tuple(spec.data.test),
            share=spec.data.speech.share,
            stages=tuple(StageDraft.of(stage) for stage in spec.stage),
            settings=typed_settings(spec),
            languages=dict(spec.data.languages),
            weights=dict(spec.data.weights),
        )

    @classmethod
    def from_json(cls, text: str) -> ExperimentDraft:
        """What `to_json` wrote. Raises ValueError for anything else."""
        draft = _JSON.validate_json(text)
        return replace(draft, settings=readable(draft.settings))

    def to_json(self) -> str:
        """The draft, half-typed values and all, to be remembered; a file takes only right ones."""
        return _JSON.dump_json(self).decode()

    @property
    def uses_speech(self) -> bool:
        return any(stage.speech for stage in self.stages)

    def document(self) -> dict[str, Any]:
        """The experiment as the dictionary its TOML file would give."""
        document = {
            "schema_version": 1,
            "name": self.name.strip(),
            "base_model": self.base_model.strip(),
            "scheme": self.scheme,
            "data": {
                "train": list(self.train),
                "test": list(self.test),
                "speech": {"share": self.share},
                "languages": {
                    code: language.model_dump(exclude_none=True) for code, language in self.languages.items()
                },
                # A weight stays when its dataset is left out for a moment.
                "weights": {name: weight for name, weight in self.weights.items() if name in self.train},
            },
            "stage": [stage.document() for stage in self.stages],
        }
        write_settings(document, self.settings, ROOT)
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
        only then are two schemes compared on the same recordings in the same order. Shares by language are
        what makes the cross-lingual one, and go with it."""
        languages = {} if self.scheme == "cross-lingual" else self.languages
        return self._fitted(self.changed(scheme=scheme, languages=languages))

    def with_base_model(self, base_model: str) -> ExperimentDraft:
        """Another base model. Stages that are the preset's become those of the preset for that model: a
        small model's learning rates would ruin a large one."""
        draft = self.changed(base_model=base_model)
        return self._fitted(draft) if self._has_usual_stages else draft

    def with_settings(self, changes: Mapping[str, Typed]) -> ExperimentDraft:
        """Other settings. With another method, stages that are the preset's become those of the preset for
        it: an adapter's learning rates would ruin a whole model."""
        draft = self.changed(settings={**self.settings, **changes})
        has_other_method = draft.settings[METHOD] != self.settings[METHOD]
        return self._fitted(draft) if has_other_method and self._has_usual_stages else draft

    @property
    def _has_usual_stages(self) -> bool:
        usual = _preset_of(self)
        return usual is not None and self.stages == usual.stages

    def _fitted(self, draft: ExperimentDraft) -> ExperimentDraft:
        """`draft`, for which another preset is usual than for this one, with the stages of that preset. So
        are its settings, but for those that were changed here."""
        usual = _preset_of(draft)
        if usual is None:
            return draft
        here = _preset_of(self)
        before = here.settings if here is not None else ROOT.usual()
        untouched = {key for key, typed in draft.settings.items() if typed == before[key]} - _OWN
        settings = draft.settings | {key: usual.settings[key] for key in untouched}
        return draft.changed(stages=usual.stages, settings=settings)


_OWN: Final = {METHOD, "training.seed", "data.speech.seed"}
"""Settings that are the experiment's own, whatever a preset says."""
_JSON = TypeAdapter(ExperimentDraft)


def _preset_of(draft: ExperimentDraft) -> ExperimentDraft | None:
    """What is usual for a draft's scheme, base model and method; None where there is no such preset."""
    if draft.scheme not in PRESET_OF_SCHEME:
        return None
    method = cast("Method", draft.settings[METHOD])
    preset = ExperimentDraft.of(load_preset(preset_name(draft.scheme, draft.base_model, method)))
    if draft.scheme != "text-only + pseudo-audio":
        return preset
    return replace(preset, stages=tuple(replace(each, pseudo_audio=PSEUDO_AUDIO) for each in preset.stages))


def preset_name(scheme: str, base_model: str, method: Method = "lora") -> str:
    """The preset with a scheme's values for this base model: the demo's for Teaspoon, else the paper's, whose
    learning rates are for either method."""
    if base_model != TEASPOON:
        return "paper-cross-lingual" if scheme == "cross-lingual" else f"paper-{PRESET_OF_SCHEME[scheme]}"
    return f"demo-{PRESET_OF_SCHEME[scheme]}{'-full' if method == 'full' else ''}"


def suggested_name(draft: ExperimentDraft) -> str:
    """ "demo: curriculum, 5 % speech"."""
    one_share = draft.uses_speech and not draft.languages
    speech = f", {percent(draft.share)} speech" if one_share else ""
    weights = ", all weights" if draft.settings[METHOD] == "full" else ""
    return f"{' + '.join(draft.train) or 'no data'}: {draft.scheme}{speech}{weights}"
