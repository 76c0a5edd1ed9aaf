"""How loud the microphone is right now: a bar for the level, a mark for the latest peak, a figure."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from core.audio.levels import FLOOR_DBFS, PeakHold
from core.audio.recorder import Level
from gui.theme import Theme, tabular

QUIETEST_DBFS = -60.0
LOUD_DBFS = -3.0
CLIPPING_DBFS = -0.3
_FIGURE_WIDTH = 92
"""With the lamp."""


class LevelMeter(QWidget):
    """From -60 dB to full scale. The colour repeats what the figure says: above -3 dB it is called loud.

    A lamp at its end lights when the sound was cut off, and stays lit until somebody clicks it or a new take
    begins: who reads does not look at the meter at that very moment.
    """

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._peak = PeakHold()
        self._level: Level | None = None
        self.clipped = False
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName("Microphone level")
        theme.changed.connect(self.update)

    def sizeHint(self) -> QSize:
        return QSize(200, 20)

    def show_level(self, level: Level, now: float) -> None:
        """`now` in seconds of any steady clock; call it 20 to 30 times a second."""
        self._level = level
        self._peak.update(level.peak, now)
        if level.peak >= CLIPPING_DBFS and not self.clipped:
            self.clipped = True
            self.setToolTip(
                "The sound was cut off: speak softer, or turn the microphone down. Click to clear."
            )
            self.setAccessibleDescription("The sound was cut off")
        self.update()

    def forget_clipping(self) -> None:
        """Put the lamp out."""
        self.clipped = False
        self.setToolTip("")
        self.setAccessibleDescription("")
        self.update()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self.forget_clipping()
        event.accept()

    def clear(self) -> None:
        """Nothing is heard: no level is shown."""
        if self._level is not None:
            self._level = None
            self._peak = PeakHold()
            self.update()

    def words(self) -> str:
        """The figure beside the bar."""
        if self._level is None:
            return ""
        if self._peak.value >= CLIPPING_DBFS:
            return "too loud"
        if self._peak.value <= FLOOR_DBFS:
            return "silent"
        figure = f"{self._peak.value:.0f} dB".replace("-", "\N{MINUS SIGN}")
        return f"loud {figure}" if self._peak.value >= LOUD_DBFS else figure

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        bar = QRectF(0, self.height() / 2 - 4, self.width() - _FIGURE_WIDTH, 8)
        painter.setBrush(self._theme.color("line"))
        painter.drawRoundedRect(bar, 4, 4)
        if self.clipped:
            painter.setBrush(self._theme.color("bad"))
            painter.drawEllipse(QRectF(bar.right() + 4, bar.center().y() - 4, 8, 8))
        if self._level is None:
            return
        color = self._theme.color(self._color())
        painter.setBrush(color)
        filled = QRectF(bar)
        filled.setWidth(bar.width() * _share(self._level.rms))
        if filled.width() >= 8:
            painter.drawRoundedRect(filled, 4, 4)
        if self._peak.value > QUIETEST_DBFS:
            painter.drawRect(QRectF(bar.width() * _share(self._peak.value) - 2, bar.top() - 3, 2, 14))
        painter.setPen(self._theme.color("muted" if self._color() == "good" else self._color()))
        painter.setFont(tabular(self.font()))
        painter.drawText(
            self.rect(), Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, self.words()
        )

    def _color(self) -> str:
        if self._peak.value >= CLIPPING_DBFS:
            return "bad"
        return "warn" if self._peak.value >= LOUD_DBFS else "good"


def _share(level_dbfs: float) -> float:
    return min(1.0, max(0.0, 1.0 - level_dbfs / QUIETEST_DBFS))
