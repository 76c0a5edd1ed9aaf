"""From what was heard to files and a row."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import pytest
import soundfile

from core.audio.files import audio_info, read_audio
from core.errors import UserError
from core.recording import finishing
from core.recording.finishing import finish_take
from core.recording.recovery import sweep
from core.recording.session import Session, SessionPlan
from core.recording.store import RecordingStore
from core.storage.files import DiskFull
from tests.core.recording.conftest import ANN, PROMPTS, Record, spool_of, tone


def files_in(store: RecordingStore) -> set[Path]:
    return {path for path in store.paths.recordings.rglob("*") if path.is_file()}


def test_a_take_is_16_khz_mono_flac_and_its_name_says_nothing_of_the_speaker(
    store: RecordingStore, session: Session, record: Record
) -> None:
    take = record(store.prompts(session.id)[0], 0.6)
    assert take.path == store.paths.home / "audio" / "recordings" / session.id / f"{take.id}.flac"
    assert (audio_info(take.path).sample_rate, audio_info(take.path).channels) == (16_000, 1)
    np.testing.assert_allclose(read_audio(take.path), tone(0.6), atol=5e-5)
    assert hashlib.sha256(take.path.read_bytes()).hexdigest() == take.sha256
    assert files_in(store) == {take.path}
    assert take.original is None


def test_the_original_stays_at_the_device_s_rate_where_it_is_wanted(
    store: RecordingStore, record: Record
) -> None:
    session = store.begin(SessionPlan("mine", ANN, keep_original=True), PROMPTS)
    first, second, _ = store.prompts(session.id)
    take = record(first, 0.6, 44_100)
    assert take.duration_s == pytest.approx(0.6, abs=1e-3)
    assert take.original is not None
    samples, rate = soundfile.read(take.original, dtype="float32")
    assert rate == 44_100
    np.testing.assert_allclose(samples, tone(0.6, 44_100), atol=1e-6)
    assert hashlib.sha256(take.original.read_bytes()).hexdigest() == take.original_sha256
    assert record(second, 0.6, 16_000).original is None, "it would be the same twice"


def test_a_cancelled_retake_changes_nothing(store: RecordingStore, session: Session, record: Record) -> None:
    prompt = store.prompts(session.id)[0]
    store.decisions.accept(record(prompt).id)
    takes, files = store.takes(prompt.id), files_in(store)
    spool_of(store, prompt).discard()
    assert (store.takes(prompt.id), files_in(store)) == (takes, files)


def test_a_take_without_sound_is_refused_in_words(store: RecordingStore, session: Session) -> None:
    spool = spool_of(store, store.prompts(session.id)[0], seconds=0)
    with pytest.raises(UserError, match="Nothing was heard"):
        finish_take(store, spool)
    spool.discard()
    assert files_in(store) == set()


def test_after_a_full_disk_the_take_can_be_finished(
    store: RecordingStore, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    prompt = store.prompts(session.id)[0]
    spool = spool_of(store, prompt)

    def full(path: Path, data: bytes) -> None:
        raise DiskFull("The disk is full.", where=str(path))

    with monkeypatch.context() as patch:
        patch.setattr(finishing, "write_bytes_atomically", full)
        with pytest.raises(DiskFull):
            finish_take(store, spool)
    assert store.takes(prompt.id) == []
    take = finish_take(store, spool, gaps=2, verdict=({"kind": "gaps"},))
    assert (take.gaps, take.verdict) == (2, ({"kind": "gaps"},))
    assert files_in(store) == {take.path}
    assert sweep(store) == []
