"""The window's side of the warm inference process: asks it for answers, and starts it anew when it dies.

The process (`core.inference.worker`) holds the model; this module never imports torch. They exchange one
JSON object per line: requests {"id", "op", ...}, replies {"id", "ok", "result" | "error"} and, while a
request is worked on, {"id", "progress": words}. The process ends when its input is closed, so it cannot
outlive the window, however the window ends.
"""

from __future__ import annotations

import contextlib
import json
import logging
import os
import queue
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, cast

from core.data.utterance import Label, Slot
from core.errors import Cancelled, UserError
from core.inference.prediction import Prediction
from core.paths import RESOURCES, AppPaths

_log = logging.getLogger(__name__)

LOG_NAME = "inference.log"
_LOG_TAIL_BYTES = 4_000
_CLOSE_WAIT_S = 3.0

WORKER_COMMAND = (sys.executable, "-m", "core.inference.worker")

REQUEST_TIMEOUT_S = 120.0
"""Longest silence of the process during a request; progress counts as a sign of life."""


@dataclass(frozen=True)
class LoadedModel:
    """What the process holds. window_s: the longest recording it can hear, None when there is no limit."""

    model: str
    datasets: tuple[str, ...] | None
    intents: tuple[str, ...]
    slot_types: tuple[str, ...]
    window_s: float | None
    transcribes: bool = False


class InferenceClient:
    """One inference process, started at the first request. Thread-safe: one request is worked on at a time.

    A process that died or hung is named in a UserError, and the next request starts another one, which is
    first asked to load what the old one had loaded.
    """

    def __init__(
        self,
        paths: AppPaths,
        command: Sequence[str] = WORKER_COMMAND,
        timeout_s: float = REQUEST_TIMEOUT_S,
    ) -> None:
        self._paths = paths
        self._command = tuple(command)
        self._timeout_s = timeout_s
        self._turn = threading.Lock()
        self._process: _WorkerProcess | None = None
        self._loaded: dict[str, Any] | None = None
        self._closed = threading.Event()
        self._next_id = 0

    @property
    def running(self) -> bool:
        """Whether the process is there."""
        process = self._process
        return process is not None and process.running

    def start(self) -> None:
        """Start the process unless it runs. Raises UserError when it cannot be started."""
        with self._turn:
            self._ensure_process()

    def request(
        self, op: str, *, progress: Callable[[str], None] | None = None, **fields: Any
    ) -> dict[str, Any]:
        """Ask the process to do `op`; blocks until it replies and returns the reply's `result`.

        `progress` gets words about what it is doing. Raises UserError: the process's own, or that it died
        or stopped answering; Cancelled when the client is closed meanwhile.
        """
        tell = progress or _ignore
        with self._turn:
            process, started = self._ensure_process()
            if started and op != "load" and self._loaded is not None:
                self._ask(process, "load", self._loaded, tell)
            if op == "load":
                self._loaded = None  # a load that fails leaves the process without a model
            result = self._ask(process, op, fields, tell)
            if op == "load":
                self._loaded = fields
            return result

    def load(
        self,
        model: str,
        datasets: Sequence[str] | None = None,
        progress: Callable[[str], None] | None = None,
    ) -> LoadedModel:
        """Load a base model, which answers with the labels of `datasets`, or a run, which knows its own."""
        names = None if datasets is None else list(datasets)
        result = self.request("load", progress=progress, model=model, datasets=names)
        return LoadedModel(result["model"], None if datasets is None else tuple(datasets), tuple(result["intents"]), tuple(result["slot_types"]), result["window_s"])

    def predict(self, audio, *, of=None, progress=None) -> Prediction:
        """The label of one recording, by the model loaded last."""
        result = self.request("predict", progress=progress, **({"audio": str(audio)} if isinstance(audio, Path) else {"text": audio}))
        label = None
        if result["intent"] is not None:
            label = Label(result["intent"], tuple(Slot(kind, filler) for kind, filler in result["slots"]))
        return Prediction(
            label=label,
            raw=result["raw"],
            confidence=result["confidence"],
            slot_confidence=tuple(result["slot_confidence"]),
            runner_up=tuple((intent, probability) for intent, probability in result["runner_up"]),
            timings_ms=result["timings_ms"],
            transcript=result["transcript"],
        )

    def close(self) -> None:
        """End the process, also in the midst of a request, which then raises Cancelled. Harmless twice."""
        self._closed.set()
        process = self._process
        if process is not None:
            process.end()

    def _ensure_process(self) -> tuple[_WorkerProcess, bool]:
        if self._closed.is_set():
            raise Cancelled
        if self._process is not None and self._process.running:
            return self._process, False
        if self._process is not None:
            self._process.end()
        self._process = _WorkerProcess(self._command, self._paths)
        if self._closed.is_set():  # closed while the process was being started
            self._process.end()
            raise Cancelled
        return self._process, True

    def _ask(
        self, process: _WorkerProcess, op: str, fields: dict[str, Any], progress: Callable[[str], None]
    ) -> dict[str, Any]:
        self._next_id += 1
        request_id = self._next_id
        if not process.send({"id": request_id, "op": op, **fields}):
            raise self._death(process)
        while True:
            try:
                reply = process.replies.get(timeout=self._timeout_s)
            except queue.Empty:
                process.end()
                raise UserError(
                    f"The model gave no answer for {self._timeout_s:.0f} seconds, so it was stopped.",
                    remedy="Try again; it is loaded anew. A smaller base model answers sooner.",
                    details=process.log_tail(),
                ) from None
            if reply is None:
                raise self._death(process)
            if reply.get("id") != request_id:
                continue
            if "progress" in reply:
                progress(str(reply["progress"]))
            elif reply["ok"]:
                result: dict[str, Any] = reply["result"]
                return result
            else:
                raise _worded(reply["error"])

    def _death(self, process: _WorkerProcess) -> Exception:
        if self._closed.is_set():
            return Cancelled()
        return UserError(
            f"The process that runs the model ended unexpectedly ({process.how_it_ended()}).",
            remedy="Try again; it is started anew. If memory is short, close other programs or stop a run.",
            details=process.log_tail(),
        )


