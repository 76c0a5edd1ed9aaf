"""What only the experiment file can change, in words for the page."""

from __future__ import annotations

from core.experiment.augmentation import AugmentationSpec
from core.experiment.spec import ExperimentSpec
from gui.experiment_draft import short_number
from gui.formatting import counted, percent


def fixed_words(spec: ExperimentSpec) -> str:
    """The values that the page has no field for; of what is off unless asked for, only what is on."""
    training = spec.training
    batch = f"batch {training.batch_size}"
    if training.gradient_accumulation > 1:
        batch += f" × {training.gradient_accumulation}"
    parts = [_method(spec), batch, f"seed {training.seed}", f"precision {training.precision}"]
    if training.quantization != "none":
        parts.append(f"quantisation {training.quantization}")
    if training.processes != "auto":
        parts.append(counted(training.processes, "training process", "training processes"))
    parts += _encoder(spec)
    if training.label_smoothing:
        parts.append(f"label smoothing {percent(training.label_smoothing)}")
    if spec.augmentation is not None:
        parts.append(f"augmentation by {_changes(spec.augmentation)}")
    if spec.evaluation.stop_after is not None:
        parts.append(f"early stop after {counted(spec.evaluation.stop_after, 'score')}")
    return f"Also set: {', '.join(parts)}. Change these in the experiment file."


def cache_words(spec: ExperimentSpec) -> str:
    """Why every recording is heard anew each time, which takes longer; empty where it is not."""
    why = spec.hears_anew
    return f"The feature cache is off, so hearing takes longer: {why}." if why else ""


def _method(spec: ExperimentSpec) -> str:
    """ "LoRA rank 16, alpha 32"."""
    lora = spec.lora
    if lora is None:
        return "all weights of the language model learn"
    kind = f"{'rs' if lora.rslora else ''}LoRA{' with DoRA' if lora.dora else ''}"
    where = "" if lora.targets == "all" else f" in {lora.targets} layers"
    return f"{kind}{where} rank {lora.rank}, alpha {lora.alpha}"


def _encoder(spec: ExperimentSpec) -> list[str]:
    """ "projector learns at 1e-4"."""
    if spec.audio_encoder is None:
        return []
    rates = {
        "audio tower": spec.audio_encoder.tower_learning_rate,
        "projector": spec.audio_encoder.projector_learning_rate,
    }
    return [f"{part} learns at {short_number(rate)}" for part, rate in rates.items() if rate is not None]


def _changes(spec: AugmentationSpec) -> str:
    kinds = {"speed": spec.speed, "room": spec.room, "noise": spec.noise, "masks": spec.masks}
    return " + ".join(name for name, kind in kinds.items() if kind is not None)
