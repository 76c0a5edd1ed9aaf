"""What became of a worker that ended without a last word, in plain words."""

from __future__ import annotations

import re
import signal
from pathlib import Path

from core.runs.run import RunOutcome, RunState

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


def explain_death(
    exit_code: int | None, log: Path, checkpoint_step: int | None
) -> tuple[RunState, RunOutcome]:
    """The state and the words for a worker that is gone and did not say how it ended.

    exit_code: negative = ended by that signal, None = not known, because another process started the
    worker. checkpoint_step: of the newest checkpoint, None when there is none. `details` are the last lines
    of the log.
    """
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
    remedy = " ".join(part for part in (resume_words(checkpoint_step), advice) if part)
    return state, RunOutcome(what, str(log), remedy, log_tail(log))


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
