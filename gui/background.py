"""Short work off the UI thread. Long work (training, inference) has processes of its own."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from itertools import count
from threading import Event
from typing import Any, TypeVar

from PySide6.QtCore import QObject, Qt, Signal, Slot
from shiboken6 import isValid

from core.errors import Cancelled
from gui.error_reporting import ErrorReporter

T = TypeVar("T")
WORKERS = 4


class Task(QObject):
    """One piece of background work, as the UI thread sees it.

    Inside the operation: `report` sends progress, `is_cancelled` is the `cancelled=` argument that long core
    calls take. A cancelled task calls neither `success` nor `failure`; `finished` always comes, once.
    """

    progress = Signal(int, int)
    """done, total; total is 0 while unknown."""
    finished = Signal()
    _reported = Signal(int, int)

    def __init__(self, owner: QObject | None) -> None:
        super().__init__()
        self._cancel = Event()
        self._owner = owner
        self._has_owner = owner is not None
        # Queued, so that `progress` reaches plain functions on the UI thread too.
        self._reported.connect(self._forward, Qt.ConnectionType.QueuedConnection)

    def cancel(self) -> None:
        """Ask the operation to stop and forget its result."""
        self._cancel.set()

    def is_cancelled(self) -> bool:
        return self._cancel.is_set()

    def raise_if_cancelled(self) -> None:
        """For operations that poll: leave by the exception `Background` understands."""
        if self.is_cancelled():
            raise Cancelled

    def report(self, done: int, total: int | None = None) -> None:
        """Progress from the worker thread."""
        self._reported.emit(done, total or 0)

    def is_wanted(self) -> bool:
        """Whether somebody still waits for the result: not cancelled, and the owner lives."""
        return not self.is_cancelled() and not (self._has_owner and not isValid(self._owner))

    @Slot(int, int)
    def _forward(self, done: int, total: int) -> None:
        if self.is_wanted():
            self.progress.emit(done, total)


@dataclass
class _Job:
    task: Task
    op: Callable[[Task], Any]
    success: Callable[[Any], None] | None
    failure: Callable[[Exception], None]
    result: Any = None
    error: Exception | None = None


class Background(QObject):
    """Runs operations on a few worker threads and brings results back to the UI thread.

    An operation gets its `Task` and must not touch widgets. Results of a task whose `owner` widget is gone
    are dropped. `shutdown` cancels everything and waits, so no thread outlives the window.
    """

    _ended = Signal(int)

    def __init__(self, errors: ErrorReporter, workers: int = WORKERS, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._errors = errors
        self._pool = ThreadPoolExecutor(workers, thread_name_prefix="background")
        # Only the UI thread adds and removes jobs, so that Qt objects an operation holds also die there.
        self._jobs: dict[int, _Job] = {}
        self._to_finish: dict[int, Future[None]] = {}
        self._keys = count()
        self._open = True
        self._ended.connect(self._deliver, Qt.ConnectionType.QueuedConnection)

    def run(
        self,
        op: Callable[[Task], T],
        *,
        success: Callable[[T], None] | None = None,
        failure: Callable[[Exception], None] | None = None,
        owner: QObject | None = None,
        must_finish: bool = False,
    ) -> Task:
        """Start `op` soon. `success` or `failure` (default: the error bar) is called on the UI thread.

        must_finish: `shutdown` waits for it instead of cancelling it, so that what people typed is saved.
        """
        task = Task(owner)
        if not self._open:
            task.cancel()
            return task
        key = next(self._keys)
        self._jobs[key] = _Job(task, op, success, failure or self._errors.report)
        future = self._pool.submit(self._work, key)
        if must_finish:
            self._to_finish[key] = future
        return task

    def busy(self) -> bool:
        """Whether any task is still to be delivered."""
        return bool(self._jobs)

    def shutdown(self) -> None:
        """Cancel all tasks and wait for the threads to end. Results are dropped. May be called twice."""
        self._open = False
        for key, job in self._jobs.items():
            if key not in self._to_finish:
                job.task.cancel()
        wait(self._to_finish.values())
        self._to_finish.clear()
        self._pool.shutdown(wait=True, cancel_futures=True)
        self._jobs.clear()

    def _work(self, key: int) -> None:
        self._run_job(self._jobs[key])
        self._ended.emit(key)

    @staticmethod
    def _run_job(job: _Job) -> None:
        job.result, job.error = _attempt(job.op, job.task)

    @Slot(int)
    def _deliver(self, key: int) -> None:
        job = self._jobs.pop(key, None)
        self._to_finish.pop(key, None)
        if job is None:
            return
        wanted = job.task.is_wanted() and not isinstance(job.error, Cancelled)
        job.task.finished.emit()
        if not wanted:
            return
        if job.error is not None:
            job.failure(job.error)
        elif job.success is not None:
            job.success(job.result)


def _attempt(op: Callable[[Task], Any], task: Task) -> tuple[Any, Exception | None]:
    try:
        task.raise_if_cancelled()
        return op(task), None
    except Exception as error:  # noqa: BLE001 - whatever it is, the UI thread delivers and shows it
        return None, error
