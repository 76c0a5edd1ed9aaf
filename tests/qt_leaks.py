"""Finds what a test of the window leaves behind: running timers and threads, busy pools, orphaned windows."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import shiboken6
from PySide6.QtCore import QCoreApplication, QEvent, QObject, QThread, QThreadPool, QTimer
from PySide6.QtWidgets import QApplication, QWidget

WIND_DOWN_MS = 5_000


class Started:
    """The objects of one Qt class on which `start` was called while a test ran."""

    def __init__(self, patch: pytest.MonkeyPatch, qt_class: type[QObject]) -> None:
        self._objects: weakref.WeakSet[Any] = weakref.WeakSet()
        original: Callable[..., object] = qt_class.start  # type: ignore[attr-defined]

        def start(started: QObject, *arguments: object, **named: object) -> object:
            self._objects.add(started)
            return original(started, *arguments, **named)

        patch.setattr(qt_class, "start", start)

    def living(self) -> list[Any]:
        return [started for started in self._objects if shiboken6.isValid(started)]


@pytest.fixture(autouse=True)
def no_qt_leaks(request: pytest.FixtureRequest) -> Iterator[None]:
    """Fails a test that used Qt and left something of it alive."""
    if "qapp" not in request.fixturenames:
        yield
        return
    application = request.getfixturevalue("qapp")
    windows_before = set(QApplication.topLevelWidgets())
    with pytest.MonkeyPatch.context() as patch:
        timers, threads, pools = (Started(patch, kind) for kind in (QTimer, QThread, QThreadPool))
        yield
    leaks = [f"busy thread pool {pool!r}" for pool in pools.living() if not pool.waitForDone(WIND_DOWN_MS)]
    leaks += [f"running thread {thread!r}" for thread in threads.living() if not _ended(thread)]
    _delete_what_was_asked_to_go(application)
    leaks += [_describe("running timer", timer) for timer in timers.living() if timer.isActive()]
    leaks += [_describe("window", window) for window in _new_windows(windows_before)]
    assert not leaks, "left behind: " + "; ".join(leaks)


def _ended(thread: QThread) -> bool:
    """A thread that was not asked to end counts as leaked; it is ended here all the same, for Qt aborts
    the whole test run when a running thread's object goes away."""
    if thread.isFinished() or not thread.isRunning():
        return True
    thread.requestInterruption()
    thread.quit()
    thread.wait(WIND_DOWN_MS)
    return False


def _delete_what_was_asked_to_go(application: QCoreApplication) -> None:
    application.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    application.processEvents()


def _new_windows(before: set[QWidget]) -> list[QWidget]:
    """Top-level widgets the test made and left; those only held by a reference cycle are collected first."""
    if set(QApplication.topLevelWidgets()) <= before:
        return []
    gc.collect()
    return [window for window in QApplication.topLevelWidgets() if window not in before]


def _describe(what: str, leaked: QObject) -> str:
    return f"{what} {type(leaked).__name__} {leaked.objectName()!r}, parent {leaked.parent()!r}"
