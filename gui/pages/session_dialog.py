"""Setting up a recording session: who reads which texts, for which dataset."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDialog,
    QFileDialog,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from core.data.utterance import SPLITS, Split
from core.recording.prompts import prompts_by_coverage, prompts_of_dataset, prompts_of_file
from core.recording.session import Prompt, Session, SessionPlan, Speaker
from gui.background import Task
from gui.context import AppContext
from gui.error_reporting import worded
from gui.formatting import counted
from gui.widgets.basics import ElidedLabel, button, label, primary_button
from gui.widgets.completing import complete
from gui.widgets.message import InlineMessage

DATASET_NAME: Final = "my recordings"
AGES: Final = ("", "under 18", "18-29", "30-44", "45-59", "60-74", "75 or older")
_COVERAGE, _DATASET, _FILE = "coverage", "dataset", "file"
_MOST: Final = 100_000
TEXT_FILES: Final = "Texts (*.txt *.csv *.tsv *.xlsx *.jsonl *.json);;All files (*)"


@dataclass(frozen=True)
class _Known:
    datasets: Sequence[str]
    speakers: Sequence[Speaker]


class SessionDialog(QDialog):
    """begun: the new `Session`, stored with its prompts."""

    begun = Signal(object)

    def __init__(self, context: AppContext, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle("New recording session")
        self.resize(620, 640)
        self._context = context
        self._speakers: dict[str, Speaker] = {}
        self._shown: Speaker | None = None
        """The speaker whose age and so on are filled in."""
        self._prompts: list[Prompt] = []
        self._source = ""
        self._file: Path | None = None
        self._reading: Task | None = None
        self._working = False
        self._wanted = 50
        self._make_fields()
        self.outcome = InlineMessage(context.theme)
        self._lay_out()
        context.background.run(self._look, success=self._show, failure=self._show_problem, owner=self)
        self._allow()

    # ---- what there is

    def _look(self, _task: Task) -> _Known:
        store = self._context.recordings()
        return _Known(store.library.names(), store.speakers())

    def _show(self, known: _Known) -> None:
        self._speakers = {speaker.code: speaker for speaker in known.speakers}
        self.speaker.addItems(list(self._speakers))
        self.speaker.setCurrentIndex(-1)
        self.dataset.addItems([name for name in known.datasets if name != DATASET_NAME])
        self.texts_of.addItems(list(known.datasets))
        self._read_prompts()

    def _read_prompts(self) -> None:
        """The prompt list as it is asked for now; a long one takes a moment."""
        if self._reading is not None:
            self._reading.cancel()
        self._prompts = []
        kind, name, file = self.source.currentData(), self.texts_of.currentText(), self._file
        self._show_source(kind)
        if (kind == _FILE and file is None) or (kind != _FILE and not name):
            self._allow()
            return
        split: Split | None = self.texts_split.currentData()

        def read(_task: Task) -> list[Prompt]:
            library = self._context.open_library()
            if kind == _FILE:
                assert file is not None  # noqa: S101 - looked at above
                return prompts_of_file(file)
            return (
                prompts_by_coverage(library, name)
                if kind == _COVERAGE
                else prompts_of_dataset(library, name, split)
            )

        self._source = str(file) if kind == _FILE else name
        self._reading = self._context.background.run(
            read, success=self._show_prompts, failure=self._show_problem, owner=self
        )
        self._allow()

    def _show_source(self, kind: str) -> None:
        for of_dataset in self._of_dataset:
            of_dataset.setVisible(kind != _FILE)
        self.texts_split.setVisible(kind == _DATASET)
        for of_file in self._of_file:
            of_file.setVisible(kind == _FILE)

    def _show_prompts(self, prompts: list[Prompt]) -> None:
        self._prompts = prompts
        with QSignalBlocker(self.number):
            self.number.setMaximum(len(prompts))
            self.number.setValue(min(self._wanted, len(prompts)))
        labelled = sum(prompt.label is not None for prompt in prompts)
        if labelled < len(prompts):
            self.outcome.say(
                "info",
                f"{counted(len(prompts) - labelled, 'text')} without a label: takes of them are kept, and"
                " become utterances of the dataset when you label them in the studio.",
            )
        else:
            self.outcome.clear()
        self._allow()

    def _show_problem(self, error: Exception) -> None:
        self._working = False
        self.outcome.say_error(worded(error))
        self._allow()

    # ---- beginning

    def plan(self) -> SessionPlan:
        """What is asked for."""
        consent = datetime.now(UTC).astimezone().date().isoformat() if self.consent.isChecked() else None
        known = self._speakers.get(self.speaker.currentText().strip())
        if known is not None and known.consent_on is not None and self.consent.isChecked():
            consent = known.consent_on
        return SessionPlan(
            dataset=self.dataset.currentText().strip(),
            speaker=Speaker(
                code=self.speaker.currentText().strip(),
                age_band=self.age.currentText(),
                gender=self.gender.text().strip(),
                accent=self.accent.text().strip(),
                notes=self.notes.text().strip(),
                consent_on=consent,
            ),
            split=self.split.currentData(),
            keep_original=self.original.isChecked(),
            seed=self.seed.value() if self.shuffled.isChecked() else None,
            source=self._source,
        )

    def _begin(self) -> None:
        plan, prompts = self.plan(), self._prompts[: self.number.value()]
        self._working = True
        self._allow()
        self._context.background.run(
            lambda _task: self._context.recordings().begin(plan, prompts),
            success=self._has_begun,
            failure=self._show_problem,
            owner=self,
        )

    def _has_begun(self, session: Session) -> None:
        self.begun.emit(session)
        self.accept()

    def _allow(self) -> None:
        missing = ""
        if not self.speaker.currentText().strip():
            missing = "Give the speaker a name or a code."
        elif not self.consent.isChecked():
            missing = "The speaker has to agree to be recorded."
        elif not self.dataset.currentText().strip():
            missing = "Give the dataset a name."
        elif not self._prompts:
            missing = "Choose the texts to read."
        self.status.setText("Beginning..." if self._working else missing)
        self.start.setEnabled(not missing and not self._working)

    def _show_speaker(self) -> None:
        """Who is known is not asked again; what is known of one is not said of another."""
        known = self._speakers.get(self.speaker.currentText().strip())
        if known is None and self._shown is None:
            return
        shown = known or Speaker("")
        self._shown = known
        self.age.setCurrentText(shown.age_band)
        self.gender.setText(shown.gender)
        self.accent.setText(shown.accent)
        self.notes.setText(shown.notes)
        self.consent.setChecked(shown.consent_on is not None)
        self._allow()

    def _want(self, number: int) -> None:
        self._wanted = number

    def _choose_file(self) -> None:
        name, _ = QFileDialog.getOpenFileName(self, "Choose a file of texts", "", TEXT_FILES)
        if name:
            self.use_file(Path(name))

    def use_file(self, path: Path) -> None:
        """Take the texts from a file."""
        self._file = path
        self.file.setText(str(path))
        self._read_prompts()

    # ---- layout

    def _make_fields(self) -> None:
        self.speaker = QComboBox(editable=True)
        self.speaker.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        complete(self.speaker, "Speaker").editingFinished.connect(self._show_speaker)
        self.speaker.activated.connect(lambda _index: self._show_speaker())
        self.speaker.editTextChanged.connect(lambda _text: self._allow())
        self.age = QComboBox()
        self.age.setAccessibleName("Age")
        for band in AGES:
            self.age.addItem(band)
        self.gender, self.accent, self.notes = QLineEdit(), QLineEdit(), QLineEdit()
        for field, name in ((self.gender, "Gender"), (self.accent, "Accent"), (self.notes, "Notes")):
            field.setAccessibleName(name)
        self.consent = QCheckBox("The speaker agrees to be recorded (the day is kept)")
        self.consent.toggled.connect(lambda _on: self._allow())
        self.dataset = QComboBox(editable=True)
        self.dataset.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        self.dataset.setAccessibleName("Dataset the takes go to")
        self.dataset.addItem(DATASET_NAME)
        self.dataset.editTextChanged.connect(lambda _text: self._allow())
        self.split = QComboBox()
        self.split.setAccessibleName("Split the takes go to")
        for split in SPLITS:
            self.split.addItem(split.capitalize(), split)
        self.split.setCurrentIndex(SPLITS.index("test"))
        self.source = QComboBox()
        self.source.setAccessibleName("Which texts")
        self.source.addItem("Least covered by speech first", _COVERAGE)
        self.source.addItem("Texts of a dataset, as they are", _DATASET)
        self.source.addItem("A file of texts", _FILE)
        self.source.activated.connect(lambda _index: self._read_prompts())
        self.texts_of = QComboBox()
        self.texts_of.setAccessibleName("Dataset of the texts")
        self.texts_of.activated.connect(lambda _index: self._read_prompts())
        self.texts_split = QComboBox()
        self.texts_split.setAccessibleName("Split of the texts")
        self.texts_split.addItem("All splits", None)
        for split in SPLITS:
            self.texts_split.addItem(split.capitalize(), split)
        self.texts_split.activated.connect(lambda _index: self._read_prompts())
        self.file = ElidedLabel("No file chosen")
        self.number = QSpinBox(minimum=1, maximum=_MOST, value=self._wanted)
        self.number.setAccessibleName("How many texts")
        self.number.valueChanged.connect(self._want)
        self.shuffled = QCheckBox("Shuffled, with seed")
        self.seed = QSpinBox(maximum=_MOST, value=17)
        self.seed.setEnabled(False)
        self.seed.setAccessibleName("Seed")
        self.shuffled.toggled.connect(self.seed.setEnabled)
        self.original = QCheckBox("Also keep the sound at the device's own rate")
        self.status = label("", "hint")

    def _lay_out(self) -> None:
        choose = button("Choose file...", theme=self._context.theme, icon="folder")
        choose.clicked.connect(self._choose_file)
        self.start = primary_button("Start recording")
        self.start.setDefault(True)
        self.start.clicked.connect(self._begin)
        cancel = button("Cancel")
        cancel.clicked.connect(self.reject)
        grid = QGridLayout()
        grid.setHorizontalSpacing(12)
        grid.setVerticalSpacing(8)
        grid.setColumnStretch(1, 1)

        def section(words: str) -> None:
            grid.addWidget(label(words, "strong"), grid.rowCount(), 0, 1, 3)

        def row(name: str, *widgets: QWidget) -> QLabel:
            at, heading = grid.rowCount(), label(name)
            grid.addWidget(heading, at, 0)
            grid.addWidget(widgets[0], at, 1, 1, 3 - len(widgets))
            for column, widget in enumerate(widgets[1:], 2):
                grid.addWidget(widget, at, column)
            return heading

        section("Who reads")
        row("Speaker", self.speaker)
        row("Age, if told", self.age)
        row("Gender, if told", self.gender)
        row("Accent, if told", self.accent)
        row("Notes", self.notes)
        grid.addWidget(self.consent, grid.rowCount(), 1, 1, 2)
        section("What is read")
        row("Texts", self.source)
        of_dataset = row("From", self.texts_of, self.texts_split)
        self._of_dataset = (of_dataset, self.texts_of)
        of_file = row("File", self.file, choose)
        self._of_file = (of_file, self.file, choose)
        row("How many", self.number)
        row("", self.shuffled, self.seed)
        section("Where it goes")
        row("Dataset", self.dataset, self.split)
        row("", self.original)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(24, 20, 24, 16)
        layout.setSpacing(12)
        layout.addWidget(label("New recording session", "section"))
        layout.addLayout(grid)
        layout.addWidget(self.outcome)
        layout.addStretch(1)
        buttons = QHBoxLayout()
        buttons.setSpacing(8)
        buttons.addWidget(self.status, 1)
        buttons.addWidget(cancel)
        buttons.addWidget(self.start)
        layout.addLayout(buttons)
