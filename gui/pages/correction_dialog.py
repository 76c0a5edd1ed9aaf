"""Saying what should have been answered: a wrong answer becomes an utterance to test on, or to learn from."""

from __future__ import annotations

from typing import NamedTuple

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QComboBox, QDialog, QFormLayout, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from core.audio.files import SAMPLE_RATE, read_audio
from core.audio.levels import Samples
from core.audio.loudness import gain_to
from core.data.utterance import Label, Ontology, Split
from core.tryout.correcting import (
    DATASET,
    Saved,
    Wanted,
    learned_from,
    model_ontology,
    nearest,
    save_correction,
    take_back,
)
from core.tryout.kept import KeptExchange
from gui.background import Task
from gui.context import AppContext
from gui.error_reporting import worded
from gui.widgets.basics import button, label, primary_button
from gui.widgets.completing import complete
from gui.widgets.message import InlineMessage
from gui.widgets.utterance_editor import SlotTable

_SPLITS: dict[str, Split] = {"to test on": "test", "to learn from": "train"}
_HINT = (
    "Test on voices that the model does not learn from, or the score flatters: a speaker belongs in one of "
    "the two."
)


class _Known(NamedTuple):
    """What may be typed, and the datasets behind the model."""

    ontology: Ontology
    datasets: list[str]
    learned: list[str]


