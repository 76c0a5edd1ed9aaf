"""Facts one below the other: what it is at the left, how it stands at the right."""

from __future__ import annotations

from PySide6.QtWidgets import QGridLayout, QLabel, QWidget

from gui.widgets.basics import label

NAME_WIDTH = 96
"""The same in every grid, so that the cards of a page line up."""
FIELD_INSET = 3
"""Where the words of a field without a visible border begin; those of labels do so below it, too."""


class FactGrid(QWidget):
    """Grows by `add`."""

    def __init__(self) -> None:
        super().__init__()
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 8, 0, 4)
        self._grid.setHorizontalSpacing(16)
        self._grid.setVerticalSpacing(8)
        self._grid.setColumnMinimumWidth(0, NAME_WIDTH)
        self._grid.setColumnStretch(1, 1)

    def add(self, name: str, fact: QWidget) -> None:
        """One more line."""
        if isinstance(fact, QLabel):
            fact.setIndent(FIELD_INSET)
        row = self._grid.rowCount()
        self._grid.addWidget(label(name, "hint"), row, 0)
        self._grid.addWidget(fact, row, 1)
