"""The most memory a process has used so far."""

from __future__ import annotations

import resource

import torch


def peak_mb() -> float:
    """MB allocated on the graphics card where there is one, else resident memory of this process."""
    if torch.cuda.is_available():
        return torch.cuda.max_memory_allocated() / 1e6
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3
