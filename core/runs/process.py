"""A process is known by its id and its start together: ids are given out again, the pair is not.

On Linux the start is counted from the boot. A time of day would not do: it is derived from the boot time,
which moves with every step of the clock, and a live worker would be taken for another process.
"""

from __future__ import annotations

import sys
import zlib
from pathlib import Path
from typing import NamedTuple

import psutil

START_TOLERANCE: float = 0.0 if sys.platform == "linux" else 2.0
"""How far two looks at one process may differ in its start: elsewhere clock corrections move it a little."""

_TICK_BITS = 34
"""Room for five years of uptime; with _BOOTS in front it is still a whole number exact in a float."""
_BOOTS = 2**19


class _Seen(NamedTuple):
    started: float
    ended: bool


def process_started(pid: int) -> float | None:
    """A number that stands for the start of this process and no other of the same id, also after a reboot;
    None when there is none with this id. On Linux it is above every time of day, elsewhere it is one."""
    seen = _see(pid)
    return None if seen is None else seen.started


def is_alive(pid: int, started: float) -> bool:
    """Whether that very process still runs. One that ended but was not yet collected by its parent
    (a zombie) counts as dead."""
    seen = _see(pid)
    return seen is not None and not seen.ended and abs(seen.started - started) <= START_TOLERANCE


def _see(pid: int) -> _Seen | None:
    return _see_in_proc(pid) if sys.platform == "linux" else _see_by_clock(pid)


def _see_in_proc(pid: int) -> _Seen | None:
    try:
        stat = Path(f"/proc/{pid}/stat").read_bytes()
    except (FileNotFoundError, ProcessLookupError):
        return None
    # The second field is the program's name, which may itself hold spaces and parentheses.
    state, *fields = stat[stat.rindex(b")") + 1 :].split()
    ticks = int(fields[18])
    return _Seen(float((_boot_mark() << _TICK_BITS) + ticks), state in {b"Z", b"X", b"x"})


def _boot_mark() -> int:
    """Tells this boot from the others, so that the same id and ticks after a reboot are no match; never 0."""
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_bytes()
    except OSError:
        boot = b""  # some sandboxes hide it; id and ticks are still next to unique
    return 1 + zlib.crc32(boot) % (_BOOTS - 1)


def _see_by_clock(pid: int) -> _Seen | None:
    try:
        process = psutil.Process(pid)
        return _Seen(float(process.create_time()), process.status() == psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return None
