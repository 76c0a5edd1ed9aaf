"""The take in progress on disk: what was heard so far survives the program.

A line of JSON says whose take it is; behind it come the samples as they were heard, float32, little-endian,
at the device's rate. Whoever is killed in the middle of a write leaves a part of a sample at most.
"""

from __future__ import annotations

import json
import os
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final
from uuid import uuid4

import numpy as np

from core.audio.levels import Samples
from core.errors import UserError
from core.runs.process import is_alive, process_started
from core.storage.files import require_space, sync_folder, worded_disk_errors

SUFFIX: Final = ".take"
SYNC_S: Final = 0.25
"""A power cut takes no more than so much of a take; a crash of the program takes nothing."""

_LONGEST_S: Final = 60
"""Space is looked for before, for a take of this length, its FLACs included."""


@dataclass(frozen=True)
class TakeFacts:
    """What a spool knows of its take. rate: Hz of the device. started_at: seconds since the Unix epoch. pid,
    process_started: of the process that records it; filled in by `Spool.begin`."""

    take_id: str
    session_id: str
    prompt_id: int
    device: str
    rate: int
    started_at: float
    pid: int = 0
    process_started: float = 0.0

    @property
    def is_recording(self) -> bool:
        """Whether the process that began it still runs."""
        return is_alive(self.pid, self.process_started)


class Spool:
    """One take being written. It belongs to one thread; `append` may wait for the disk."""

    def __init__(self, path: Path, facts: TakeFacts, file: int) -> None:
        self.path = path
        self.facts = facts
        self._file: int | None = file
        self._synced_at = time.monotonic()
        self._length = 0
        self.samples = 0
        """How many were appended."""

    @classmethod
    def begin(cls, folder: Path, facts: TakeFacts) -> Spool:
        """Begin the take of `facts` in `folder`, which is made when missing. Raises UserError, for instance
        when the disk is full."""
        require_space(folder, 2 * 4 * facts.rate * _LONGEST_S)
        path = folder / f"{facts.take_id}{SUFFIX}"
        pid = os.getpid()
        told = TakeFacts(**{**asdict(facts), "pid": pid, "process_started": process_started(pid) or 0.0})
        with worded_disk_errors(path):
            if not folder.is_dir():
                folder.mkdir(parents=True, exist_ok=True)
                sync_folder(folder.parent)
            file = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY | getattr(os, "O_BINARY", 0), 0o644)
        spool = cls(path, told, file)
        spool._write(json.dumps(asdict(told)).encode() + b"\n")
        sync_folder(folder)
        return spool

    def append(self, samples: Samples) -> None:
        """Add [n] samples at the device's rate. They survive the program from now on, and a power cut from
        SYNC_S later on. Raises UserError when the disk is full; what was there stays."""
        self._write(samples.astype("<f4", copy=False).tobytes())
        self.samples += samples.size

    def cut(self, count: int) -> None:
        """Keep no more than the first `count` samples. Raises UserError."""
        if count >= self.samples or self._file is None:
            return
        self._length -= 4 * (self.samples - count)
        self.samples = count
        with worded_disk_errors(self.path):
            os.ftruncate(self._file, self._length)
            os.lseek(self._file, self._length, os.SEEK_SET)

    def finish(self) -> None:
        """Nothing more will come: all of it is on the disk. A second call does nothing. Raises UserError."""
        if self._file is not None:
            file, self._file = self._file, None
            with worded_disk_errors(self.path):
                try:
                    os.fsync(file)
                finally:
                    os.close(file)

    def discard(self) -> None:
        """Forget the take, as a retake that was cancelled: no other take changes. Raises UserError."""
        if self._file is not None:
            file, self._file = self._file, None
            os.close(file)
        with worded_disk_errors(self.path):
            self.path.unlink(missing_ok=True)

    def _write(self, data: bytes) -> None:
        if self._file is None:
            raise ValueError("the spool is finished")
        with worded_disk_errors(self.path):
            view = memoryview(data)
            try:
                while view:
                    view = view[os.write(self._file, view) :]
            except OSError:
                # A part of a sample would shift all that follow once there is space again.
                os.ftruncate(self._file, self._length)
                os.lseek(self._file, self._length, os.SEEK_SET)
                raise
            self._length += len(data)
            if time.monotonic() - self._synced_at >= SYNC_S:
                os.fsync(self._file)
                self._synced_at = time.monotonic()


def new_facts(session_id: str, prompt_id: int, device: str, rate: int, started_at: float) -> TakeFacts:
    """The facts of a take that begins, with an id of its own."""
    return TakeFacts(uuid4().hex, session_id, prompt_id, device, rate, started_at)


def read_facts(path: Path) -> TakeFacts | None:
    """Whose take a spool is; None when its first line was never whole. Raises UserError when it cannot be
    read."""
    with worded_disk_errors(path), path.open("rb") as file:
        return _facts_of(file.readline())


def read_spool(path: Path) -> tuple[TakeFacts, Samples]:
    """A spool's take and its sound, [n] at its rate. Raises UserError when it is damaged or unreadable."""
    with worded_disk_errors(path):
        line, _, data = path.read_bytes().partition(b"\n")
    facts = _facts_of(line + b"\n")
    if facts is None:
        raise UserError(
            "What was kept of this take is damaged.", where=str(path), remedy="Record the prompt again."
        )
    whole = len(data) // 4 * 4
    samples = np.frombuffer(data[:whole], "<f4").astype(np.float32)
    return facts, np.nan_to_num(samples, copy=False, posinf=0.0, neginf=0.0)


def spooled_seconds(path: Path) -> float:
    """Seconds of sound in a spool; 0 when its first line was never whole. Raises UserError."""
    with worded_disk_errors(path), path.open("rb") as file:
        line = file.readline()
        size = os.fstat(file.fileno()).st_size
    facts = _facts_of(line)
    return 0.0 if facts is None else (size - len(line)) // 4 / facts.rate


def _facts_of(line: bytes) -> TakeFacts | None:
    if not line.endswith(b"\n"):
        return None
    try:
        facts = TakeFacts(**json.loads(line))
    except (ValueError, TypeError):
        return None
    return facts if facts.rate > 0 else None
