"""Experiment: how much speech, in which stage, and what that comes to; then Start."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import cast

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QHideEvent
from PySide6.QtWidgets import QFileDialog, QGridLayout, QLineEdit, QVBoxLayout

from core.data.summary import DatasetSummary
from core.errors import UserError
from core.experiment.presets import load_preset
from core.experiment.spec import ExperimentSpec, dump_experiment, load_experiment
from core.experiment.stages import Scheme
from core.storage.files import write_text_atomically
from gui.background import Task
from gui.base_model_choices import list_base_models
from gui.context import AppContext
from gui.experiment_assessment import Assessment, Knowledge, assess
from gui.experiment_draft import ExperimentDraft, StageDraft
from gui.pages.mix_dialog import MixDialog
from gui.pages.more_settings_dialog import MoreSettingsDialog
from gui.run_launcher import RunLauncher
from gui.widgets.base_model_box import BaseModelBox
from gui.widgets.basics import Card, button, label, primary_button
from gui.widgets.curriculum_editor import CurriculumEditor
from gui.widgets.dataset_picker import TestPicker, TrainPicker
from gui.widgets.experiment_outlook import Outlook, speech_words
from gui.widgets.field import Field, ProblemLabel
from gui.widgets.language_mix import LanguageMix
from gui.widgets.message import InlineMessage
from gui.widgets.mixture_slider import SpeechShareSlider
from gui.widgets.more_settings_line import MoreSettingsLine
from gui.widgets.page_frame import PageFrame
from gui.widgets.scheme_picker import SchemePicker

DEFAULT_PRESET = "demo-curriculum"
SETTLE_MS = 120
"""Typing and dragging are assessed when they pause for this long."""
KEEP_MS = 2_000
"""So long after the last change it is kept, should the window not be closed but killed."""

FILES = "Experiment (*.toml)"


class ExperimentPage(PageFrame):
    """Edits an `ExperimentDraft`. Every change is assessed off the UI thread, and the findings are shown."""

    title = "Experiment"
    icon_name = "experiment"
    run_started = Signal(str)
    look_at_data = Signal(str)
    """The dataset whose errors somebody wants to see before a start."""

    def __init__(self, context: AppContext) -> None:
        super().__init__("Experiment", hint="How much speech, in which stage", scrolls=True)
        self._context = context
        self._trouble: UserError | None = None
        self._draft = self._remembered_draft()
        self._datasets: tuple[DatasetSummary, ...] | None = None
        self._known = Knowledge()
        self._assessment: Assessment | None = None
        self._task: Task | None = None
        self._start_wanted = False
        self._launcher = RunLauncher(context, self)
        self._dialog: MoreSettingsDialog | None = None
        self._make_inputs()
        self._lay_out()
        self._connect()
        self._settle = QTimer(self)
        self._settle.setSingleShot(True)
        self._settle.setInterval(SETTLE_MS)
        self._settle.timeout.connect(self._assess)
        self._kept = QTimer(self)
        self._kept.setSingleShot(True)
        self._kept.setInterval(KEEP_MS)
        self._kept.timeout.connect(self._remember_draft)
        self._show_draft()

    def hideEvent(self, event: QHideEvent) -> None:
        """Another page, or the window closes."""
        self._remember_draft()
        super().hideEvent(event)

    def activated(self) -> None:
        """Datasets and models may have changed since the page was last seen."""
        if self._trouble is not None:
            self._context.errors.report(self._trouble)
            self._trouble = None
        self._context.background.run(
            lambda _: self._context.open_library().datasets(), success=self._show_datasets, owner=self
        )
        self._context.background.run(lambda _: list_base_models(), success=self._model.offer, owner=self)

    def _remember_draft(self) -> None:
        """What was written is there again next time; the usual experiment is not kept, it may be another one
        then."""
        usual = ExperimentDraft.of(load_preset(DEFAULT_PRESET))
        self._context.remember(experiment="" if self._draft == usual else self._draft.to_json())

    def _remembered_draft(self) -> ExperimentDraft:
        remembered = self._context.settings.current.experiment
        if remembered:
            try:
                return ExperimentDraft.from_json(remembered)
            except ValueError as error:
                self._trouble = UserError(
                    "The experiment you were writing last time could not be read, so the usual one is shown.",
                    remedy="It may be of another version of Spoonful. Write it again, or open a saved file.",
                    details=f"{error}\n\nIt was:\n{remembered}",
                )
        return ExperimentDraft.of(load_preset(DEFAULT_PRESET))

    def load_preset(self, name: str) -> None:
        """Show a preset's experiment. Raises UserError when there is none of that name."""
        self._open(load_preset(name))

    def start(self) -> None:
        """Start what is shown as soon as it has been checked."""
        self._start_wanted = True

    def use_dataset(self, dataset: str) -> None:
        """Learn from this dataset and test on it; everything else stays."""
        self._change(self._draft.changed(train=(dataset,), test=(dataset,)))

    def learn_from(self, datasets: Sequence[str]) -> None:
        """Learn from these datasets and test on the first; everything else stays."""
        self._change(self._draft.changed(train=tuple(datasets), test=tuple(datasets[:1])))

    def draft(self) -> ExperimentDraft:
        return self._draft

    # ---- changes by the user

    def _change(self, draft: ExperimentDraft) -> None:
        self._draft = draft
        self._kept.start()
        self._show_draft()

    def _open(self, spec: ExperimentSpec) -> None:
        self._change(ExperimentDraft.of(spec))

    def change_settings(self, key: str = "") -> None:
        """Open "More settings", at this field or table."""
        dialog = self._dialog = MoreSettingsDialog(self._context.theme, self)
        dialog.edited.connect(lambda changes: self._change(self._draft.with_settings(changes)))
        dialog.finished.connect(self._forget_dialog)
        dialog.show_settings(self._draft.settings)
        if self._assessment is not None:
            dialog.show_assessment(self._assessment)
        dialog.open()
        dialog.go_to(key)

    def _forget_dialog(self) -> None:
        self._dialog = None

    def _ask_open(self) -> None:
        dialog = QFileDialog(self, "Open an experiment file", "", FILES)
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.fileSelected.connect(self.open_file)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def open_file(self, path: str) -> None:
        """Show the experiment of a file; a mistake in it goes to the error bar and changes nothing here."""
        self._context.background.run(lambda _: load_experiment(Path(path)), success=self._open, owner=self)

    def _ask_save(self) -> None:
        dialog = QFileDialog(self, "Save the experiment as a file", "experiment.toml", FILES)
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setDefaultSuffix("toml")
        dialog.fileSelected.connect(self.save_file)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def save_file(self, path: str) -> None:
        """Write the experiment to a file that `spoonful train` and "Open" read."""
        spec = self._ready_spec()
        if spec is not None:
            text = dump_experiment(spec)
            self._context.background.run(lambda _: write_text_atomically(Path(path), text), owner=self)

    # ---- what the draft comes to

    def _assess(self) -> None:
        self._forget_task()
        if self._datasets is None:
            return
        draft, known, datasets = self._draft, self._known, self._datasets
        self._task = self._context.background.run(
            lambda _: assess(draft, known, datasets, self._context.open_library(), self._context.run_store()),
            success=self._show_assessment,
            failure=self._assessment_failed,
            owner=self,
        )

    def _assessment_failed(self, error: Exception) -> None:
        self._start_wanted = False
        self._context.errors.report(error)

    def _forget_task(self) -> None:
        if self._task is not None:
            self._task.cancel()
            self._task = None

    def _show_assessment(self, found: Assessment) -> None:
        self._task, self._assessment, self._known = None, found, found.knowledge
        problems = found.problems
        self._name_field.set_problem(problems.name)
        self._model_field.set_problem(problems.base_model)
        self._model_field.set_hint(found.model_hint)
        self._train_field.set_problem(problems.train)
        self._test_field.set_problem(problems.test)
        self._share_problem.set_problem(problems.share)
        self._editor.set_problems(problems.stages)
        self._settings.set_problems(problems.settings)
        if self._dialog is not None:
            self._dialog.show_assessment(found)
        if problems.curriculum:
            self._curriculum_message.say("bad", problems.curriculum)
        elif found.warning:
            self._curriculum_message.say("warn", found.warning)
        else:
            self._curriculum_message.clear()
        if found.preview is not None:
            self._editor.set_seen(
                [(stage.text_examples, stage.speech_examples) for stage in found.preview.seen]
            )
        self._speech.setText(speech_words(found.preview) if self._draft.uses_speech else NO_SPEECH)
        self._outlook.show_assessment(found)
        self._allow()
        if self._start_wanted:
            self._start()

    def _ready_spec(self) -> ExperimentSpec | None:
        """The experiment as checked, None while it has mistakes or the check is still to come."""
        found = self._assessment
        return found.spec if found is not None and found.draft == self._draft else None

    def _allow(self) -> None:
        found = self._assessment
        possible = found is not None and (found.spec is not None or found.draft != self._draft)
        self._start_button.setEnabled(possible)
        self._save_button.setEnabled(possible)
        reason = found.problems.first() if found is not None else ""
        self._start_button.setToolTip("" if possible else reason)

    def _start(self) -> None:
        spec = self._ready_spec()
        # A click right after the last change waits for its check instead of starting the older draft.
        self._start_wanted = spec is None and (self._task is not None or self._settle.isActive())
        if spec is None:
            return
        self._start_button.setEnabled(False)
        self._launcher.start(spec)

    def _show_mix(self) -> None:
        if (spec := self._ready_spec()) is not None:
            MixDialog(self._context, spec, self).open()

    # ---- showing

    def _show_draft(self) -> None:
        draft = self._draft
        if self._name.text() != draft.name:
            self._name.setText(draft.name)
        self._model.show_model(draft.base_model)
        self._scheme.show_scheme(draft.scheme)
        self._train.show_datasets(self._datasets or (), draft.train)
        self._test.show_datasets(self._datasets or (), draft.test)
        self._share.set_share(draft.share)
        self._share.setEnabled(draft.uses_speech)
        trained_on = [each for each in self._datasets or () if each.name in draft.train]
        self._mix.show_mix(trained_on, draft.languages, draft.weights)
        if self._editor.stages() != draft.stages:
            self._editor.set_stages(draft.stages)
        self._settings.show_settings(draft.settings)
        if self._dialog is not None:
            self._dialog.show_settings(draft.settings)
        self._allow()
        self._settle.start()

    def _show_datasets(self, datasets: Sequence[DatasetSummary]) -> None:
        self._datasets, self._known = tuple(datasets), Knowledge()
        self._show_draft()

    # ---- construction

    def _make_inputs(self) -> None:
        theme = self._context.theme
        self._name = QLineEdit()
        self._model = BaseModelBox()
        self._scheme = SchemePicker()
        self._train = TrainPicker()
        self._test = TestPicker()
        self._share = SpeechShareSlider(theme)
        self._share_problem = ProblemLabel(theme)
        self._mix = LanguageMix()
        self._speech = label("")
        self._speech.setWordWrap(True)
        self._editor = CurriculumEditor(theme)
        self._curriculum_message = InlineMessage(theme)
        self._settings = MoreSettingsLine(theme)
        self._outlook = Outlook(theme)
        self._name_field = Field(theme, "Name", self._name)
        self._model_field = Field(theme, "Base model", self._model)
        self._train_field = Field(theme, "Train on", self._train)
        self._test_field = Field(theme, "Test on", self._test)
        self._open_button = button("Open...", theme=theme, icon="folder", tip="Open an experiment file")
        self._save_button = button("Save...", theme=theme, icon="save", tip="Save as an experiment file")
        self._start_button = primary_button("Start", theme=theme, icon="play")

    def _connect(self) -> None:
        self._name.textEdited.connect(lambda text: self._change(self._draft.changed(name=text)))
        self._model.model_chosen.connect(lambda name: self._change(self._draft.with_base_model(name)))
        self._scheme.chosen.connect(self._choose_scheme)
        self._mix.changed.connect(lambda mix: self._change(self._draft.changed(**mix)))
        self._train.chosen.connect(lambda names: self._change(self._draft.changed(train=names)))
        self._test.chosen.connect(lambda names: self._change(self._draft.changed(test=names)))
        self._share.share_changed.connect(lambda share: self._change(self._draft.changed(share=share)))
        self._editor.stages_changed.connect(self._change_stages)
        self._settings.change_asked.connect(self.change_settings)
        self._launcher.started.connect(self.run_started)
        self._launcher.look_at_data.connect(self.look_at_data)
        self._launcher.idle.connect(self._allow)
        self._outlook.details.clicked.connect(self._show_mix)
        self._open_button.clicked.connect(self._ask_open)
        self._save_button.clicked.connect(self._ask_save)
        self._start_button.clicked.connect(self._start)

    def _choose_scheme(self, scheme: str) -> None:
        draft = self._draft.with_scheme(cast("Scheme", scheme))
        if scheme == "cross-lingual" and not draft.languages:
            draft = draft.changed(languages=self._mix.suggested())
        self._change(draft)

    def _change_stages(self, stages: tuple[StageDraft, ...]) -> None:
        self._change(self._draft.with_stages(stages))

    def _lay_out(self) -> None:
        self.header.addWidget(self._open_button, 0, Qt.AlignmentFlag.AlignTop)
        self.header.addWidget(self._save_button, 0, Qt.AlignmentFlag.AlignTop)
        self.body.addWidget(self._make_basis())
        self.body.addWidget(self._make_speech())
        self.body.addWidget(self._make_curriculum())
        self.body.addWidget(self._settings)
        self.body.addStretch(1)
        self.footer.addWidget(self._outlook, 1)
        self.footer.addWidget(self._start_button, 0, Qt.AlignmentFlag.AlignVCenter)

    def _make_basis(self) -> Card:
        card = Card()
        grid = QGridLayout()
        grid.setHorizontalSpacing(24)
        grid.setVerticalSpacing(12)
        grid.addWidget(self._name_field, 0, 0)
        grid.addWidget(self._model_field, 0, 1)
        grid.addWidget(self._train_field, 1, 0)
        grid.addWidget(self._test_field, 1, 1)
        scheme = QVBoxLayout()
        scheme.setSpacing(4)
        scheme.addWidget(label("Scheme", "hint"))
        scheme.addWidget(self._scheme)
        grid.addLayout(scheme, 2, 0, 1, 2)
        grid.setColumnStretch(0, 1)
        grid.setColumnStretch(1, 1)
        card.body.addLayout(grid)
        return card

    def _make_speech(self) -> Card:
        card = Card("Speech share")
        card.body.addWidget(self._share)
        card.body.addWidget(self._speech)
        card.body.addWidget(self._share_problem)
        card.body.addWidget(self._mix)
        return card

    def _make_curriculum(self) -> Card:
        card = Card("Stages")
        card.body.addWidget(self._editor)
        card.body.addWidget(self._curriculum_message)
        return card


NO_SPEECH = "No stage uses speech, so no recording is needed for training. The test still uses speech."
