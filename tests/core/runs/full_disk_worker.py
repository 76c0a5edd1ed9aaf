"""The real worker's main where there is no room: `full_disk_worker.py FULL RUN_DIR`. No model is trained.

database: the database stops growing, the run's folder does not. disk: neither takes anything. completed:
training succeeds, but the database has no room for the last steps. start: the database cannot even be
opened. claim: it can be read only. free: there is room.
"""

from __future__ import annotations

import errno
import itertools
import sys
import time
from pathlib import Path

from core.data.library import Library
from core.runs import outcome
from core.runs import reporter as reporter_module
from core.runs.reporter import RunReporter
from core.storage import database
from core.storage.database import Database
from core.storage.files import disk_error
from core.training import worker
from core.training.reporter import StepMetrics


def open_full(path: Path) -> Database:
    if full == "start":
        refuse(path)
    db = database.open_database(path)
    pages = db.conn.execute("PRAGMA page_count").fetchone()[0]
    db.conn.execute(f"PRAGMA max_page_count = {pages + 1}")
    if full == "claim":
        db.conn.execute("PRAGMA query_only = ON")
    return db


def train(run: Path, reporter: RunReporter, library: Library, features: Path) -> None:
    if full == "free":
        return
    for step in itertools.count(1):
        reporter.step(StepMetrics(step, 0, 1.0, 1.0, 1.0, None, 1e-4, 50.0, 200.0, time.time()))
        if full == "completed" and step == 1000:
            return
        if full != "completed" and step % 20 == 0:
            reporter.flush()


def refuse(path: Path, text: str = "") -> None:
    raise disk_error(OSError(errno.ENOSPC, "No space left on device"), path)


if __name__ == "__main__":
    full, run_folder = sys.argv[1:]
    if full != "free":
        worker.open_database = open_full
    worker.work = train
    if full == "completed":
        reporter_module.WRITE_EVERY_S = 1000
    if full == "disk":
        outcome.write_text_atomically = refuse
    sys.exit(worker.main([run_folder]))