class CorrectionDialog(QDialog):
    """Saves in the background; what was saved can be taken back here."""

    saved = Signal()
    train_wanted = Signal(object)
    """names of the datasets to learn from: the model's own, and the corrections"""

    def __init__(
        self,
        context: AppContext,
        exchange: KeptExchange,
        samples: Samples | None,
        parent: QWidget | None = None,
    ) -> None:
        """samples: the sound, 16 kHz [n], of what is in memory only."""
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle("What should have been answered?")
        self.resize(560, 560)
        self._context = context
        self._exchange = exchange
        self._samples = samples
        self._known: _Known | None = None
        self._done: Saved | None = None
        self.text = QLineEdit()
        self.intent = QComboBox()
        self.slots = SlotTable()
        self.dataset = QComboBox()
        self.split = QComboBox()
        self.speaker = QLineEdit()
        self.message = InlineMessage(context.theme)
        self.play = button("Play", theme=context.theme, icon="play")
        self.save = primary_button("Save")
        self.undo = button("Take it back")
        self.train = button("Train again with these", theme=context.theme, icon="experiment")
        self._fill()
        self._lay_out()
        self._connect()
        context.background.run(self._read, success=self._offer, failure=self._refuse, owner=self)
        self._allow()

    def _fill(self) -> None:
        exchange = self._exchange
        corrected, answer = exchange.correction, exchange.answer
        self.text.setText(corrected.text if corrected else exchange.said)
        self.text.setPlaceholderText("What was said (may stay empty if there is a recording)")
        meant = corrected.label if corrected else (answer.prediction.label if answer else None)
        complete(self.intent, "Intent")
        self.intent.setEditText(meant.intent if meant else "")
        self.slots.show_slots(meant.slots if meant else ())
        complete(self.dataset, "Dataset")
        self.dataset.setEditText(corrected.dataset if corrected else DATASET)
        self.split.addItems(list(_SPLITS))
        if corrected and corrected.split in _SPLITS.values():
            self.split.setCurrentIndex(list(_SPLITS.values()).index(corrected.split))
        self.speaker.setText(corrected.speaker if corrected else self._context.settings.current.talk_speaker)
        self.speaker.setPlaceholderText("Who spoke (a name or a code; may stay empty)")
        self.play.setEnabled(self._samples is not None or exchange.recording is not None)

    def _read(self, _task: Task) -> _Known:
        library, answer = self._context.open_library(), self._exchange.answer
        ontology = model_ontology(answer, library, self._context.paths)
        learned = [] if answer is None else learned_from(answer, library, self._context.run_store())
        return _Known(ontology, library.names(), learned)

    def _offer(self, known: _Known) -> None:
        self._known = known
        intent, dataset = self.intent.currentText(), self.dataset.currentText()
        self.intent.addItems(list(known.ontology.intents))
        self.intent.setEditText(intent)
        self.dataset.addItems(sorted({*known.datasets, DATASET}))
        self.dataset.setEditText(dataset)
        self.slots.setToolTip("Types: " + ", ".join(known.ontology.slot_types))
        self._allow()

    # -- saving ----------------------------------------------------------------------------------------

    def wanted(self) -> Wanted:
        """What is to be saved, as it is typed."""
        return Wanted(
            Label(self.intent.currentText().strip(), self.slots.typed()),
            self.text.text().strip(),
            self.dataset.currentText().strip(),
            _SPLITS[self.split.currentText()],
            self.speaker.text().strip(),
        )

    def _save(self) -> None:
        wanted = self.wanted()
        self._context.remember(talk_speaker=wanted.speaker)
        self.save.setEnabled(False)

        def save(_task: Task) -> Saved:
            return save_correction(
                self._context.tryouts(), self._context.open_library(), self._exchange, wanted, self._samples
            )

        self._context.background.run(
            save, success=self._has_saved, failure=self._refuse, owner=self, must_finish=True
        )

    def _has_saved(self, saved: Saved) -> None:
        self._done = saved
        correction = saved.correction
        sound = "with its recording" if saved.with_audio else "as text: there is no recording"
        self.message.say("good", f"Saved in {correction.dataset} ({correction.split}), {sound}.")
        self.saved.emit()
        self._allow()

    def _take_back(self) -> None:
        saved = self._done
        if saved is None:
            return
        self._context.background.run(
            lambda _task: take_back(self._context.tryouts(), self._context.open_library(), saved),
            success=lambda _nothing: self._is_taken_back(),
            failure=self._refuse,
            owner=self,
            must_finish=True,
        )

    def _is_taken_back(self) -> None:
        self._done = None
        self.message.say("info", "Taken back: the dataset is as it was before.")
        self.saved.emit()
        self._allow()

    def _train(self) -> None:
        saved, known = self._done, self._known
        if saved is None or known is None:
            return
        if not saved.trainable:
            self.message.say(
                "warn", "They are all to test on: save some of them to learn from, then train again."
            )
            return
        self.accept()
        self.train_wanted.emit(list(dict.fromkeys([*known.learned, saved.correction.dataset])))

    def _refuse(self, error: Exception) -> None:
        self.message.say_error(worded(error))
        self._allow()

    def _allow(self) -> None:
        self.save.setEnabled(bool(self.intent.currentText().strip()) and self._known is not None)
        self.save.setText("Save again" if self._done else "Save")
        self.undo.setVisible(self._done is not None)
        self.train.setVisible(self._done is not None)

    def _warn(self) -> None:
        """An unknown intent is more likely a slip than a new one."""
        typed = self.intent.currentText().strip()
        if self._known is not None and typed and typed not in self._known.ontology.intents:
            near = nearest(typed, self._known.ontology.intents)
            words = f"Did you mean {near}?" if near else "It becomes a new intent."
            self.message.say("warn", f"The model knows no intent {typed}. {words}")
        elif self._done is None:
            self.message.clear()
        self._allow()

    def _play(self) -> None:
        samples, path = self._samples, self._exchange.recording

        def play(_task: Task) -> None:
            sound = read_audio(path) if samples is None and path is not None else samples
            if sound is not None:
                self._context.player.play(sound * gain_to(sound, SAMPLE_RATE), SAMPLE_RATE)

        self._context.background.run(play, failure=self._refuse, owner=self)

    # -- building --------------------------------------------------------------------------------------

    def _connect(self) -> None:
        self.intent.editTextChanged.connect(lambda _text: self._warn())
        self.play.clicked.connect(self._play)
        self.save.clicked.connect(self._save)
        self.undo.clicked.connect(self._take_back)
        self.train.clicked.connect(self._train)

    def _lay_out(self) -> None:
        for widget, name in (
            (self.text, "What was said"),
            (self.split, "What for"),
            (self.speaker, "Speaker"),
        ):
            widget.setAccessibleName(name)
        self.save.setDefault(True)
        form = QFormLayout()
        form.setHorizontalSpacing(16)
        form.setVerticalSpacing(8)
        said = QHBoxLayout()
        said.addWidget(self.text, 1)
        said.addWidget(self.play)
        form.addRow("Said", said)
        form.addRow("Intent", self.intent)
        form.addRow("Slots", self.slots)
        where = QHBoxLayout()
        where.addWidget(self.dataset, 1)
        where.addWidget(self.split)
        form.addRow("Save in", where)
        form.addRow("Speaker", self.speaker)
        hint = label(_HINT, "hint")
        hint.setWordWrap(True)
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 20, 24, 16)
        column.setSpacing(12)
        column.addWidget(label("What should have been answered?", "section"))
        if self._samples is not None and self._exchange.recording is None:
            kept = label("Nothing else is kept, but this one is when you save it.", "hint")
            column.addWidget(kept)
        column.addLayout(form)
        column.addWidget(hint)
        column.addStretch(1)
        column.addWidget(self.message)
        foot = QHBoxLayout()
        foot.addWidget(self.undo)
        foot.addWidget(self.train)
        foot.addStretch(1)
        close = button("Close")
        close.clicked.connect(self.reject)
        foot.addWidget(close)
        foot.addWidget(self.save)
        column.addLayout(foot)
