"""From the take in progress to a take: its files whole on the disk, then its row, then the spool goes.

A crash in between leaves the spool, which holds all of the sound, and perhaps files that `recovery` removes.
"""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path
from typing import Final

from core.audio.files import SAMPLE_RATE, encode_flac, to_16_khz
from core.audio.levels import Samples
from core.errors import UserError
from core.recording.session import TakeRow, Verdict
from core.recording.spool import Spool, TakeFacts, read_spool
from core.recording.store import RecordingStore
from core.storage.files import sync_folder, worded_disk_errors, write_bytes_atomically

ORIGINAL: Final = ".original.flac"
_FLAC: Final = ".flac"


def finish_take(store: RecordingStore, spool: Spool, *, verdict: Verdict = (), gaps: int = 0) -> TakeRow:
    """End a take and keep it. When it returns, the take is on the disk and in the database.

    Raises UserError when nothing was heard, the disk is full, or the session is gone; the spool stays then,
    and `finish_take` may be called again or `Spool.discard`.
    """
    spool.finish()
    return keep_spool(store, spool.path, verdict=verdict, gaps=gaps)


def keep_spool(
    store: RecordingStore, path: Path, *, verdict: Verdict = (), gaps: int = 0, note: str = ""
) -> TakeRow:
    """Make a take of a spool that nobody writes to any more. Raises UserError as `finish_take`."""
    facts, samples = read_spool(path)
    # It may be stored already, when only the removal of the spool had failed.
    take = store.find_take(facts.take_id)
    if take is None:
        made = _write_files(store, path.parent, facts, samples)
        take = store.add_take(replace(made, verdict=verdict, gaps=gaps, note=note))
    with worded_disk_errors(path):
        path.unlink(missing_ok=True)
    return take


def _write_files(store: RecordingStore, folder: Path, facts: TakeFacts, samples: Samples) -> TakeRow:
    """The files of a take, whole on the disk, and what there is to say of them."""
    session = store.session(facts.session_id)
    heard = to_16_khz(samples, facts.rate)
    if not heard.size:
        raise UserError(
            "Nothing was heard: the take is empty.",
            where=facts.device,
            remedy="Check the microphone and record the prompt again.",
        )
    file, at_its_rate = files_of(facts, folder)
    sha256 = _write(file, encode_flac(heard))
    original, original_sha256 = None, None
    if session.keep_original and facts.rate != SAMPLE_RATE:
        original = at_its_rate
        original_sha256 = _write(original, encode_flac(samples, facts.rate, "PCM_24"))
    sync_folder(folder)
    return TakeRow(
        id=facts.take_id,
        prompt_id=facts.prompt_id,
        number=0,
        recorded_at=facts.started_at,
        device=facts.device,
        rate=facts.rate,
        duration_s=heard.size / SAMPLE_RATE,
        path=file,
        sha256=sha256,
        original=original,
        original_sha256=original_sha256,
    )


def files_of(facts: TakeFacts, folder: Path) -> tuple[Path, Path]:
    """Where the files of a take lie, whether they are there or not."""
    return folder / f"{facts.take_id}{_FLAC}", folder / f"{facts.take_id}{ORIGINAL}"


def _write(path: Path, data: bytes) -> str:
    write_bytes_atomically(path, data)
    return hashlib.sha256(data).hexdigest()
