"""The experiment file: what the user asks for, in strict TOML.

The models' titles, descriptions and bounds are also what the window shows beside each field.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, Self

import tomli_w
from pydantic import Field, ValidationError, field_validator, model_validator

from core.errors import UserError
from core.experiment.augmentation import AugmentationSpec
from core.experiment.data import DataSpec
from core.experiment.overrides import apply_overrides
from core.experiment.problems import describe_problems
from core.experiment.stages import SCHEME_RULES, Scheme, StageSpec, scheme_fits
from core.experiment.table import LARGEST_SEED, Table
from core.experiment.weights import AudioEncoderSpec, LoraSpec

Precision = Literal["auto", "bf16", "float32"]
Method = Literal["lora", "full"]
Checkpointing = Literal["auto", "on", "off"]
StopScore = Literal["exact_match", "intent_accuracy", "slot_f1"]
Quantization = Literal["none", "8bit", "4bit"]
Kernels = Literal["auto", "stock"]


class TrainingSpec(Table):
    batch_size: int = Field(
        default=16,
        ge=1,
        le=4096,
        title="Batch size",
        description="Utterances at once; fewer need less memory.",
    )
    gradient_accumulation: int = Field(
        default=1,
        ge=1,
        le=4096,
        title="Gradient accumulation",
        description="Batches gathered for one training step; a step learns from batch size x this many.",
    )
    precision: Precision = Field(
        default="auto", title="Precision", description="auto: bf16 on a capable GPU, else float32."
    )
    quantization: Quantization = Field(
        default="none",
        title="Quantization",
        description="8bit, 4bit: the frozen language model is kept in so few bits, so that a larger one fits"
        " on a graphics card; its answers may get slightly worse. Needs a card from NVIDIA, the library"
        ' bitsandbytes and method = "lora". The part that hears stays as it is.',
    )
    kernels: Kernels = Field(
        default="auto",
        title="Kernels",
        description="auto: on a graphics card from NVIDIA the language model computes with Liger's faster"
        " kernels where the library liger-kernel is installed; the result is the same but for rounding."
        " stock: always with the usual ones.",
    )
    seed: int = Field(
        default=17,
        ge=0,
        le=LARGEST_SEED,
        title="Seed",
        description="Same seed, same order of data and same run.",
    )
    weight_decay: float = Field(
        default=0.0, ge=0, le=1, title="Weight decay", description="Pull of the weights that learn towards 0."
    )
    label_smoothing: float = Field(
        default=0.0,
        ge=0,
        lt=1,
        title="Label smoothing",
        description="How much of a right answer's weight goes to all others alike, against overconfidence:"
        " 0.1 is 10 %. The loss that is shown stays the plain one, so that runs can be compared.",
    )
    max_grad_norm: float = Field(
        default=1.0, gt=0, title="Gradient limit", description="Longer gradients are cut to this length."
    )
    checkpoint_steps: int = Field(
        default=50,
        ge=1,
        title="Checkpoint every",
        description="Steps between checkpoints; after a crash at most this much is trained again.",
    )
    keep_checkpoints: int = Field(
        default=2,
        ge=1,
        le=1000,
        title="Keep checkpoints",
        description="How many of the newest checkpoints stay on disk. A run goes on from the newest one.",
    )
    gradient_checkpointing: Checkpointing = Field(
        default="auto",
        title="Gradient checkpointing",
        description="on: layers are computed once more instead of being kept; needs much less memory and a"
        " third more time, the result is the same. auto: where the largest batch would not fit without it.",
    )
    rehearsal: bool = Field(
        default=True,
        title="Rehearsal",
        description="Whether a few steps on the run's own data are tried and taken back before it begins, so"
        " that what would spoil it, or does not fit into memory, shows at once.",
    )
    processes: int | Literal["auto"] = Field(
        default="auto",
        title="Processes",
        description="How many processes train together, each on a graphics card of its own; each step's"
        " utterances are shared out among them, so the losses stay the same but for rounding and dropout."
        ' Each holds the whole model, but with method = "full" they divide it. auto: as many as there are'
        " cards.",
    )
    remember_features: bool = Field(
        default=True,
        title="Feature cache",
        description="Whether what the frozen part of the model hears in a recording is kept on disk, so that"
        " it is computed once, also for later runs. The result is the same.",
    )

    # As a union of types, each of them would add a complaint of its own.
    @field_validator("processes", mode="plain")
    @classmethod
    def _number_or_auto(cls, value: object) -> object:
        if value == "auto" or (type(value) is int and 1 <= value <= 64):
            return value
        raise ValueError(f'It must be "auto" or a whole number from 1 to 64, not {value!r}.')


class EvaluationSpec(Table):
    every_steps: int = Field(
        default=50,
        ge=0,
        title="Score every",
        description="Steps between scores on validation speech; 0: only at the end of each stage.",
    )
    validation_limit: int = Field(
        default=60,
        ge=1,
        title="Validation utterances",
        description="How many validation recordings are scored while training, chosen by the seed.",
    )
    stop_after: int | None = Field(
        default=None,
        ge=1,
        title="Stop after",
        description="A stage ends early after this many validation scores without a new highest one, and"
        " the run's result is the weights that scored best of all. Without it every stage runs to its end,"
        " and the last weights are the result.",
    )
    stop_score: StopScore = Field(
        default="exact_match",
        title="Score that decides",
        description="Which validation score must rise, where stages may end early.",
    )
    hearing: bool = Field(
        default=True,
        title="Hearing check",
        description="Whether it is measured, while training and at the end, how much the true audio helps"
        " against another one's.",
    )
    cascade: bool = Field(
        default=False,
        title="Through a transcript",
        description="Whether the end also scores the detour: the base model writes down the test recordings,"
        " the trained one labels what it wrote. Takes longer than the scores on speech.",
    )

    @model_validator(mode="after")
    def _scores_often_enough(self) -> Self:
        if self.stop_after is not None and not self.every_steps:
            raise ValueError(
                'To "stop_after" some scores there must be scores within a stage: set "every_steps" above 0.'
            )
        return self


class ExperimentSpec(Table):
    schema_version: Literal[1] = Field(title="Version of the file's form", description="Always 1.")
    name: str = Field(min_length=1, max_length=200, title="Name", description="Shown in the list of runs.")
    base_model: str = Field(
        min_length=1,
        title="Base model",
        description='"teaspoon" (built in), a folder with a model, or the id of one on the Hugging Face Hub.',
    )
    scheme: Scheme = Field(
        default="custom", title="Scheme", description="The kind of stages; the stages must fit it."
    )
    data: DataSpec = Field(title="Data", description="What is learned from and what is tested on.")
    stage: list[StageSpec] = Field(
        min_length=1,
        title="Stages",
        description="Trained one after the other, each from where the last ended.",
    )
    method: Method = Field(
        default="lora",
        title="Method",
        description="lora: a small adapter beside the frozen language model learns. full: the whole language"
        " model learns; it needs much more memory and a smaller learning rate. The part that hears stays as"
        " it is, unless [audio_encoder] says otherwise.",
    )
    lora: LoraSpec | None = Field(
        default=None, title="LoRA adapter", description='The adapter; none with method = "full".'
    )
    audio_encoder: AudioEncoderSpec | None = Field(
        default=None,
        title="Audio encoder",
        description="Learning rates for the part that hears, which learns from speech only. Without this"
        " table it stays as it is.",
    )
    augmentation: AugmentationSpec | None = Field(
        default=None,
        title="Augmentation",
        description="How training recordings are changed each time they are heard. Scores are always of the"
        " recordings as they are.",
    )
    training: TrainingSpec = Field(default=TrainingSpec(), title="Training", description="How it is trained.")
    evaluation: EvaluationSpec = Field(default=EvaluationSpec(), title="Scores", description="When to score.")

    @model_validator(mode="before")
    @classmethod
    def _adapter_of_the_usual_size(cls, values: Any) -> Any:
        """Without a word about it there is an adapter; `lora` is None only where nothing reads it."""
        if isinstance(values, dict) and values.get("method", "lora") == "lora" and values.get("lora") is None:
            return {**values, "lora": {}}
        return values

    @property
    def speech_share_used(self) -> float:
        """The share of the recordings that is learned from, but for languages with one of their own: 0 when
        no stage uses speech."""
        return self.data.speech.share if any(stage.speech for stage in self.stage) else 0.0

    @property
    def encoder_learns(self) -> bool:
        """Whether any stage changes the part of the model that hears."""
        return self.audio_encoder is not None and any(stage.speech for stage in self.stage)

    @property
    def tower_learns(self) -> bool:
        """Whether that is more than the projector."""
        tower = self.audio_encoder is not None and self.audio_encoder.tower_learning_rate is not None
        return self.encoder_learns and tower

    @property
    def recordings_change(self) -> bool:
        """Whether any stage hears recordings otherwise each time."""
        return self.augmentation is not None and any(stage.speech for stage in self.stage)

    @property
    def hears_anew(self) -> str:
        """Why the feature cache is off though it was not switched off; empty where that is not so."""
        if not self.training.remember_features:
            return ""
        reasons = {
            "the audio encoder learns": self.encoder_learns,
            "recordings are changed each time": self.recordings_change,
        }
        return " and ".join(words for words, true in reasons.items() if true)

    @property
    def writes_pseudo_audio(self) -> bool:
        """Whether any stage writes text as pseudo-audio; not every base model knows that form."""
        return any(stage.pseudo_audio > 0 for stage in self.stage)

    @model_validator(mode="after")
    def _adapter_fits(self) -> Self:
        if self.method == "full" and self.lora is not None:
            raise ValueError(
                'With method = "full" there is no adapter: leave out [lora], as the presets demo-*-full do,'
                ' or set method = "lora".'
            )
        return self

    @model_validator(mode="after")
    def _quantized_stays_frozen(self) -> Self:
        if self.method == "full" and self.training.quantization != "none":
            raise ValueError(
                'Quantised weights cannot learn: with method = "full" set training.quantization = "none",'
                ' or set method = "lora".'
            )
        return self

    @model_validator(mode="after")
    def _scheme_fits(self) -> Self:
        shares = {language.speech for language in self.data.languages.values()}
        if not scheme_fits(self.scheme, self.stage) or (self.scheme == "cross-lingual" and len(shares) < 2):
            raise ValueError(
                f'The stages do not fit the scheme "{self.scheme}" ({SCHEME_RULES[self.scheme]});'
                ' change them or set scheme = "custom".'
            )
        return self


def load_experiment(path: Path, overrides: Sequence[str] = ()) -> ExperimentSpec:
    """The experiment in the file, with `key=value` overrides applied on top.

    overrides: "data.speech.share=0.02", "stage.0.epochs=1", "name=another"; values are TOML, and what is
    not TOML is text. Raises UserError naming file, line, key and the nearest valid key.
    """
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise UserError(
            f"The experiment file cannot be read ({error.strerror or error}).",
            where=str(path),
            remedy="Check the path; `spoonful train resources/presets/demo-curriculum.toml` runs an example.",
        ) from error
    except UnicodeDecodeError as error:
        raise UserError(
            "The experiment file is not UTF-8 text.",
            where=str(path),
            remedy="Save it as UTF-8 in a text editor.",
        ) from error
    return parse_experiment(text, str(path), overrides)


def parse_experiment(text: str, source: str, overrides: Sequence[str] = ()) -> ExperimentSpec:
    """The experiment written in `text`; `source` names it in errors, which are those of load_experiment."""
    try:
        values = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        why, _, position = str(error).partition(" (at ")
        raise UserError(
            f"The experiment file is not valid TOML: {why}.",
            where=f"{source}, {position.rstrip(')')}" if position else source,
            remedy='Write one `key = value` per line, text in "quotes", tables as [table].',
        ) from error
    except ValueError as error:  # Python refuses to make a number of thousands of digits
        raise UserError(
            "The experiment file has a number with too many digits.",
            where=source,
            remedy="Write a shorter one.",
            details=str(error),
        ) from error
    changed = apply_overrides(values, overrides)
    try:
        return ExperimentSpec.model_validate(values)
    except ValidationError as error:
        raise describe_problems(error, ExperimentSpec, text, source, changed) from error


def validate_experiment(values: Mapping[str, Any], source: str = "the experiment") -> ExperimentSpec:
    """The experiment given as plain values, for an editor: raises ExperimentError with a list of problems."""
    try:
        return ExperimentSpec.model_validate(values)
    except ValidationError as error:
        raise describe_problems(error, ExperimentSpec, "", source, {}) from error


def dump_experiment(spec: ExperimentSpec) -> str:
    """The experiment as a TOML file that `parse_experiment` reads back to an equal one."""
    # TOML has no word for "none": what is left out reads back as none.
    return tomli_w.dumps(spec.model_dump(mode="json", exclude_none=True))
