"""Try a model on many utterances at once: a folder of recordings, or a split of a dataset."""

from __future__ import annotations

from collections import Counter

from PySide6.QtCore import Slot
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QProgressBar, QStackedWidget, QVBoxLayout, QWidget

from core.errors import UserError
from core.evaluation.batch.answers import BatchAnswer
from core.evaluation.batch.items import Batch
from core.evaluation.batch.scores import BatchScores
from core.evaluation.results import synthetic_in_words
from gui.batch_run import BatchRun
from gui.context import AppContext
from gui.formatting import counted, grouped, rough_duration
from gui.icons import set_icon
from gui.item_models.batch_answers import NO_ANSWER, NO_SPEECH, verdict
from gui.widgets.basics import Card, ElidedLabel, label, primary_button
from gui.widgets.batch_results import BatchResults
from gui.widgets.batch_scores_line import BatchScoresLine
from gui.widgets.batch_source import BatchSource
from gui.widgets.message import EmptyState, InlineMessage
from gui.widgets.model_bar import ModelBar

NOTHING_YET = (
    "Choose a folder or a dataset above and press Start. Every recording or text is given to the model;"
    " where labels are known, the answers are scored."
)


class BatchPanel(QWidget):
    """Asks the model chosen in `model`. What it brought stays until the next start, also while another page
    is in front; the batch goes on there."""

    def __init__(self, context: AppContext, model: ModelBar, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self._model = model
        self._problems: Counter[str] = Counter()
        self.run = BatchRun(context, self)
        self.source = BatchSource(context)
        self.start = primary_button("Start", theme=context.theme, icon="play")
        self.progress = QProgressBar(textVisible=False)
        self.progress.setAccessibleName("Progress of the batch")
        self.status = ElidedLabel("", "hint")
        self.message = InlineMessage(context.theme)
        self.notes = label("", "hint")
        self.notes.setWordWrap(True)
        self.synthetic = InlineMessage(context.theme)
        self.scores = BatchScoresLine()
        self.results = BatchResults(context, self.run)
        self._below = QStackedWidget()
        self._below.addWidget(EmptyState(context.theme, "folder", "Many at once", NOTHING_YET))
        self._below.addWidget(self.results)
        self.start.clicked.connect(self._start_or_stop)
        self.source.changed.connect(self._say)
        for changed in (model.ready, model.chosen, model.failed):
            changed.connect(self._say)
        self.run.listed.connect(self._show_batch)
        self.run.answered.connect(self._take_answers)
        self.run.ended.connect(self._say)
        self.run.scored.connect(self._show_scores)
        self.run.failed.connect(self._fail)
        self._lay_out()
        self.notes.hide()
        self._say()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.source.refresh()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self.results.silence()

    @Slot()
    def _start_or_stop(self) -> None:
        if self.run.running:
            self.run.stop()
            return
        model, choice = self._model.model, self._model.current
        if model is None or choice is None or not self._model.is_ready or self.source.found == 0:
            return
        self.message.clear()
        self.run.start(self.source.chooser(model), model, choice.title)
        self._say()

    @Slot(object)
    def _show_batch(self, batch: Batch) -> None:
        self._problems.clear()
        self.synthetic.clear()
        self.scores.show_scores(None, 0)
        self._below.setCurrentWidget(self.results)
        self.results.show_batch(batch)
        self._say()

    @Slot(object)
    def _take_answers(self, found: dict[int, BatchAnswer]) -> None:
        judged = Counter(verdict(answer) for answer in found.values())
        self._problems["no answer"] += judged[NO_ANSWER]
        self._problems["no speech"] += judged[NO_SPEECH]
        self.results.take(found)
        self._say()

    @Slot(object)
    def _fail(self, error: UserError) -> None:
        self.message.say_error(error)

    @Slot(object)
    def _show_scores(self, scores: BatchScores | None) -> None:
        answered = sum(answer.answer is not None for answer in self.run.found.values())
        self.scores.show_scores(scores, answered)
        self.results.show_scores(scores)
        if scores is not None and scores.synthetic:
            self.synthetic.say("warn", synthetic_in_words(scores.synthetic, scores.n))

    @Slot()
    def _say(self) -> None:
        """Put buttons, progress and words in step with what goes on."""
        running = self.run.running
        self._look(running)
        self.source.setDisabled(running)
        self.start.setEnabled(running or (self._model.is_ready and self.source.found != 0))
        self.progress.setVisible(running)
        self.status.setText(self._words())
        self.status.setVisible(bool(self.status.text()))
        if self.run.batch is not None:
            notes = [*self.run.batch.notes, *self._told_problems()]
            self.notes.setText(" ".join(notes))
            self.notes.setVisible(bool(notes))

    def _words(self) -> str:
        far = self.run.progress()
        if far is None:
            self.progress.setRange(0, 0)
            if self.run.running:
                return "Looking through the recordings\N{HORIZONTAL ELLIPSIS}"
            return "" if self._model.is_ready else "Start when the model is ready."
        assert self.run.batch is not None  # noqa: S101 - else there is no progress
        self.progress.setRange(0, far.total)
        self.progress.setValue(far.done)
        about = f"{self.run.batch.title} \u00b7 {self.run.batch.input} \u00b7 {self.run.title}"
        if not self.run.running:
            early = "" if far.done == far.total else f"Stopped after {grouped(far.done)}. "
            return f"{early}{about}"
        words = f"{grouped(far.done)} of {grouped(far.total)}"
        if far.scored:
            words += f", {grouped(far.right)} of {grouped(far.scored)} right so far"
        if far.seconds_left is not None:
            words += f", {rough_duration(far.seconds_left)} left"
        return f"{words} \u00b7 {about}"

    def _told_problems(self) -> list[str]:
        told = []
        if number := self._problems["no answer"]:
            told.append(f"{counted(number, 'utterance')} got no answer: see why in the table.")
        if number := self._problems["no speech"]:
            told.append(f"{counted(number, 'recording')} without speech got no guess.")
        return told

    def _look(self, running: bool) -> None:
        self.start.setText("Stop" if running else "Start")
        self.start.setAccessibleName("Stop the batch" if running else "Start the batch")
        set_icon(self.start, "stop" if running else "play", self._context.theme, color="on_accent", size=16)

    def _lay_out(self) -> None:
        card = Card()
        top = QHBoxLayout()
        top.setSpacing(16)
        top.addWidget(self.source, 1)
        top.addWidget(self.start)
        card.body.addLayout(top)
        card.body.addWidget(self.progress)
        card.body.addWidget(self.status)
        card.body.addWidget(self.message)
        below = Card()
        for widget in (self.scores, self.notes, self.synthetic):
            below.body.addWidget(widget)
        below.body.addWidget(self._below, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(16)
        layout.addWidget(card)
        layout.addWidget(below, 1)
