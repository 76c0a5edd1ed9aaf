"""`python -m core.training.worker RUN_FOLDER`: the process that trains one run.

The database is its only channel: it writes steps, scores and the outcome there and reads the request to
stop. SIGTERM means the same as that request: save a checkpoint and leave.
"""

from __future__ import annotations

import logging
import os
import signal
import sys
import traceback
from pathlib import Path

from core.data.library import Library
from core.errors import Cancelled, UserError
from core.experiment.spec import load_experiment
from core.models.threads import let_waiting_threads_sleep
from core.paths import AppPaths
from core.runs.reporter import RunReporter
from core.runs.run import RunOutcome
from core.runs.store import EXPERIMENT_FILE, RunStore
from core.storage.database import open_database

_log = logging.getLogger(__name__)

_NICENESS = 5
"""The window stays smooth while a run uses every core."""


def work(run: Path, reporter: RunReporter, library: Library) -> None:
    """Train the run to its end, from its last checkpoint if it has one, and score it.

    Raises Cancelled when asked to stop; the state is saved then, and the adapter is there to try.
    """
    reporter.activity("starting the engine")
    from core.inference.cascade import Cascade
    from core.inference.predictor import Predictor
    from core.training.checkpoints import publish_adapter
    from core.training.final_scores import report_final_scores
    from core.training.preparation import prepare
    from core.training.recipe import train

    spec = load_experiment(run / EXPERIMENT_FILE)
    preparation = prepare(run, spec, library, reporter)
    job = preparation.job
    reporter.plan(job.schedule.total_steps)
    try:
        adapted = train(job, reporter)
    finally:
        publish_adapter(job.checkpoints, run / "adapter")
    predictor = Predictor(job.family, job.ontology)
    report_final_scores(
        predictor,
        preparation.test,
        reporter,
        stage=len(job.schedule.stages) - 1,
        global_step=job.schedule.total_steps,
        hearing=spec.evaluation.hearing,
        cascade=Cascade(predictor, adapted) if spec.evaluation.cascade else None,
        seed=spec.training.seed,
    )


def main(arguments: list[str]) -> int:
    """Work on the run in the folder named; 0 when it completed or was stopped, 1 when it failed."""
    run = Path(arguments[0]).resolve()
    # Read by CUDA when it starts: with it, the same seed gives the same run there too.
    os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    let_waiting_threads_sleep()
    if hasattr(os, "nice"):
        os.nice(_NICENESS)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    paths = AppPaths(run.parent.parent)
    db = open_database(paths.database)
    reporter = RunReporter(RunStore(db, paths), run.name)
    signal.signal(signal.SIGTERM, lambda _signal, _frame: reporter.ask_to_stop())
    try:
        with reporter:
            work(run, reporter, Library(db, paths))
    except Cancelled:
        _log.info("stopped as asked")
        reporter.finish("stopped")
    except UserError as error:
        _log.error("%s", error)
        reporter.finish("failed", RunOutcome.from_error(error))
        return 1
    except Exception as error:  # noqa: BLE001 - the run's state must say what happened, whatever it was
        _log.exception("the run failed")
        reporter.finish("failed", RunOutcome.from_error(_worded(error, run)))
        return 1
    else:
        reporter.finish("completed")
    finally:
        db.close()
    return 0


def _worded(error: Exception, run: Path) -> UserError:
    """What to say of an error nobody foresaw; a lack of memory is told by every library in its own way."""
    details = traceback.format_exc()
    if isinstance(error, MemoryError) or "memory" in str(error).lower():
        return UserError(
            "There was not enough memory for this run.",
            remedy="Lower the batch size (and raise gradient accumulation by the same factor), or close "
            "other programs. Then resume or start again.",
            details=details,
        )
    return UserError(
        f"Training failed unexpectedly ({type(error).__name__}: {error}).",
        where=str(run / "log.txt"),
        remedy="Resume the run: it goes on from the last checkpoint. If it fails again, the log tells more.",
        details=details,
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
