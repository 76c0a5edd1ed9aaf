"""The outside world as the bootstrap sees it: files, commands, the network. Tests put a fake in its place."""

from __future__ import annotations

import contextlib
import ctypes
import importlib.util
import os
import queue
import shutil
import subprocess
import sys
import threading
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

HEARTBEAT_S = 10.0
"""The longest silence while a command works."""

LOCK_POLL_S = 0.5


@dataclass(frozen=True)
class Finished:
    """A command that ended: exit code, and its standard output and error as one text."""

    code: int
    output: str


class Machine:
    """This computer. root: the checkout. python: the interpreter new environments are made with."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.platform = sys.platform
        self.python = getattr(sys, "_base_executable", None) or sys.executable
        self.python_version = f"{sys.version_info.major}.{sys.version_info.minor}"
        self.environ: Mapping[str, str] = os.environ
        self._lock: tuple[int, ...] = ()

    def say(self, line: str) -> None:
        print(line, flush=True)

    def complain(self, words: str) -> None:
        print(words, file=sys.stderr, flush=True)

    def is_root(self) -> bool:
        return hasattr(os, "geteuid") and os.geteuid() == 0

    def free_bytes(self, folder: Path) -> int:
        return shutil.disk_usage(folder).free

    def which(self, program: str) -> str | None:
        return shutil.which(program)

    def exists(self, path: str) -> bool:
        return Path(path).exists()

    def has_module(self, name: str) -> bool:
        return importlib.util.find_spec(name) is not None

    def can_load(self, library: str) -> bool:
        """Whether the dynamic linker finds and loads a shared library such as `libGL.so.1`."""
        try:
            ctypes.CDLL(library)
        except OSError:
            return False
        return True

    def answers(self, url: str, within_s: float) -> bool:
        """Whether a web server gives a good answer in time; resolving a name may hang, hence the thread."""
        answered = threading.Event()

        def ask() -> None:
            request = urllib.request.Request(url, method="HEAD")  # noqa: S310 - the caller's constant
            with (
                contextlib.suppress(OSError),
                urllib.request.urlopen(request, timeout=within_s),  # noqa: S310
            ):
                answered.set()

        asking = threading.Thread(target=ask, daemon=True)
        asking.start()
        asking.join(within_s)
        return answered.is_set()

    def run(self, command: Sequence[str]) -> Finished:
        """Runs a short command to its end; a program that is not there counts as exit code 127."""
        try:
            done = subprocess.run(
                command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                text=True, errors="replace", check=False,
            )  # fmt: skip
        except OSError as error:
            return Finished(127, str(error))
        return Finished(done.returncode, done.stdout)

    def stream(
        self,
        command: Sequence[str],
        environ: Mapping[str, str],
        on_line: Callable[[str], None],
        on_silence: Callable[[], None],
        *,
        shares_lock: bool = False,
    ) -> int:
        """Runs a long command in the checkout, hands on each line, and calls `on_silence` when none comes
        for a while. Gives the exit code. shares_lock: should this process be killed, the lock stays taken
        until the command has ended too, so that nobody builds where it still writes (not on Windows)."""
        process = subprocess.Popen(
            command, cwd=self.root, env=dict(environ), stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace",
            pass_fds=self._lock if shares_lock else (),
        )  # fmt: skip
        lines: queue.SimpleQueue[str | None] = queue.SimpleQueue()
        reader = threading.Thread(target=_read_lines, args=(process, lines), daemon=True)
        reader.start()
        try:
            while (line := _next_line(lines, on_silence)) is not None:
                on_line(line)
        except BaseException:
            process.terminate()
            raise
        finally:
            code = process.wait()
            reader.join()
        return code

    def become(self, command: Sequence[str], environ: Mapping[str, str]) -> int:
        """Goes on as another program, which keeps terminal and exit code. Returns only on Windows, where a
        process cannot be replaced and is waited for instead."""
        sys.stdout.flush()
        if self.platform != "win32":
            os.execve(command[0], list(command), dict(environ))  # noqa: S606 - that is the point
        process = subprocess.Popen(command, env=dict(environ))
        while True:
            try:
                return process.wait()
            except KeyboardInterrupt:
                continue  # Ctrl+C reached the program too; it decides what that means

    @contextlib.contextmanager
    def only_one(self, lock: Path) -> Iterator[None]:
        """Holds `lock` or waits for it. The system frees it when its holder dies, so it is never stale."""
        with lock.open("a+b") as file:
            if not _try_lock(file):
                file.seek(0)
                holder = file.read().decode("ascii", "replace").strip() or "?"
                self.say(f"Another setup of this folder is at work (process {holder}); waiting for it.")
                while not _try_lock(file):
                    threading.Event().wait(LOCK_POLL_S)
            file.truncate(0)
            file.write(str(os.getpid()).encode("ascii"))
            file.flush()
            self._lock = (file.fileno(),) if self.platform != "win32" else ()
            yield
            self._lock = ()


def _read_lines(process: subprocess.Popen[str], lines: queue.SimpleQueue[str | None]) -> None:
    assert process.stdout is not None  # noqa: S101 - asked for with PIPE
    with process.stdout:
        for line in process.stdout:
            lines.put(line.rstrip())
    lines.put(None)


def _next_line(lines: queue.SimpleQueue[str | None], on_silence: Callable[[], None]) -> str | None:
    while True:
        try:
            return lines.get(timeout=HEARTBEAT_S)
        except queue.Empty:
            on_silence()


if sys.platform == "win32":
    import msvcrt

    LOCKED_BYTE = 1 << 20
    """Beyond the text, for a locked byte cannot be read by others on Windows."""

    def _try_lock(file: BinaryIO) -> bool:
        file.seek(LOCKED_BYTE)
        try:
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

else:
    import fcntl

    def _try_lock(file: BinaryIO) -> bool:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True
