"""`spoonful recordings`: what is there, and from one home to another."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.paths import AppPaths
from core.recording.session import Session
from core.recording.store import RecordingStore
from core.storage.database import open_database
from tests.core.commands.conftest import Spoonful
from tests.core.recording.conftest import clock, record, session, spool_of, store

__all__ = ["clock", "record", "session", "store"]


def test_sessions_are_listed_and_go_to_another_home(
    spoonful: Spoonful,
    store: RecordingStore,
    session: Session,
    record,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    first, second, _ = store.prompts(session.id)
    store.decisions.accept(record(first).id)
    spool = spool_of(store, second)
    listed = spoonful("recordings", "list")
    assert listed.code == 0
    assert session.short in listed.out
    assert "1/3" in listed.out
    (told,) = spoonful("recordings", "list", "--json").json["sessions"]
    assert (told["id"], told["speaker"], told["progress"]["done"]) == (session.id, "ann", 1)
    assert "near the window" not in str(told), "what is known of a speaker is not shown around"
    spool.discard()

    manifest = tmp_path / "theirs.jsonl"
    manifest.write_text('{"text": "hello", "intent": "greet", "split": "train"}')
    replaced = spoonful("datasets", "import", manifest, "--name", "mine", "--replace")
    assert "spoonful recordings restore SESSION" in replaced.out
    assert store.library.dataset("mine").utterances == 1
    assert "1 utterance of session" in spoonful("recordings", "restore", session.short).out
    assert store.library.dataset("mine").utterances == 2
    assert spoonful("recordings", "restore", session.short, "--json").json["utterances"] == 0

    file = tmp_path / "session.zip"
    written = spoonful("recordings", "export", session.short, "--to", file, "--json")
    assert (written.code, written.json["takes"]) == (0, 1)
    again = spoonful("recordings", "export", session.short, "--to", file)
    assert again.code == 2
    assert "already such a file" in again.err

    monkeypatch.setenv("SPOONFUL_HOME", str(tmp_path / "other"))
    assert "no recording session yet" in spoonful("recordings", "list").out
    assert "1 new take" in spoonful("recordings", "import", file).out
    brought = spoonful("recordings", "import", file, "--json").json
    assert (brought["known"], brought["takes"], brought["dataset"]) == (True, 0, "mine")
    with open_database(AppPaths(tmp_path / "other").database) as db:
        found = RecordingStore(db, AppPaths(tmp_path / "other"))
        assert found.library.dataset("mine").counts["test"] == {"text": 1, "speech": 1}
    refused = spoonful("recordings", "import", tmp_path / "nothing.zip", "--json")
    assert (refused.code, refused.json["error"]["what"]) == (2, "There is no such file.")
