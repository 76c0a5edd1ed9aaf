"""The table of runs."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView, QWidget

from gui.item_models.runs import STARTED, RunRow, RunTableModel
from gui.theme import Theme
from gui.widgets.table import dress_table

_WIDTHS = {0: 116, 2: 198, 3: 76, 4: 176, 5: 116, 6: 96}
_SCHEME = 2
_NARROW_PX = 980


class RunTable(QTableView):
    """One row selected at a time, sorted by a click on a heading.

    The selected run stays selected while rows come, change and go.
    """

    chosen = Signal(object)
    """the selected run's id, or None"""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._runs = RunTableModel(theme, self)
        self._chosen: str | None = None
        self.setModel(self._runs)
        dress_table(self, "Runs")
        self.setIconSize(QSize(16, 16))
        header = self.horizontalHeader()
        header.setMinimumSectionSize(56)
        for column, width in _WIDTHS.items():
            self.setColumnWidth(column, width)
        header.setSectionResizeMode(1, QHeaderView.ResizeMode.Stretch)
        self.selectionModel().currentRowChanged.connect(self._row_changed)
        header.setSortIndicator(STARTED, Qt.SortOrder.DescendingOrder)
        self.setSortingEnabled(True)
        header.sortIndicatorChanged.connect(lambda _column, _order: self._restore_selection())

    def resizeEvent(self, event: QResizeEvent) -> None:
        # In a narrow window the name matters more; the selected run's scheme stands below the table, too.
        self.setColumnHidden(_SCHEME, event.size().width() < _NARROW_PX)
        super().resizeEvent(event)

    def show_rows(self, rows: Sequence[RunRow]) -> None:
        """Show these runs; selects the newest when the selected one is gone or none was."""
        self._runs.set_rows(rows)
        if self._chosen is None or self._runs.row_of(self._chosen) is None:
            self._choose(rows[0].run.id if rows else None)
        self._restore_selection()

    def choose(self, run_id: str) -> None:
        """Select a run, now or as soon as it is in the table."""
        self._choose(run_id)
        self._restore_selection()

    def chosen_run(self) -> str | None:
        return self._chosen

    def _choose(self, run_id: str | None) -> None:
        if run_id != self._chosen:
            self._chosen = run_id
            self.chosen.emit(run_id)

    def _restore_selection(self) -> None:
        row = self._runs.row_of(self._chosen) if self._chosen else None
        if row is not None and self.currentIndex().row() != row:
            self.selectRow(row)
            self.scrollTo(self._runs.index(row, 0), QAbstractItemView.ScrollHint.EnsureVisible)

    def _row_changed(self) -> None:
        index = self.currentIndex()
        if index.isValid():
            self._choose(self._runs.run_at(index.row()).id)
