"""The library: all datasets of this user, in the database. Audio files stay where they are."""

# ruff: noqa: S608 - SQL is put together from this module's own constants only; every value is bound.

from __future__ import annotations

import difflib
import hashlib
import json
import re
from array import array
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, cast

import numpy as np

from core.data.additions import Additions
from core.data.edits import Edits
from core.data.findings import FindingsStore
from core.data.importers import read_utterances
from core.data.importers.source import Source
from core.data.many_objects import nothing_to_collect
from core.data.progress import Cancel, Progress, never
from core.data.rows import COLUMNS, INSERTED, row_of, utterance_of
from core.data.search import IN_USE, UtteranceQuery, conditions, order
from core.data.summary import DatasetSummary, counted_facts, facts_of, slot_types_of
from core.data.utterance import (
    SPLITS,
    Candidate,
    Ontology,
    Split,
    Utterance,
)
from core.errors import Cancelled, UserError
from core.paths import RESOURCES, AppPaths
from core.storage.database import Database, write_transaction

DEMO: Final = "demo"
DEMO_SOURCE: Final = "built in"

_FROM: Final = "FROM utterances u JOIN datasets d ON d.id = u.dataset_id"


class Library:
    """Reads and writes datasets through one connection, on the thread that opened it."""

    def __init__(self, db: Database, paths: AppPaths) -> None:
        self._db = db
        self._home = paths.home
        self.findings = FindingsStore(db, self._dataset_id)
        self.edits = Edits(db, self._dataset_id, changed=self._keep_summary)
        self.additions = Additions(db, paths.home, changed=self._keep_summary)

    # -- datasets --------------------------------------------------------------------------------------

    def names(self) -> list[str]:
        """The names of all datasets, sorted."""
        return [name for (name,) in self._db.conn.execute("SELECT name FROM datasets ORDER BY name")]

    def datasets(self) -> list[DatasetSummary]:
        """All datasets, sorted by name."""
        return [self.dataset(name) for name in self.names()]

    def dataset(self, name: str) -> DatasetSummary:
        """One dataset in numbers. Raises UserError when there is none of that name."""
        dataset_id = self._dataset_id(name)
        source, created_at, known = self._row(
            "SELECT source, created_at, summary FROM datasets WHERE id = ?", dataset_id
        )
        facts = facts_of(self._db.conn, dataset_id, known)
        return DatasetSummary(name, source, created_at, **facts, problems=self.findings.counts(name))

    def add_dataset(
        self,
        name: str,
        source: str,
        utterances: Iterable[Utterance],
        *,
        replace: bool = False,
        progress: Progress | None = None,
        cancelled: Cancel = never,
    ) -> None:
        """Store a dataset: wholly or, after an error or a cancel, not at all.

        The utterances' ids and dataset names are ignored. Raises UserError when the name is taken and
        `replace` is false, or is no usable name; Cancelled when `cancelled` says so.
        """
        refuse_bad_name(name)
        # All rows are made before the write lock is taken, so that a slow source never holds up a run
        # that wants to save its progress.
        rows = []
        with nothing_to_collect():
            for utterance in utterances:
                if cancelled():
                    raise Cancelled
                rows.append(row_of(utterance, self._home))
                if progress and len(rows) % 1000 == 0:
                    progress(len(rows), None)
        with write_transaction(self._db):
            if not replace and name in self.names():
                raise UserError(
                    f'There is already a dataset named "{name}".',
                    where=name,
                    remedy="Choose another name, delete the old dataset, or import with replace.",
                )
            self._insert(name, source, rows)
        if progress:
            progress(len(rows), len(rows))

    def holds_takes(self, name: str) -> bool:
        """Whether recording sessions have put takes into a dataset, which another import would not have."""
        return self.additions.holds_takes(self._dataset_id(name))

    def delete_dataset(self, name: str) -> None:
        """Forget a dataset; its audio files stay. Raises UserError when there is none of that name."""
        with write_transaction(self._db):
            dataset_id = self._dataset_id(name)
            source = self._row("SELECT source FROM datasets WHERE id = ?", dataset_id)[0]
            self._db.conn.execute("DELETE FROM datasets WHERE id = ?", (dataset_id,))
            if source == DEMO_SOURCE:
                self._set_meta("demo_deleted", "1")

    # -- utterances ------------------------------------------------------------------------------------

    def find(self, query: UtteranceQuery, limit: int | None = None) -> array[int]:
        """The row ids of the utterances that the query finds, in its order; `limit` of them at most.

        8 bytes each: of a million they are soon found and kept, and a page of them is read by `by_ids`.
        """
        where, values = conditions(query, self._dataset_id(query.dataset))
        # As one row: for each row that Python fetches, this thread gives way to a busy window, 8 s of a
        # million. SQLite keeps the order inside for group_concat (it drops it for count, min and max alone).
        (found,) = self._row(
            "SELECT group_concat(id) FROM (SELECT id FROM utterances"
            f" WHERE {where} ORDER BY {order(query)} LIMIT ?)",
            *values,
            -1 if limit is None else limit,
        )
        return array("q", np.fromstring(found or "", np.int64, sep=",").tobytes())

    def utterances(self, names: Sequence[str], splits: Sequence[Split] = SPLITS) -> Iterator[Utterance]:
        """All utterances in use of these datasets and splits: dataset by dataset, in the order of import."""
        for name in names:
            yield from self._read(
                f"SELECT {COLUMNS} {_FROM} WHERE u.dataset_id = ?"
                f" AND u.{IN_USE} AND u.split IN (SELECT value FROM json_each(?)) ORDER BY u.id",
                [self._dataset_id(name), json.dumps(list(splits))],
            )

    def by_ids(self, ids: Iterable[int]) -> dict[int, Utterance]:
        """The utterances with these row ids; ids of deleted utterances are absent."""
        found = self._read(
            f"SELECT {COLUMNS} {_FROM} WHERE u.id IN (SELECT value FROM json_each(?))",
            [json.dumps([int(id_) for id_ in ids])],
        )
        return {utterance.id: utterance for utterance in found}

    def candidates(self, names: Sequence[str], split: Split = "train") -> list[Candidate]:
        """What a schedule chooses from: dataset by dataset, in the order of import."""
        candidates: list[Candidate] = []
        for name in names:
            rows = self._db.conn.execute(
                "SELECT id, intent, text IS NOT NULL, audio IS NOT NULL, coalesce(duration_s, 0), speaker,"
                " language"
                f" FROM utterances WHERE dataset_id = ? AND split = ? AND {IN_USE} ORDER BY id",
                (self._dataset_id(name), split),
            )
            candidates += [
                Candidate(id_, intent, bool(text), bool(audio), duration, speaker, language, name)
                for id_, intent, text, audio, duration, speaker, language in rows
            ]
        return candidates

    def ontology(self, names: Sequence[str]) -> Ontology:
        """The labels of these datasets' training and validation splits, sorted.

        Labels that only a test split has stay out: a model cannot have learned them, and the checks
        report them.
        """
        intents: set[str] = set()
        slot_types: set[str] = set()
        for name in names:
            where, dataset_id = f"dataset_id = ? AND split <> 'test' AND {IN_USE}", self._dataset_id(name)
            rows = self._db.conn.execute(
                f"SELECT DISTINCT intent FROM utterances WHERE {where}", (dataset_id,)
            )
            intents.update(intent for (intent,) in rows)
            slot_types.update(slot_types_of(self._db.conn, where, dataset_id))
        return Ontology(tuple(sorted(intents)), tuple(sorted(slot_types)))

    def require_test(self, names: Sequence[str]) -> None:
        """Raise UserError unless one of these datasets has a test utterance to score a result on."""
        counts = [self.dataset(name).counts["test"] for name in names]
        if not any(number for count in counts for number in count.values()):
            raise UserError(
                f"{' + '.join(names)} has no test utterances to score the result on.",
                where="[data] test",
                remedy="Choose a dataset with a test split.",
            )

    # -- quarantine ------------------------------------------------------------------------------------

    def quarantine(self, name: str, keys: Iterable[str], reason: str) -> list[str]:
        """Set utterances aside: they stay in the library, but nothing learns from them and nothing is scored
        on them. Returns the keys of those that were in use before, for an undo."""
        return self._set_quarantine(name, keys, reason, was="NULL")

    def release(self, name: str, keys: Iterable[str]) -> list[str]:
        """Use quarantined utterances again. Returns the keys of those that were set aside."""
        return self._set_quarantine(name, keys, None, was="NOT NULL")

    def _set_quarantine(self, name: str, keys: Iterable[str], reason: str | None, was: str) -> list[str]:
        with write_transaction(self._db):
            dataset_id = self._dataset_id(name)
            changed = self._db.conn.execute(
                f"UPDATE utterances SET quarantined = ? WHERE dataset_id = ? AND quarantined IS {was}"
                " AND key IN (SELECT value FROM json_each(?)) RETURNING key",
                (reason, dataset_id, json.dumps(list(keys))),
            ).fetchall()
            self._keep_summary(dataset_id)
            return [key for (key,) in changed]

    # -- the built-in demo -----------------------------------------------------------------------------

    def ensure_demo(self, manifest: Path = RESOURCES / "demo" / "manifest.jsonl") -> None:
        """Have the built-in demo dataset in the library, unless the user deleted it.

        It is read again when its manifest changed or the program moved, unless somebody changed it by hand,
        or recorded takes or corrected answers into it.
        A dataset of the user's own that happens to be named "demo" is left alone.
        """
        version = hashlib.sha256(manifest.read_bytes() + str(manifest).encode()).hexdigest()
        if self._demo_is_settled(version):
            return
        utterances, _ = read_utterances("jsonl", [Source(manifest)], DEMO)
        rows = [row_of(utterance, self._home) for utterance in utterances]
        with write_transaction(self._db):
            # Asked again under the lock: a second window may have been faster.
            if not self._demo_is_settled(version):
                if DEMO in self.names() and self._was_worked_on(DEMO):
                    # What was changed by hand stays; only the recordings may have moved.
                    self._db.conn.executemany(
                        "UPDATE utterances SET audio = ? WHERE dataset_id = ? AND key = ?",
                        [(row[3], self._dataset_id(DEMO), row[0]) for row in rows if row[3] is not None],
                    )
                else:
                    self._insert(DEMO, DEMO_SOURCE, rows)
                self._set_meta("demo_version", version)

    def _was_worked_on(self, name: str) -> bool:
        added = self.holds_takes(name) or self.additions.holds_corrections(self._dataset_id(name))
        return added or bool(self.edits.since_import(name))

    def _demo_is_settled(self, version: str) -> bool:
        if self._meta("demo_deleted") or self._meta("demo_version") == version:
            return True
        found = self._db.conn.execute("SELECT source FROM datasets WHERE name = ?", (DEMO,)).fetchone()
        return found is not None and found[0] != DEMO_SOURCE

    # -- inside ----------------------------------------------------------------------------------------

    def _insert(self, name: str, source: str, rows: list[tuple[object, ...]]) -> None:
        connection = self._db.conn
        connection.execute("DELETE FROM datasets WHERE name = ?", (name,))
        now = datetime.now(UTC).isoformat(timespec="milliseconds")
        added = connection.execute(
            "INSERT INTO datasets (name, source, created_at) VALUES (?, ?, ?)", (name, source, now)
        )
        connection.executemany(
            f"INSERT INTO utterances (dataset_id, {INSERTED}) VALUES (?{', ?' * INSERTED.count(',')}, ?)",
            ((added.lastrowid, *row) for row in rows),
        )
        dataset_id = cast(int, added.lastrowid)
        connection.execute(
            "INSERT INTO utterance_words (rowid, text, key, slots, speaker)"
            " SELECT id, text, key, slots, speaker FROM utterances WHERE dataset_id = ? ORDER BY id",
            (dataset_id,),
        )
        self._keep_summary(dataset_id)

    def _keep_summary(self, dataset_id: int) -> None:
        """So that the list of datasets need not read every utterance."""
        self._db.conn.execute(
            "UPDATE datasets SET summary = ? WHERE id = ?",
            (counted_facts(self._db.conn, dataset_id), dataset_id),
        )

    def _dataset_id(self, name: str) -> int:
        row = self._db.conn.execute("SELECT id FROM datasets WHERE name = ?", (name,)).fetchone()
        if row is None:
            names = self.names()
            near = difflib.get_close_matches(name, names, n=3, cutoff=0.5) or names[:10]
            raise UserError(
                f'There is no dataset named "{name}".',
                remedy=f"Did you mean: {', '.join(near)}?" if near else "Import one first.",
            )
        return int(row[0])

    def _row(self, sql: str, *values: object) -> tuple[Any, ...]:
        row: tuple[Any, ...] = self._db.conn.execute(sql, values).fetchone()
        return row

    def _read(self, sql: str, values: Sequence[object]) -> Iterator[Utterance]:
        for row in self._db.conn.execute(sql, values):
            yield utterance_of(row, self._home)

    def _meta(self, key: str) -> str | None:
        row = self._db.conn.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()
        return None if row is None else str(row[0])

    def _set_meta(self, key: str, value: str) -> None:
        self._db.conn.execute("INSERT OR REPLACE INTO meta (key, value) VALUES (?, ?)", (key, value))


def refuse_bad_name(name: str) -> None:
    """Raise UserError when a dataset cannot be called so."""
    if not re.fullmatch(r"\w[\w .+-]{0,63}", name) or name != name.strip():
        raise UserError(
            f"{name!r} cannot be a dataset's name.",
            remedy="Use up to 64 letters, digits, spaces and . + - _ , beginning with a letter or digit.",
        )
