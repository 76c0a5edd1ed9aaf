"""Single utterances that the program itself adds to a dataset, as a recording session does."""

# ruff: noqa: S608 - SQL is put together from this module's own constants only; every value is bound.

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from core.data.rows import INSERTED, row_of
from core.data.summary import CountedRow, facts_with
from core.data.utterance import Utterance
from core.storage.database import Database

ADDED_SOURCE: Final = "recorded here"
"""The source of a dataset that its first recorded take has made."""

TRIED: Final = "tried-"
"""How the keys begin of what was said at Try it and corrected."""

RECORDING: Final = ("audio", "duration_s", "speaker", "quarantined")
"""The columns that another recording of the same utterance changes."""

_COLUMNS: Final = ("id", *INSERTED.split(", "), "quarantined")
StoredRow = dict[str, Any]
"""An utterance as it is stored: column -> value, fit for JSON."""


class Additions:
    """Adds, changes and takes back utterances one by one.

    Every call belongs inside a `write_transaction` of the caller: the utterance is there together with what
    it comes from, or not at all. changed: called with the row of a dataset whose numbers may have changed.
    """

    def __init__(self, db: Database, home: Path, changed: Callable[[int], None]) -> None:
        self._db = db
        self._home = home
        self._changed = changed

    def stored(self, dataset: str, key: str) -> StoredRow | None:
        """The utterance as it stands there, for `restore`; None when there is none, or no such dataset."""
        row = self._db.conn.execute(
            f"SELECT {', '.join(_COLUMNS)} FROM utterances WHERE key = ?"
            " AND dataset_id = (SELECT id FROM datasets WHERE name = ?)",
            (key, dataset),
        ).fetchone()
        return None if row is None else dict(zip(_COLUMNS, row, strict=True))

    def put(self, utterance: Utterance) -> None:
        """Add an utterance to the dataset it names, which is made when it is missing.

        One of the same key that is there gets the recording and the speaker, and is in use again; its text
        and label stay: somebody may have corrected them.
        """
        dataset_id = self._dataset_id(utterance.dataset)
        values = dict(zip(INSERTED.split(", "), row_of(utterance, self._home), strict=True))
        if self.stored(utterance.dataset, utterance.key) is None:
            self._insert(dataset_id, values)
        else:
            self._update(dataset_id, utterance.key, {**values, "quarantined": None}, RECORDING)

    def change(self, dataset: str, key: str, **values: object) -> None:
        """Give columns of an utterance other values; nothing happens when it is not there."""
        if self.stored(dataset, key) is not None:
            self._update(self._dataset_id(dataset), key, values, tuple(values))

    def restore(self, dataset: str, key: str, row: StoredRow | None, columns: Sequence[str]) -> None:
        """Have an utterance as `stored` once gave it: these columns of it, or all when it is gone meanwhile;
        away when row is None, and with it a dataset that only it had made."""
        now = self.stored(dataset, key)
        if row is None:
            if now is not None:
                self._db.conn.execute("DELETE FROM utterances WHERE id = ?", (now["id"],))
        elif now is None:
            self._insert(self._dataset_id(dataset), row)
        else:
            self._update(self._dataset_id(dataset), key, row, columns)
        self._db.conn.execute(
            "DELETE FROM datasets WHERE name = ? AND source = ?"
            " AND NOT EXISTS (SELECT 1 FROM utterances WHERE dataset_id = datasets.id)",
            (dataset, ADDED_SOURCE),
        )

    def holds_takes(self, dataset_id: int) -> bool:
        """As `Library.holds_takes`, by the dataset's row."""
        found = self._db.conn.execute(
            "SELECT EXISTS (SELECT 1 FROM utterances u JOIN takes t ON t.path = u.audio"
            " WHERE u.dataset_id = ?)",
            (dataset_id,),
        ).fetchone()
        return bool(found[0])

    def holds_corrections(self, dataset_id: int) -> bool:
        """Whether wrong answers were corrected into a dataset."""
        found = self._db.conn.execute(
            f"SELECT EXISTS (SELECT 1 FROM utterances WHERE dataset_id = ? AND key GLOB '{TRIED}*')",
            (dataset_id,),
        ).fetchone()
        return bool(found[0])

    def settle_one(self, dataset: str, key: str, before: StoredRow | None) -> None:
        """Have the dataset's numbers right after one utterance was changed. before: what `stored` gave then.

        What is new is added to what is known, since a hundred thousand utterances take a third of a second to
        be counted again, which nobody waits for between two prompts.
        """
        now = self.stored(dataset, key)
        if now == before:
            return
        known = self._db.conn.execute(
            "SELECT id, summary FROM datasets WHERE name = ?", (dataset,)
        ).fetchone()
        facts = None
        if known and known[1] and now is not None:
            facts = facts_with(known[1], None if before is None else _counted(before), _counted(now))
        if facts is None:
            self.settle(dataset)
        else:
            self._db.conn.execute("UPDATE datasets SET summary = ? WHERE id = ?", (facts, known[0]))

    def settle(self, dataset: str) -> None:
        """Count the dataset again; once, behind all that was done to it."""
        row = self._db.conn.execute("SELECT id FROM datasets WHERE name = ?", (dataset,)).fetchone()
        if row is not None:
            self._changed(row[0])

    def _dataset_id(self, name: str) -> int:
        now = datetime.now(UTC).isoformat(timespec="milliseconds")
        self._db.conn.execute(
            "INSERT INTO datasets (name, source, created_at) VALUES (?, ?, ?) ON CONFLICT (name) DO NOTHING",
            (name, ADDED_SOURCE, now),
        )
        return int(self._db.conn.execute("SELECT id FROM datasets WHERE name = ?", (name,)).fetchone()[0])

    def _insert(self, dataset_id: int, values: StoredRow) -> None:
        marks = ", ".join("?" * len(values))
        added = self._db.conn.execute(
            f"INSERT INTO utterances (dataset_id, {', '.join(values)}) VALUES (?, {marks})",
            (dataset_id, *values.values()),
        )
        # Only changes and deletions find their own way into the index of words.
        self._db.conn.execute(
            "INSERT INTO utterance_words (rowid, text, key, slots, speaker)"
            " SELECT id, text, key, slots, speaker FROM utterances WHERE id = ?",
            (added.lastrowid,),
        )

    def _update(self, dataset_id: int, key: str, values: StoredRow, columns: Sequence[str]) -> None:
        assignments = ", ".join(f"{column} = ?" for column in columns)
        self._db.conn.execute(
            f"UPDATE utterances SET {assignments} WHERE dataset_id = ? AND key = ?",
            (*(values[column] for column in columns), dataset_id, key),
        )


def _counted(row: StoredRow) -> CountedRow:
    return CountedRow(**{name: row[name] for name in CountedRow._fields})
