"""The worker's side of a run: `core.training.reporter.Reporter` written to the database."""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import TracebackType

from core.data.utterance import Label
from core.evaluation.results import EvaluationResult
from core.runs import lifecycle
from core.runs.run import RunOutcome, RunState
from core.runs.store import SYNTHETIC_SHARE, RunStore
from core.storage.database import write_transaction
from core.training.reporter import StepMetrics

WRITE_EVERY_S = 0.5
"""Viewers look a few times a second; writing more often only costs disk flushes."""

_INSERT_STEP = (
    "INSERT OR REPLACE INTO steps (run_id, global_step, stage, epoch, loss, loss_text, loss_speech,"
    " learning_rate, utterances_per_s, memory_mb, time) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
)

_INSERT_ANSWER = (
    "INSERT INTO predictions (evaluation_id, utterance_id, key, text, gold_intent, gold_slots,"
    " predicted_intent, predicted_slots, raw, confidence, correct) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
)


class RunReporter:
    """Writes what the recipe tells, at most every WRITE_EVERY_S seconds, and reads the stop request.

    Making one claims the run for this process. As a context manager it writes what is left at the end,
    unless an error ends it. The worker ends with exactly one `finish`. All methods raise UserError when the
    database cannot be written, and TakenOver, having written nothing, when the run is another process's.
    """

    def __init__(self, store: RunStore, run_id: str) -> None:
        self._hold = lifecycle.claim(store.db, run_id)
        self._db = store.db
        self._run_id = run_id
        self._pending: list[StepMetrics] = []
        self._global_step = store.get(run_id).global_step
        self._stage = ""
        self._activity = ""
        self._last_write = 0.0
        self._signalled = False
        self._stop_requested = False

    def __enter__(self) -> RunReporter:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        # After an error this could only fail as well, and its own error would hide the first one.
        if error is None:
            self.flush()

    def plan(self, total_steps: int) -> None:
        """Tell how many optimizer steps the whole run has."""
        with self._writing() as connection:
            connection.execute("UPDATE runs SET total_steps = ? WHERE id = ?", (total_steps, self._run_id))

    def stage(self, index: int, name: str) -> None:  # noqa: ARG002 - the steps hold the index
        """A curriculum stage begins (or, after a resume, goes on)."""
        self._stage = name
        self.flush()

    def activity(self, text: str) -> None:
        """What the run is busy with now, in a few words."""
        self._activity = text
        self.flush()

    def step(self, metrics: StepMetrics) -> None:
        """An optimizer step was taken; written at once or with one of the next."""
        self._pending.append(metrics)
        self._global_step = metrics.global_step
        self.heartbeat()

    def evaluation(self, result: EvaluationResult, *, stage: int, global_step: int, final: bool) -> None:
        """Store scores and answers, together with the steps before them; the same evaluation at the same step
        replaces the earlier one."""
        given = (result.dataset, result.split, result.input)
        with self._writing() as connection:
            connection.execute(
                "DELETE FROM evaluations WHERE run_id = ? AND global_step = ? AND dataset = ? AND split = ?"
                " AND input = ? AND final = ?",
                (self._run_id, global_step, *given, final),
            )
            evaluation_id = connection.execute(
                "INSERT INTO evaluations (run_id, global_step, stage, dataset, split, input, n, final, time)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (self._run_id, global_step, stage, *given, result.n, final, time.time()),
            ).lastrowid
            connection.executemany(
                "INSERT INTO scores (evaluation_id, metric, value, low, high) VALUES (?, ?, ?, ?, ?)",
                [
                    (evaluation_id, metric, interval.value, interval.low, interval.high)
                    for metric, interval in result.scores.items()
                ],
            )
            if result.synthetic:
                connection.execute(
                    "INSERT INTO scores (evaluation_id, metric, value) VALUES (?, ?, ?)",
                    (evaluation_id, SYNTHETIC_SHARE, result.synthetic / result.n),
                )
            connection.executemany(
                _INSERT_ANSWER,
                [
                    (
                        evaluation_id,
                        answer.utterance_id,
                        answer.key,
                        answer.text,
                        answer.gold.intent,
                        _slots_json(answer.gold),
                        answer.predicted and answer.predicted.intent,
                        answer.predicted and _slots_json(answer.predicted),
                        answer.raw,
                        answer.confidence,
                        answer.correct,
                    )
                    for answer in result.predictions
                ],
            )

    def warning(self, about: str, words: str) -> None:
        """Something is doubtful though the run goes on; no words take back what was said about it."""
        with self._writing() as connection:
            # Patching with a null removes the key.
            connection.execute(
                "UPDATE runs SET warnings = json_patch(warnings, json_object(?, ?)) WHERE id = ?",
                (about, words or None, self._run_id),
            )

    def rewind(self, global_step: int) -> None:
        """Forget every step and evaluation after `global_step`: a resumed run does them again."""
        self._pending = [metrics for metrics in self._pending if metrics.global_step <= global_step]
        self._global_step = global_step
        with self._writing() as connection:
            for table in ("steps", "evaluations"):
                connection.execute(
                    f"DELETE FROM {table} WHERE run_id = ? AND global_step > ?",  # noqa: S608
                    (self._run_id, global_step),
                )

    def heartbeat(self) -> None:
        """The process is alive; written at most every WRITE_EVERY_S seconds."""
        if time.monotonic() - self._last_write >= WRITE_EVERY_S:
            self.flush()

    def flush(self) -> None:
        """Everything told so far is durable when this returns."""
        with self._writing():
            pass

    def ask_to_stop(self) -> None:
        """Stop at the next opportunity, as if requested; safe to call from a signal handler."""
        self._signalled = True

    def should_stop(self) -> bool:
        """Whether the user asked this run to stop; looks at the database every WRITE_EVERY_S seconds."""
        self.heartbeat()
        return self._signalled or self._stop_requested

    def finish(self, state: RunState, outcome: RunOutcome | None = None) -> None:
        """Write what is left and how the run ended: "completed", "stopped" or "failed"."""
        with self._writing():
            lifecycle.finish(self._db, self._hold, state, outcome)

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        """A transaction that first writes the steps told so far and a sign of life. All of it is void when
        the run is another process's by now."""
        with write_transaction(self._db) as db:
            lifecycle.require_hold(db, self._hold)
            db.conn.executemany(
                _INSERT_STEP,
                [
                    (
                        self._run_id,
                        metrics.global_step,
                        metrics.stage,
                        metrics.epoch,
                        metrics.loss,
                        metrics.loss_text,
                        metrics.loss_speech,
                        metrics.learning_rate,
                        metrics.utterances_per_s,
                        metrics.memory_mb,
                        metrics.time,
                    )
                    for metrics in self._pending
                ],
            )
            ((request,),) = db.conn.execute(
                "UPDATE runs SET heartbeat = ?, global_step = ?, stage = ?, activity = ? WHERE id = ?"
                " RETURNING request",
                (time.time(), self._global_step, self._stage, self._activity, self._run_id),
            ).fetchall()
            yield db.conn
        self._pending.clear()
        self._stop_requested = request is not None
        self._last_write = time.monotonic()


def _slots_json(label: Label) -> str:
    return json.dumps([[slot.type, slot.filler] for slot in label.slots], ensure_ascii=False)
