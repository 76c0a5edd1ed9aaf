"""The same utterance through other models, one after the other: what each of them has learned."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QObject, Signal, Slot

from core.errors import UserError
from core.inference.prediction import Prediction
from gui.background import Task
from gui.context import AppContext
from gui.conversation import Conversation
from gui.error_reporting import worded
from gui.exchange import Exchange, Heard
from gui.model_choices import ModelChoice


@dataclass(frozen=True)
class Compared:
    """What one more model says about what was heard; an error instead of an answer is worded."""

    heard: Heard
    model: ModelChoice
    answer: Prediction | UserError


class Comparison(QObject):
    """Asks the models that are compared about each exchange once its own answer was shown."""

    began = Signal(object)
    """an `Exchange`: answers of the models compared follow"""
    answered = Signal(object)
    """a `Compared`"""

    def __init__(self, context: AppContext, conversation: Conversation) -> None:
        super().__init__(conversation)
        self._context = context
        self._models: tuple[ModelChoice, ...] = ()
        self._newest: Exchange | None = None
        self._waiting: list[ModelChoice] = []
        self._asking: Task | None = None
        conversation.shown.connect(self._begin)

    @property
    def models(self) -> tuple[ModelChoice, ...]:
        """The models that are asked besides the chosen one."""
        return self._models

    def compare_with(self, models: Sequence[ModelChoice]) -> None:
        """Ask these from now on, also about the newest exchange."""
        self._models = tuple(models)
        if self._newest is not None:
            self._begin(self._newest)

    @Slot(object)
    def _begin(self, exchange: Exchange) -> None:
        if self._asking is not None:
            self._asking.cancel()
            self._asking = None
        self._newest = exchange
        self._waiting = [model for model in self._models if model.key != exchange.model.key]
        self.began.emit(exchange)
        self._ask_next(exchange)

    def _ask_next(self, exchange: Exchange) -> None:
        if not self._waiting:
            self._asking = None
            return
        model = self._waiting.pop(0)
        self._asking = self._context.background.run(
            self._question(exchange, model),
            success=lambda answer: self._tell(exchange, model, answer),
            failure=lambda error: self._tell(exchange, model, worded(error)),
            owner=self,
        )

    def _question(self, exchange: Exchange, model: ModelChoice) -> Callable[[Task], Prediction]:
        def ask(task: Task) -> Prediction:
            loaded = self._context.inference.load(model.model, model.datasets)
            task.raise_if_cancelled()
            return self._context.inference.predict(exchange.heard.item, of=loaded)

        return ask

    def _tell(self, exchange: Exchange, model: ModelChoice, answer: Prediction | UserError) -> None:
        self.answered.emit(Compared(exchange.heard, model, answer))
        self._ask_next(exchange)
