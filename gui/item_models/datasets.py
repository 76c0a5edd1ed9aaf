"""The datasets of the library as a small table of numbers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt

from core.data.summary import DatasetSummary
from gui.formatting import counted, grouped

Index = QModelIndex | QPersistentModelIndex


class _NumberColumn(NamedTuple):
    heading: str
    tip: str
    value: Callable[[DatasetSummary], str]


def _problems(dataset: DatasetSummary) -> str:
    if dataset.problems is None:
        return "not checked"
    named = zip(dataset.problems, ("error", "warning"), strict=True)
    return ", ".join(counted(number, word) for number, word in named if number) or "none"


_NUMBERS = (
    _NumberColumn("Train\ntext", "Text pairs to train on", lambda d: grouped(d.counts["train"]["text"])),
    _NumberColumn("Train\nspeech", "Recordings to train on", lambda d: grouped(d.counts["train"]["speech"])),
    _NumberColumn(
        "Validation\ntext", "Texts for watching a run", lambda d: grouped(d.counts["validation"]["text"])
    ),
    _NumberColumn(
        "Validation\nspeech",
        "Recordings for watching a run",
        lambda d: grouped(d.counts["validation"]["speech"]),
    ),
    _NumberColumn("Test\ntext", "Texts for the final score", lambda d: grouped(d.counts["test"]["text"])),
    _NumberColumn(
        "Test\nspeech", "Recordings for the final score", lambda d: grouped(d.counts["test"]["speech"])
    ),
    _NumberColumn("Speech\nminutes", "Length of all recordings", lambda d: f"{d.minutes:.1f}"),
    _NumberColumn("\nIntents", "Different intents", lambda d: grouped(len(d.intents))),
    _NumberColumn("Slot\ntypes", "Different slot types", lambda d: grouped(len(d.slot_types))),
    _NumberColumn("\nProblems", "Errors and warnings of the last check", _problems),
)


class DatasetTable(QAbstractTableModel):
    """One row per dataset, in the library's order."""

    def __init__(self) -> None:
        super().__init__()
        self._datasets: Sequence[DatasetSummary] = ()

    def show_datasets(self, datasets: Sequence[DatasetSummary]) -> None:
        self.beginResetModel()
        self._datasets = datasets
        self.endResetModel()

    def dataset(self, row: int) -> DatasetSummary:
        return self._datasets[row]

    def row_of(self, name: str) -> int | None:
        """The row of the dataset called `name`."""
        return next((row for row, each in enumerate(self._datasets) if each.name == name), None)

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own signature
        return 0 if parent.isValid() else len(self._datasets)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else 1 + len(_NUMBERS)

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        if orientation != Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return _NUMBERS[section - 1].heading if section else "\nDataset"
        if role == Qt.ItemDataRole.ToolTipRole and section:
            return _NUMBERS[section - 1].tip
        if role == Qt.ItemDataRole.TextAlignmentRole and section:
            return Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignBottom
        return None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        dataset = self._datasets[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return _NUMBERS[index.column() - 1].value(dataset) if index.column() else dataset.name
        if role == Qt.ItemDataRole.ToolTipRole and not index.column():
            synthetic = (
                f"\n{grouped(dataset.synthetic)} recordings are synthetic" if dataset.synthetic else ""
            )
            return f"{dataset.name}: {dataset.source}{synthetic}"
        if role == Qt.ItemDataRole.TextAlignmentRole and index.column():
            return Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        return None
