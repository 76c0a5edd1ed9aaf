"""Making speech: a speech engine reads texts that have no recording; a new dataset holds what it said."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDialog,
    QDoubleSpinBox,
    QGridLayout,
    QHBoxLayout,
    QLineEdit,
    QProgressBar,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from core.audio.files import SAMPLE_RATE
from core.data.synthesis import MadeSpeech, default_name, make_speech
from core.data.synthesis.choosing import SpeechPlan
from core.data.synthesis.engines import require_engines, speak, with_timbres
from core.data.synthesis.voice import Engine, Voice, usual_voices
from core.data.utterance import SPLITS, Split
from core.errors import UserError
from gui.background import Task
from gui.context import AppContext
from gui.error_reporting import worded
from gui.formatting import counted, grouped
from gui.widgets.basics import button, label, primary_button
from gui.widgets.message import InlineMessage
from gui.widgets.voice_list import VoiceList

NOTE = "Made by a machine: fine to learn from, no measure of people's voices."
_SHARE, _NUMBER = range(2)
_MOST_TIMBRES = 20


@dataclass(frozen=True)
class _Known:
    """What the dialog offers. texts: of each split, how many have no recording."""

    engines: Sequence[Engine]
    languages: Sequence[str]
    texts: Mapping[Split, int]
    names: frozenset[str]


class SpeechDialog(QDialog):
    """Asks who speaks how many of a dataset's texts, and has them spoken in the background; closing it stops
    that, and nothing is left of it.

    made: the name of the new dataset.
    """

    made = Signal(str)

    def __init__(self, context: AppContext, dataset: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(f"Make speech for {dataset}")
        self.resize(640, 680)
        self._context = context
        self._dataset = dataset
        self._known = _Known((), (), {}, frozenset())
        self._task: Task | None = None
        self._sound: Task | None = None
        self._working = True
        self.engine = QComboBox()
        self.engine.setAccessibleName("Engine")
        self.engine.currentIndexChanged.connect(self._show_voices)
        self.voices = VoiceList()
        self.voices.changed.connect(self._allow)
        self.listen = button("Listen", theme=context.theme, icon="play", tip="Hear a text in this voice")
        self.listen.clicked.connect(self._listen)
        self.timbres = QSpinBox(minimum=1, maximum=_MOST_TIMBRES)
        self.timbres.setAccessibleName("Timbres of each voice")
        self.timbres.setToolTip("More of them make more speakers of one voice, man, woman, old or young")
        self.timbres.valueChanged.connect(self._allow)
        self.pace = QCheckBox("Some faster, some slower")
        self.splits = {split: QCheckBox(split.capitalize()) for split in SPLITS}
        self.splits["train"].setChecked(True)
        for box in self.splits.values():
            box.toggled.connect(self._allow)
        self._add_amount()
        self.name = QLineEdit(default_name(dataset))
        self.name.setAccessibleName("Name of the new dataset")
        self.name.textChanged.connect(self._allow)
        self.outcome = InlineMessage(context.theme)
        self.bar = QProgressBar(textVisible=False, maximum=0)
        self.bar.setAccessibleName("Progress")
        self.status = label("Looking for speech engines...", "hint")
        self._lay_out(dataset)
        context.background.run(self._look, success=self._show, failure=self._show_problem, owner=self)
        self._allow()

    def done(self, result: int) -> None:
        if self._task is not None:
            self._task.cancel()
        if self._sound is not None:
            self._sound.cancel()
            self._context.background.run(lambda _task: self._context.player.stop())
        super().done(result)

    # ---- what there is

    def _look(self, _task: Task) -> _Known:
        library = self._context.open_library()
        texts = {
            split: sum(
                each.has_text and not each.has_audio for each in library.candidates([self._dataset], split)
            )
            for split in SPLITS
        }
        languages = library.dataset(self._dataset).languages
        return _Known(require_engines(), languages, texts, frozenset(library.names()))

    def _show(self, known: _Known) -> None:
        self._known = known
        for split, box in self.splits.items():
            texts = known.texts[split]
            box.setText(f"{split.capitalize()} ({grouped(texts)})")
            box.setEnabled(texts > 0)
            box.setChecked(box.isChecked() and texts > 0)
        self.engine.addItems([self._title_of(engine) for engine in known.engines])
        # The first one that can read the texts at all.
        fitting = [number for number, engine in enumerate(known.engines) if self._fitting(engine)]
        self.engine.setCurrentIndex(fitting[0] if fitting else 0)
        self._end_work()
        if not fitting:
            self.outcome.say(
                "bad",
                f"No voice that is installed speaks {', '.join(known.languages)}. espeak-ng has the most"
                " languages.",
            )

    def _title_of(self, engine: Engine) -> str:
        return f"{engine.name} ({counted(len(self._fitting(engine)), 'voice')})"

    def _fitting(self, engine: Engine) -> list[Voice]:
        languages = self._known.languages
        return [
            voice
            for voice in engine.voices
            if not languages or any(voice.fits(language) for language in languages)
        ]

    def _engine(self) -> Engine | None:
        number = self.engine.currentIndex()
        return self._known.engines[number] if 0 <= number < len(self._known.engines) else None

    def _show_voices(self) -> None:
        engine = self._engine()
        voices = [] if engine is None else self._fitting(engine)
        self.voices.show_voices(voices, usual_voices(voices, self._known.languages))
        human = () if engine is None else engine.human
        self.timbres.setEnabled(bool(human))
        self.timbres.setMaximum(min(_MOST_TIMBRES, 1 + len(human)))

    # ---- listening

    def _listen(self) -> None:
        voice = self.voices.current()
        if voice is None:
            return
        if self._sound is not None:
            self._sound.cancel()
        self.outcome.clear()
        self._sound = self._context.background.run(
            lambda task: self._play(voice, task), failure=self._say_problem, owner=self
        )

    def _play(self, voice: Voice, task: Task) -> None:
        texts = self._context.open_library().utterances([self._dataset])
        text = next((each.text for each in texts if each.text and voice.fits(each.language)), None)
        samples = speak(voice, text or "")
        task.raise_if_cancelled()
        if not len(samples):
            raise UserError(
                f"The voice {voice.name} has no sound for this text.",
                where=text or self._dataset,
                remedy="Choose another voice.",
            )
        self._context.player.play(samples, SAMPLE_RATE)

    # ---- making

    def plan(self) -> SpeechPlan:
        """What the fields say."""
        engine = self._engine()
        voices = self.voices.ticked()
        by_number = self.unit.currentIndex() == _NUMBER
        return SpeechPlan(
            dataset=self._dataset,
            voices=() if engine is None else with_timbres(engine, voices, self.timbres.value()),
            splits=tuple(split for split, box in self.splits.items() if box.isChecked()),
            share=1.0 if by_number else self.share.value() / 100,
            count=self.number.value() if by_number else None,
            vary_pace=self.pace.isChecked(),
        )

    def _make(self) -> None:
        plan, name = self.plan(), self.name.text().strip()
        self.outcome.clear()
        self._working = True
        self.bar.setRange(0, 0)
        self.bar.show()
        self._allow()
        self.status.setText("Speaking...")
        self._task = self._context.background.run(
            lambda task: make_speech(
                self._context.open_library(),
                self._context.paths,
                plan,
                name,
                progress=task.report,
                cancelled=task.is_cancelled,
            ),
            success=self._show_made,
            failure=self._show_problem,
            owner=self,
        )
        self._task.progress.connect(self._show_progress)

    def _show_progress(self, done: int, total: int) -> None:
        self.bar.setRange(0, total)
        self.bar.setValue(done)
        self.status.setText(f"{grouped(done)} of {grouped(total)} spoken")

    def _show_made(self, made: MadeSpeech) -> None:
        what = f"{counted(made.recordings, 'recording')}, {made.minutes:.1f} minutes, as {made.dataset}."
        self.outcome.say("warn" if made.notes else "good", "\n".join([what, *made.notes]))
        self._known = replace(self._known, names=self._known.names | {made.dataset})
        self._end_work()
        # That the name is taken now is no news.
        self.status.clear()
        self.cancel.setText("Close")
        self.cancel.setFocus()
        self.made.emit(made.dataset)

    def _show_problem(self, error: Exception) -> None:
        self._say_problem(error)
        self._end_work()

    def _say_problem(self, error: Exception) -> None:
        if not isinstance(error, UserError):
            self._context.errors.report(error)
        self.outcome.say_error(worded(error))

    # ---- state

    def _end_work(self) -> None:
        self._working = False
        self.bar.hide()
        self._allow()

    def _allow(self) -> None:
        texts = sum(self._known.texts.get(split, 0) for split, box in self.splits.items() if box.isChecked())
        ready = not self._working and bool(self._known.engines)
        by_number = self.unit.currentIndex() == _NUMBER
        self.share.setVisible(not by_number)
        self.number.setVisible(by_number)
        self.number.setMaximum(max(1, texts))
        self.fields.setEnabled(ready)
        self.listen.setEnabled(ready and self.voices.current() is not None)
        if not ready:
            self.accept_button.setEnabled(False)
            if not self._working:
                self.status.clear()
            return
        plan = self.plan()
        speakers = counted(len(plan.voices), "speaker")
        self.amount.setText(f"= {counted(plan.size(texts), 'recording')} by {speakers}" if texts else "")
        problem = self._missing(texts, plan)
        self.status.setText(problem)
        self.accept_button.setEnabled(not problem)

    def _missing(self, texts: int, plan: SpeechPlan) -> str:
        """What is still to be chosen."""
        name = self.name.text().strip()
        if not plan.voices:
            return "Tick at least one voice."
        if not texts:
            return "Tick a split with texts that have no recording."
        if not name:
            return "Give the new dataset a name."
        if name in self._known.names:
            return "This name is taken: choose another one."
        return ""

    # ---- layout

    def _add_amount(self) -> None:
        self.share = QDoubleSpinBox(minimum=0.1, maximum=100, decimals=1, value=100)
        self.share.setAccessibleName("Share of the texts, per cent")
        self.number = QSpinBox(minimum=1, maximum=1, value=1)
        self.number.setAccessibleName("Number of texts")
        self.unit = QComboBox()
        self.unit.addItems(["% of the texts", "texts"])
        self.unit.setAccessibleName("Share or number")
        self.amount = label("", "hint")
        for spin in (self.share, self.number):
            spin.valueChanged.connect(self._allow)
        self.unit.currentIndexChanged.connect(self._allow)

    def _lay_out(self, dataset: str) -> None:
        self.accept_button = primary_button("Make speech")
        self.accept_button.setDefault(True)
        self.accept_button.clicked.connect(self._make)
        self.cancel = button("Cancel")
        self.cancel.setAutoDefault(False)
        self.cancel.clicked.connect(self.reject)
        self.listen.setAutoDefault(False)
        note = InlineMessage(self._context.theme)
        note.say("info", NOTE)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(24, 20, 24, 16)
        layout.setSpacing(12)
        layout.addWidget(label(f"Make speech for {dataset}", "section"))
        layout.addWidget(note)
        self.fields = QWidget()
        self.fields.setLayout(self._make_form())
        layout.addWidget(self.fields, 1)
        layout.addWidget(self.outcome)
        layout.addWidget(self.bar)
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(self.status, 1)
        row.addWidget(self.cancel)
        row.addWidget(self.accept_button)
        layout.addLayout(row)

    def _make_form(self) -> QGridLayout:
        form = QGridLayout()
        form.setContentsMargins(0, 0, 0, 0)
        form.setHorizontalSpacing(12)
        form.setVerticalSpacing(8)
        form.setColumnStretch(1, 1)
        rows: tuple[tuple[str, Sequence[QWidget]], ...] = (
            ("Engine", (self.engine,)),
            ("Voices", (self.voices,)),
            ("", (self.listen, label("Timbres of each"), self.timbres, self.pace)),
            ("Texts", tuple(self.splits.values())),
            ("How many", (self.share, self.number, self.unit, self.amount)),
        )
        for number, (title, widgets) in enumerate(rows):
            top = Qt.AlignmentFlag.AlignTop if title == "Voices" else Qt.AlignmentFlag.AlignVCenter
            form.addWidget(label(title), number, 0, top)
            if len(widgets) == 1:
                form.addWidget(widgets[0], number, 1)
                continue
            line = QHBoxLayout()
            line.setSpacing(8)
            for widget in widgets:
                line.addWidget(widget)
            line.addStretch(1)
            form.addLayout(line, number, 1)
        form.addWidget(label("Name"), len(rows), 0)
        form.addWidget(self.name, len(rows), 1)
        form.setRowStretch(1, 1)
        return form
