"""The part of a model that hears, where it learns, too: its audio tower, its projector, or both."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

from torch import nn

from core.errors import UserError
from core.models.family import EncoderPart, LalmFamily, ParameterGroup
from core.models.whole import WholeWeights

if TYPE_CHECKING:
    from core.experiment.spec import ExperimentSpec
    from core.models.tuned import Tuned

ENCODER_FILES: Final[dict[EncoderPart, str]] = {
    "tower": "audio_tower.safetensors",
    "projector": "projector.safetensors",
}

_POSITIONS = "embed_positions"
"""The table of sines in towers like Whisper's: computed, and in no stock model ever learned."""


class WithAudioEncoder:
    """A `core.models.tuned.Tuned`: what learns of the language model, and of the audio encoder beside it."""

    def __init__(
        self,
        language: Tuned,
        family: LalmFamily,
        rates: Mapping[EncoderPart, float | None],
        *,
        keep_base: bool,
    ) -> None:
        """rates: the learning rate of each part that was trained, None to answer only. Raises UserError for a
        part that the base model does not have."""
        self._language, self._rates = language, rates
        if any(rates.values()):
            family.let_encoder_learn()
        self._parts = {
            part: WholeWeights(
                family.model,
                list(_weights(family, part)),
                ENCODER_FILES[part],
                trainable=bool(rate),
                keep_base=keep_base,
            )
            for part, rate in rates.items()
        }

    @property
    def parameters(self) -> list[nn.Parameter]:
        of_encoder = [weight for part in self._parts.values() for weight in part.parameters]
        return [*self._language.parameters, *of_encoder]

    def groups(self, learning_rate: float) -> list[ParameterGroup]:
        groups = self._language.groups(learning_rate)
        for name, part in self._parts.items():
            groups += part.groups(self._rates[name] or 0.0)
        return groups

    def save(self, folder: Path) -> None:
        self._language.save(folder)
        for part in self._parts.values():
            part.save(folder)

    def load(self, folder: Path) -> None:
        self._language.load(folder)
        self.load_encoder(folder)

    def load_encoder(self, folder: Path) -> None:
        """As `load`, but leaving the language model alone."""
        for part in self._parts.values():
            part.load(folder)

    @contextmanager
    def base_weights(self) -> Iterator[None]:
        with ExitStack() as stack:
            for tuned in (self._language, *self._parts.values()):
                stack.enter_context(tuned.base_weights())
            yield

    def merge(self) -> None:
        self._language.merge()


def encoder_rates(spec: ExperimentSpec) -> dict[EncoderPart, float]:
    """The learning rate of each part that an experiment lets learn; none where nothing is ever heard."""
    if not spec.encoder_learns or spec.audio_encoder is None:
        return {}
    rates: dict[EncoderPart, float | None] = {
        "tower": spec.audio_encoder.tower_learning_rate,
        "projector": spec.audio_encoder.projector_learning_rate,
    }
    return {part: rate for part, rate in rates.items() if rate is not None}


def saved_parts(folder: Path) -> list[EncoderPart]:
    """The parts whose weights were saved in `folder`."""
    return [part for part, file in ENCODER_FILES.items() if (folder / file).is_file()]


def encoder_weights(family: LalmFamily, part: EncoderPart) -> dict[str, nn.Parameter]:
    """The weights of tower or projector that can learn, by full name."""
    return {
        name: weight
        for prefix in family.encoder_modules(part)
        for name, weight in family.model.get_submodule(prefix).named_parameters(prefix=prefix)
        if _POSITIONS not in name.split(".")
    }


def _weights(family: LalmFamily, part: EncoderPart) -> dict[str, nn.Parameter]:
    weights = encoder_weights(family, part)
    if not weights:
        raise UserError(
            f"This base model has no {part} that could learn by itself.",
            where=f"[audio_encoder] {part}_learning_rate",
            remedy="Leave it out, or choose another base model.",
        )
    return weights
