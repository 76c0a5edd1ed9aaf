from __future__ import annotations

from pathlib import Path

import pytest

from core.runs.outcome import LOG_TAIL_BYTES, checkpoint_step, explain_death, log_tail


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
    ],
)
def test_every_death_has_words(tmp_path: Path, exit_code: int | None, state: str, words: str) -> None:
    found, outcome = explain_death(exit_code, tmp_path / "log.txt", None)
    assert found == state
    assert words in outcome.what
    assert "begins again" in outcome.remedy


def test_the_remedy_names_the_newest_checkpoint(tmp_path: Path) -> None:
    assert checkpoint_step(tmp_path) is None
    for name in ("step-50", "step-000150", "step-200.partial", "notes"):
        (tmp_path / "checkpoints" / name).mkdir(parents=True)
    assert checkpoint_step(tmp_path) == 150
    _, outcome = explain_death(-9, tmp_path / "log.txt", checkpoint_step(tmp_path))
    assert "step 150" in outcome.remedy


def test_details_are_the_end_of_the_log(tmp_path: Path) -> None:
    log = tmp_path / "log.txt"
    log.write_bytes(b"\xff early\n" + b"x" * LOG_TAIL_BYTES + b"\nthe last line\n")
    assert log_tail(log).endswith("the last line")
    assert "early" not in log_tail(log)
