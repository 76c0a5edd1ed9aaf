"""A batch on its way through a model, off the window's thread; what came of it stays until the next one."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from itertools import count

from PySide6.QtCore import QObject, Signal, Slot

from core.data.progress import Cancel
from core.errors import UserError
from core.evaluation.batch.answers import BatchAnswer, answers
from core.evaluation.batch.items import Batch, BatchItem
from core.evaluation.batch.scores import score_answers
from core.inference.client import LoadedModel
from gui.background import Task
from gui.context import AppContext
from gui.error_reporting import worded

Choose = Callable[[Cancel], Batch]
"""Looks for what is to be asked; runs off the window's thread."""


@dataclass(frozen=True)
class Progress:
    """done, total: items. right, scored: of those with a label. seconds_left: None while unknown."""

    done: int
    total: int
    right: int
    scored: int
    seconds_left: float | None


class BatchRun(QObject):
    """One batch at a time. Single questions to the model are answered between its chunks."""

    listed = Signal(object)
    """a `Batch`: what will be asked"""
    answered = Signal(object)
    """{index of the item: its `BatchAnswer`}, in no particular order"""
    ended = Signal()
    """it is through, was stopped, or failed"""
    scored = Signal(object)
    """the `BatchScores` of what was answered, None without labels; follows `ended` if anything was listed"""
    failed = Signal(object)
    """a `UserError` for which it ended early; follows `ended`"""

    _listing = Signal(int, object)
    _coming = Signal(int, object)

    def __init__(self, context: AppContext, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self._task: Task | None = None
        self._numbers = count(1)
        self._number = 0
        self._listed = False
        self._began_at = 0.0
        self._work = self._work_done = 0.0
        self._right = self._scored = 0
        self.batch: Batch | None = None
        self.found: dict[int, BatchAnswer] = {}
        self.title = self._next_title = ""
        """who was asked, in words"""
        self._listing.connect(self._take_batch)
        self._coming.connect(self._take_answers)

    @property
    def running(self) -> bool:
        """Whether it is under way."""
        return self._task is not None

    @property
    def in_order(self) -> list[BatchAnswer]:
        """All answers so far, in the batch's order."""
        return [self.found[index] for index in sorted(self.found)]

    def start(self, choose: Choose, model: LoadedModel, title: str) -> None:
        """Ask `model` about all that `choose` finds; what an earlier batch brought is forgotten once that is
        known. title: the model's name."""
        self.stop()
        self._listed, self._next_title = False, title
        number = self._number = next(self._numbers)
        inference = self._context.inference

        def work(task: Task) -> None:
            batch = choose(task.is_cancelled)
            self._listing.emit(number, batch)
            asked = answers(
                batch.items,
                lambda items: inference.predict_batch(items, of=model),
                cancelled=task.is_cancelled,
            )
            for some in asked:
                self._coming.emit(number, some)

        self._task = self._context.background.run(
            work,
            success=lambda _nothing: self._finish(number, None),
            failure=lambda error: self._finish(number, worded(error)),
            owner=self,
        )

    def stop(self) -> None:
        """Ask nothing more; what was answered stays. Harmless when nothing is under way."""
        if self._task is not None:
            self._task.cancel()
            self._finish(self._number, None)

    def progress(self) -> Progress | None:
        """How far it is; None before it is known what is to be asked."""
        if self.batch is None or (self.running and not self._listed):
            return None
        left = None
        if self._work_done:
            took = time.monotonic() - self._began_at
            left = took * (self._work - self._work_done) / self._work_done
        return Progress(len(self.found), len(self.batch.items), self._right, self._scored, left)

    @Slot(int, object)
    def _take_batch(self, number: int, batch: Batch) -> None:
        if number == self._number and self.running:
            self.batch, self.found, self.title = batch, {}, self._next_title
            self._listed = True
            self._right = self._scored = 0
            self._began_at, self._work_done = time.monotonic(), 0.0
            self._work = sum(_work_of(item) for item in batch.items)
            self.listed.emit(batch)

    @Slot(int, object)
    def _take_answers(self, number: int, some: dict[int, BatchAnswer]) -> None:
        if number != self._number or not self.running:
            return  # it was stopped meanwhile
        self.found.update(some)
        for answer in some.values():
            self._work_done += _work_of(answer.item)
            self._right += answer.correct is True
            self._scored += answer.correct is not None
        self.answered.emit(some)

    def _finish(self, number: int, error: UserError | None) -> None:
        if number != self._number or not self.running:
            return
        self._task = None
        self.ended.emit()
        if error is not None:
            self.failed.emit(error)
        if not self._listed:
            return
        found = self.in_order
        self._context.background.run(
            lambda _task: score_answers(found),
            success=lambda scores: self.scored.emit(scores) if number == self._number else None,
            owner=self,
        )


def _work_of(item: BatchItem) -> float:
    """How long an item takes against the others: a fixed part, and one that grows with it."""
    return 1.0 + (item.duration_s or 0.0 if item.audio is not None else len(item.text or "") / 15)
