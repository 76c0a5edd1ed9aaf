"""The base model comes to this computer before a run begins: told, stoppable, and only if it fits."""

from __future__ import annotations

from pathlib import Path

from core.experiment.computer import Computer, this_computer
from core.experiment.spec import ExperimentSpec
from core.models.download import Offer, download, download_words
from core.models.downloaded import downloaded
from core.models.fit import refuse_too_large
from core.models.loading import resolve_base_model
from core.training.reporter import Reporter


def fetch_base_model(spec: ExperimentSpec, reporter: Reporter, computer: Computer | None = None) -> None:
    """Download the experiment's base model unless it is here. computer: this one, when None.

    Raises UserError when it is not to be had or does not fit here, and Cancelled when the run is asked to
    stop.
    """
    source = resolve_base_model(spec.base_model)
    if isinstance(source, Path) or downloaded(source) is not None:
        return

    def accept(offer: Offer) -> None:
        refuse_too_large(source, offer.parameters, spec, computer or this_computer())

    reporter.activity(f"looking for {source} on the Hub")
    download(
        source,
        progress=lambda done, total: reporter.activity(download_words(source, done, total)),
        should_stop=reporter.should_stop,
        accept=accept,
    )
