"""What this computer has, and whether something fits into it. Loads no torch: the window asks here, too."""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import dataclass
from typing import Final, Literal

import psutil

_ASK_CARD: Final = ("--query-gpu=memory.total,memory.free", "--format=csv,noheader,nounits")
_CARD_ANSWERS_S: Final = 10.0
"""A card that sleeps takes seconds to answer."""

Fit = Literal["fits", "tight", "too large"]


@dataclass(frozen=True)
class Computer:
    """Memory in bytes, all of it and what is free now: of the computer, and of its first graphics card (None
    without one that CUDA runs on)."""

    memory: int
    free_memory: int
    card_memory: int | None = None
    free_card_memory: int | None = None

    @property
    def has_card(self) -> bool:
        return self.card_memory is not None


@dataclass(frozen=True)
class Verdict:
    """fit: tight means that it fits once other programs are closed. need: bytes. words: a sentence for the
    user."""

    fit: Fit
    need: float
    words: str


def this_computer() -> Computer:
    """Asks the system and, where it is installed, nvidia-smi: some milliseconds, seconds where a card
    sleeps."""
    memory = psutil.virtual_memory()
    return Computer(memory.total, memory.available, *_first_card())


def fits(need: float, computer: Computer) -> Verdict:
    """Whether so many bytes fit where a model works: on the graphics card if there is one, else in memory."""
    if computer.card_memory is not None and computer.free_card_memory is not None:
        where, total, free = "the graphics card", computer.card_memory, computer.free_card_memory
    else:
        where, total, free = "this computer", computer.memory, computer.free_memory
    needs = f"needs about {gigabytes(need)}, {where} has {gigabytes(total)}"
    if need > total:
        return Verdict("too large", need, f"Does not fit: {needs}.")
    if need > free:
        return Verdict("tight", need, f"Tight: {needs}, {gigabytes(free)} of them free now.")
    return Verdict("fits", need, f"Fits: {needs}.")


def gigabytes(count: float) -> str:
    """Bytes as people compare them: "0.6 GB", "17 GB"."""
    value = count / 1e9
    return f"{value:.1f} GB" if value < 10 else f"{value:.0f} GB"


def _first_card() -> tuple[int | None, int | None]:
    """All and free memory of the first card that nvidia-smi tells of; a run uses that one."""
    program = shutil.which("nvidia-smi")
    if program is None:
        return None, None
    try:
        answer = subprocess.run(
            [program, *_ASK_CARD], capture_output=True, text=True, check=True, timeout=_CARD_ANSWERS_S
        ).stdout
        total, free = (int(part) * 2**20 for part in answer.splitlines()[0].split(","))
    except (OSError, subprocess.SubprocessError, ValueError, IndexError):
        # The program is left from a card that was taken out, or its driver does not run.
        return None, None
    return total, free
