"""A process stays the same whatever the clock does, and another one is never taken for it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from core.runs import process as process_module
from core.runs.process import START_TOLERANCE, is_alive, process_started

linux = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")


def set_clock(monkeypatch: pytest.MonkeyPatch, forward_s: float) -> None:
    """What psutil makes of a clock that was put forward: every process seems to have begun later."""
    honest = psutil.Process.create_time
    monkeypatch.setattr(psutil.Process, "create_time", lambda self: honest(self) + forward_s)


@linux
@pytest.mark.parametrize("step_s", [3600.0, -86400.0])
def test_a_step_of_the_clock_does_not_end_a_process(monkeypatch: pytest.MonkeyPatch, step_s: float) -> None:
    started = process_started(os.getpid())
    assert started is not None
    set_clock(monkeypatch, step_s)
    assert is_alive(os.getpid(), started)
    assert process_started(os.getpid()) == started


@linux
def test_the_same_id_and_ticks_after_a_reboot_are_another_process(monkeypatch: pytest.MonkeyPatch) -> None:
    started = process_started(os.getpid())
    assert started is not None
    read = Path.read_bytes
    monkeypatch.setattr(
        Path, "read_bytes", lambda path: b"another boot" if path.name == "boot_id" else read(path)
    )
    assert not is_alive(os.getpid(), started)


@linux
def test_the_number_stays_exact_for_years_of_uptime(monkeypatch: pytest.MonkeyPatch) -> None:
    stat = Path("/proc/self/stat").read_bytes().split(b" ")
    read = Path.read_bytes

    def started_at(ticks: int) -> float:
        line = b" ".join([*stat[:21], str(ticks).encode(), *stat[22:]])
        with monkeypatch.context() as patch:
            patch.setattr(Path, "read_bytes", lambda path: line if path.name == "stat" else read(path))
            started = process_started(os.getpid())
        assert started is not None
        return started

    five_years = 5 * 365 * 24 * 3600 * 100
    assert started_at(five_years + 1) - started_at(five_years) == 1 > START_TOLERANCE


@linux
@pytest.mark.parametrize("name", ["a b", "it) S 1 (odd", ")"])
def test_a_process_may_be_called_anything(tmp_path: Path, name: str) -> None:
    program = tmp_path / name
    shutil.copy(shutil.which("sleep") or "/bin/sleep", program)
    with subprocess.Popen([str(program), "60"]) as child:
        started = process_started(child.pid)
        assert started is not None
        assert process_started(os.getpid()) != started
        assert is_alive(child.pid, started)
        child.kill()


@pytest.mark.parametrize("see", [process_module._see, process_module._see_by_clock])
def test_a_zombie_is_dead_and_a_collected_one_is_unknown(
    see: Callable[[int], object], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(process_module, "_see", see)
    child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    started = process_started(child.pid)
    assert started is not None
    assert is_alive(child.pid, started)
    assert not is_alive(child.pid, started + 10)
    child.kill()
    os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
    assert not is_alive(child.pid, started)
    child.communicate()
    assert not is_alive(child.pid, started)
    assert process_started(child.pid) is None
