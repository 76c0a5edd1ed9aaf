"""Runs in the database and their folders: making, reading and deleting them.

How a run's state changes is in `core.runs.lifecycle`; what its worker writes, in `core.runs.reporter`.
"""

from __future__ import annotations

import difflib
import json
import secrets
import shutil
import sqlite3
import time
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np

from core.data.utterance import Label, Slot
from core.errors import UserError
from core.evaluation.results import EvaluationInput, Interval
from core.experiment.spec import ExperimentSpec, Method, dump_experiment
from core.paths import AppPaths
from core.runs.run import Run, RunEvaluation, RunOutcome, ShownPrediction, StepSeries
from core.storage.database import Database, database_path, worded_database_errors, write_transaction
from core.storage.files import worded_disk_errors, write_text_atomically

EXPERIMENT_FILE = "experiment.toml"
LOG_FILE = "log.txt"
TRASH_PREFIX = ".deleted-"
SYNTHETIC_SHARE = "synthetic_share"
"""The row of the table `scores` that is no score: the share of the n recordings that an engine spoke."""

_START_ONE = "Start one: spoonful train EXPERIMENT.toml"


class RunStore:
    """Runs, their metrics and their answers. Like its connection it belongs to one thread."""

    def __init__(self, db: Database, paths: AppPaths) -> None:
        self.db = db
        self.paths = paths

    def create(self, spec: ExperimentSpec) -> str:
        """A new run of `spec`, not yet launched: its folder, experiment.toml and row. Returns its id.

        Ids sort by time: 20261123-101500-a1b2. Raises UserError when the disk or the database refuses.
        """
        now = time.time()
        run_id = f"{datetime.fromtimestamp(now).astimezone():%Y%m%d-%H%M%S}-{secrets.token_hex(2)}"
        folder = self.paths.run(run_id)
        experiment, share = dump_experiment(spec), spec.speech_share_used
        with worded_disk_errors(folder):
            folder.mkdir(parents=True)
        try:
            write_text_atomically(folder / EXPERIMENT_FILE, experiment)
            with write_transaction(self.db):
                self.db.conn.execute(
                    "INSERT INTO runs (id, name, scheme, base_model, speech_share, experiment, created_at,"
                    " state) VALUES (?, ?, ?, ?, ?, ?, ?, 'starting')",
                    (run_id, spec.name, spec.scheme, spec.base_model, share, experiment, now),
                )
        except BaseException:
            shutil.rmtree(folder, ignore_errors=True)
            raise
        return run_id

    def list(self) -> Sequence[Run]:
        """All runs, newest first."""
        return [_run(row) for row in self._rows("SELECT * FROM runs ORDER BY created_at DESC, id DESC")]

    def get(self, run_id: str) -> Run:
        """Raises UserError naming the nearest ids when there is no such run."""
        for row in self._rows("SELECT * FROM runs WHERE id = ?", run_id):
            return _run(row)
        raise self._unknown(run_id)

    def find(self, wanted: str) -> Run:
        """The run with this id, or the only one whose id starts or ends with `wanted` ("a1b2"), or the newest
        one for "latest". Raises UserError when there is none, or several."""
        if wanted == "latest":
            for row in self._rows("SELECT * FROM runs ORDER BY created_at DESC, id DESC LIMIT 1"):
                return _run(row)
            raise UserError("There is no run yet.", remedy=_START_ONE)
        ids = [row["id"] for row in self._rows("SELECT id FROM runs ORDER BY id")]
        matches = [run_id for run_id in ids if run_id.startswith(wanted) or run_id.endswith(wanted)]
        if wanted in ids or not wanted or not matches:
            return self.get(wanted)
        if len(matches) > 1:
            raise UserError(
                f"Several runs are called '{wanted}': {', '.join(matches[-5:])}.",
                remedy="Give more of the id.",
            )
        return self.get(matches[0])

    def _unknown(self, run_id: str) -> UserError:
        ids = [row["id"] for row in self._rows("SELECT id FROM runs ORDER BY created_at DESC")]
        near = difflib.get_close_matches(run_id, ids, n=3, cutoff=0.5) or ids[:3]
        return UserError(
            f"There is no run '{run_id}'.",
            where=str(self.paths.runs),
            remedy=f"The nearest: {', '.join(near)}." if near else _START_ONE,
        )

    def steps(self, run_id: str, after_step: int = -1) -> StepSeries:
        """The run's training curve after `after_step`; empty arrays when there is nothing new."""
        columns = ", ".join(StepSeries._fields)
        rows = self._execute(
            f"SELECT {columns} FROM steps WHERE run_id = ? AND global_step > ? ORDER BY global_step",  # noqa: S608
            run_id,
            after_step,
        ).fetchall()
        table = np.array(rows, dtype=np.float64).reshape(len(rows), len(StepSeries._fields))
        global_step, stage, *measured = table.T
        return StepSeries(global_step.astype(np.int64), stage.astype(np.int64), *measured)

    def evaluations(self, run_id: str) -> Sequence[RunEvaluation]:
        """Every evaluation of the run, in the order they were taken."""
        scores: dict[int, dict[str, Interval]] = {}
        for row in self._rows(
            "SELECT scores.* FROM scores JOIN evaluations ON evaluations.id = evaluation_id WHERE run_id = ?",
            run_id,
        ):
            interval = Interval(row["value"], row["low"], row["high"])
            scores.setdefault(row["evaluation_id"], {})[row["metric"]] = interval
        return [
            _evaluation(row, scores.get(row["id"], {}))
            for row in self._rows(
                "SELECT * FROM evaluations WHERE run_id = ? ORDER BY global_step, id", run_id
            )
        ]

    def final_evaluations(self, run_id: str) -> Sequence[RunEvaluation]:
        """The scores on test data after the last stage."""
        return [evaluation for evaluation in self.evaluations(run_id) if evaluation.final]

    def last_predictions(self, run_id: str, limit: int = 5) -> Sequence[ShownPrediction]:
        """Answers of the newest evaluation on true speech (or on text, if there is none on speech).

        The same utterances evaluation after evaluation, scattered over the split, so that one sees them
        change. They are told as they were then; the library may hold them no more, or others. Answers of
        an early Spoonful that noted no utterance are left out.
        """
        rows = self._rows(
            """
            SELECT utterance_id, key, text, input, gold_intent, gold_slots, predicted_intent,
                   predicted_slots, raw, confidence, correct
            FROM predictions
            JOIN evaluations ON evaluations.id = evaluation_id
            WHERE key IS NOT NULL AND evaluation_id = (
                SELECT id FROM evaluations WHERE run_id = ? AND input IN ('speech', 'text')
                ORDER BY global_step DESC, input = 'speech' DESC, id DESC LIMIT 1)
            ORDER BY (utterance_id * 2654435761) % 4294967296
            LIMIT ?
            """,
            run_id,
            limit,
        )
        return [_shown(row) for row in rows]

    def final_answers(self, run_id: str, given: EvaluationInput) -> Sequence[ShownPrediction]:
        """All answers to the test data given that way, in the order of the utterances' keys."""
        rows = self._rows(
            """
            SELECT predictions.*, input
            FROM predictions
            JOIN evaluations ON evaluations.id = evaluation_id
            WHERE key IS NOT NULL AND run_id = ? AND input = ? AND final
            ORDER BY key
            """,
            run_id,
            given,
        )
        return [_shown(row) for row in rows]

    def throughput(self, base_model: str, method: Method) -> float | None:
        """Training examples per second, the median over the newest 500 steps with this base model and method
        on this machine; None when it was never trained so."""
        rates = self._execute(
            "SELECT utterances_per_s FROM steps JOIN runs ON runs.id = run_id WHERE base_model = ?"
            " AND (instr(experiment, char(10) || 'method = \"full\"') > 0) = ?"
            " ORDER BY time DESC LIMIT 500",
            base_model,
            method == "full",
        ).fetchall()
        return float(np.median(rates)) if rates else None

    def delete(self, run_id: str) -> None:
        """Delete the run's rows and folder. Raises UserError for a run that is live or does not exist.

        The folder is set aside first and removed last: whatever interrupts this, the run is either whole
        or gone, and `sweep` removes what is left of it.
        """
        folder, trash = self.paths.run(run_id), self.paths.runs / f"{TRASH_PREFIX}{run_id}"
        with write_transaction(self.db):
            run = self.get(run_id)
            if run.is_live:
                raise UserError(
                    "This run is still going; it cannot be deleted.",
                    where=run_id,
                    remedy=f"Stop it first: spoonful runs stop {run_id}",
                )
            self.db.conn.execute("DELETE FROM runs WHERE id = ?", (run_id,))
            if folder.exists():
                with worded_disk_errors(folder):
                    folder.rename(trash)
        self.sweep()

    def sweep(self) -> None:
        """Remove the folders of deleted runs. A folder whose deletion was interrupted before its rows were
        gone is put back."""
        deleted: list[Path] = []
        with write_transaction(self.db):
            for trash in self.paths.runs.glob(f"{TRASH_PREFIX}*"):
                run_id = trash.name.removeprefix(TRASH_PREFIX)
                if self._execute("SELECT 1 FROM runs WHERE id = ?", run_id).fetchone():
                    trash.rename(self.paths.run(run_id))
                else:
                    deleted.append(trash)
        for trash in deleted:
            shutil.rmtree(trash, ignore_errors=True)

    def _execute(self, sql: str, *parameters: object) -> sqlite3.Cursor:
        with worded_database_errors(database_path(self.db)):
            return self.db.conn.execute(sql, parameters)

    def _rows(self, sql: str, *parameters: object) -> Iterator[dict[str, Any]]:
        cursor = self._execute(sql, *parameters)
        names = [column[0] for column in cursor.description]
        return (dict(zip(names, row, strict=True)) for row in cursor.fetchall())


