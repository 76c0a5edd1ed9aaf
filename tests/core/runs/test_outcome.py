from __future__ import annotations

from pathlib import Path

import pytest

from core.runs.outcome import (
    EXIT_DISK_FULL,
    EXIT_UNWRITABLE,
    LOG_TAIL_BYTES,
    OUTCOME_FILE,
    checkpoint_step,
    explain_death,
    leave_outcome,
    log_tail,
)
from core.runs.run import RunOutcome


@pytest.mark.parametrize(
    ("exit_code", "state", "words"),
    [
        (-9, "crashed", "memory ran out"),
        (-15, "crashed", "signal 15"),
        (-7, "crashed", "lost access"),
        (-200, "crashed", "signal 200"),
        (1, "crashed", "exit code 1"),
        (0, "crashed", "exit code 0"),
        (None, "lost", "no message"),
        (EXIT_DISK_FULL, "failed", "disk is full"),
        (EXIT_UNWRITABLE, "failed", "no longer be written"),
    ],
)
def test_every_death_has_words(tmp_path: Path, exit_code: int | None, state: str, words: str) -> None:
    found, outcome = explain_death(exit_code, tmp_path)
    assert found == state
    assert words in outcome.what
    assert "begins again" in outcome.remedy


def test_the_remedy_names_the_newest_checkpoint(tmp_path: Path) -> None:
    assert checkpoint_step(tmp_path) is None
    for name in ("step-50", "step-000150", "step-200.partial", "notes"):
        (tmp_path / "checkpoints" / name).mkdir(parents=True)
    assert checkpoint_step(tmp_path) == 150
    _, outcome = explain_death(-9, tmp_path)
    assert "step 150" in outcome.remedy


def test_details_are_the_end_of_the_log(tmp_path: Path) -> None:
    log = tmp_path / "log.txt"
    log.write_bytes(b"\xff early\n" + b"x" * LOG_TAIL_BYTES + b"\nthe last line\n")
    assert log_tail(log).endswith("the last line")
    assert "early" not in log_tail(log)


@pytest.mark.parametrize("exit_code", [1, None, -9])
def test_what_the_worker_left_in_its_folder_is_its_last_word(tmp_path: Path, exit_code: int | None) -> None:
    said = RunOutcome("The disk is full.", "here", "Free some space.")
    leave_outcome(tmp_path, said)
    assert explain_death(exit_code, tmp_path) == ("failed", said)


@pytest.mark.parametrize("torn", [b"", b"[1]", b'{"what": 1, "unknown": 2}', b"\xff"])
def test_a_torn_last_word_is_none(tmp_path: Path, torn: bytes) -> None:
    (tmp_path / OUTCOME_FILE).write_bytes(torn)
    assert explain_death(1, tmp_path)[0] == "crashed"
