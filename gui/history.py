"""Keeps what is said at Try it, one thing after the other, in the database or, when nothing is to be kept, in
memory."""

from __future__ import annotations

import hashlib
import threading
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
from core.tryout.kept import Correction, HistoryQuery, KeptAnswer, KeptExchange, Line
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
    """Whatever is heard is kept at once, its answers as they come: nothing is on the disk of which the list
    does not know."""

    changed = Signal(str)
    """the id of an exchange that is new or tells more; empty when any may have changed or gone"""

    def __init__(self, context: AppContext, conversation: Conversation, comparison: Comparison) -> None:
        super().__init__(conversation)
        self._context = context
        self.session = uuid4().hex
        self.memory = MemoryHistory()
        self._waiting: deque[tuple[Op, Callable[[], None]]] = deque()
        self._turn = threading.Lock()
        conversation.hearing.connect(self._keep_heard)
        conversation.passed_over.connect(self._keep_passed_over)
        conversation.shown.connect(self._keep_answer)
        conversation.transcribed.connect(self._transcribe)
        comparison.answered.connect(self._keep_compared)

    @property
    def keeps_nothing(self) -> bool:
        """Whether exchanges are in memory only."""
        return self._context.settings.current.keep_nothing

    # -- for a thread that may wait --------------------------------------------------------------------

    def lines(self, session: str | None, search: str, only: str | None = None) -> list[Line]:
        """The newest first, MOST_LINES at most. session: None for all; what is in memory is of this one.
        only: none but that of this id."""
        query = HistoryQuery(session, search)
        kept = self._context.tryouts().lines(query, MOST_LINES, only)
        here = self.memory.lines(query, only)
        return sorted([*here, *kept], key=lambda line: line.at, reverse=True)[:MOST_LINES]

    def sessions(self) -> list[TalkSession]:
        """Those kept, the newest first."""
        return self._context.tryouts().sessions()

    def exchange(self, id_: str) -> KeptExchange | None:
        """None when it was removed."""
        return self.memory.exchange(id_) or self._context.tryouts().exchange(id_)

    # -- for the window --------------------------------------------------------------------------------

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
        self.memory.delete(ids)
        self._later(lambda _task: self._context.tryouts().delete(ids), lambda: self.changed.emit(""))

    def delete_session(self, session: str) -> None:
        """Remove all of a session and its recordings for good, what is only in memory, too."""
        self.memory.delete([line.id for line in self.memory.lines(HistoryQuery(session))])
        self._later(
            lambda _task: self._context.tryouts().delete_session(session), lambda: self.changed.emit("")
        )

    @Slot(str, object)
    def note_correction(self, id_: str, correction: Correction | None) -> None:
        """It was saved as an utterance, or is one no more; the database knows."""
        self.memory.set_correction(id_, correction)
        self.changed.emit(id_)

    # -- keeping ---------------------------------------------------------------------------------------

    @Slot(object)
    def _keep_heard(self, heard: Heard) -> None:
        self._put(heard, heard.silent)

    @Slot(object)
    def _keep_passed_over(self, heard: Heard) -> None:
        # One that was heard before is here already, and has no answer.
        self._put(heard, ("Not asked", "Something else was said at once."))

    @Slot(object)
    def _keep_answer(self, exchange: Exchange) -> None:
        took = exchange.waited_s, exchange.recording_s
        self._add(exchange.heard.id, _answer(exchange.model, exchange.prediction, took, compared=False))

    @Slot(object)
    def _keep_compared(self, compared: Compared) -> None:
        if not isinstance(compared.answer, UserError):
            answer = _answer(compared.model, compared.answer, (None, None), compared=True)
            self._add(compared.heard.id, answer)

    @Slot(object, str)
    def _transcribe(self, exchange: Exchange, words: str) -> None:
        id_ = exchange.heard.id
        self.memory.transcribe(id_, words)
        self._tell_later(id_, lambda _task: self._context.tryouts().transcribe(id_, words))

    def _add(self, id_: str, answer: KeptAnswer) -> None:
        self.memory.answer(id_, answer)
        self._tell_later(id_, lambda _task: self._context.tryouts().answer(id_, answer))

    def _put(self, heard: Heard, unheard: tuple[str, str] | None) -> None:
        kept = KeptExchange(
            id=heard.id,
            session=self.session,
            at=heard.at,
            source=heard.source,
            text=heard.text,
            recording=None if heard.path is None else heard.path.absolute(),
            duration_s=None if heard.samples is None else heard.samples.size / SAMPLE_RATE,
            remark=heard.remark,
            hands_free=heard.hands_free,
            unheard=unheard,
        )
        # What counts for a take is what was chosen when it was made.
        private = heard.path is None if heard.source == "microphone" else self.keeps_nothing
        if private:
            if self.memory.exchange(kept.id) is None:
                self.memory.keep(kept, heard.samples)
            self.changed.emit(kept.id)
        else:
            self._tell_later(kept.id, lambda _task: self._context.tryouts().keep(_with_hash(kept)))

    def _tell_later(self, id_: str, op: Op) -> None:
        if self.memory.exchange(id_) is None:
            self._later(op, lambda: self.changed.emit(id_))
        else:
            self.changed.emit(id_)

    def _later(self, op: Op, then: Callable[[], None]) -> None:
        """Each when all before are done, whatever thread it meets: an answer must not come before its
        exchange. They are all under way at once, so that closing the window loses none."""
        self._waiting.append((op, then))
        self._context.background.run(self._do_next, success=lambda then: then(), owner=self, must_finish=True)

    def _do_next(self, task: Task) -> Callable[[], None]:
        with self._turn:
            op, then = self._waiting.popleft()
            op(task)
        return then


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
