"""Which intent is taken for which: a square of counts that can be looked through with mouse and keys."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QScrollArea, QVBoxLayout, QWidget

from core.evaluation.batch.scores import Confusions
from gui.theme import Theme
from gui.widgets.basics import ElidedLabel, label
from gui.widgets.confusion_cells import KEYS_HINT, ConfusionCells


class ConfusionMatrix(QWidget):
    """Rows are what was right, columns what was answered; the diagonal holds the right ones.

    A click and Enter choose a cell. What the cell under the mouse or the keyboard means is said below.
    """

    clicked = Signal(str, str)
    """a click on this intent (first) answered by this one (NO_LABEL for none); only where something is"""
    entered = Signal(str, str)
    """the same by the keyboard"""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.cells = ConfusionCells(theme)
        self.caption = ElidedLabel("", "strong")
        area = QScrollArea(widgetResizable=True)
        area.setWidget(self.cells)
        area.setFrameShape(QScrollArea.Shape.NoFrame)
        self.cells.setProperty("role", "scrolled")
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        layout.addWidget(ElidedLabel("Rows: expected \u00b7 columns: answered", "hint"))
        layout.addWidget(area, 1)
        layout.addWidget(self.caption)
        layout.addWidget(label(KEYS_HINT, "hint"))
        self.cells.pointed.connect(self.caption.setText)
        self.cells.moved.connect(lambda place: area.ensureVisible(place.x(), place.y(), 40, 40))
        self.cells.clicked.connect(self.clicked)
        self.cells.entered.connect(self.entered)
        self.setFocusProxy(self.cells)

    def show_confusions(self, confusions: Confusions | None) -> None:
        """Show other counts; None for nothing."""
        self.cells.show_confusions(confusions)

    def select(self, expected: str, answered: str) -> None:
        """Go to this cell; harmless when there is none."""
        self.cells.select(expected, answered)
