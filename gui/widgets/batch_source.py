"""Choosing what a batch goes through: a folder of recordings, or a dataset's split as speech or as text."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QSignalBlocker, Signal, Slot
from PySide6.QtWidgets import QComboBox, QFileDialog, QGridLayout, QHBoxLayout, QRadioButton, QWidget

from core.data.progress import Cancel
from core.data.summary import DatasetSummary
from core.data.utterance import SPLITS
from core.evaluation.batch.items import Batch, items_of_folder, items_of_split
from core.inference.client import LoadedModel
from gui.batch_run import Choose
from gui.context import AppContext
from gui.formatting import counted
from gui.widgets.basics import ElidedLabel, button, label
from gui.widgets.elided_combo import ElidedComboBox


class BatchSource(QWidget):
    """changed: something else is chosen, or what is chosen has become known."""

    changed = Signal()

    def __init__(self, context: AppContext, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self._datasets: Sequence[DatasetSummary] = ()
        self.folder: Path | None = None
        self.of_folder = QRadioButton("A folder of recordings")
        self.of_dataset = QRadioButton("A dataset")
        self.of_dataset.setChecked(True)
        self.choose_folder = button("Folder\N{HORIZONTAL ELLIPSIS}", theme=context.theme, icon="folder")
        self.place = ElidedLabel("Sound files in it and below it are taken.", "hint")
        self.dataset = ElidedComboBox()
        self.dataset.setAccessibleName("Dataset")
        self.dataset.setMinimumWidth(140)
        self.split = QComboBox()
        self.split.setAccessibleName("Split")
        for each in reversed(SPLITS):
            self.split.addItem(each.capitalize(), each)
        self.given = QComboBox()
        self.given.setAccessibleName("Speech or text")
        self.given.addItem("Speech", "speech")
        self.given.addItem("Text", "text")
        self.count = label("", "hint")
        self.choose_folder.clicked.connect(self._ask_for_folder)
        self.of_folder.toggled.connect(self._say)
        for box in (self.dataset, self.split, self.given):
            box.currentIndexChanged.connect(self._take_dataset)
        self._lay_out()

    def refresh(self) -> None:
        """Read the list of datasets again; what was chosen stays chosen."""
        self._context.background.run(
            lambda _task: self._context.open_library().datasets(), success=self._offer, owner=self
        )

    def use_folder(self, folder: Path) -> None:
        """Choose this folder."""
        self.folder = folder
        self.place.setText(str(folder))
        self.of_folder.setChecked(True)
        self._say()

    @property
    def found(self) -> int | None:
        """How many items are chosen; None while nobody has looked, as in a folder."""
        if self.of_folder.isChecked():
            return None if self.folder is not None else 0
        index = self.dataset.currentIndex()
        if not 0 <= index < len(self._datasets):
            return 0
        return self._datasets[index].counts[self.split.currentData()][self.given.currentData()]

    def chooser(self, model: LoadedModel) -> Choose:
        """What finds the chosen items off the window's thread; not for a `found` of 0. model: who answers."""
        if self.of_folder.isChecked():
            folder = self.folder
            assert folder is not None  # noqa: S101 - something was found
            return lambda cancelled: items_of_folder(folder, model.intents, cancelled)
        context, name = self._context, self.dataset.currentText()
        split, given = self.split.currentData(), self.given.currentData()

        def choose(_cancelled: Cancel) -> Batch:
            return items_of_split(context.open_library(), name, split, given)

        return choose

    @Slot()
    def _ask_for_folder(self) -> None:
        start = "" if self.folder is None else str(self.folder)
        chosen = QFileDialog.getExistingDirectory(self, "Choose a folder of recordings", start)
        if chosen:
            self.use_folder(Path(chosen))

    def _offer(self, datasets: Sequence[DatasetSummary]) -> None:
        before = self.dataset.currentText()
        self._datasets = datasets
        names = [each.name for each in datasets]
        with QSignalBlocker(self.dataset):
            self.dataset.clear()
            self.dataset.addItems(names)
            self.dataset.setCurrentIndex(names.index(before) if before in names else 0)
        self._say()

    @Slot()
    def _take_dataset(self) -> None:
        self.of_dataset.setChecked(True)
        self._say()

    @Slot()
    def _say(self) -> None:
        thing = "recording" if self.given.currentData() == "speech" else "text"
        if self.of_dataset.isChecked():
            self.count.setText(counted(self.found or 0, thing))
        else:
            self.count.setText("")
        self.changed.emit()

    def _lay_out(self) -> None:
        choices = QHBoxLayout()
        choices.setSpacing(8)
        choices.addWidget(self.dataset, 1)
        for each in (self.split, self.given, self.count):
            choices.addWidget(each)
        folder = QHBoxLayout()
        folder.setSpacing(8)
        folder.addWidget(self.choose_folder)
        folder.addWidget(self.place, 1)
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(16)
        grid.setVerticalSpacing(8)
        grid.addWidget(self.of_dataset, 0, 0)
        grid.addLayout(choices, 0, 1)
        grid.addWidget(self.of_folder, 1, 0)
        grid.addLayout(folder, 1, 1)
        grid.setColumnStretch(1, 1)
