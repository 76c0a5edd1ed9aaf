"""A recording session killed in the middle of a take, of writing it and of going on loses nothing."""

from __future__ import annotations

from core.paths import AppPaths
from core.recording.store import RecordingStore
from core.storage.database import open_database
from tests.integration.recording_killing import LONGEST_S, Said, restart, run_and_kill, session_to_kill


def test_a_session_killed_at_random_loses_no_take(app_paths: AppPaths) -> None:
    with open_database(app_paths.database) as db:
        session = session_to_kill(RecordingStore(db, app_paths))
    said = Said()
    for number, phase in enumerate(LONGEST_S):
        run_and_kill(app_paths, session, phase, said)
        found = restart(app_paths, session, said, keep=number % 2 == 0)
        assert found.is_right, (said.phase, found)
    assert said.accepted
