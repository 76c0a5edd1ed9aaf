"""Which datasets an experiment learns from, and on which it is tested."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QCheckBox, QComboBox, QVBoxLayout, QWidget

from core.data.summary import DatasetSummary
from gui.formatting import counted, grouped


class TrainPicker(QWidget):
    """A check box per dataset. A dataset that is not in the library stays listed while it is used."""

    chosen = Signal(tuple)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Train on")
        self._boxes: dict[str, QCheckBox] = {}
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(2)

    def show_datasets(self, datasets: Sequence[DatasetSummary], used: Sequence[str]) -> None:
        """List the library's datasets and check the used ones."""
        words = {each.name: _train_words(each) for each in datasets}
        words |= {name: f"{name} (not in the library)" for name in used if name not in words}
        for name in [name for name in self._boxes if name not in words]:
            self._boxes.pop(name).deleteLater()
        for name, text in words.items():
            if name not in self._boxes:
                box = QCheckBox()
                box.clicked.connect(self._emit)
                self._column.addWidget(box)
                self._boxes[name] = box
            self._boxes[name].setText(text)
            self._boxes[name].setChecked(name in used)

    def names(self) -> tuple[str, ...]:
        """The checked datasets, in the library's order."""
        return tuple(name for name, box in self._boxes.items() if box.isChecked())

    def _emit(self) -> None:
        self.chosen.emit(self.names())


class TestPicker(QComboBox):
    """The dataset whose test split gives the final scores; several when an experiment file says so."""

    __test__ = False  # not a test case, whatever its name makes pytest think
    chosen = Signal(tuple)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Test on")
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.setMinimumContentsLength(24)
        self.activated.connect(lambda index: self.chosen.emit(tuple(self.itemData(index))))

    def show_datasets(self, datasets: Sequence[DatasetSummary], used: Sequence[str]) -> None:
        """List the library's datasets and select the used one."""
        self.clear()
        for each in datasets:
            self.addItem(_test_words(each), [each.name])
        if self._row_of(used) is None and used:
            self.addItem(" + ".join(used), list(used))
        row = self._row_of(used)
        self.setCurrentIndex(-1 if row is None else row)
        for index in range(self.count()):
            self.setItemData(index, self.itemText(index), Qt.ItemDataRole.ToolTipRole)

    def _row_of(self, used: Sequence[str]) -> int | None:
        return next((row for row in range(self.count()) if self.itemData(row) == list(used)), None)


def _train_words(dataset: DatasetSummary) -> str:
    pool = dataset.counts["train"]
    return f"{dataset.name}: {counted(pool['text'], 'text')}, {counted(pool['speech'], 'recording')}"


def _test_words(dataset: DatasetSummary) -> str:
    pool = dataset.counts["test"]
    return f"{dataset.name}: {grouped(pool['speech'])} spoken, {grouped(pool['text'])} written"
