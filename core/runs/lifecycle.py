"""How a run's state changes. Every change is one conditional UPDATE, so that of several processes that try
at once (windows, command lines, the worker) exactly one succeeds, whichever of them dies meanwhile.

A run is live as long as `ended_at` is NULL. A launch is known by its moment: while the worker's pid is not
known yet, `process_started` holds that moment, and only the worker started for this launch may claim the run.
"""

from __future__ import annotations

import os
import time

from sqlite_utils import Database

from core.errors import UserError
from core.runs.process import CLOCK_TOLERANCE_S, process_started
from core.runs.run import RunOutcome, RunState
from core.storage.database import database_path, worded_database_errors

LAUNCH_VARIABLE = "SPOONFUL_LAUNCH"
"""Environment variable that tells the worker which launch it belongs to."""


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


def claim(db: Database, run_id: str) -> None:
    """The worker takes the run for itself, at its very start.

    Raises UserError when the run belongs to another process or launch: this worker must leave.
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
        "UPDATE runs SET state = CASE WHEN request = 'stop' THEN 'stopping' ELSE 'running' END, pid = ?,"
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
        CLOCK_TOLERANCE_S,
    )
    if not claimed:
        raise UserError(
            "Another process already works on this run.",
            where=run_id,
            remedy=f"Watch it: spoonful runs watch {run_id}",
        )


def request_stop(db: Database, run_id: str) -> bool:
    """Ask the worker to save a checkpoint and leave; False when the run is not live."""
    return _change(
        db,
        "UPDATE runs SET request = 'stop', state = CASE WHEN state = 'running' THEN 'stopping' ELSE state END"
        " WHERE id = ? AND ended_at IS NULL",
        run_id,
    )


def finish(db: Database, run_id: str, state: RunState, outcome: RunOutcome | None = None) -> None:
    """The worker's last word, written by the process that claimed the run."""
    _change(
        db,
        "UPDATE runs SET state = ?, outcome = ?, ended_at = ?, heartbeat = ?, request = NULL, activity = ''"
        " WHERE id = ? AND pid = ? AND (ended_at IS NULL OR state = 'lost')",
        state,
        outcome and outcome.to_json(),
        time.time(),
        time.time(),
        run_id,
        os.getpid(),
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


def _change(db: Database, sql: str, *parameters: object) -> bool:
    """Run one UPDATE; whether it changed a row."""
    with worded_database_errors(database_path(db)):
        return db.conn.execute(sql, parameters).rowcount > 0
