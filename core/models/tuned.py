"""What of a model is trained (an adapter or the language model, and what hears) and what was saved of it."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from safetensors import SafetensorError
from torch import nn

from core.errors import UserError
from core.models.audio_encoder import WithAudioEncoder, encoder_rates, saved_parts
from core.models.family import EncoderPart, LalmFamily, ParameterGroup
from core.models.full import FULL_WEIGHTS, FullWeights
from core.models.lora import ADAPTER_CONFIG, ADAPTER_WEIGHTS, add_adapter, load_adapter
from core.models.memory import lacks_memory, too_little_memory

if TYPE_CHECKING:
    from core.experiment.spec import ExperimentSpec


class Tuned(Protocol):
    """The weights of a family's model that learn."""

    @property
    def parameters(self) -> list[nn.Parameter]:
        """All of them; empty when they were loaded to answer only."""

    def groups(self, learning_rate: float) -> list[ParameterGroup]:
        """The same with their learning rates. learning_rate: a stage's, which is the language model's; it
        comes first."""

    def save(self, folder: Path) -> None:
        """Write them into `folder`. Raises UserError when the disk is full or read-only."""

    def load(self, folder: Path) -> None:
        """Take over what `save` wrote of the same weights."""

    def base_weights(self) -> AbstractContextManager[None]:
        """Within it the model answers as it did untuned."""

    def merge(self) -> None:
        """Make them part of the model for good, which answers faster then; nothing else may follow."""


def tune(family: LalmFamily, spec: ExperimentSpec) -> Tuned:
    """Make what the experiment trains trainable, and nothing else. Raises UserError for what this base model
    does not have."""
    keep_base = spec.evaluation.cascade
    language: Tuned = (
        FullWeights(family, trainable=True, keep_base=keep_base)
        if spec.lora is None
        else add_adapter(family, spec.lora)
    )
    rates = encoder_rates(spec)
    return WithAudioEncoder(language, family, rates, keep_base=keep_base) if rates else language


def load_tuned(
    family: LalmFamily,
    folder: Path,
    *,
    trainable: bool,
    keep_base: bool = False,
    rates: Mapping[EncoderPart, float] | None = None,
) -> Tuned:
    """Put what was saved in `folder` into the family's untuned model.

    keep_base: whether `base_weights` will be wanted. rates: of `encoder_rates`, to go on training. Raises
    UserError when the folder holds nothing, only pickled weights, or those of another base model.
    """
    check_tuned(folder)
    try:
        language = _load_language(family, folder, trainable=trainable, keep_base=keep_base)
        parts = rates if trainable else dict.fromkeys(saved_parts(folder))
        if not parts:
            return language
        tuned = WithAudioEncoder(language, family, parts, keep_base=keep_base)
        tuned.load_encoder(folder)
    except (OSError, ValueError, RuntimeError, KeyError, MemoryError, SafetensorError) as error:
        # torch tells a lack of memory by a RuntimeError, which damaged files are told by too.
        if lacks_memory(error):
            raise too_little_memory(
                "for the trained weights",
                'Use a computer or graphics card with more memory, or train with method = "lora".',
                where=str(folder),
                details=str(error),
            ) from error
        raise UserError(
            "The trained weights do not fit this base model, or are damaged.",
            where=str(folder),
            remedy="Choose the base model the run was trained on, or another run.",
            details=str(error),
        ) from error
    return tuned


def _load_language(family: LalmFamily, folder: Path, *, trainable: bool, keep_base: bool) -> Tuned:
    if not (folder / FULL_WEIGHTS).is_file():
        return load_adapter(family, folder, trainable=trainable)
    full = FullWeights(family, trainable=trainable, keep_base=keep_base)
    full.load(folder)
    return full


def check_tuned(folder: Path) -> None:
    """Raise UserError unless `folder` holds trained weights stored as safetensors."""
    if (folder / FULL_WEIGHTS).is_file():
        return
    if (folder / ADAPTER_CONFIG).is_file() and (folder / ADAPTER_WEIGHTS).is_file():
        return
    if any(folder.glob("*.bin")):
        raise UserError(
            "The trained weights are stored in a format that can run hidden programs.",
            where=str(folder),
            remedy="Spoonful opens only safetensors files.",
        )
    raise UserError(
        "There are no trained weights here.",
        where=str(folder),
        remedy="Choose a run that finished at least one stage, or resume this one.",
    )
