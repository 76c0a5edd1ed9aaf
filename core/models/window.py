"""How long a recording a model hears, by the files of its feature extractor. Imports no torch."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def window_s(extractor: Mapping[str, Any]) -> float:
    """Seconds that a feature extractor was set to; Qwen3-Omni's files give them only in samples.

    Raises KeyError, TypeError or ValueError when its settings do not tell.
    """
    if "chunk_length" in extractor:
        return float(extractor["chunk_length"])
    return float(extractor["n_samples"]) / float(extractor["sampling_rate"])
