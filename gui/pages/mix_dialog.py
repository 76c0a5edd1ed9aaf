"""What each stage of an experiment sees, in numbers, and what is left out; the whole list as a file."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QDialog,
    QFileDialog,
    QHBoxLayout,
    QHeaderView,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from core.experiment.mix import Mix, mix_of, write_list
from core.experiment.spec import ExperimentSpec
from gui.background import Task
from gui.context import AppContext
from gui.formatting import grouped
from gui.widgets.basics import button, label
from gui.widgets.table import dress_table

HEADINGS = ("Stage", "Dataset", "Language", "Modality", "Different", "Examples", "Minutes")
_NUMBERS = 4
"""The first column that holds numbers."""


class MixDialog(QDialog):
    """Counts in the background; closing it cancels that."""

    def __init__(self, context: AppContext, spec: ExperimentSpec, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(f"What {spec.name} sees")
        self.resize(820, 460)
        self._context = context
        self._spec = spec
        self.table = QTableWidget(0, len(HEADINGS))
        self.words = label("Counting...")
        self.words.setWordWrap(True)
        self.words.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.export = button("Export the list...", tip="Every utterance of every step, in order (TSV)")
        self.export.clicked.connect(self._ask_file)
        self._lay_out(spec.name)
        self._task = context.background.run(
            lambda _task: mix_of(spec, context.open_library()), success=self._show, owner=self
        )

    def done(self, result: int) -> None:
        self._task.cancel()
        super().done(result)

    def export_to(self, path: str) -> None:
        """Write the list into a file."""

        def work(_task: Task) -> int:
            return write_list(self._spec, self._context.open_library(), Path(path))

        self.export.setEnabled(False)
        task = self._context.background.run(work, success=self._exported, owner=self)
        task.finished.connect(self._allow_export)

    def _allow_export(self) -> None:
        self.export.setEnabled(True)

    def _exported(self, rows: int) -> None:
        self.export.setText(f"{grouped(rows)} rows written")

    def _ask_file(self) -> None:
        path, _ = QFileDialog.getSaveFileName(self, "Export the list", "mix.tsv", "Table (*.tsv)")
        if path:
            self.export_to(path)

    def _show(self, mix: Mix) -> None:
        self.table.setRowCount(len(mix.parts))
        for row, part in enumerate(mix.parts):
            minutes = f"{part.minutes:.1f}" if part.modality == "speech" else ""
            cells = (
                part.stage,
                part.dataset,
                part.language,
                part.modality,
                grouped(part.pairs),
                grouped(part.examples),
                minutes,
            )
            for column, text in enumerate(cells):
                item = QTableWidgetItem(text)
                if column >= _NUMBERS:
                    item.setTextAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
                self.table.setItem(row, column, item)
        self.words.setText("\n".join(mix.words))

    def _lay_out(self, name: str) -> None:
        dress_table(self.table, "What each stage sees")
        self.table.setHorizontalHeaderLabels(list(HEADINGS))
        header = self.table.horizontalHeader()
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        close = button("Close")
        close.clicked.connect(self.accept)
        buttons = QHBoxLayout()
        buttons.addWidget(self.export)
        buttons.addStretch(1)
        buttons.addWidget(close)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(24, 20, 24, 16)
        layout.setSpacing(16)
        layout.addWidget(label(name, "section"))
        layout.addWidget(self.table, 1)
        layout.addWidget(self.words)
        layout.addLayout(buttons)
