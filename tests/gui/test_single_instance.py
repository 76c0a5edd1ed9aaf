"""One window per home: the second start raises the first; what a crash leaves is no obstacle."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from pytestqt.qtbot import QtBot

from core.paths import AppPaths
from gui.single_instance import SingleInstance

START = (
    "import os, sys, pathlib; from PySide6.QtCore import QCoreApplication;"
    "from gui.single_instance import SingleInstance; app = QCoreApplication([]);"
    "start = SingleInstance(pathlib.Path(sys.argv[1]));"
)


def test_the_second_start_raises_the_first(app_paths: AppPaths, qtbot: QtBot) -> None:
    first = SingleInstance(app_paths.home)
    assert first.claim()

    code = "sys.exit(0 if not start.claim() and start.ask_to_raise() else 1)"
    with (
        qtbot.waitSignal(first.raise_asked, timeout=20_000),
        subprocess.Popen([sys.executable, "-c", START + code, str(app_paths.home)]) as second,
    ):
        qtbot.waitUntil(lambda: second.poll() is not None, timeout=20_000)

    assert second.returncode == 0
    first.release()


def test_after_the_first_is_closed_the_next_is_first(app_paths: AppPaths, qtbot: QtBot) -> None:
    first, second = SingleInstance(app_paths.home), SingleInstance(app_paths.home)
    assert first.claim()
    first.release()

    assert second.claim()
    second.release()


def test_another_home_has_a_window_of_its_own(tmp_path: Path, qtbot: QtBot) -> None:
    here, there = (AppPaths(tmp_path / name).create().home for name in ("here", "there"))
    first, second = SingleInstance(here), SingleInstance(there)

    assert first.claim()
    assert second.claim()
    first.release()
    second.release()


def test_the_lock_and_socket_of_a_killed_window_are_taken_over(app_paths: AppPaths, qtbot: QtBot) -> None:
    code = "assert start.claim(); os._exit(9)"
    ended = subprocess.run([sys.executable, "-c", START + code, str(app_paths.home)], check=False)
    assert ended.returncode == 9
    assert (app_paths.home / "window.lock").exists()

    next_start = SingleInstance(app_paths.home)

    assert next_start.claim()
    next_start.release()


def test_a_window_that_does_not_answer_is_noticed(app_paths: AppPaths, qtbot: QtBot) -> None:
    assert not SingleInstance(app_paths.home).ask_to_raise()
