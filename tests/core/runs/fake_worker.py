"""Stands for the training worker: `fake_worker.py BEHAVIOUR RUN_DIR`, without a model.

train: steps until asked to stop. complete: three steps and done. refuse: dies before it takes the run.
crash: dies of a segmentation fault in the middle.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from pathlib import Path

from core.paths import AppPaths
from core.runs.reporter import RunReporter
from core.runs.store import RunStore
from core.storage.database import open_database
from core.training.reporter import StepMetrics


def main(behaviour: str, run_folder: Path) -> int:
    if behaviour == "refuse":
        sys.stderr.write("ModuleNotFoundError: no module named torch\n")
        return 3
    paths = AppPaths.default()
    store = RunStore(open_database(paths.database), paths)
    reporter = RunReporter(store, run_folder.name)
    signal.signal(signal.SIGTERM, lambda *_: reporter.ask_to_stop())
    reporter.plan(3)
    reporter.stage(0, "text")
    reporter.activity("training")
    step = store.get(run_folder.name).global_step
    while not reporter.should_stop():
        step += 1
        reporter.step(
            StepMetrics(step, 0, step / 3, 1 / step, 1 / step, None, 1e-4, 50.0, 200.0, time.time())
        )
        if behaviour == "complete" and step == 3:
            reporter.finish("completed")
            return 0
        if behaviour == "crash":
            reporter.flush()
            os.kill(os.getpid(), signal.SIGSEGV)
        time.sleep(0.01)
    reporter.finish("stopped")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], Path(sys.argv[2])))
