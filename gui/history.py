"""Keeps what is said at Try it, one thing after the other, in the database or, when nothing is to be kept, in
memory."""

from __future__ import annotations

import hashlib
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Final
from uuid import uuid4

from PySide6.QtCore import QObject, Signal, Slot

from core.audio.files import SAMPLE_RATE
from core.audio.levels import Samples
from core.errors import UserError
from core.inference.prediction import Prediction
from core.tryout.kept import HistoryQuery, KeptAnswer, KeptExchange, Line
from core.tryout.memory import MemoryHistory
from core.tryout.store import TalkSession
from gui.background import Task
from gui.comparison import Compared, Comparison
from gui.context import AppContext
from gui.conversation import Conversation
from gui.exchange import Exchange, Heard
from gui.model_choices import ModelChoice

MOST_LINES: Final = 2_000
"""That a list shows at once; a search finds the others."""

Op = Callable[[Task], object]


class History(QObject):
    """changed: something was kept, or removed."""

    changed = Signal()

    def __init__(self, context: AppContext, conversation: Conversation, comparison: Comparison) -> None:
        super().__init__(conversation)
        self._context = context
        self.session = uuid4().hex
        self.memory = MemoryHistory()
        self._heard: Heard | None = None
        self._waiting: deque[tuple[Op, Callable[[], None]]] = deque()
        self._busy = False
        conversation.hearing.connect(self._note_heard)
        conversation.unheard.connect(self._keep_unheard)
        conversation.passed_over.connect(self._keep_passed_over)
        conversation.shown.connect(self._keep)
        conversation.transcribed.connect(self._transcribe)
        comparison.answered.connect(self._keep_compared)

    @property
    def keeps_nothing(self) -> bool:
        """Whether exchanges are in memory only."""
        return self._context.settings.current.keep_nothing

    def lines(self, session: str, search: str) -> list[Line]:
        """The newest first; for a thread that may wait. What is in memory belongs to this session."""
        query = HistoryQuery(session, search)
        kept = self._context.tryouts().lines(query, MOST_LINES)
        here = self.memory.lines(query) if session == self.session else []
        return sorted([*here, *kept], key=lambda line: line.at, reverse=True)[:MOST_LINES]

    def sessions(self) -> list[TalkSession]:
        """Those kept, the newest first; for a thread that may wait."""
        return self._context.tryouts().sessions()

    def exchange(self, id_: str) -> KeptExchange | None:
        """For a thread that may wait."""
        return self.memory.exchange(id_) or self._context.tryouts().exchange(id_)

    def fetch(self, id_: str, then: Callable[[KeptExchange], None]) -> None:
        """Call `then` with an exchange once all that was said before is kept, unless it was removed."""

        def read(_task: Task) -> None:
            found.append(self.exchange(id_))

        found: list[KeptExchange | None] = []
        self._later(read, lambda: then(found[0]) if found[0] is not None else None)

    def samples(self, id_: str) -> Samples | None:
        """The sound of one that is in memory only."""
        return self.memory.samples(id_)

    def delete(self, ids: Sequence[str]) -> None:
        """Remove exchanges and their recordings for good."""

        def delete(_task: Task) -> None:
            self.memory.delete(ids)
            self._context.tryouts().delete(ids)

        self._later(delete)

    # -- keeping ---------------------------------------------------------------------------------------

    @Slot(object)
    def _note_heard(self, heard: Heard) -> None:
        self._heard = heard

    @Slot(str, str)
    def _keep_unheard(self, headline: str, reason: str) -> None:
        heard = self._heard
        if heard is not None and heard.silent == (headline, reason):
            self._put(heard, (), (headline, reason))

    @Slot(object)
    def _keep_passed_over(self, heard: Heard) -> None:
        self._put(heard, (), ("Not asked", "Something else was said at once."))

    @Slot(object)
    def _keep(self, exchange: Exchange) -> None:
        answer = _answer(
            exchange.model, exchange.prediction, (exchange.waited_s, exchange.recording_s), compared=False
        )
        self._put(exchange.heard, (answer,), None)

    @Slot(object)
    def _keep_compared(self, compared: Compared) -> None:
        if isinstance(compared.answer, UserError):
            return
        answer = _answer(compared.model, compared.answer, (None, None), compared=True)
        self._add(compared.heard.id, answer)

    @Slot(object, str)
    def _transcribe(self, exchange: Exchange, words: str) -> None:
        id_ = exchange.heard.id
        if self.memory.exchange(id_) is not None:
            self.memory.transcribe(id_, words)
            self.changed.emit()
        else:
            self._later(lambda _task: self._context.tryouts().transcribe(id_, words))

    def _put(self, heard: Heard, answers: tuple[KeptAnswer, ...], unheard: tuple[str, str] | None) -> None:
        if self.memory.exchange(heard.id) is not None:
            self._add(heard.id, *answers)
            return
        kept = KeptExchange(
            id=heard.id,
            session=self.session,
            at=heard.at,
            source=heard.source,
            text=heard.text,
            recording=heard.path,
            duration_s=None if heard.samples is None else heard.samples.size / SAMPLE_RATE,
            remark=heard.remark,
            hands_free=heard.hands_free,
            unheard=unheard,
            answers=answers,
        )
        # What counts for a take is what was chosen when it was made.
        private = heard.path is None if heard.source == "microphone" else self.keeps_nothing
        if private:
            self.memory.keep(kept, heard.samples)
            self.changed.emit()
            return

        def keep(_task: Task) -> None:
            store = self._context.tryouts()
            if store.exchange(kept.id) is not None:
                for answer in answers:
                    store.answer(kept.id, answer)
                return
            store.keep(_with_hash(kept))

        self._later(keep)

    def _add(self, id_: str, *answers: KeptAnswer) -> None:
        if self.memory.exchange(id_) is not None:
            for answer in answers:
                self.memory.answer(id_, answer)
            self.changed.emit()
            return

        def add(_task: Task) -> None:
            for answer in answers:
                self._context.tryouts().answer(id_, answer)

        self._later(add)

    def _later(self, op: Op, then: Callable[[], None] | None = None) -> None:
        """One after the other: an answer must not come before its exchange. then: else the lists are told."""
        self._waiting.append((op, then or self.changed.emit))
        self._go_on()

    def _go_on(self) -> None:
        if self._busy or not self._waiting:
            return
        self._busy = True
        op, then = self._waiting.popleft()
        task = self._context.background.run(
            op,
            success=lambda _nothing: then(),
            owner=self,
            must_finish=True,
        )
        task.finished.connect(self._has_ended)

    def _has_ended(self) -> None:
        self._busy = False
        self._go_on()


def _answer(
    model: ModelChoice,
    prediction: Prediction,
    took: tuple[float | None, float | None],
    *,
    compared: bool,
) -> KeptAnswer:
    waited_s, recording_s = took
    return KeptAnswer(
        at=time.time(),
        model_key=model.key,
        model_title=model.title,
        model=model.model,
        datasets=model.datasets,
        prediction=prediction,
        waited_s=waited_s,
        recording_s=recording_s,
        compared=compared,
    )


def _with_hash(kept: KeptExchange) -> KeptExchange:
    if kept.recording is None or not kept.recording.is_file():
        return kept
    with kept.recording.open("rb") as file:
        return replace(kept, sha256=hashlib.file_digest(file, "sha256").hexdigest())
