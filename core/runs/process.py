"""A process is known by its id and its start time together: ids are given out again, the pair is not."""

from __future__ import annotations

import psutil

CLOCK_TOLERANCE_S = 2.0
"""The start time is derived from the boot time, which clock corrections move a little."""


def process_started(pid: int) -> float | None:
    """When the process began (seconds since the Unix epoch), None when there is none with this id."""
    try:
        return float(psutil.Process(pid).create_time())
    except psutil.NoSuchProcess:
        return None


def is_alive(pid: int, started: float) -> bool:
    """Whether that very process still runs. One that ended but was not yet collected by its parent
    (a zombie) counts as dead."""
    try:
        process = psutil.Process(pid)
        same = abs(process.create_time() - started) <= CLOCK_TOLERANCE_S
        return bool(same and process.status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False
