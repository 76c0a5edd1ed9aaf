"""Starts worker processes, and finds out what became of them, also of those another process started.

Nothing here has to stay alive: whoever looks next derives a run's state from its process id and start
time. So a window may close or be killed at any instant and the run goes on.
"""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress

import psutil

from core.errors import UserError
from core.paths import RESOURCES, AppPaths
from core.runs import lifecycle
from core.runs.outcome import explain_death, explain_kill, forget_outcome
from core.runs.process import is_alive, process_started
from core.runs.run import Run, RunOutcome
from core.runs.store import LOG_FILE, RunStore
from core.storage.database import open_database
from core.storage.files import worded_disk_errors

WORKER = (sys.executable, "-m", "core.training.worker")

LAUNCH_GRACE_S = 60.0
"""A run without a known process is given up after this long: its launcher died in the act."""

KILL_WAIT_S = 10.0
COLLECT_WAIT_S = 10.0
"""A process that is seen dead is collected at once; this long only on a machine that hardly runs."""


class Supervisor:
    """Launches, watches, stops and resumes runs. May be used from any thread and, at the same time, in any
    number of processes: the database decides."""

    def __init__(self, paths: AppPaths, worker: Sequence[str] = WORKER) -> None:
        """worker: the command that trains one run; the run's folder is appended to it."""
        self._paths = paths
        self._worker = tuple(worker)
        self._children: dict[str, subprocess.Popen[bytes]] = {}
        self._lock = threading.Lock()

    def launch(self, run_id: str) -> Run:
        """Start a worker for a run that `RunStore.create` made.

        Raises UserError when the run is live already or completed, or when no process can be started.
        """
        with self._store() as store:
            run = self._settled(store, store.get(run_id))
            if run.state == "completed":
                raise UserError("This run is complete; there is nothing left to train.", where=run_id)
            moment = lifecycle.begin_launch(store.db, run_id)
            if moment is None:
                raise UserError(
                    "This run is already going.",
                    where=run_id,
                    remedy=f"Watch it: spoonful runs watch {run_id}",
                )
            try:
                child = self._spawn(run_id, moment)
            except UserError as error:
                lifecycle.conclude(
                    store.db,
                    run_id,
                    pid=None,
                    started=moment,
                    state="failed",
                    outcome=RunOutcome.from_error(error),
                )
                raise
            # One that is gone already gets a start that no process has.
            lifecycle.name_worker(
                store.db, run_id, moment, child.pid, process_started(child.pid) or time.time()
            )
            return store.get(run_id)

    def resume(self, run_id: str) -> Run:
        """Start a worker that goes on from the run's last checkpoint. Errors as `launch`."""
        return self.launch(run_id)

    def poll(self, run_id: str) -> Run:
        """The run as it is now; if its process died silently, that is found and written down here."""
        with self._store() as store:
            return self._settled(store, store.get(run_id))

    def reattach(self) -> list[Run]:
        """Look after every run, as at the start of the program: those whose process died become "crashed"
        or "lost". Returns the runs that are live."""
        with self._store() as store:
            store.sweep()
            runs = [self._settled(store, run) for run in store.list()]
        return [run for run in runs if run.is_live]

    def stop(self, run_id: str) -> Run:
        """Ask the worker to save a checkpoint and leave; returns at once. UserError when it is not live."""
        with self._store() as store:
            run = self._settled(store, store.get(run_id))
            if not lifecycle.request_stop(store.db, run_id):
                raise UserError(f"This run has ended already ({run.state}).", where=run_id)
            return store.get(run_id)

    def kill(self, run_id: str) -> Run:
        """End the worker by force; what it did since its last checkpoint is lost.

        Raises UserError when no process of this run is alive or it does not die.
        """
        with self._store() as store:
            run = self._settled(store, store.get(run_id))
            if (
                run.pid is None
                or run.process_started is None
                or not lifecycle.request_kill(store.db, run_id, run.pid, run.process_started)
            ):
                raise UserError("This run has no process that could be ended.", where=run_id)
            _kill(run.pid, run.process_started)
            return self._settled(store, run)

    @contextmanager
    def _store(self) -> Iterator[RunStore]:
        """A store with a connection of its own: callers may be in any thread."""
        db = open_database(self._paths.database)
        try:
            yield RunStore(db, self._paths)
        finally:
            db.close()

    def _spawn(self, run_id: str, moment: float) -> subprocess.Popen[bytes]:
        folder = self._paths.run(run_id)
        program = str(RESOURCES.parent)
        environment = {
            **os.environ,
            "SPOONFUL_HOME": str(self._paths.home),
            lifecycle.LAUNCH_VARIABLE: repr(moment),
            "PYTHONPATH": os.pathsep.join([program, *filter(None, [os.environ.get("PYTHONPATH")])]),
            # A crash inside a library then leaves a trace in the log.
            "PYTHONFAULTHANDLER": "1",
            "PYTHONUNBUFFERED": "1",
        }
        # A session of its own: neither Ctrl-C in the terminal nor closing it reaches the worker. The run's
        # folder as working directory: "-m" looks there first, and it holds no Python.
        forget_outcome(folder)
        with worded_disk_errors(folder), (folder / LOG_FILE).open("ab") as log:
            child = subprocess.Popen(
                [*self._worker, str(folder)],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                cwd=folder,
                env=environment,
                start_new_session=True,
            )
        with self._lock:
            self._children[run_id] = child
        # Collects the worker as soon as it ends, so that no zombie stays, whether or not anybody polls.
        threading.Thread(target=child.wait, name=f"collect {run_id}", daemon=True).start()
        return child

    def _settled(self, store: RunStore, run: Run) -> Run:
        """The run, after writing down the death of its process if it died without a word."""
        child = self._child(run)
        if not run.is_live and (run.state != "lost" or child is None):
            return run
        if self._may_be_alive(run):
            return run
        exit_code = child.wait(COLLECT_WAIT_S) if child else None
        folder = self._paths.run(run.id)
        # Read again: a kill is noted before its signal, so whoever has seen the death finds the note.
        killed = store.get(run.id).request == "kill"
        state, outcome = explain_kill(folder) if killed else explain_death(exit_code, folder)
        lifecycle.conclude(
            store.db, run.id, pid=run.pid, started=run.process_started, state=state, outcome=outcome
        )
        return store.get(run.id)

    def _child(self, run: Run) -> subprocess.Popen[bytes] | None:
        """The run's present worker, if this supervisor started it."""
        with self._lock:
            child = self._children.get(run.id)
        return child if child is not None and child.pid == run.pid else None

    @staticmethod
    def _may_be_alive(run: Run) -> bool:
        if run.pid is not None and run.process_started is not None:
            return is_alive(run.pid, run.process_started)
        launched = run.process_started or run.created_at
        return time.time() - launched < LAUNCH_GRACE_S


def _kill(pid: int, started: float) -> None:
    """Kill the process and its children, and wait until they are gone; it may end by itself meanwhile."""
    try:
        process = psutil.Process(pid)
        # Looked at before it is compared: from here on psutil itself refuses another process of this id.
        if not is_alive(pid, started):
            return
        family = [process, *process.children(recursive=True)]
    except psutil.NoSuchProcess:
        return
    for member in family:
        with suppress(psutil.NoSuchProcess):
            member.kill()
    _, alive = psutil.wait_procs(family, timeout=KILL_WAIT_S)
    if alive:
        raise UserError(
            "The training process does not end.",
            where=f"process {pid}",
            remedy="It may wait for a disk or a graphics card. Restart the computer if it stays.",
        )
