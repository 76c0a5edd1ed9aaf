"""What is said at the page Try it and what the chosen model answers; the page and the audience's view show
it."""

from __future__ import annotations

import time
from collections import deque
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from core.audio.files import read_audio
from core.audio.spoken import why_silent
from core.errors import UserError
from core.inference.prediction import Prediction
from gui.background import Task
from gui.context import AppContext
from gui.error_reporting import worded
from gui.exchange import Exchange, Heard
from gui.model_choices import ModelChoice
from gui.talk import Talk
from gui.widgets.microphone_bar import MicrophoneBar
from gui.widgets.model_bar import ModelBar

NEVER_SHOWN_MS = 2_000
WAITING = "Waiting for the model\N{HORIZONTAL ELLIPSIS}"


class Conversation(QObject):
    """Nothing here waits: microphone, model and files are all talked to in the background.

    Of what a hand began, a file or a text, only the newest is answered: what is still on its way for an older
    one is dropped. What is said hands-free is answered in its order. Another model is asked about the newest
    at once, so that models can be compared on one voice.
    """

    waiting = Signal(str)
    """an answer is on its way; what happens meanwhile, in words"""
    hearing = Signal(object)
    """a `Heard`: what the next words are about"""
    passed_over = Signal(object)
    """a `Heard` that is not asked about, since something else is being said already"""
    unheard = Signal(str, str)
    """there is no guess: headline and reason"""
    answered = Signal(object)
    """an `Exchange` to be shown; who shows it calls `was_shown` when its label stands on the screen"""
    shown = Signal(object)
    """the same `Exchange` with how long it took"""
    transcribed = Signal(object, str)
    """an `Exchange` that was shown, and what the model's base weights write down of it"""
    failed = Signal(object)
    """a `UserError` instead of an answer"""

    def __init__(self, context: AppContext, microphone: MicrophoneBar, model: ModelBar) -> None:
        super().__init__(microphone)
        self._context = context
        self._microphone = microphone
        self._model = model
        self._reading: Task | None = None
        self._asking: Task | None = None
        self._queue: deque[Heard] = deque()
        self._newest: Heard | None = None
        self._asked: Heard | None = None
        self._answer_to_show: Exchange | None = None
        self._never_shown = QTimer(self, singleShot=True, interval=NEVER_SHOWN_MS)
        self._never_shown.timeout.connect(self._give_up_showing)
        self.talk = Talk(context, microphone, lambda: model.model.window_s if model.model else None)
        self.talk.began.connect(self._begin)
        self.talk.ended.connect(lambda: self.waiting.emit("Thinking\N{HORIZONTAL ELLIPSIS}"))
        self.talk.heard.connect(self._hear)
        self.talk.failed.connect(self._fail)
        model.ready.connect(self._model_is_ready)
        model.chosen.connect(self._change_model)
        model.failed.connect(self._give_up_waiting)

    def press(self) -> None:
        """Begin a take by hand."""
        problem = self.talk.press()
        if problem:
            self.forget()
            self.unheard.emit("The microphone is not ready", problem)

    def say(self, text: str) -> None:
        """Have a text understood instead of speech."""
        if text.strip():
            self.forget()
            self._hear(Heard(id=uuid4().hex, at=time.time(), source="text", text=text.strip()))

    def open_file(self, path: Path) -> None:
        """Understand a sound file instead of the microphone."""

        def read(_task: Task) -> Heard:
            samples = read_audio(path)
            silent = why_silent(samples)
            return Heard(
                id=uuid4().hex, at=time.time(), source="file", samples=samples, path=path, silent=silent
            )

        self.forget()
        self.waiting.emit("Reading the file\N{HORIZONTAL ELLIPSIS}")
        self._reading = self._context.background.run(read, success=self._hear, failure=self._fail, owner=self)

    def ask_again(self) -> None:
        """Ask the chosen model about the newest once more."""
        if self._newest is not None and self._newest.silent is None:
            self._queue = deque([replace(self._newest, released_at=None)])
            self._ask_next()

    def forget(self) -> None:
        """What is under way is not wanted any more."""
        for task in (self._reading, self._asking):
            if task is not None:
                task.cancel()
        for heard in (*self._queue, *([self._asked] if self._asking is not None and self._asked else [])):
            self.passed_over.emit(heard)
        self._reading = self._asking = self._newest = None
        self._queue.clear()

    def was_shown(self, exchange: Exchange) -> None:
        """The label of this exchange stands on the screen; whoever shows it first says so, others in vain."""
        if exchange is not self._answer_to_show:
            return
        heard = exchange.heard
        if heard.released_at is not None:
            waited_s = time.perf_counter() - heard.released_at
            exchange = replace(exchange, waited_s=waited_s, recording_s=heard.ready_at - heard.released_at)
        self._tell_shown(exchange)

    def _give_up_showing(self) -> None:
        """Nobody could show the newest answer, as in a minimised window or when the next one came at once."""
        if self._answer_to_show is not None:
            self._tell_shown(self._answer_to_show)

    def _tell_shown(self, exchange: Exchange) -> None:
        self._answer_to_show = None
        self._never_shown.stop()
        self.shown.emit(exchange)
        self._transcribe(exchange)

    # -- understanding ---------------------------------------------------------------------------------

    @Slot()
    def _begin(self) -> None:
        if not self._context.settings.current.talk_hands_free:
            self.forget()
            self.waiting.emit("Listening\N{HORIZONTAL ELLIPSIS}")

    def _hear(self, heard: Heard) -> None:
        in_order = heard.hands_free or self._context.settings.current.talk_hands_free
        if self.talk.recording and not in_order:
            self.passed_over.emit(heard)
            return
        self._newest = heard
        self.hearing.emit(heard)
        if heard.silent:
            self.unheard.emit(*heard.silent)
            return
        self._queue.append(heard)
        self._ask_next()

    def _ask_next(self) -> None:
        """Ask the chosen model about what waits, now or when it is loaded."""
        if self._asking is not None or not self._queue:
            return
        model, choice = self._model.model, self._model.current
        if not self._model.is_ready or model is None or choice is None:
            # What includes loading a model says nothing about how fast it answers.
            self._queue = deque(replace(heard, released_at=None) for heard in self._queue)
            self.waiting.emit(WAITING)
            self._model.refresh()
            return
        heard = self._asked = self._queue.popleft()
        self._asking = self._context.background.run(
            lambda _task: self._context.inference.predict(heard.item, of=model),
            success=lambda prediction: self._answer(heard, choice, prediction),
            failure=self._fail,
            owner=self,
        )

    def _answer(self, heard: Heard, choice: ModelChoice, prediction: Prediction) -> None:
        self._asking = None
        self._give_up_showing()
        self._answer_to_show = Exchange(heard, choice, prediction)
        self._never_shown.start()
        self.answered.emit(self._answer_to_show)
        self._ask_next()

    def _transcribe(self, exchange: Exchange) -> None:
        """Ask what was said, once nothing else is to be answered: it is slower than the label."""
        model, heard = self._model.model, exchange.heard
        if heard.samples is None or model is None or self._queue or self._asking:
            return
        item = heard.path or heard.samples
        self._context.background.run(
            lambda _task: self._context.inference.transcribe(item, of=model),
            success=lambda words: self.transcribed.emit(exchange, words),
            failure=lambda _error: None,  # the answer is there; its transcript is an extra
            owner=self,
        )

    @Slot()
    def _model_is_ready(self) -> None:
        self._ask_next()

    @Slot(object)
    def _change_model(self, _choice: ModelChoice) -> None:
        """Another model is being loaded; the newest, if there is one, is asked of it next."""
        if self._asking is not None:
            self._asking.cancel()
            self._asking = None
        if self._newest is not None and self._newest.silent is None and not self.talk.recording:
            self._queue = deque([replace(self._newest, released_at=None)])
            self.waiting.emit(WAITING)

    @Slot(object)
    def _fail(self, error: Exception) -> None:
        self._asking = None
        self.failed.emit(worded(error))
        self._ask_next()

    @Slot(object)
    def _give_up_waiting(self, error: UserError) -> None:
        """There will be no model to ask."""
        if self._queue:
            self._queue.clear()
            self.failed.emit(error)