def _run(row: dict[str, Any]) -> Run:
    outcome = row["outcome"]
    return Run(
        **{
            **row,
            "outcome": None if outcome is None else RunOutcome(**json.loads(outcome)),
            "warnings": tuple(json.loads(row["warnings"]).values()),
        }
    )


def _evaluation(row: dict[str, Any], scores: dict[str, Interval]) -> RunEvaluation:
    share = scores.pop(SYNTHETIC_SHARE, None)
    synthetic = 0 if share is None else round(share.value * row["n"])
    return RunEvaluation(**{**row, "final": bool(row["final"])}, scores=scores, synthetic=synthetic)


def _shown(row: dict[str, Any]) -> ShownPrediction:
    predicted = row["predicted_intent"]
    return ShownPrediction(
        utterance_id=row["utterance_id"],
        key=row["key"],
        text=row["text"],
        input=row["input"],
        gold=_label(row["gold_intent"], row["gold_slots"]),
        predicted=None if predicted is None else _label(predicted, row["predicted_slots"]),
        raw=row["raw"],
        confidence=row["confidence"],
        correct=bool(row["correct"]),
    )


def _label(intent: str, slots: str) -> Label:
    return Label(intent, tuple(Slot(slot_type, filler) for slot_type, filler in json.loads(slots)))
