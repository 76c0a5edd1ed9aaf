"""The speech share: a slider that stops at the paper's shares, and a box that takes any other value."""

from __future__ import annotations

import math
from itertools import pairwise

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QWheelEvent
from PySide6.QtWidgets import QDoubleSpinBox, QHBoxLayout, QSizePolicy, QSlider, QWidget

from gui.theme import Theme

STOPS = (1.0, 2.0, 5.0, 10.0, 25.0, 50.0, 100.0)
"""Speech shares in percent: the paper's grid (arXiv 2509.15389)."""

_STEPS_PER_PERCENT = 100
_MARGIN = 22.0


def stop_position(percent: float) -> float:
    """Where a share lies on the track, 0 (left) to 1 (right): stops are equally far apart, log between."""
    if percent <= STOPS[0]:
        return 0.0
    for index, (low, high) in enumerate(pairwise(STOPS)):
        if percent <= high:
            return (index + math.log(percent / low) / math.log(high / low)) / (len(STOPS) - 1)
    return 1.0


class ShareTrack(QSlider):
    """A slider whose value is the share in hundredths of a percent; mouse and keys go from stop to stop."""

    share_chosen = Signal(float)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self._theme = theme
        self.setRange(0, int(STOPS[-1] * _STEPS_PER_PERCENT))
        self.setAccessibleName("Speech share in stops")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        theme.changed.connect(self.update)

    def set_percent(self, percent: float) -> None:
        self.setValue(round(percent * _STEPS_PER_PERCENT))

    def percent(self) -> float:
        return self.value() / _STEPS_PER_PERCENT

    def sizeHint(self) -> QSize:
        return QSize(420, 48)

    def minimumSizeHint(self) -> QSize:
        return QSize(240, 48)

    def _x(self, percent: float) -> float:
        return _MARGIN + stop_position(percent) * (self.width() - 2 * _MARGIN)

    def _choose_nearest(self, x: float) -> None:
        self._choose(min(STOPS, key=lambda stop: abs(self._x(stop) - x)))

    def _choose(self, percent: float) -> None:
        if percent != self.percent():
            self.set_percent(percent)
            self.share_chosen.emit(percent)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self._choose_nearest(event.position().x())
            event.accept()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if event.buttons() & Qt.MouseButton.LeftButton:
            self._choose_nearest(event.position().x())
            event.accept()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        event.accept()

    def wheelEvent(self, event: QWheelEvent) -> None:
        # The page scrolls under the pointer; a wheel turn must never change an experiment by accident.
        event.ignore()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        now = self.percent()
        match event.key():
            case Qt.Key.Key_Left | Qt.Key.Key_Down | Qt.Key.Key_PageDown:
                self._choose(max((stop for stop in STOPS if stop < now), default=STOPS[0]))
            case Qt.Key.Key_Right | Qt.Key.Key_Up | Qt.Key.Key_PageUp:
                self._choose(min((stop for stop in STOPS if stop > now), default=STOPS[-1]))
            case Qt.Key.Key_Home:
                self._choose(STOPS[0])
            case Qt.Key.Key_End:
                self._choose(STOPS[-1])
            case _:
                event.ignore()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.EnabledChange:
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        track_y, handle_x = 15.0, self._x(self.percent())
        line, muted = self._theme.color("line"), self._theme.color("muted")
        accent = self._theme.color("accent") if self.isEnabled() else line

        painter.setPen(QPen(line, 4, c=Qt.PenCapStyle.RoundCap))
        painter.drawLine(QPointF(self._x(STOPS[0]), track_y), QPointF(self._x(STOPS[-1]), track_y))
        painter.setPen(QPen(accent, 4, c=Qt.PenCapStyle.RoundCap))
        painter.drawLine(QPointF(self._x(STOPS[0]), track_y), QPointF(handle_x, track_y))

        font = painter.font()
        font.setPixelSize(12)
        painter.setFont(font)
        for stop in STOPS:
            x = self._x(stop)
            chosen = self.isEnabled() and stop == self.percent()
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(accent if x <= handle_x else line)
            painter.drawEllipse(QPointF(x, track_y), 4, 4)
            painter.setPen(self._theme.color("text") if chosen else muted)
            label = QRectF(x - _MARGIN, track_y + 13, 2 * _MARGIN, 18)
            painter.drawText(label, Qt.AlignmentFlag.AlignCenter, f"{stop:g}")

        if self.isEnabled():
            painter.setPen(QPen(accent, 2))
            painter.setBrush(self._theme.color("surface"))
            painter.drawEllipse(QPointF(handle_x, track_y), 8, 8)
            if self.hasFocus():
                painter.setPen(QPen(accent, 1))
                painter.setBrush(Qt.BrushStyle.NoBrush)
                painter.drawEllipse(QPointF(handle_x, track_y), 11.5, 11.5)


class PercentBox(QDoubleSpinBox):
    """A percentage that shows no needless zeros and does not change under a turning wheel."""

    def __init__(self, name: str, *, low: float = 0.0, high: float = 100.0, decimals: int = 2) -> None:
        super().__init__()
        self.setDecimals(decimals)
        self.setRange(low, high)
        self.setSuffix(" %")
        self.setAccessibleName(name)
        self.setKeyboardTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAlignment(Qt.AlignmentFlag.AlignRight)

    def textFromValue(self, value: float) -> str:
        return f"{value:g}"

    def wheelEvent(self, event: QWheelEvent) -> None:
        event.ignore()


class SpeechShareSlider(QWidget):
    """Speech share as the track with the paper's stops and a box for any other value.

    `share` is a fraction 0..1. A share that was set stays exact until the user changes it, also when the
    box cannot show all its digits.
    """

    share_changed = Signal(float)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._share = 0.05
        self._track = ShareTrack(theme)
        self._box = PercentBox("Speech share in percent")
        self._box.setFixedWidth(96)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(16)
        row.addWidget(self._track, 1)
        row.addWidget(self._box, 0, Qt.AlignmentFlag.AlignTop)
        self._track.share_chosen.connect(self._changed_by_user)
        self._box.valueChanged.connect(self._changed_by_user)
        self.setFocusProxy(self._track)
        self.set_share(self._share)

    def share(self) -> float:
        return self._share

    def set_share(self, share: float) -> None:
        """Show `share` without emitting `share_changed`."""
        self._share = share
        self._show(share * 100)

    def _changed_by_user(self, percent: float) -> None:
        self._share = round(percent / 100, 6)
        self._show(percent)
        self.share_changed.emit(self._share)

    def _show(self, percent: float) -> None:
        self._track.set_percent(percent)
        blocked = self._box.blockSignals(True)
        if round(percent, self._box.decimals()) != self._box.value():
            self._box.setValue(percent)
        self._box.blockSignals(blocked)
