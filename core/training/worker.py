"""`python -m core.training.worker RUN_FOLDER`: the process that trains one run.

The database is its only channel: it writes steps, scores and the outcome there and reads the request to
stop. SIGTERM means the same as that request: save a checkpoint and leave.

With `--rank N` it is a companion of the run's worker, which starts it where several processes train a run
together (see `core.training.companions`).
"""

from __future__ import annotations

import logging
import os
import signal
import sys
import traceback
from contextlib import ExitStack
from pathlib import Path

from core.data.library import Library
from core.errors import Cancelled, UserError
from core.experiment.spec import load_experiment
from core.models.memory import lacks_memory, too_little_memory
from core.models.threads import let_waiting_threads_sleep
from core.paths import AppPaths
from core.runs.lifecycle import TakenOver
from core.runs.outcome import (
    EXIT_DISK_FULL,
    EXIT_UNWRITABLE,
    explain_failure,
    forget_outcome,
    leave_outcome,
)
from core.runs.reporter import RunReporter
from core.runs.run import RunOutcome, RunState
from core.runs.store import EXPERIMENT_FILE, RunStore
from core.storage.database import open_database
from core.storage.files import DiskFull, disk_error

_log = logging.getLogger(__name__)

_NICENESS = 5
"""The window stays smooth while a run uses every core."""


def work(run: Path, reporter: RunReporter, library: Library, features: Path) -> RunOutcome | None:
    """Train the run to its end, from its last checkpoint if it has one, and score it; returns which weights
    are the result and why, where validation decided that.

    Raises Cancelled when asked to stop; the state is saved then, and the weights are there to try.
    """
    reporter.activity("starting the engine")
    from core.inference.cascade import Cascade
    from core.inference.predictor import Predictor
    from core.training.checkpoints import newest_progress, publish_weights
    from core.training.companions import companions
    from core.training.final_scores import calibrate_run, report_final_scores
    from core.training.parallel import process_count
    from core.training.preparation import prepare
    from core.training.recipe import train

    spec = load_experiment(run / EXPERIMENT_FILE)
    preparation = prepare(run, spec, library, reporter, features)
    job = preparation.job
    reporter.plan(job.schedule.total_steps)
    count = process_count(spec.training.processes)
    if count > 1:
        reporter.activity(f"starting {count} processes")
    try:
        with companions(job, run, count, give_up=lambda error: _give_up(run, error)) as ranks:
            tuned = train(job, reporter, ranks)
    except Exception as error:
        _publish_unfinished(error, job.checkpoints, run / "adapter")
        raise
    publish_weights(job.checkpoints, run / "adapter", best=True)
    progress = newest_progress(job.checkpoints)
    predictor = Predictor(job.family, job.ontology)
    calibrate_run(run, predictor, preparation.watched, reporter)
    report_final_scores(
        predictor,
        preparation.test,
        reporter,
        stage=len(job.schedule.stages) - 1,
        global_step=progress.best_step or job.schedule.total_steps,
        hearing=spec.evaluation.hearing,
        cascade=Cascade(predictor, tuned) if spec.evaluation.cascade else None,
        seed=spec.training.seed,
    )
    words = progress.words(spec.evaluation.stop_score)
    return RunOutcome(words) if words else None


def main(arguments: list[str]) -> int:
    """Work on the run in the folder named; 0 when it completed or was stopped, 1 when it failed, another
    code when not even that could be written down (see `core.runs.outcome`)."""
    run = Path(arguments[0]).resolve()
    # Read by CUDA when it starts: with it, the same seed gives the same run there too.
    os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    let_waiting_threads_sleep()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    paths = AppPaths(run.parent.parent)
    if "--rank" in arguments:
        from core.training.companions import follow

        return follow(run, int(arguments[arguments.index("--rank") + 1]), paths.features)
    if hasattr(os, "nice"):
        os.nice(_NICENESS)
    reporter: RunReporter | None = None
    with ExitStack() as at_the_end:
        try:
            db = open_database(paths.database)
            at_the_end.callback(db.close)
            reporter = RunReporter(RunStore(db, paths), run.name)
            forget_outcome(run)
            signal.signal(signal.SIGTERM, lambda _signal, _frame: reporter.ask_to_stop())
            with reporter:
                outcome = work(run, reporter, Library(db, paths), paths.features)
        except Cancelled:
            _log.info("stopped as asked")
            return _end(run, reporter, "stopped")
        except UserError as error:
            return _end_failed(run, reporter, error)
        except Exception as error:  # noqa: BLE001 - the run's state must say what happened, whatever it was
            _log.exception("the run failed")
            return _end_failed(run, reporter, _worded(error, run))
        return _end(run, reporter, "completed", outcome)


def _end_failed(run: Path, reporter: RunReporter | None, error: UserError) -> int:
    _log.error("%s", error)
    if isinstance(error, TakenOver):
        return 1  # nothing of the run is this process's any more, its last word included
    return _end(run, reporter, "failed", explain_failure(error, run))


def _end(run: Path, reporter: RunReporter | None, state: RunState, outcome: RunOutcome | None = None) -> int:
    """Leave word of how the run ended, wherever it can still be written; returns the exit code.

    reporter: None when the database could not even be opened for this run.
    """
    full = False
    if reporter is not None:
        try:
            reporter.finish(state, outcome)
        except TakenOver as error:
            _log.error("%s", error)
            return 1
        except UserError as error:
            _log.error("%s", error)
            full = isinstance(error, DiskFull)
            if outcome is None or state != "failed":
                outcome = explain_failure(error, run)
        else:
            return 1 if state == "failed" else 0
    assert outcome is not None  # noqa: S101 - without a reporter nothing can complete or be stopped
    try:
        leave_outcome(run, outcome)
    except UserError as error:
        _log.error("%s", error)
        return EXIT_DISK_FULL if full or isinstance(error, DiskFull) else EXIT_UNWRITABLE
    return 1


def _give_up(run: Path, error: UserError) -> None:
    """End this process at once, whatever its main thread waits for."""
    _log.error("%s", error)
    try:
        leave_outcome(run, explain_failure(error, run))
    finally:
        os._exit(1)


def _publish_unfinished(error: Exception, checkpoints: Path, adapter: Path) -> None:
    """Let what was trained before `error` be tried. Trouble with that is only told where it hides nothing."""
    from core.training.checkpoints import publish_weights

    if isinstance(error, TakenOver):
        return
    try:
        publish_weights(checkpoints, adapter)
    except UserError as trouble:
        if isinstance(error, Cancelled):
            raise
        _log.warning("the trained weights were not published: %s", trouble)


def _worded(error: Exception, run: Path) -> UserError:
    """What to say of an error nobody foresaw."""
    details = traceback.format_exc()
    if isinstance(error, OSError) and isinstance(full := disk_error(error, run), DiskFull):
        return full
    if lacks_memory(error):
        return too_little_memory(
            "for this run",
            # Batches were already cut down to single utterances.
            'Choose a smaller base model, a smaller adapter or shorter recordings; method = "lora" needs much'
            ' less than "full".',
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
