"""What became of a worker that ended without a last word, in plain words."""

from __future__ import annotations

import json
import re
import signal
from pathlib import Path
from typing import Final

from core.errors import UserError
from core.runs.run import RunOutcome, RunState
from core.runs.store import LOG_FILE
from core.storage.files import DiskFull, worded_disk_errors, write_text_atomically

OUTCOME_FILE: Final = "outcome.json"
"""Why the worker failed, when it could not write that into the database: a RunOutcome."""

EXIT_DISK_FULL: Final = 97
EXIT_UNWRITABLE: Final = 98
"""The worker's exit codes when it could not write that file either. Nothing else ends with these."""

LOG_TAIL_BYTES = 4_000
CHECKPOINT_NAME = re.compile(r"step-(\d+)")

_SIGNALS = {
    "SIGKILL": (
        "The training process was killed (signal 9), often because memory ran out.",
        "If it happens again, lower the batch size or close other programs.",
    ),
    "SIGTERM": ("The system ended the training process (signal 15).", ""),
    "SIGSEGV": ("The training process crashed inside a library (signal 11).", ""),
    "SIGBUS": ("The training process lost access to a file it was reading (signal 7).", "Check the disk."),
    "SIGABRT": ("The training process gave up inside a library (signal 6).", ""),
}


def explain_death(exit_code: int | None, run_folder: Path) -> tuple[RunState, RunOutcome]:
    """The state and the words for a worker that is gone and did not tell the database how it ended.

    exit_code: negative = ended by that signal, None = not known, because another process started the
    worker. `details` are the last lines of the log.
    """
    left = _left_outcome(run_folder)
    if left is not None:
        return "failed", left
    log, resume = run_folder / LOG_FILE, resume_words(checkpoint_step(run_folder))
    if exit_code in {EXIT_DISK_FULL, EXIT_UNWRITABLE}:
        what, advice = (
            ("The disk is full.", "Free some space.")
            if exit_code == EXIT_DISK_FULL
            else ("The run could no longer be written.", "Check that the disk is there and writable.")
        )
        return "failed", RunOutcome(what, str(run_folder), f"{advice} {resume}", log_tail(log))
    state: RunState = "crashed"
    if exit_code is None:
        state = "lost"
        what, advice = (
            "The training process is gone and left no message: it was killed, or the computer restarted.",
            "",
        )
    elif exit_code < 0:
        what, advice = _of_signal(-exit_code)
    else:
        what, advice = f"The training process ended unexpectedly (exit code {exit_code}).", ""
    remedy = " ".join(part for part in (resume, advice) if part)
    return state, RunOutcome(what, str(log), remedy, log_tail(log))


def explain_kill(run_folder: Path) -> tuple[RunState, RunOutcome]:
    """The same for a worker that the user had ended by force."""
    return "stopped", RunOutcome(
        "The training process was ended by force, as you asked.",
        remedy=resume_words(checkpoint_step(run_folder)),
    )


def explain_failure(error: UserError, run_folder: Path) -> RunOutcome:
    """The words for a run that `error` ended. After a full disk there is nothing to mend: it can go on."""
    if not isinstance(error, DiskFull):
        return RunOutcome.from_error(error)
    remedy = f"Free some space. {resume_words(checkpoint_step(run_folder))}"
    return RunOutcome("The disk is full.", error.where, remedy, error.details)


def leave_outcome(run_folder: Path, outcome: RunOutcome) -> None:
    """Keep a failed worker's last word beside the database that does not take it. Raises UserError when
    the disk refuses this as well."""
    write_text_atomically(run_folder / OUTCOME_FILE, outcome.to_json())


def forget_outcome(run_folder: Path) -> None:
    """Remove what an earlier worker left. Raises UserError when that is not allowed."""
    with worded_disk_errors(run_folder):
        (run_folder / OUTCOME_FILE).unlink(missing_ok=True)


def _left_outcome(run_folder: Path) -> RunOutcome | None:
    try:
        return RunOutcome(**json.loads((run_folder / OUTCOME_FILE).read_bytes()))
    except (OSError, ValueError, TypeError):
        return None


def resume_words(checkpoint_step: int | None) -> str:
    """What resuming the run would do."""
    if checkpoint_step is None:
        return "Resume the run: it begins again, since no checkpoint was saved yet."
    return f"Resume the run: it continues from the last checkpoint (step {checkpoint_step})."


def checkpoint_step(run_folder: Path) -> int | None:
    """The global_step of the run's newest checkpoint (folders `checkpoints/step-150`), None without one."""
    matches = (CHECKPOINT_NAME.fullmatch(folder.name) for folder in (run_folder / "checkpoints").glob("*"))
    return max((int(match[1]) for match in matches if match), default=None)


def log_tail(log: Path) -> str:
    """The end of a log file; empty when there is none."""
    if not log.is_file():
        return ""
    with log.open("rb") as file:
        file.seek(max(0, log.stat().st_size - LOG_TAIL_BYTES))
        return file.read().decode("utf-8", errors="replace").strip()


def _of_signal(number: int) -> tuple[str, str]:
    try:
        name = signal.Signals(number).name
    except ValueError:
        name = "unknown"
    return _SIGNALS.get(name, (f"The training process was ended by signal {number} ({name}).", ""))
