"""The base model: Teaspoon, a known one of the Hub, a folder, or what an experiment file names."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QComboBox, QFileDialog, QWidget

from core.models.loading import TEASPOON
from gui.base_model_choices import BaseModelChoice

_BROWSE = "\0browse"


class BaseModelBox(QComboBox):
    """Emits `model_chosen` when the user picks another model; `show_model` and `offer` emit nothing."""

    model_chosen = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Base model")
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.setMinimumContentsLength(24)
        self._model = TEASPOON
        self.addItem("Teaspoon (built in)", TEASPOON)
        self.addItem("Choose a folder...", _BROWSE)
        self.activated.connect(self._picked)

    def offer(self, choices: Sequence[BaseModelChoice]) -> None:
        """List these models; one that is listed already gets its new title."""
        for choice in choices:
            index = self._index_of(choice.name)
            self.setItemText(index, choice.title)
            self.setItemData(index, choice.note, Qt.ItemDataRole.ToolTipRole)

    def show_model(self, name: str) -> None:
        """Select this model; one that is not in the list yet is added to it."""
        self._model = name
        self.setCurrentIndex(self._index_of(name))
        self.setToolTip(name)

    def _index_of(self, name: str) -> int:
        """Where a model stands in the list; a new one is put at the end of it."""
        if self.findData(name) < 0:
            self.insertItem(self.count() - 1, Path(name).name if Path(name).is_absolute() else name, name)
        return self.findData(name)

    def _picked(self, index: int) -> None:
        picked = self.itemData(index)
        if picked != _BROWSE:
            self._choose(picked)
            return
        self.show_model(self._model)
        dialog = QFileDialog(self, "Choose the folder of a base model")
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        dialog.setOption(QFileDialog.Option.ShowDirsOnly)
        dialog.fileSelected.connect(self._choose)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def _choose(self, name: str) -> None:
        if name != self._model:
            self.show_model(name)
            self.model_chosen.emit(name)
