"""What can be said of a base model before it is loaded: from its files, the list of known ones, or the
Hub."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from core.errors import UserError
from core.experiment.computer import Computer, Verdict
from core.experiment.spec import Method, Quantization
from core.models.download import look_up
from core.models.downloaded import downloaded
from core.models.fit import tuning_verdict
from core.models.known import KnownModel, known_model
from core.models.loading import base_model_parameters, model_type_of, resolve_base_model
from core.models.registry import FAMILIES, WITH_EXPERTS

WAYS: tuple[tuple[str, Method, Quantization], ...] = (
    ("LoRA", "lora", "none"),
    ("LoRA, 8 bits", "lora", "8bit"),
    ("LoRA, 4 bits", "lora", "4bit"),
    ("All weights", "full", "none"),
)
"""Ways to tune a model, with their names for the user; fewer bits need a graphics card."""


@dataclass(frozen=True)
class Description:
    """folder: where it is on this computer, None when it would have to be downloaded. revision: of a model
    from the Hub, "" when not known. parameters, download_bytes: None when nobody here knows. known: its
    entry in the list of known models."""

    name: str
    model_type: str
    parameters: int | None
    folder: Path | None
    revision: str
    download_bytes: int | None
    known: KnownModel | None

    @property
    def can_be_tuned(self) -> bool:
        return self.model_type in FAMILIES

    def verdicts(self, computer: Computer) -> dict[str, Verdict]:
        """For each way to tune it on this computer, whether it fits; empty when its size is not known."""
        if self.parameters is None:
            return {}
        return {
            title: tuning_verdict(self.parameters, computer, method=method, quantization=quantization)
            for title, method, quantization in WAYS
            if quantization == "none" or (computer.has_card and self.model_type not in WITH_EXPERTS)
        }


def describe(name: str) -> Description:
    """A model that is on this computer or known, without asking the network.

    name: as in `resolve_base_model`. Raises UserError as that, and for a model on the Hub of which nothing is
    known here.
    """
    known = known_model(name)
    source = resolve_base_model(known.name if known else name)
    if isinstance(source, Path):
        type_, weights = model_type_of(source), base_model_parameters(name)
        return Description(known.name if known else name, type_, weights, source, "", None, known)
    folder = downloaded(source)
    size = known.download_bytes if known else None
    if folder is not None:
        type_, weights = model_type_of(folder), base_model_parameters(source)
        return Description(source, type_, weights, folder, folder.name, size, known)
    if known is None:
        raise UserError(
            "Nothing is known here of this model.",
            where=source,
            remedy=f"Ask the Hub about it: spoonful models check {source}",
        )
    return Description(source, known.family, known.parameters, None, "", size, known)


def look_closely(name: str) -> Description:
    """The same; a model that is not on this computer is looked up on the Hub. Errors as `look_up`."""
    known = known_model(name)
    source = resolve_base_model(known.name if known else name)
    if isinstance(source, Path) or downloaded(source) is not None:
        return describe(name)
    offer = look_up(source)
    return Description(source, offer.model_type, offer.parameters, None, offer.revision, offer.size, known)
