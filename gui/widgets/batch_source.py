"""What a batch asks about: a split of a dataset, as speech or as text, or a folder of recordings."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Final

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog, QWidget

from core.data.utterance import MODALITIES, SPLITS, Modality, Split
from core.inference.batch import Batch, folder_batch, split_batch
from gui.background import Task
from gui.context import AppContext
from gui.widgets.elided_combo import ElidedComboBox

_FOLDER: Final = "A folder of recordings..."


class BatchSource(ElidedComboBox):
    """Its last entry asks for a folder, which stays in the list then."""

    def __init__(self, context: AppContext, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self._splits: list[tuple[str, Split, Modality]] = []
        self._folder: Path | None = None
        self.setAccessibleName("What to ask about")
        self.activated.connect(self._choose)

    def refresh(self) -> None:
        """Read the list of datasets again."""

        def read(_task: Task) -> list[tuple[str, Split, Modality]]:
            return [
                (summary.name, split, modality)
                for summary in self._context.open_library().datasets()
                for split in reversed(SPLITS)
                for modality in reversed(MODALITIES)
                if summary.counts[split][modality]
            ]

        self._context.background.run(read, success=self._show, owner=self)

    def choose_folder(self, folder: Path) -> None:
        """Take the recordings of this folder."""
        self._folder = folder
        self._show(self._splits)
        self.setCurrentIndex(len(self._splits))

    def load(self) -> Callable[[], Batch] | None:
        """What reads the chosen items, on any thread; None when nothing is chosen yet."""
        index, context, folder = self.currentIndex(), self._context, self._folder
        if 0 <= index < len(self._splits):
            dataset, split, given = self._splits[index]
            return lambda: split_batch(context.open_library(), dataset, split, given)
        return None if folder is None else lambda: folder_batch(folder)

    def ask_folder(self) -> None:
        """Have a folder chosen."""
        dialog = QFileDialog(self, "A folder of recordings")
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        dialog.fileSelected.connect(lambda chosen: self.choose_folder(Path(chosen)))
        dialog.open()

    def _choose(self, index: int) -> None:
        if index == self.count() - 1:
            self.ask_folder()

    def _show(self, splits: list[tuple[str, Split, Modality]]) -> None:
        chosen, self._splits = self.currentText(), splits
        names = [f"{dataset}: {split}, {given}" for dataset, split, given in splits]
        names += [] if self._folder is None else [str(self._folder)]
        self.clear()
        self.addItems([*names, _FOLDER])
        self.setCurrentIndex(names.index(chosen) if chosen in names else 0)
