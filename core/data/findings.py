"""What the last check of each dataset found, kept with it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import NamedTuple

from core.data.problem import Problem
from core.storage.database import Database, write_transaction


@dataclass(frozen=True)
class Findings:
    """The last check of a dataset. when: ISO 8601, UTC. changes: made by hand since."""

    when: str
    problems: tuple[Problem, ...]
    changes: int


class Beginning(NamedTuple):
    """Of which dataset's row a check is, and since when: what is changed later is not in it."""

    dataset_id: int
    when: str


class FindingsStore:
    """Keeps findings. dataset_id: finds a dataset's row by its name, or raises UserError."""

    def __init__(self, db: Database, dataset_id: Callable[[str], int]) -> None:
        self._db = db
        self._dataset_id = dataset_id

    def begin(self, name: str) -> Beginning:
        """To be asked for before a check reads anything. Raises UserError when there is no such dataset."""
        return Beginning(self._dataset_id(name), datetime.now(UTC).isoformat(timespec="milliseconds"))

    def keep(self, began: Beginning, problems: Sequence[Problem]) -> None:
        """Put what a check found in the place of what the last one found; of a dataset that was deleted or
        replaced meanwhile nothing is kept."""
        connection, dataset_id = self._db.conn, began.dataset_id
        with write_transaction(self._db):
            if not connection.execute("SELECT 1 FROM datasets WHERE id = ?", (dataset_id,)).fetchone():
                return
            connection.execute("DELETE FROM problems WHERE dataset_id = ?", (dataset_id,))
            for problem in problems:
                added = connection.execute(
                    "INSERT INTO problems (dataset_id, severity, kind, what, place, remedy)"
                    " VALUES (?, ?, ?, ?, ?, ?)",
                    (
                        dataset_id,
                        problem.severity,
                        problem.kind,
                        problem.what,
                        problem.where,
                        problem.remedy,
                    ),
                )
                connection.execute(
                    "INSERT OR IGNORE INTO problem_utterances SELECT ?, id FROM utterances"
                    " WHERE dataset_id = ? AND key IN (SELECT value FROM json_each(?))",
                    (added.lastrowid, dataset_id, json.dumps(problem.keys)),
                )
            connection.execute("UPDATE datasets SET checked_at = ? WHERE id = ?", (began.when, dataset_id))

    def of(self, name: str) -> Findings | None:
        """The last check of a dataset; None when it was never checked since it was imported. Raises UserError
        when there is no such dataset."""
        dataset_id = self._dataset_id(name)
        execute = self._db.conn.execute
        when = execute("SELECT checked_at FROM datasets WHERE id = ?", (dataset_id,)).fetchone()[0]
        if when is None:
            return None
        changes = execute("SELECT count(*) FROM edits WHERE dataset = ? AND time >= ?", (name, when))
        keys: dict[int, list[str]] = {}
        for problem_id, key in execute(
            "SELECT problem_id, key FROM problem_utterances JOIN utterances u ON u.id = utterance_id"
            " WHERE u.dataset_id = ? ORDER BY u.id",
            (dataset_id,),
        ):
            keys.setdefault(problem_id, []).append(key)
        problems = tuple(
            Problem(severity, kind, what, place, remedy, tuple(keys.get(id_, ())))
            for id_, severity, kind, what, place, remedy in execute(
                "SELECT id, severity, kind, what, place, remedy FROM problems"
                " WHERE dataset_id = ? ORDER BY id",
                (dataset_id,),
            )
        )
        return Findings(when, problems, changes.fetchone()[0])

    def counts(self, name: str) -> tuple[int, int] | None:
        """How many errors and warnings the last check found; None as in `of`."""
        errors, warnings, when = self._db.conn.execute(
            "SELECT count(p.id) FILTER (WHERE severity = 'error'),"
            " count(p.id) FILTER (WHERE severity <> 'error'), checked_at"
            " FROM datasets d LEFT JOIN problems p ON p.dataset_id = d.id WHERE d.id = ?",
            (self._dataset_id(name),),
        ).fetchone()
        return None if when is None else (errors, warnings)

    def kinds(self, name: str) -> list[tuple[str, int]]:
        """(kind, utterances that have such a problem) of a dataset, the most frequent first."""
        return self._db.conn.execute(
            "SELECT kind, count(DISTINCT utterance_id) FROM problems"
            " JOIN problem_utterances ON problem_id = id"
            " WHERE dataset_id = ? GROUP BY kind ORDER BY 2 DESC, kind",
            (self._dataset_id(name),),
        ).fetchall()

    def of_utterances(self, ids: Iterable[int]) -> Mapping[int, list[Problem]]:
        """The problems of each of these utterances that has any; `keys` are left out."""
        found: dict[int, list[Problem]] = {}
        for utterance_id, severity, kind, what, place, remedy in self._db.conn.execute(
            "SELECT utterance_id, severity, kind, what, place, remedy FROM problem_utterances"
            " JOIN problems ON id = problem_id WHERE utterance_id IN (SELECT value FROM json_each(?))"
            " ORDER BY problem_id",
            (json.dumps(list(ids)),),
        ):
            found.setdefault(utterance_id, []).append(Problem(severity, kind, what, place, remedy))
        return found
