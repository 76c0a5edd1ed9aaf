"""What a crash left, instant by instant."""

from __future__ import annotations

import errno
import json
import os
import subprocess
import sys
from dataclasses import asdict
from uuid import uuid4

import numpy as np
import pytest

from core.audio.files import read_audio
from core.recording.finishing import finish_take
from core.recording.recovery import arriving, discard, recover, sweep
from core.recording.session import Prompt, Session
from core.recording.spool import Spool, read_spool
from core.recording.store import RecordingStore
from core.storage.database import open_database
from core.storage.files import DiskFull
from tests.core.recording.conftest import Record, spool_of, tone
from tests.core.recording.test_finishing import files_in


@pytest.fixture(scope="session")
def dead_pid() -> int:
    """Of a process that has ended."""
    done = subprocess.run(
        [sys.executable, "-c", "import os; print(os.getpid())"], capture_output=True, check=True
    )
    return int(done.stdout)


def crashed(spool: Spool, pid: int) -> Spool:
    """The spool as if its process had been killed."""
    line, _, data = spool.path.read_bytes().partition(b"\n")
    spool.finish()
    facts = {**json.loads(line), "pid": pid}
    spool.path.write_bytes(json.dumps(facts).encode() + b"\n" + data)
    return spool


@pytest.fixture
def first(store: RecordingStore, session: Session) -> Prompt:
    return store.prompts(session.id)[0]


def test_a_take_in_progress_is_offered_and_becomes_a_take(
    store: RecordingStore, first: Prompt, dead_pid: int
) -> None:
    spool = crashed(spool_of(store, first, 0.6), dead_pid)
    with spool.path.open("ab") as file:
        file.write(b"\0\0\0")  # a part of a sample
    (unfinished,) = sweep(store)
    assert unfinished.prompt == first
    assert unfinished.seconds == pytest.approx(0.6)
    take = recover(store, unfinished)
    assert (take.state, take.prompt_id) == ("kept", first.id)
    assert "recovered" in take.note
    np.testing.assert_allclose(read_audio(take.path), tone(0.6), atol=5e-5)
    assert files_in(store) == {take.path}
    assert sweep(store) == []


def test_it_can_be_let_go(store: RecordingStore, first: Prompt, dead_pid: int) -> None:
    crashed(spool_of(store, first), dead_pid)
    (unfinished,) = sweep(store)
    discard(unfinished)
    assert files_in(store) == set()
    assert store.takes(first.id) == []


def test_less_than_half_a_second_is_not_offered(store: RecordingStore, first: Prompt, dead_pid: int) -> None:
    crashed(spool_of(store, first, 0.49), dead_pid)
    half_begun = store.folder(store.session_of_prompt(first.id).id) / f"{uuid4().hex}.take"
    half_begun.write_bytes(b'{"take_id": "')
    assert sweep(store) == []
    assert files_in(store) == set()


def test_files_half_way_to_a_take_are_made_again(store: RecordingStore, first: Prompt, dead_pid: int) -> None:
    spool = crashed(spool_of(store, first), dead_pid)
    take_id = spool.facts.take_id
    spool.path.with_name(f".{take_id}.original.flac.{uuid4().hex}").write_bytes(b"half")
    spool.path.with_name(f"{take_id}.flac").write_bytes(b"whole, but without a row")
    (unfinished,) = sweep(store)
    assert files_in(store) == {spool.path}
    take = recover(store, unfinished)
    assert files_in(store) == {take.path}


def test_a_take_that_was_stored_is_no_longer_in_progress(
    store: RecordingStore, first: Prompt, dead_pid: int
) -> None:
    spool = crashed(spool_of(store, first), dead_pid)
    content = spool.path.read_bytes()
    take = finish_take(store, spool)
    spool.path.write_bytes(content)  # killed between the row and the removal
    assert sweep(store) == []
    assert files_in(store) == {take.path}
    assert store.takes(first.id) == [take]


def test_what_another_window_is_recording_is_left_alone(store: RecordingStore, first: Prompt) -> None:
    spool = spool_of(store, first)
    being_written = spool.path.with_name(f".{spool.facts.take_id}.flac.{uuid4().hex}")
    being_written.write_bytes(b"half")
    with open_database(store.paths.database) as db:
        assert sweep(RecordingStore(db, store.paths)) == []
    assert files_in(store) == {spool.path, being_written}
    being_written.unlink()
    spool.discard()


def test_recordings_that_the_database_does_not_know_are_not_touched(
    store: RecordingStore, session: Session, first: Prompt, dead_pid: int, record: Record
) -> None:
    take, spool = record(first), crashed(spool_of(store, first), dead_pid)
    store.db.conn.execute("DELETE FROM sessions")  # as by a database that was moved away
    assert sweep(store) == []
    assert files_in(store) == {take.path, spool.path}


def test_an_import_that_crashed_leaves_nothing(store: RecordingStore, dead_pid: int) -> None:
    folder, names = store.folder(uuid4().hex), [f"{uuid4().hex}.flac"]
    with arriving(store, folder, names):
        (folder / names[0]).write_bytes(b"x")
    assert not folder.exists(), "there is no row"

    with arriving(store, folder, names):
        (folder / names[0]).write_bytes(b"x")
        sweep(store)
        assert (folder / names[0]).exists(), "its process lives"
        (marker,) = folder.glob("*.arriving")
        told = marker.read_text().split("\n")
    folder.mkdir()
    marker.write_text("\n".join([str(dead_pid), *told[1:]]))
    (folder / names[0]).write_bytes(b"x")
    sweep(store)
    assert not folder.exists()


def test_a_full_disk_in_the_middle_of_a_take_shifts_no_sample(
    store: RecordingStore, first: Prompt, monkeypatch: pytest.MonkeyPatch
) -> None:
    spool = spool_of(store, first, 0.6)
    write = os.write

    def half(file: int, data: memoryview) -> int:
        if len(data) < 100:
            raise OSError(errno.ENOSPC, "no space")
        return write(file, data[:-7])

    with monkeypatch.context() as patch:
        patch.setattr("core.recording.spool.os.write", half)
        with pytest.raises(DiskFull):
            spool.append(tone(0.1))
    spool.append(tone(0.2))
    _, samples = read_spool(spool.path)
    np.testing.assert_array_equal(samples, np.concatenate([tone(0.6), tone(0.2)]))
    spool.discard()


def test_a_spool_tells_whose_it_is(store: RecordingStore, first: Prompt) -> None:
    spool = spool_of(store, first, 0.6, 44_100)
    facts, samples = read_spool(spool.path)
    assert asdict(facts) == asdict(spool.facts)
    assert facts.is_recording
    np.testing.assert_array_equal(samples, tone(0.6, 44_100))
    spool.finish()
    with pytest.raises(ValueError, match="finished"):
        spool.append(tone(0.1))
    spool.discard()
