"""A recording as a picture, while it grows and when it is played."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QLineF, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from core.audio.levels import Samples, envelope
from gui.theme import Theme

SHORTEST_AXIS_S = 3.0
"""While recording, the picture is at least this long, so that the first second does not fill it."""

_STEP_PX = 3
_QUIETEST_FULL_HEIGHT = 0.1
"""Amplitude that may fill the height; softer recordings stay low, so that a whisper looks like one."""


class Waveform(QWidget):
    """Bars from the lowest to the highest sample of every three pixels, in the colour of speech."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._samples: Samples = np.zeros(0, np.float32)
        self._axis = 0
        self._position: float | None = None
        self.setMinimumHeight(64)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName("Waveform of the recording")
        theme.changed.connect(self.update)

    def sizeHint(self) -> QSize:
        return QSize(320, 88)

    def show_recording(self, samples: Samples, rate: int) -> None:
        """A take in progress: `samples` [n] at `rate` Hz so far."""
        self._show(samples, max(samples.size, round(SHORTEST_AXIS_S * rate)))

    def show_take(self, samples: Samples) -> None:
        """A finished take, filling the width."""
        self._show(samples, samples.size)

    def clear(self) -> None:
        self._show(np.zeros(0, np.float32), 0)

    def set_position(self, share: float | None) -> None:
        """Mark how far the playback is, 0..1; None takes the mark away."""
        if share != self._position:
            self._position = share
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        middle = self.height() / 2
        painter.fillRect(QRectF(0, middle - 0.5, self.width(), 1), self._theme.color("line"))
        if self._samples.size:
            self._paint_bars(painter, middle)
        if self._position is not None:
            painter.setPen(QPen(self._theme.color("text"), 1))
            x = self._position * (self.width() - 1)
            painter.drawLine(QLineF(x, 0, x, self.height()))

    def _paint_bars(self, painter: QPainter, middle: float) -> None:
        columns = max(1, round(self.width() / _STEP_PX * self._samples.size / self._axis))
        low, high = envelope(self._samples, columns)
        scale = (middle - 2) / max(_QUIETEST_FULL_HEIGHT, float(high.max()), float(-low.min()))
        pen = QPen(self._theme.color("speech_series"), 2)
        pen.setCapStyle(Qt.PenCapStyle.RoundCap)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(pen)
        painter.drawLines(
            [
                QLineF(x, middle - top * scale, x, middle - bottom * scale)
                for x, bottom, top in zip(
                    (_STEP_PX * np.arange(columns) + 1.5).tolist(), low.tolist(), high.tolist(), strict=True
                )
            ]
        )

    def _show(self, samples: Samples, axis: int) -> None:
        self._samples, self._axis, self._position = samples, axis, None
        self.update()
