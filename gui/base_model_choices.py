"""Which base models the Experiment page offers, and what it says of the chosen one. No Qt in here."""

from __future__ import annotations

from dataclasses import dataclass

from core.experiment.computer import Computer, fits
from core.models.downloaded import downloaded
from core.models.known import known_model, known_models
from core.models.loading import is_hub_id
from gui.formatting import memory


@dataclass(frozen=True)
class BaseModelChoice:
    """name: what the experiment calls it. title: what the list shows. note: one line about it."""

    name: str
    title: str
    note: str


def list_base_models() -> list[BaseModelChoice]:
    """The known ones that are not built in; a model that is not here says how large its download is."""
    return [
        BaseModelChoice(
            model.name,
            model.name
            if downloaded(model.name)
            else f"{model.name} ({memory(model.download_bytes)} to download)",
            f"{model.note} Licence: {model.licence}.",
        )
        for model in known_models()
        if not model.is_built_in
    ]


def hint(name: str, memory_bytes: float | None, computer: Computer) -> str:
    """Whether a run with this base model fits here, and what is downloaded before it; empty when nothing can
    be said. memory_bytes: what the run may need, None when not known."""
    sentences = [] if memory_bytes is None else [fits(memory_bytes, computer).words]
    if is_hub_id(name) and downloaded(name) is None:
        known = known_model(name)
        size = f": {memory(known.download_bytes)}" if known else ""
        sentences.append(f"It is downloaded when the run begins{size}.")
    return " ".join(sentences)
