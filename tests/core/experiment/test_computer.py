"""What this computer has, and what fits into it."""

from __future__ import annotations

import os
from pathlib import Path

import psutil
import pytest

from core.experiment.computer import Computer, fits, this_computer

SMALL = Computer(memory=16_000_000_000, free_memory=9_000_000_000)


@pytest.mark.parametrize(
    ("need", "fit", "words"),
    [
        (8e9, "fits", "Fits: needs about 8.0 GB, this computer has 16 GB."),
        (12e9, "tight", "Tight: needs about 12 GB, this computer has 16 GB, 9.0 GB of them free now."),
        (17e9, "too large", "Does not fit: needs about 17 GB, this computer has 16 GB."),
    ],
)
def test_the_verdict_names_both_numbers(need: float, fit: str, words: str) -> None:
    verdict = fits(need, SMALL)
    assert (verdict.fit, verdict.words) == (fit, words)


@pytest.fixture
def card(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An nvidia-smi that a test writes; it comes first in the search path."""
    program = tmp_path / "nvidia-smi"
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    return program


def answers(program: Path, script: str) -> None:
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)


def test_the_first_card_is_the_one_that_counts(card: Path) -> None:
    answers(card, "echo '24576, 20000'; echo '8192, 8192'")
    found = this_computer()
    assert found.has_card
    assert (found.card_memory, found.free_card_memory) == (24576 * 2**20, 20000 * 2**20)
    assert found.memory == psutil.virtual_memory().total


@pytest.mark.parametrize("script", ["exit 9", "echo 'No devices were found'", "true", "echo '[N/A], [N/A]'"])
def test_a_driver_without_a_card_is_no_card(card: Path, script: str) -> None:
    answers(card, script)
    assert not this_computer().has_card
