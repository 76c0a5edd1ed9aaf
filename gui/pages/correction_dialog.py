"""Saying what should have been answered: a wrong answer becomes an utterance to test on, or to learn from."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import NamedTuple

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QHideEvent
from PySide6.QtWidgets import QComboBox, QDialog, QFormLayout, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from core.audio.levels import Samples
from core.data.utterance import Label, Ontology, Split
from core.tryout.correcting import (
    DATASET,
    Saved,
    Wanted,
    learned_from,
    model_ontology,
    nearest,
    other_splits_of,
    save_correction,
    take_back,
)
from core.tryout.kept import Correction, KeptExchange
from gui.background import Task
from gui.clip_player import ClipPlayer
from gui.context import AppContext
from gui.error_reporting import worded
from gui.icons import set_icon
from gui.widgets.basics import button, label, primary_button
from gui.widgets.completing import complete
from gui.widgets.message import InlineMessage
from gui.widgets.slot_table import SlotTable

_SPLITS: dict[str, Split] = {"to test on": "test", "to learn from": "train"}
_HINT = (
    "Test on voices that the model does not learn from, or the score flatters: a speaker belongs in one of "
    "the two."
)


class _Known(NamedTuple):
    """What may be typed: the model's own names, those of all datasets behind them, and languages; and the
    datasets behind the model."""

    ontology: Ontology
    intents: list[str]
    slot_types: list[str]
    languages: list[str]
    datasets: list[str]
    learned: list[str]


class CorrectionDialog(QDialog):
    """Saves in the background; what was saved can be taken back here."""

    saved = Signal(str, object)
    """the exchange's id, and its `Correction`; None when it was taken back"""
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
        self.resize(580, 600)
        self._context = context
        self._exchange = exchange
        self._sound = exchange.recording if samples is None else samples
        self._samples = samples
        self._known: _Known | None = None
        self._done: Saved | None = None
        self._asking: Task | None = None
        self._player = ClipPlayer(context, self)
        self.text = QLineEdit()
        self.intent = QComboBox()
        self.slots = SlotTable()
        self.dataset = QComboBox()
        self.split = QComboBox()
        self.speaker = QLineEdit()
        self.language = QComboBox()
        self.unknown = InlineMessage(context.theme)
        self.use_near = button("")
        self.use_near.hide()
        self.voice = InlineMessage(context.theme)
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
        last = self._context.settings.current.correction_dataset or DATASET
        self.dataset.setEditText(corrected.dataset if corrected else last)
        self.split.addItems(list(_SPLITS))
        if corrected and corrected.split in _SPLITS.values():
            self.split.setCurrentIndex(list(_SPLITS.values()).index(corrected.split))
        self.speaker.setText(corrected.speaker if corrected else self._context.settings.current.talk_speaker)
        self.speaker.setPlaceholderText("Who spoke (a name or a code; may stay empty)")
        complete(self.language, "Language")
        self.language.setEditText(corrected.language if corrected else "")
        self.play.setEnabled(self._sound is not None)

    def _read(self, _task: Task) -> _Known:
        library, answer = self._context.open_library(), self._exchange.answer
        ontology = model_ontology(answer, library, self._context.paths)
        learned = [] if answer is None else learned_from(answer, library, self._context.run_store())
        datasets = library.datasets()
        # What the model knows first.
        order = sorted(datasets, key=lambda each: each.name not in learned)
        return _Known(
            ontology,
            list(dict.fromkeys([*ontology.intents, *(name for each in order for name in each.intents)])),
            list(
                dict.fromkeys([*ontology.slot_types, *(name for each in order for name in each.slot_types)])
            ),
            list(dict.fromkeys(code for each in order for code in each.languages if code)),
            [each.name for each in datasets],
            learned,
        )

    def _offer(self, known: _Known) -> None:
        self._known = known
        for box, names in (
            (self.intent, known.intents),
            (self.dataset, sorted({*known.datasets, DATASET})),
            (self.language, known.languages),
        ):
            typed = box.currentText()
            box.addItems(list(names))
            box.setEditText(typed)
        if not self.language.currentText() and self._exchange.correction is None:
            self.language.setEditText(next(iter(known.languages), ""))
        self.slots.offer_types(known.slot_types)
        self._look_at_names()
        self._look_at_voice()

    # -- saving ----------------------------------------------------------------------------------------

    def wanted(self) -> Wanted:
        """What is to be saved, as it is typed."""
        return Wanted(
            Label(self.intent.currentText().strip(), self.slots.typed()),
            self.text.text().strip(),
            self.dataset.currentText().strip(),
            _SPLITS[self.split.currentText()],
            self.speaker.text().strip(),
            self.language.currentText().strip(),
        )

    def _save(self) -> None:
        wanted = self.wanted()
        exchange, samples = self._exchange, self._samples
        self._context.remember(talk_speaker=wanted.speaker, correction_dataset=wanted.dataset)
        self.save.setEnabled(False)

        def save(_task: Task) -> Saved:
            store, library = self._context.tryouts(), self._context.open_library()
            return save_correction(store, library, exchange, wanted, samples)

        self._context.background.run(
            save, success=self._has_saved, failure=self._refuse, owner=self, must_finish=True
        )

    def _has_saved(self, saved: Saved) -> None:
        correction = saved.correction
        sound = "with its recording" if saved.with_audio else "as text: there is no recording"
        train = "" if saved.trainable else " To train again, some must be saved to learn from."
        self.message.say("good", f"Saved in {correction.dataset} ({correction.split}), {sound}.{train}")
        self._note(saved, correction)

    def _note(self, done: Saved | None, correction: Correction | None) -> None:
        """What is saved of the exchange now; saved once more, it is changed or moved."""
        self._done = done
        self._exchange = replace(self._exchange, correction=correction)
        self.saved.emit(self._exchange.id, correction)
        self._allow()

    def _take_back(self) -> None:
        saved = self._done
        if saved is None:
            return
        self._context.background.run(
            lambda _task: take_back(self._context.tryouts(), self._context.open_library(), saved),
            success=lambda _nothing: self._is_taken_back(saved),
            failure=self._refuse,
            owner=self,
            must_finish=True,
        )

    def _is_taken_back(self, saved: Saved) -> None:
        self.message.say("info", "Taken back: the dataset is as it was before.")
        self._note(None, saved.earlier)

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
        again = "Save again" if self._done else "Save"
        self.save.setText(f"{again} with new names" if self._unknown() else again)
        self.save.setAccessibleName(self.save.text())
        self.undo.setVisible(self._done is not None)
        self.train.setVisible(self._done is not None)

    # -- slips -----------------------------------------------------------------------------------------

    def _unknown(self) -> list[tuple[str, str, Sequence[str]]]:
        """Names that the model cannot answer with: what each is, the name, and those it knows."""
        if self._known is None:
            return []
        known, label_ = self._known.ontology, self.wanted().label
        names: list[tuple[str, str, Sequence[str]]] = [("intent", label_.intent, known.intents)]
        names += [("slot type", kind, known.slot_types) for kind in dict.fromkeys(_types(label_))]
        return [each for each in names if each[1] and each[1] not in each[2]]

    @Slot()
    def _look_at_names(self) -> None:
        """An unknown name is more likely a slip than a new one."""
        told, unknown = [], self._unknown()
        for what, name, known in unknown:
            near = nearest(name, known)
            told.append(
                f"The model knows no {what} {name}. "
                + (f"Did you mean {near}?" if near else "It learns it only when it is trained again.")
            )
        if told:
            self.unknown.say("warn", "\n".join(told))
        else:
            self.unknown.clear()
        near = nearest(unknown[0][1], unknown[0][2]) if unknown else ""
        self.use_near.setText(f"Use {near}")
        self.use_near.setAccessibleName(self.use_near.text())
        self.use_near.setVisible(bool(near))
        self._allow()

    @Slot()
    def _use_nearest(self) -> None:
        what, name, known = self._unknown()[0]
        near = nearest(name, known)
        if what == "intent":
            self.intent.setEditText(near)
        else:
            self.slots.replace_type(name, near)
        self._look_at_names()

    @Slot()
    def _look_at_voice(self) -> None:
        """A voice must not be learned from and tested on."""
        wanted = self.wanted()
        datasets = [*(self._known.learned if self._known else ()), wanted.dataset]
        if self._asking is not None:
            self._asking.cancel()

        def tell(places: list[str]) -> None:
            if places:
                self.voice.say(
                    "warn", f"{wanted.speaker} is in {' and '.join(places)} already: such a test flatters."
                )
            else:
                self.voice.clear()

        self._asking = self._context.background.run(
            lambda _task: other_splits_of(self._context.tryouts(), wanted.speaker, wanted.split, datasets),
            success=tell,
            failure=self._refuse,
            owner=self,
        )

    # -- hearing ---------------------------------------------------------------------------------------

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._player.stop()

    @Slot()
    def _play_or_stop(self) -> None:
        if self._player.busy:
            self._player.stop()
        elif self._sound is not None:
            self._player.play(self._sound)

    @Slot()
    def _show_player(self) -> None:
        words, sign = ("Stop", "stop") if self._player.busy else ("Play", "play")
        self.play.setText(words)
        self.play.setAccessibleName(words)
        set_icon(self.play, sign, self._context.theme, size=16)

    # -- building --------------------------------------------------------------------------------------

    def _connect(self) -> None:
        self.intent.editTextChanged.connect(lambda _text: self._look_at_names())
        self.slots.itemChanged.connect(lambda _item: self._look_at_names())
        self.slots.model().rowsRemoved.connect(lambda *_rows: self._look_at_names())
        self.use_near.clicked.connect(self._use_nearest)
        self.split.currentIndexChanged.connect(lambda _index: self._look_at_voice())
        self.speaker.editingFinished.connect(self._look_at_voice)
        self.dataset.editTextChanged.connect(lambda _text: self._look_at_voice())
        self._player.changed.connect(self._show_player)
        self._player.failed.connect(self._refuse)
        self.play.clicked.connect(self._play_or_stop)
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
        form.addRow("Said", _row(self.text, self.play))
        form.addRow("Intent", self.intent)
        form.addRow("Slots", self.slots)
        form.addRow(_row(self.unknown, self.use_near))
        form.addRow("Save in", _row(self.dataset, self.split))
        form.addRow("Speaker", _row(self.speaker, label("Language"), self.language))
        hint = label(_HINT, "hint")
        hint.setWordWrap(True)
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 20, 24, 16)
        column.setSpacing(12)
        column.addWidget(label("What should have been answered?", "section"))
        if self._samples is not None and self._exchange.recording is None:
            kept = label("Nothing else is kept, but this one is when you save it.", "hint")
            column.addWidget(kept)
        column.addLayout(form, 1)
        column.addWidget(hint)
        column.addWidget(self.voice)
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


def _types(meant: Label) -> Iterator[str]:
    return (slot.type for slot in meant.slots)


def _row(first: QWidget, *others: QWidget) -> QHBoxLayout:
    """The first takes the room that the others leave."""
    row = QHBoxLayout()
    row.setSpacing(8)
    row.addWidget(first, 1)
    for each in others:
        row.addWidget(each)
    return row
