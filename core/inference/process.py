"""The inference process with its pipes, as `core.inference.client` talks to it."""

from __future__ import annotations

import contextlib
import json
import logging
import os
import queue
import signal
import subprocess
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import IO, Any, Final, cast

from core.errors import UserError
from core.paths import RESOURCES, AppPaths

_log = logging.getLogger(__name__)

_LOG_TAIL_BYTES: Final = 4_000
_CLOSE_WAIT_S: Final = 3.0


class WorkerProcess:
    """A daemon thread turns its output lines into `replies` (None = it ended)."""

    def __init__(self, command: Sequence[str], paths: AppPaths, log: Path) -> None:
        """log: the file that gets what it writes to stderr. Raises UserError when it cannot be started."""
        self.replies: queue.SimpleQueue[dict[str, Any] | None] = queue.SimpleQueue()
        self._log_path = log
        try:
            with log.open("wb") as file:
                self._process = subprocess.Popen(
                    command,
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    stderr=file,
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
    def pid(self) -> int:
        """The system's number of it."""
        return self._process.pid

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
