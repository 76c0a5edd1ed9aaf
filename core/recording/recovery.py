"""What a crash left among the takes: removed where it is worth nothing, offered where it is.

A file without a row is removed only where a spool or a marker shows that it was never finished. Any other
belongs to a session that this database does not know of, or no longer - one restored from a backup - and is
left alone.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from uuid import uuid4

from core.errors import UserError
from core.recording.finishing import files_of, keep_spool
from core.recording.session import Prompt, Session, TakeRow
from core.recording.spool import SUFFIX, TakeFacts, read_facts, spooled_seconds
from core.recording.store import RecordingStore
from core.runs.process import is_alive, process_started
from core.storage.database import write_transaction
from core.storage.files import worded_disk_errors, write_text_atomically

WORTH_S: Final = 0.5
"""Seconds of a take in progress from which on it is offered."""
_ARRIVING: Final = ".arriving"
"""Marks files that come from elsewhere until their rows are stored: its lines are the process's id and start,
and the files' names."""

_TEMPORARY: Final = re.compile(r"\.([0-9a-f]{32})(\.original\.flac|\.flac|\.arriving)\.[0-9a-f]{32}")
"""What a write that was cut off leaves; see `write_bytes_atomically`."""


@dataclass(frozen=True)
class Unfinished:
    """A take that was being recorded when the program ended. seconds: of sound there is."""

    path: Path
    facts: TakeFacts
    session: Session
    prompt: Prompt
    seconds: float


def sweep(store: RecordingStore) -> list[Unfinished]:
    """Put the folders of takes in order after a crash; returns the takes that were in progress and of which
    at least WORTH_S were heard, the oldest first.

    What a living process is recording or importing is left alone. Raises UserError when a folder cannot be
    read or cleaned.
    """
    found = []
    for folder in sorted(path for path in store.paths.recordings.glob("*") if path.is_dir()):
        # The lock keeps others from storing a row between the look for it and the removal of its file.
        with write_transaction(store.db), worded_disk_errors(folder):
            _end_arrivals_of_the_dead(store, folder)
            spools = sorted(folder.glob(f"*{SUFFIX}"))
            living = {path.stem for path in spools if _is_recording(path)}
            _remove_temporaries(folder, living)
            for path in spools:
                if path.stem not in living:
                    unfinished = _settle(store, path)
                    found += [unfinished] if unfinished else []
            _remove_if_empty(store, folder)
    return sorted(found, key=lambda each: each.facts.started_at)


def recover(store: RecordingStore, unfinished: Unfinished) -> TakeRow:
    """Make it a take of its prompt: kept, not accepted. Raises UserError as `finish_take`."""
    return keep_spool(store, unfinished.path, note="recovered after the program had ended unexpectedly")


def discard(unfinished: Unfinished) -> None:
    """Forget it for good. Raises UserError."""
    with worded_disk_errors(unfinished.path):
        unfinished.path.unlink(missing_ok=True)


@contextmanager
def arriving(store: RecordingStore, folder: Path, names: Sequence[str]) -> Iterator[None]:
    """Files of these names come into `folder`, and rows of them by the end of the block; without the rows,
    after an error or a crash, the files go. None of them is there before. Raises UserError."""
    pid = os.getpid()
    marker = folder / f"{uuid4().hex}{_ARRIVING}"
    with worded_disk_errors(folder):
        folder.mkdir(parents=True, exist_ok=True)
    write_text_atomically(marker, "\n".join([str(pid), str(process_started(pid) or 0.0), *names]))
    try:
        yield
    finally:
        with worded_disk_errors(folder):
            _end_arrival(store, marker)
            _remove_if_empty(store, folder)


def _settle(store: RecordingStore, path: Path) -> Unfinished | None:
    """One spool that nobody writes to: gone when its take is stored or it is worth nothing."""
    facts = read_facts(path)
    if facts is not None and store.find_take(facts.take_id) is None:
        try:
            prompt = store.prompt(facts.prompt_id)
            session = store.session_of_prompt(prompt.id)
        except UserError:
            # Of another database, perhaps one that was moved away: what it holds is lost nowhere else.
            return None
        for file in files_of(facts, path.parent):
            file.unlink(missing_ok=True)
        seconds = spooled_seconds(path)
        if seconds >= WORTH_S:
            return Unfinished(path, facts, session, prompt, seconds)
    path.unlink()
    return None


def _is_recording(path: Path) -> bool:
    facts = read_facts(path)
    return facts is not None and facts.is_recording


def _remove_temporaries(folder: Path, living: set[str]) -> None:
    for path in folder.iterdir():
        temporary = _TEMPORARY.fullmatch(path.name)
        if temporary and temporary[1] not in living:
            path.unlink(missing_ok=True)


def _end_arrivals_of_the_dead(store: RecordingStore, folder: Path) -> None:
    for marker in folder.glob(f"*{_ARRIVING}"):
        pid, started, *_ = marker.read_text(encoding="utf-8").split("\n")
        if not is_alive(int(pid), float(started)):
            _end_arrival(store, marker)


def _end_arrival(store: RecordingStore, marker: Path) -> None:
    """Take away the files without a row, then the marker."""
    for name in marker.read_text(encoding="utf-8").split("\n")[2:]:
        if name and store.find_take(name.partition(".")[0]) is None:
            marker.with_name(name).unlink(missing_ok=True)
    marker.unlink()


def _remove_if_empty(store: RecordingStore, folder: Path) -> None:
    known = any(session.id == folder.name for session in store.sessions())
    if not known and not any(folder.iterdir()):
        folder.rmdir()
