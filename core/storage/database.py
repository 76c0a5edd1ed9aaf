"""The one SQLite file: opening it, writing to it, and its errors in plain words.

A connection belongs to the thread that opened it; each thread opens its own. Connections are in
autocommit mode: a lone statement is its own transaction, several belong into `write_transaction`.
"""

from __future__ import annotations

import sqlite3
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from core.errors import UserError
from core.storage.files import DiskFull
from core.storage.migrations import MIGRATIONS

# For the sake of frames that nobody stores here, sqlite-utils loads pandas where it finds it: a third of the
# window's start. It does without where it is told that there is none.
_loaded = "pandas" in sys.modules
if not _loaded:
    sys.modules["pandas"] = None  # type: ignore[assignment]
import sqlite_utils  # noqa: E402

if not _loaded:
    del sys.modules["pandas"]
Database = sqlite_utils.Database

BUSY_TIMEOUT_S: Final = 30.0
"""Long enough for a run to outwait a large import on a busy computer (100 000 utterances: about a second
when idle)."""

_WAL_RETRY_S: Final = 0.01

APPLICATION_ID: Final = 0x53504F4E
"""Marks the file as Spoonful's ("SPON"), so that another program's database is never altered."""


def open_database(path: Path) -> Database:
    """A connection to the database at `path`, made and brought up to date when needed.

    Raises UserError: the file is not a database, another program's, from a newer Spoonful, or cannot be
    written (full disk, read-only folder).
    """
    with worded_database_errors(path):
        # Used by the thread that opened it, but a thread's last connection may be closed by another thread:
        # Python drops what belonged to an ended thread wherever it happens to collect it.
        connection = sqlite3.connect(
            path, timeout=BUSY_TIMEOUT_S, isolation_level=None, check_same_thread=False
        )
        try:
            db = Database(connection, execute_plugins=False)
            _refuse_foreign(connection, path)
            connection.execute("PRAGMA foreign_keys = ON")
            _enter_wal(connection)
            # FULL: a label or a take that was saved survives a power cut, not just a crash; one fsync
            # per transaction is cheap at the handful of transactions a second that Spoonful writes.
            connection.execute("PRAGMA synchronous = FULL")
            _migrate(db)
        except BaseException:
            connection.close()
            raise
    return db


@contextmanager
def write_transaction(db: Database) -> Iterator[Database]:
    """All statements inside take effect together at the end, or none of them does.

    It takes the write lock at once (BEGIN IMMEDIATE): a transaction that reads first and writes later
    could otherwise fail when another process wrote in between. Keep it short: others wait up to
    BUSY_TIMEOUT_S. Raises UserError for a full disk, a read-only file or a lock held too long.
    """
    with worded_database_errors(database_path(db)):
        db.conn.execute("BEGIN IMMEDIATE")
        try:
            yield db
            db.conn.execute("COMMIT")
        except BaseException:
            # SQLite may have rolled back by itself, for instance on a full disk.
            if db.conn.in_transaction:
                db.conn.execute("ROLLBACK")
            raise


def database_path(db: Database) -> Path:
    """The file behind a connection."""
    return Path(db.conn.execute("PRAGMA database_list").fetchone()[2])


@contextmanager
def worded_database_errors(path: Path) -> Iterator[None]:
    """Turns SQLite's environment errors (disk, permission, lock, damage) into UserErrors about `path`.

    A wrong statement is a bug and stays what it is.
    """
    try:
        yield
    except sqlite3.DatabaseError as error:
        # An extended code keeps the family in its low byte.
        family = getattr(error, "sqlite_errorcode", 0) & 0xFF
        if family not in _WORDS:
            raise
        what, remedy = _WORDS[family]
        kind = DiskFull if family == sqlite3.SQLITE_FULL else UserError
        raise kind(what, where=str(path), remedy=remedy, details=repr(error)) from error


_OTHER_HOME = "set SPOONFUL_HOME to another folder"
_FULL = (
    "The disk is full, so nothing was saved.",
    "Free some space and try again.",
)
_READ_ONLY = (
    "Spoonful may not write its database.",
    f"Make the file and its folder writable, or {_OTHER_HOME}.",
)
_WORDS: Final[dict[int, tuple[str, str]]] = {
    sqlite3.SQLITE_FULL: _FULL,
    sqlite3.SQLITE_IOERR: (
        "The disk reported an error while Spoonful used its database.",
        "Check that the disk is connected and has free space, and try again.",
    ),
    sqlite3.SQLITE_READONLY: _READ_ONLY,
    sqlite3.SQLITE_PERM: _READ_ONLY,
    sqlite3.SQLITE_CANTOPEN: (
        "Spoonful cannot open its database.",
        f"Check that the folder exists and is writable, or {_OTHER_HOME}.",
    ),
    sqlite3.SQLITE_BUSY: (
        "Another program kept the database locked for too long.",
        "Wait until a running import has ended, and try again.",
    ),
    sqlite3.SQLITE_NOTADB: (
        "This file is not a Spoonful database.",
        f"Move it away so that a new one can be made, or {_OTHER_HOME}.",
    ),
    sqlite3.SQLITE_CORRUPT: (
        "The database is damaged.",
        f"Restore it from a backup, or move it away so that a new one can be made, or {_OTHER_HOME}.",
    ),
}


def _enter_wal(connection: sqlite3.Connection) -> None:
    """Switch to write-ahead logging, which a new file needs once. SQLite does not wait for others that open
    the file at the same moment, as the threads of a first start do, but answers "locked" at once."""
    deadline = time.monotonic() + BUSY_TIMEOUT_S
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() > deadline:
                raise
            time.sleep(_WAL_RETRY_S)
        else:
            return


def _refuse_foreign(connection: sqlite3.Connection, path: Path) -> None:
    # Both in one transaction: in between, another thread or process may be making the tables.
    connection.execute("BEGIN")
    empty = connection.execute("SELECT NOT EXISTS (SELECT 1 FROM sqlite_master)").fetchone()[0]
    ours = connection.execute("PRAGMA application_id").fetchone()[0] == APPLICATION_ID
    connection.execute("COMMIT")
    if not ours and not empty:
        raise UserError(
            "This is the database of another program; Spoonful leaves it alone.",
            where=str(path),
            remedy=f"Move it away, or {_OTHER_HOME}.",
        )


def _migrate(db: Database) -> None:
    if _version(db) == len(MIGRATIONS):
        return
    with write_transaction(db):
        # Read again under the lock: another process may have migrated meanwhile.
        version = _version(db)
        if version > len(MIGRATIONS):
            raise UserError(
                "This database was made by a newer Spoonful.",
                where=str(database_path(db)),
                remedy=f"Update Spoonful, or {_OTHER_HOME}.",
            )
        for statement in (statement for migration in MIGRATIONS[version:] for statement in migration):
            db.conn.execute(statement)
        db.conn.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        db.conn.execute(f"PRAGMA user_version = {len(MIGRATIONS)}")


def _version(db: Database) -> int:
    return int(db.conn.execute("PRAGMA user_version").fetchone()[0])