class _WorkerProcess:
    """The process with its pipes; a daemon thread turns its output lines into `replies` (None = it ended)."""

    def __init__(self, command: Sequence[str], paths: AppPaths) -> None:
        self.replies: queue.SimpleQueue[dict[str, Any] | None] = queue.SimpleQueue()
        self._log_path = paths.home / LOG_NAME
        try:
            with self._log_path.open("wb") as log:
                self._process = subprocess.Popen(
                    command,
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    stderr=log,
                    cwd=RESOURCES.parent,
                    env={**os.environ, "SPOONFUL_HOME": str(paths.home)},
                    # Ctrl+C in the terminal is meant for the window, which then closes the process in order.
                    start_new_session=True,
                )
        except OSError as error:
            raise UserError(
                f"The process that runs the model cannot be started ({error.strerror or error}).",
                where=str(error.filename or ""),
                remedy="Free some memory and disk space and try again.",
            ) from error
        self._stdin = cast("IO[bytes]", self._process.stdin)
        self._stdout = cast("IO[bytes]", self._process.stdout)
        self._sending = threading.Lock()
        self._reader = threading.Thread(target=self._read, name="inference-replies", daemon=True)
        self._reader.start()

    @property
    def running(self) -> bool:
        """Whether it has not ended."""
        return self._process.poll() is None

    def send(self, message: dict[str, Any]) -> bool:
        """Write one request; False when the process does not take it any more."""
        try:
            with self._sending:
                self._stdin.write(json.dumps(message).encode() + b"\n")
                self._stdin.flush()
        except (OSError, ValueError):  # a broken pipe, or closed by `end`
            return False
        return True

    def end(self) -> None:
        """Make it end now, whatever it does: it keeps nothing that could be lost."""
        with self._sending, contextlib.suppress(OSError):  # a dead process no longer takes what was buffered
            self._stdin.close()
        self._process.terminate()
        self._wait()
        self._reader.join()

    def how_it_ended(self) -> str:
        code = self._wait()
        return f"signal {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"

    def log_tail(self) -> str:
        try:
            with self._log_path.open("rb") as log:
                log.seek(max(0, self._log_path.stat().st_size - _LOG_TAIL_BYTES))
                return log.read().decode("utf-8", "replace")
        except OSError as error:
            return f"The log {self._log_path} cannot be read: {error}"

    def _wait(self) -> int:
        try:
            return self._process.wait(_CLOSE_WAIT_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            return self._process.wait()

    def _read(self) -> None:
        with self._stdout:
            for line in self._stdout:
                try:
                    self.replies.put(json.loads(line))
                except ValueError:
                    _log.warning("the inference process wrote something else than a reply: %r", line)
        self.replies.put(None)


def _worded(error: dict[str, str]) -> UserError:
    return UserError(error["what"], where=error["where"], remedy=error["remedy"], details=error["details"])


def _ignore(_words: str) -> None:
    """Progress nobody asked for."""
