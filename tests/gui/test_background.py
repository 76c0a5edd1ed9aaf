"""Results come to the UI thread, cancelled work stays silent, and nothing outlives the window."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from core.errors import Cancelled, UserError
from gui.background import Background, Task
from gui.error_reporting import ErrorReporter


@pytest.fixture
def errors(qtbot: QtBot) -> ErrorReporter:
    return ErrorReporter()


@pytest.fixture
def background(errors: ErrorReporter) -> Iterator[Background]:
    service = Background(errors)
    yield service
    service.shutdown()


def test_work_happens_elsewhere_and_its_result_comes_back_here(background: Background, qtbot: QtBot) -> None:
    results: list[tuple[threading.Thread, threading.Thread]] = []

    background.run(
        lambda _task: threading.current_thread(),
        success=lambda worker: results.append((worker, threading.current_thread())),
    )

    qtbot.waitUntil(lambda: bool(results))
    worker, receiver = results[0]
    assert worker is not threading.main_thread()
    assert receiver is threading.main_thread()
    assert not background.busy()


def test_an_error_goes_to_the_error_bar_unless_the_caller_wants_it(
    background: Background, errors: ErrorReporter, qtbot: QtBot
) -> None:
    shown: list[UserError] = []
    kept: list[Exception] = []
    errors.error_reported.connect(shown.append)

    def fail(_task: Task) -> None:
        raise UserError("The disk is full.")

    background.run(fail)
    background.run(fail, failure=kept.append)

    qtbot.waitUntil(lambda: bool(shown) and bool(kept))
    assert [error.what for error in shown] == ["The disk is full."]
    assert isinstance(kept[0], UserError)


def test_progress_arrives_on_the_ui_thread(background: Background, qtbot: QtBot) -> None:
    seen: list[tuple[int, int, threading.Thread]] = []
    go = threading.Event()

    def work(task: Task) -> None:
        go.wait()
        task.report(3, 10)
        task.report(5)

    task = background.run(work)
    task.progress.connect(lambda done, total: seen.append((done, total, threading.current_thread())))
    go.set()

    qtbot.waitUntil(lambda: len(seen) == 2)
    assert seen == [(3, 10, threading.main_thread()), (5, 0, threading.main_thread())]


def test_a_cancelled_task_stops_and_stays_silent(
    background: Background, errors: ErrorReporter, qtbot: QtBot
) -> None:
    calls: list[object] = []
    errors.error_reported.connect(calls.append)
    started = threading.Event()

    def work(task: Task) -> None:
        started.set()
        while True:
            task.raise_if_cancelled()

    task = background.run(work, success=calls.append, failure=calls.append)
    assert started.wait(5)
    with qtbot.waitSignal(task.finished):
        task.cancel()

    assert calls == []


def test_the_core_s_own_cancel_is_no_error(
    background: Background, errors: ErrorReporter, qtbot: QtBot
) -> None:
    calls: list[object] = []
    errors.error_reported.connect(calls.append)

    def work(_task: Task) -> None:
        raise Cancelled

    with qtbot.waitSignal(background.run(work, failure=calls.append).finished):
        pass

    assert calls == []


def test_the_result_for_a_widget_that_is_gone_is_dropped(background: Background, qtbot: QtBot) -> None:
    owner = QWidget()
    calls: list[object] = []
    go = threading.Event()

    task = background.run(lambda _task: go.wait(5), success=calls.append, owner=owner)
    owner.deleteLater()
    with qtbot.waitSignal(owner.destroyed):
        pass
    with qtbot.waitSignal(task.finished):
        go.set()

    assert calls == []


def test_shutdown_cancels_waits_and_drops(errors: ErrorReporter, qtbot: QtBot) -> None:
    service = Background(errors)
    calls: list[object] = []
    started = threading.Event()

    def work(task: Task) -> None:
        started.set()
        while not task.is_cancelled():
            pass

    service.run(work, success=calls.append)
    assert started.wait(5)
    service.shutdown()
    late = service.run(lambda _task: calls.append("late"))

    assert late.is_cancelled()
    assert calls == []
    assert not any(thread.name.startswith("background") for thread in threading.enumerate())
