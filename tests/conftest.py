"""Ground rules for every test: never the user's files, nothing left running, no unexpected complaint."""

from __future__ import annotations

import logging
import os
import re
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

# Read by Qt, OpenMP and the tokenizers when they are first imported, so before any test module is.
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
# Tests run side by side, a process for each processor: with a second thread each they would wait for one
# another, and spin meanwhile.
os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
os.environ["HF_HUB_OFFLINE"] = "1"

import numpy as np
import psutil
import pytest
import soundfile

from core.paths import AppPaths

WIND_DOWN_S = 5.0
"""How long a thread or process that was told to end may take to do so."""


@pytest.fixture(scope="session", autouse=True)
def _session_home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Fixtures wider than one test also stay out of the user's files."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SPOONFUL_HOME", str(tmp_path_factory.mktemp("session-home")))
        yield


@pytest.fixture(autouse=True)
def _own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SPOONFUL_HOME", str(tmp_path / "home"))


@pytest.fixture
def app_paths(tmp_path: Path) -> AppPaths:
    """A fresh, empty home; `SPOONFUL_HOME` names the same folder."""
    return AppPaths(tmp_path / "home").create()


class WavMaker(Protocol):
    def __call__(
        self,
        name: str = "tone.wav",
        *,
        seconds: float = 1.0,
        rate: int = 16_000,
        channels: int = 1,
        subtype: str | None = None,
        kind: str = "tone",
    ) -> Path: ...


@pytest.fixture
def wav_file(tmp_path: Path) -> WavMaker:
    """Writes `name` (the suffix picks the format) holding a 440 Hz "tone", seeded "noise" or "silence"."""

    def make(
        name: str = "tone.wav",
        *,
        seconds: float = 1.0,
        rate: int = 16_000,
        channels: int = 1,
        subtype: str | None = None,
        kind: str = "tone",
    ) -> Path:
        times = np.arange(round(seconds * rate)) / rate
        signals = {
            "tone": 0.5 * np.sin(2 * np.pi * 440 * times),
            "noise": 0.1 * np.random.default_rng(17).standard_normal(len(times)),
            "silence": np.zeros(len(times)),
        }
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        soundfile.write(path, np.repeat(signals[kind][:, None], channels, axis=1), rate, subtype=subtype)
        return path

    return make


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Real recordings that lie beside the checkout and are no part of it."""
    folder = Path(__file__).resolve().parents[2] / "shared" / "data"
    if not folder.is_dir():
        pytest.skip(f"the real recordings are not here ({folder})")
    return folder


class _Complaints(logging.Handler):
    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(f"{record.levelname} {record.name}: {record.getMessage()}")


@pytest.fixture(autouse=True)
def _no_unexpected_log(request: pytest.FixtureRequest) -> Iterator[None]:
    """`core` and `gui` log at WARNING or above only what `@pytest.mark.expects_log(pattern)` announces."""
    complaints = _Complaints()
    loggers = [logging.getLogger(name) for name in ("core", "gui")]
    for logger in loggers:
        logger.addHandler(complaints)
    yield
    for logger in loggers:
        logger.removeHandler(complaints)
    expected = [mark.args[0] for mark in request.node.iter_markers("expects_log")]
    surprising = [line for line in complaints.lines if not any(re.search(p, line) for p in expected)]
    missing = [p for p in expected if not any(re.search(p, line) for line in complaints.lines)]
    assert not surprising, f"logged without being expected: {surprising}"
    assert not missing, f"expected in the log, but not there: {missing}"


@pytest.fixture(autouse=True)
def _nothing_left_running() -> Iterator[None]:
    """A test ends every thread and process that it (or what it called) started."""
    threads = set(threading.enumerate())
    children = set(_children())
    yield
    left = _wait_until_gone(threads, children)
    for leaked in left:
        if isinstance(leaked, psutil.Process):
            leaked.kill()
    assert not left, f"left running: {left}"


def _wait_until_gone(
    threads: set[threading.Thread], children: set[psutil.Process]
) -> list[threading.Thread | psutil.Process]:
    deadline = time.monotonic() + WIND_DOWN_S
    while True:
        left: list[threading.Thread | psutil.Process] = [
            thread for thread in threading.enumerate() if thread not in threads and not thread.daemon
        ]
        left += [child for child in _children() if child not in children]
        if not left or time.monotonic() > deadline:
            return left
        time.sleep(0.02)


def _children() -> list[psutil.Process]:
    """Descendants that still run; Python's own resource tracker lives as long as the test process."""
    running = []
    for child in psutil.Process().children(recursive=True):
        try:
            tracker = any("multiprocessing.resource_tracker" in word for word in child.cmdline())
            if child.status() != psutil.STATUS_ZOMBIE and not tracker:
                running.append(child)
        except psutil.NoSuchProcess:
            continue  # it ended while we looked
    return running
