"""How the model's certainty is spread over the intents it considered, one bar each."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QFont, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from gui.formatting import percent
from gui.theme import Theme, tabular

ROW_HEIGHT = 24
_NAME_WIDTH = 180
_FIGURE_WIDTH = 52


def whole_percent(share: float) -> str:
    """Never 100 % for what is not certain, never 0 % for what is possible."""
    if share >= 1.0 or share <= 0.0:
        return percent(share)
    return "<1 %" if share < 0.005 else percent(min(0.99, round(share, 2)))


class ConfidenceBars(QWidget):
    """The answer in the accent colour, its rivals below it in grey."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._rows: tuple[tuple[str, float], ...] = ()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        theme.changed.connect(self.update)

    def show_rows(self, rows: Sequence[tuple[str, float]]) -> None:
        """Intents with their probabilities, the answer first."""
        self._rows = tuple(rows)
        self.setAccessibleName(", ".join(f"{intent} {whole_percent(share)}" for intent, share in rows))
        self.setVisible(bool(rows))
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(360, ROW_HEIGHT * len(self._rows))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for row, (intent, share) in enumerate(self._rows):
            self._paint_row(painter, row, intent, share)

    def _paint_row(self, painter: QPainter, row: int, intent: str, share: float) -> None:
        top = row * ROW_HEIGHT
        chosen = row == 0
        font = tabular(self.font())
        font.setWeight(QFont.Weight.DemiBold if chosen else QFont.Weight.Normal)
        painter.setFont(font)
        painter.setPen(self._theme.color("text" if chosen else "muted"))
        name = painter.fontMetrics().elidedText(intent, Qt.TextElideMode.ElideRight, _NAME_WIDTH - 8)
        middle = Qt.AlignmentFlag.AlignVCenter
        painter.drawText(QRectF(0, top, _NAME_WIDTH, ROW_HEIGHT), Qt.AlignmentFlag.AlignLeft | middle, name)
        painter.drawText(
            QRectF(self.width() - _FIGURE_WIDTH, top, _FIGURE_WIDTH, ROW_HEIGHT),
            Qt.AlignmentFlag.AlignRight | middle,
            whole_percent(share),
        )
        groove = QRectF(
            _NAME_WIDTH, top + ROW_HEIGHT / 2 - 4, max(0, self.width() - _NAME_WIDTH - _FIGURE_WIDTH), 8
        )
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._theme.color("hover"))
        painter.drawRoundedRect(groove, 4, 4)
        painter.setBrush(self._theme.color("accent" if chosen else "disabled"))
        groove.setWidth(max(3.0, groove.width() * share))
        painter.drawRoundedRect(groove, min(4.0, groove.width() / 2), 4)
