"""Opening and writing the database: safe for several processes, and worded when the disk is not."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.errors import UserError
from core.storage.database import Database, database_path, open_database, write_transaction
from core.storage.migrations import MIGRATIONS


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "spoonful.db"


@pytest.fixture
def db(path: Path) -> Iterator[Database]:
    with open_database(path) as db:
        yield db


def put(db: Database, key: str) -> None:
    db.conn.execute("INSERT INTO meta (key, value) VALUES (?, 'x')", (key,))


def keys(db: Database) -> list[str]:
    return [key for (key,) in db.conn.execute("SELECT key FROM meta ORDER BY key")]


def test_what_was_written_is_there_when_opened_again(path: Path) -> None:
    with open_database(path) as db:
        put(db, "a")
    with open_database(path) as db:
        assert keys(db) == ["a"]
        assert database_path(db) == path


def test_a_reader_sees_the_old_state_while_another_connection_writes(db: Database, path: Path) -> None:
    with open_database(path) as other, write_transaction(db):
        put(db, "a")
        assert keys(other) == []
    assert keys(db) == ["a"]


def test_a_transaction_that_fails_leaves_nothing(db: Database) -> None:
    def fail_half_way() -> None:
        with write_transaction(db):
            put(db, "a")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail_half_way()
    assert keys(db) == []
    put(db, "b")  # and the connection is usable
    assert keys(db) == ["b"]


def test_deleting_a_dataset_deletes_its_utterances(db: Database) -> None:
    db.conn.execute("INSERT INTO datasets (id, name, source, created_at) VALUES (1, 'd', 's', 'now')")
    db.conn.execute(
        "INSERT INTO utterances (id, dataset_id, key, split, text, intent, slots, language, speaker)"
        " VALUES (1, 1, 'k', 'train', 't', 'i', '[]', '', '')"
    )
    db.conn.execute(
        "INSERT INTO utterance_words (rowid, text, key, slots, speaker) VALUES (1, 't', 'k', '[]', '')"
    )
    db.conn.execute("DELETE FROM datasets")
    assert db.conn.execute("SELECT count(*) FROM utterances").fetchone() == (0,)


def test_many_processes_may_make_the_same_database_at_once(path: Path) -> None:
    program = (
        "import sys, pathlib; from core.storage.database import open_database;"
        " open_database(pathlib.Path(sys.argv[1])).close()"
    )
    processes = [subprocess.Popen([sys.executable, "-c", program, str(path)]) for _ in range(4)]
    assert [process.wait(60) for process in processes] == [0] * 4
    with open_database(path) as db:
        assert db.conn.execute("PRAGMA user_version").fetchone() == (len(MIGRATIONS),)


def test_a_file_that_is_no_database_is_refused_and_left_alone(path: Path) -> None:
    path.write_text("shopping list, " * 100)
    with pytest.raises(UserError, match="not a Spoonful database") as caught:
        open_database(path)
    assert caught.value.where == str(path)
    assert path.read_text().startswith("shopping list")


def test_the_database_of_another_program_is_refused_and_left_alone(path: Path) -> None:
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE bookmarks (url TEXT)")
    connection.commit()
    connection.close()
    before = path.read_bytes()
    with pytest.raises(UserError, match="another program"):
        open_database(path)
    assert path.read_bytes() == before


def test_a_database_of_a_newer_spoonful_is_refused_and_left_alone(path: Path) -> None:
    with open_database(path) as db:
        db.conn.execute(f"PRAGMA user_version = {len(MIGRATIONS) + 1}")
    with pytest.raises(UserError, match="newer Spoonful"):
        open_database(path)


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="cannot open") as caught:
        open_database(tmp_path / "missing" / "spoonful.db")
    assert "missing" in caught.value.where


def test_a_full_disk_is_said_and_nothing_is_half_written(db: Database) -> None:
    put(db, "before")
    pages = db.conn.execute("PRAGMA page_count").fetchone()[0]
    db.conn.execute(f"PRAGMA max_page_count = {pages}")
    rows = [(f"{number:06} {'x' * 200}",) for number in range(1000)]
    with pytest.raises(UserError, match="disk is full"), write_transaction(db):
        db.conn.executemany("INSERT INTO meta (key, value) VALUES (?, 'x')", rows)
    assert keys(db) == ["before"]


def test_a_read_only_database_is_said(db: Database) -> None:
    db.conn.execute("PRAGMA query_only = ON")
    with pytest.raises(UserError, match="may not write"), write_transaction(db):
        put(db, "a")


def test_a_lock_held_too_long_is_said(db: Database, path: Path) -> None:
    with open_database(path) as other, write_transaction(other):
        db.conn.execute("PRAGMA busy_timeout = 1")
        with pytest.raises(UserError, match="locked"), write_transaction(db):
            put(db, "a")


def test_a_wrong_statement_stays_a_bug(db: Database) -> None:
    with pytest.raises(sqlite3.OperationalError), write_transaction(db):
        db.conn.execute("SELECT nothing FROM nowhere")


def test_a_first_start_may_open_the_new_file_from_many_threads_at_once(tmp_path: Path) -> None:
    failures: list[UserError] = []

    def open_and_read(path: Path, together: threading.Barrier) -> None:
        together.wait()
        try:
            database = open_database(path)
            database.conn.execute("SELECT count(*) FROM runs").fetchone()
            database.close()
        except UserError as error:
            failures.append(error)

    # One round in five failed when the file was looked at in two steps.
    for number in range(40):
        path, together = tmp_path / f"{number}.db", threading.Barrier(4)
        threads = [threading.Thread(target=open_and_read, args=(path, together)) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert failures == []
