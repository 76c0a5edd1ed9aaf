"""How a run's state changes. Every change is one conditional UPDATE, so that of several processes that try
at once (windows, command lines, the worker) exactly one succeeds, whichever of them dies meanwhile.

A run is live as long as `ended_at` is NULL. A launch is known by its moment: while the worker's pid is not
known yet, `process_started` holds that moment, and only the worker started for this launch may claim the run.

A worker holds its run while the row names it. Should it be given up although it lives, and another be
launched, then the row names the other, and the first can write nothing more: see `require_hold`.
"""

from __future__ import annotations

import os
import time
from typing import NamedTuple

from core.errors import UserError
from core.runs.process import START_TOLERANCE, process_started
from core.runs.run import RunOutcome, RunState
from core.storage.database import Database, database_path, worded_database_errors

LAUNCH_VARIABLE = "SPOONFUL_LAUNCH"
"""Environment variable that tells the worker which launch it belongs to."""


class TakenOver(UserError):
    """The run is another process's; this one must leave it, its rows and its folder alone."""


class Hold(NamedTuple):
    """A worker's claim on a run: the row's pid and process_started as it wrote them."""

    run_id: str
    pid: int
    started: float


def begin_launch(db: Database, run_id: str) -> float | None:
    """Reserve the run for a worker about to be started; returns the launch's moment, None when the run is
    live already (somebody else was faster)."""
    moment = time.time()
    # A run fresh from `RunStore.create` is "starting" without a launch.
    reserved = _change(
        db,
        "UPDATE runs SET state = 'starting', request = NULL, outcome = NULL, ended_at = NULL, pid = NULL,"
        " process_started = ?, heartbeat = ?, activity = 'starting' WHERE id = ?"
        " AND (ended_at IS NOT NULL OR (pid IS NULL AND process_started IS NULL))",
        moment,
        moment,
        run_id,
    )
    return moment if reserved else None


def name_worker(db: Database, run_id: str, moment: float, pid: int, started: float) -> None:
    """The launcher notes its worker, unless the worker was faster and did so itself."""
    _change(
        db,
        "UPDATE runs SET pid = ?, process_started = ? WHERE id = ? AND pid IS NULL AND process_started = ?",
        pid,
        started,
        run_id,
        moment,
    )


def claim(db: Database, run_id: str) -> Hold:
    """The worker takes the run for itself, at its very start.

    Raises TakenOver when the run belongs to another process or launch: this worker must leave.
    A run already marked lost is claimed all the same, provided nobody launched it again: its launcher
    died between starting this worker and noting it.
    """
    pid = os.getpid()
    started = process_started(pid)
    launch = os.environ.get(LAUNCH_VARIABLE)
    moment = float(launch) if launch else begin_launch(db, run_id)
    assert started is not None  # noqa: S101 - a process that asks about itself is there
    now = time.time()
    claimed = _change(
        db,
        "UPDATE runs SET state = CASE WHEN request IS NULL THEN 'running' ELSE 'stopping' END, pid = ?,"
        " process_started = ?, heartbeat = ?, started_at = COALESCE(started_at, ?), ended_at = NULL,"
        " outcome = NULL WHERE id = ? AND (ended_at IS NULL OR state = 'lost')"
        " AND ((pid IS NULL AND process_started = ?) OR (pid = ? AND ABS(process_started - ?) <= ?))",
        pid,
        started,
        now,
        now,
        run_id,
        moment,
        pid,
        started,
        START_TOLERANCE,
    )
    if not claimed:
        raise TakenOver("Another process already works on this run.", where=run_id, remedy=_watch(run_id))
    return Hold(run_id, pid, started)


def require_hold(db: Database, hold: Hold) -> None:
    """First thing in every transaction of a worker: raises TakenOver unless the run is still its own."""
    if not db.conn.execute(
        "SELECT 1 FROM runs WHERE id = ? AND pid = ? AND process_started = ?", hold
    ).fetchone():
        raise TakenOver("Another process took over this run.", where=hold.run_id, remedy=_watch(hold.run_id))


def request_stop(db: Database, run_id: str) -> bool:
    """Ask the worker to save a checkpoint and leave; False when the run is not live."""
    return _change(
        db,
        "UPDATE runs SET request = COALESCE(request, 'stop'),"
        " state = CASE WHEN state = 'running' THEN 'stopping' ELSE state END"
        " WHERE id = ? AND ended_at IS NULL",
        run_id,
    )


def request_kill(db: Database, run_id: str, pid: int, started: float) -> bool:
    """Note that this process will be ended by force because the user wants it; False when it is not the
    run's any more. Noted before the signal, so that nobody who sees the death takes it for a crash."""
    return _change(
        db,
        "UPDATE runs SET request = 'kill', state = CASE WHEN state = 'running' THEN 'stopping' ELSE state END"
        " WHERE id = ? AND pid = ? AND process_started = ? AND ended_at IS NULL",
        run_id,
        pid,
        started,
    )


def finish(db: Database, hold: Hold, state: RunState, outcome: RunOutcome | None = None) -> None:
    """The worker's last word. No other process's is replaced by it, but for the verdict "lost"."""
    _change(
        db,
        "UPDATE runs SET state = ?, outcome = ?, ended_at = ?, heartbeat = ?, request = NULL, activity = ''"
        " WHERE id = ? AND pid = ? AND process_started = ? AND (ended_at IS NULL OR state = 'lost')",
        state,
        outcome and outcome.to_json(),
        time.time(),
        time.time(),
        *hold,
    )


def conclude(
    db: Database,
    run_id: str,
    *,
    pid: int | None,
    started: float | None,
    state: RunState,
    outcome: RunOutcome,
) -> bool:
    """Somebody else's last word on a worker that died silently; False when there was one already.

    "lost" may still become "crashed": whoever started the worker learns the signal, other viewers do not.
    """
    return _change(
        db,
        "UPDATE runs SET state = ?, outcome = ?, ended_at = COALESCE(heartbeat, ?), request = NULL,"
        " activity = '' WHERE id = ? AND pid IS ? AND process_started IS ?"
        " AND (ended_at IS NULL OR (state = 'lost' AND ? != 'lost'))",
        state,
        outcome.to_json(),
        time.time(),
        run_id,
        pid,
        started,
        state,
    )


def _watch(run_id: str) -> str:
    return f"Watch it: spoonful runs watch {run_id}"


def _change(db: Database, sql: str, *parameters: object) -> bool:
    """Run one UPDATE; whether it changed a row."""
    with worded_database_errors(database_path(db)):
        return db.conn.execute(sql, parameters).rowcount > 0
