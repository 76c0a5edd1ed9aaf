"""Follows the runs in the database while a page shows them; all reading happens off the UI thread."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from PySide6.QtCore import QObject, QTimer, Signal

from core.errors import UserError
from core.experiment.spec import parse_experiment
from core.runs.pace import seconds_of_breaks
from core.runs.run import Run, RunEvaluation, ShownPrediction, StepSeries
from core.runs.store import RunStore
from gui.background import Task
from gui.context import AppContext
from gui.item_models.runs import RunRow

LIVE_MS = 500
IDLE_MS = 2000
AFTER_ERROR_MS = 5000


_Ended = tuple[str, float | None]
"""A run and when it ended: it may be resumed and end again."""


@dataclass(frozen=True)
class RunDetails:
    """All that the page shows about one run. steps: the whole curve so far."""

    run: Run
    stages: tuple[str, ...]
    steps: StepSeries
    evaluations: tuple[RunEvaluation, ...]
    predictions: tuple[ShownPrediction, ...]


@dataclass(frozen=True)
class Snapshot:
    """The runs, newest first, and the watched one's details (None when it is gone or none is watched).

    `scores` remembers the final scores of ended runs, and `breaks` the time that resumed ones stood still, so
    that they are read once.
    """

    rows: tuple[RunRow, ...] = ()
    details: RunDetails | None = None
    scores: Mapping[_Ended, RunEvaluation | None] | None = None
    breaks: Mapping[_Ended, float] = field(default_factory=dict)


class RunWatcher(QObject):
    """Emits a `Snapshot` about twice a second while something trains, more rarely otherwise."""

    changed = Signal(object)

    def __init__(self, context: AppContext, parent: QObject) -> None:
        super().__init__(parent)
        self._context = context
        self._watched: str | None = None
        self._last = Snapshot()
        self._active = False
        self._task: Task | None = None
        self._told = ""
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._look)

    def start(self) -> None:
        """Look now and keep looking."""
        self._active = True
        self._look()

    def stop(self) -> None:
        """Stop looking; the page is hidden."""
        self._active = False
        self._timer.stop()
        self._drop_task()

    def watch(self, run_id: str | None) -> None:
        """Follow this run's details from now on."""
        if run_id != self._watched:
            self._watched = run_id
            self.look_now()

    def look_now(self) -> None:
        """Something was done to a run: do not wait for the next turn."""
        if self._active:
            self._drop_task()
            self._look()

    def _look(self) -> None:
        self._timer.stop()
        watched, last = self._watched, self._last
        self._task = self._context.background.run(
            lambda _: read_snapshot(self._context, watched, last),
            success=self._seen,
            failure=self._failed,
            owner=self,
        )

    def _seen(self, snapshot: Snapshot) -> None:
        self._task, self._last, self._told = None, snapshot, ""
        live = any(row.run.is_live for row in snapshot.rows)
        if self._active:
            self._timer.start(LIVE_MS if live else IDLE_MS)
            self.changed.emit(snapshot)

    def _failed(self, error: Exception) -> None:
        self._task = None
        # The same trouble twice a second would bury everything else in the error bar.
        if str(error) != self._told:
            self._told = str(error)
            self._context.errors.report(error)
        if self._active:
            self._timer.start(AFTER_ERROR_MS)

    def _drop_task(self) -> None:
        if self._task is not None:
            self._task.cancel()
            self._task = None


def read_snapshot(context: AppContext, watched: str | None, last: Snapshot) -> Snapshot:
    """Read what is new since `last`. Called on a background thread."""
    store = context.run_store()
    was_live = {row.run.id for row in last.rows if row.run.is_live}
    runs = store.list()
    for run in runs:
        if run.is_live or run.id in was_live:
            # A worker that died silently is found and worded here, one that ended is collected.
            context.supervisor.poll(run.id)
    runs = store.list()
    scores = dict(last.scores or {})
    # Nothing chosen yet: the newest will be, so that the page's first picture is whole.
    watched_run = next((run for run in runs if run.id == watched), runs[0] if runs and not watched else None)
    details = None if watched_run is None else _read_details(store, watched_run, last.details)
    breaks = dict(last.breaks)
    rows = tuple(
        _row(run, _final_speech(store, run, scores), _break_seconds(store, run, details, breaks))
        for run in runs
    )
    return Snapshot(rows, details, scores, breaks)


def _row(run: Run, speech: RunEvaluation | None, break_s: float) -> RunRow:
    if speech is None:
        return RunRow(run, None, break_s)
    return RunRow(run, speech.scores.get("exact_match"), break_s, bool(speech.synthetic))


def _final_speech(
    store: RunStore, run: Run, scores: dict[_Ended, RunEvaluation | None]
) -> RunEvaluation | None:
    if run.is_live:
        return None
    key = (run.id, run.ended_at)
    if key not in scores:
        finals = [each for each in store.final_evaluations(run.id) if each.input == "speech"]
        scores[key] = finals[-1] if finals else None
    return scores[key]


def _break_seconds(
    store: RunStore, run: Run, details: RunDetails | None, breaks: dict[_Ended, float]
) -> float:
    key = (run.id, run.ended_at)
    if details is not None and details.run.id == run.id:
        breaks[key] = seconds_of_breaks(details.steps, details.evaluations)
    elif key not in breaks and not run.is_live:
        breaks[key] = seconds_of_breaks(store.steps(run.id), store.evaluations(run.id))
    # One that goes on unwatched is not read step by step for this.
    return breaks.get(key, 0.0)


def _read_details(store: RunStore, run: Run, known: RunDetails | None) -> RunDetails:
    if known is not None and known.run == run:
        return known
    if known is not None and known.run.id != run.id:
        known = None
    return RunDetails(
        run=run,
        stages=known.stages if known else _stage_names(run),
        steps=_continue_steps(store, run.id, known.steps if known else None),
        evaluations=tuple(store.evaluations(run.id)),
        predictions=tuple(store.last_predictions(run.id)),
    )


def _continue_steps(store: RunStore, run_id: str, known: StepSeries | None) -> StepSeries:
    """`known` with what came after it; everything anew when a resumed run rewrote what was known."""
    if known is None or not len(known.global_step):
        return store.steps(run_id)
    fresh = store.steps(run_id, int(known.global_step[-1]) - 1)
    if not len(fresh.global_step) or fresh.time[0] != known.time[-1]:
        return store.steps(run_id)
    return StepSeries(*(np.concatenate([old[:-1], new]) for old, new in zip(known, fresh, strict=True)))


def _stage_names(run: Run) -> tuple[str, ...]:
    try:
        spec = parse_experiment(run.experiment, run.id)
    except UserError:
        # Written by another version of Spoonful: the plots can do without the names.
        return ()
    return tuple(stage.name for stage in spec.stage)
