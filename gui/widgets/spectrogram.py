"""A recording as a picture: its waveform above its spectrogram, over one axis of seconds."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QLineF, QPoint, QPointF, QRect, QRectF, QSize, Qt, Signal, Slot
from PySide6.QtGui import (
    QColor,
    QFocusEvent,
    QFont,
    QImage,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPixmap,
    QPolygonF,
    QResizeEvent,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from core.audio.levels import envelope
from core.audio.listening import Recording
from core.audio.spectrogram import Spectrogram
from gui.theme import Theme, tabular

_LEFT = 38
_RIGHT = 2
_TOP = 6
_AXIS_HEIGHT = 17
_AXIS_PX = 11
_GAP = 3
_WAVEFORM_SHARE = 0.38
_LABEL_EVERY_PX = 64
_STEPS_S = (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1_800, 3_600)
_PITCHES_HZ = {1_000: "1 kHz", 4_000: "4 kHz"}
_QUIETEST_FULL_HEIGHT = 0.1
"""Amplitude that may fill the height; softer recordings stay low, so that a whisper looks like one."""
_RANGE_DB = 56.0
"""From the loudest pitch down to what is left white: speech's weakest consonants, not the noise below."""
_LOUDEST_AT_LEAST_DBFS = -30.0
"""In a quieter recording the range goes down from here, so that silence does not look like sound."""
_HEAD_PX = 5
_CLICK_PX = 3


class RecordingPicture(QWidget):
    """Waveform, spectrogram, playhead and selection.

    sought: a click or drag, in seconds. selected: (first, last) in seconds by a drag with Shift held, None
    for a click with Shift.
    """

    sought = Signal(float)
    selected = Signal(object)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._recording: Recording | None = None
        self._still: QPixmap | None = None
        self._position = 0.0
        self._span: tuple[float, float] | None = None
        self._anchor: float | None = None
        self.setMinimumSize(200, 96)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.IBeamCursor)
        self.setAccessibleName("Waveform and spectrogram of the recording")
        theme.changed.connect(self._paint_anew)

    def sizeHint(self) -> QSize:
        return QSize(640, 124)

    def show_recording(self, recording: Recording | None) -> None:
        """Show another recording from its beginning, nothing selected; None for an empty picture."""
        self._recording = recording
        self._position, self._span = 0.0, None
        self._paint_anew()

    def set_position(self, seconds: float) -> None:
        """Move the playhead; only the strips it leaves and enters are painted."""
        if seconds != self._position:
            self.update(self._strip(self._position))
            self._position = seconds
            self.update(self._strip(seconds))

    def set_span(self, span: tuple[float, float] | None) -> None:
        """Mark what is selected, in seconds."""
        if span != self._span:
            self._span = span
            self.update()

    def x_of(self, seconds: float) -> float:
        """Where a moment stands, in pixels from the left."""
        plot = self._plot()
        return plot.left() + seconds / self._seconds() * (plot.width() - 1)

    # ---- events

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if self._recording is None or event.button() != Qt.MouseButton.LeftButton:
            super().mousePressEvent(event)
        elif event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            self._anchor = event.position().x()
        else:
            self._anchor = None
            self.sought.emit(self._second_at(event.position().x()))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._recording is None or not event.buttons() & Qt.MouseButton.LeftButton:
            return
        if self._anchor is None:
            self.sought.emit(self._second_at(event.position().x()))
        elif abs(event.position().x() - self._anchor) >= _CLICK_PX:
            ends = sorted(self._second_at(x) for x in (self._anchor, event.position().x()))
            self.selected.emit((ends[0], ends[1]))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self._anchor is not None and abs(event.position().x() - self._anchor) < _CLICK_PX:
            self.selected.emit(None)
        self._anchor = None

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._paint_anew()

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        if self._still is None:
            self._still = self._paint_still()
        painter.drawPixmap(0, 0, self._still)
        plot = self._plot()
        if self._recording is not None:
            self._paint_span(painter, plot)
            self._paint_playhead(painter, plot)
        if self.hasFocus():
            painter.setPen(QPen(self._theme.color("accent"), 1))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(QRectF(plot).adjusted(-0.5, -0.5, 0.5, 0.5))

    # ---- inside

    def _seconds(self) -> float:
        return self._recording.seconds if self._recording is not None else 1.0

    def _plot(self) -> QRect:
        return QRect(_LEFT, _TOP, self.width() - _LEFT - _RIGHT, self.height() - _TOP - _AXIS_HEIGHT)

    def _bands(self) -> tuple[QRect, QRect]:
        """Where the waveform and the spectrogram stand."""
        plot = self._plot()
        upper = round(_WAVEFORM_SHARE * plot.height())
        waveform = QRect(plot.topLeft(), QSize(plot.width(), upper))
        return waveform, plot.adjusted(0, upper + _GAP, 0, 0)

    def _second_at(self, x: float) -> float:
        plot = self._plot()
        return min(max(0.0, (x - plot.left()) / (plot.width() - 1)), 1.0) * self._seconds()

    def _strip(self, seconds: float) -> QRect:
        return QRect(
            QPoint(round(self.x_of(seconds)) - _HEAD_PX - 2, 0), QSize(2 * _HEAD_PX + 4, self.height())
        )

    @Slot()
    def _paint_anew(self) -> None:
        self._still = None
        self.update()

    def _paint_still(self) -> QPixmap:
        """All that does not move while it plays."""
        ratio = self.devicePixelRatioF()
        still = QPixmap(self.size() * ratio)
        still.setDevicePixelRatio(ratio)
        still.fill(Qt.GlobalColor.transparent)
        painter = QPainter(still)
        waveform, lower = self._bands()
        for band in (waveform, lower):
            painter.fillRect(band, self._theme.color("field"))
        if self._recording is not None:
            self._paint_waveform(painter, self._recording, waveform)
            painter.drawImage(lower, _image(self._recording.spectrogram, lower.width() * ratio, self._theme))
            self._paint_axes(painter, self._recording, lower)
        painter.setPen(self._theme.color("line"))
        for band in (waveform, lower):
            painter.drawRect(QRectF(band).adjusted(-0.5, -0.5, 0.5, 0.5))
        painter.end()
        return still

    def _paint_waveform(self, painter: QPainter, recording: Recording, band: QRect) -> None:
        ratio = self.devicePixelRatioF()
        columns = max(1, round(band.width() * ratio))
        low, high = envelope(recording.samples, columns)
        middle = band.top() + band.height() / 2
        scale = (band.height() / 2 - 1) / max(_QUIETEST_FULL_HEIGHT, float(high.max()), float(-low.min()))
        # Half a pixel more on both sides, so that silence is a line.
        half = 0.5 / ratio
        painter.setPen(QPen(self._theme.color("speech_series"), 1 / ratio))
        painter.drawLines(
            [
                QLineF(x, middle - top * scale - half, x, middle - bottom * scale + half)
                for x, bottom, top in zip(
                    (band.left() + (np.arange(columns) + 0.5) / ratio).tolist(),
                    low.tolist(),
                    high.tolist(),
                    strict=True,
                )
            ]
        )

    def _paint_axes(self, painter: QPainter, recording: Recording, band: QRect) -> None:
        font = QFont(tabular(self.font()))
        font.setPixelSize(_AXIS_PX)
        painter.setFont(font)
        painter.setPen(self._theme.color("muted"))
        metrics = painter.fontMetrics()
        centres = recording.spectrogram.centres_hz
        for hertz, words in _PITCHES_HZ.items():
            if hertz < centres[-1]:
                y = (
                    band.bottom()
                    - float(np.interp(hertz, centres, np.linspace(0, 1, centres.size))) * band.height()
                )
                painter.drawLine(QLineF(band.left() - 4, y, band.left() - 1, y))
                painter.drawText(QPointF(band.left() - 6 - metrics.horizontalAdvance(words), y + 4), words)
        step = self._step()
        for index in range(int(recording.seconds / step + 1e-9) + 1):
            x = self.x_of(index * step)
            words = f"{index * step:.10g} s"
            width = metrics.horizontalAdvance(words)
            painter.drawLine(QLineF(x, band.bottom() + 1, x, band.bottom() + 4))
            left = min(max(band.left(), x - width / 2), band.right() - width)
            painter.drawText(QPointF(left, self.height() - 2), words)

    def _step(self) -> float:
        room = self._plot().width() / _LABEL_EVERY_PX
        return next((step for step in _STEPS_S if self._seconds() / step <= room), _STEPS_S[-1])

    def _paint_span(self, painter: QPainter, plot: QRect) -> None:
        if self._span is None:
            return
        left, right = (self.x_of(second) for second in self._span)
        color = self._theme.color("accent")
        ground = QColor(color)
        ground.setAlphaF(0.2)
        painter.fillRect(QRectF(left, plot.top(), right - left, plot.height()), ground)
        painter.setPen(QPen(color, 1))
        for x in (left, right):
            painter.drawLine(QLineF(x, plot.top(), x, plot.bottom()))

    def _paint_playhead(self, painter: QPainter, plot: QRect) -> None:
        x = round(self.x_of(self._position)) + 0.5
        # A rim in the ground's colour keeps it apart from the darkest sound.
        painter.setPen(QPen(self._theme.color("field"), 3))
        painter.drawLine(QLineF(x, plot.top(), x, plot.bottom()))
        painter.setPen(QPen(self._theme.color("text"), 1))
        painter.drawLine(QLineF(x, plot.top(), x, plot.bottom()))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._theme.color("text"))
        corners = (QPointF(x - _HEAD_PX, 0), QPointF(x + _HEAD_PX, 0), QPointF(x, _TOP + 2))
        painter.drawPolygon(QPolygonF(corners))


def _image(shown: Spectrogram, width: float, theme: Theme) -> QImage:
    """The levels in shades of one hue, the lowest pitch at the bottom; `width` in device pixels."""
    levels = shown.peaks(max(1, min(round(width), shown.levels.shape[1])))
    top = max(_LOUDEST_AT_LEAST_DBFS, float(shown.levels.max()))
    shares = np.clip((levels[::-1] - (top - _RANGE_DB)) / _RANGE_DB, 0.0, 1.0)
    pixels = np.ascontiguousarray(_shades(theme)[np.round(255 * shares).astype(np.uint8)])
    rows, columns = pixels.shape
    # The copy owns its memory; the array goes away.
    return QImage(pixels.data, columns, rows, 4 * columns, QImage.Format.Format_RGB32).copy()


def _shades(theme: Theme) -> NDArray[np.uint32]:
    """256 shades from the ground over the colour of speech towards the text's, as 0xffRRGGBB."""
    ground, speech, text = (_rgb(theme.color(token)) for token in ("field", "speech_series", "text"))
    steps = np.linspace(0.0, 1.0, 256)
    stops = np.stack([ground, speech, 0.25 * speech + 0.75 * text])
    channels = (np.interp(steps, [0.0, 0.65, 1.0], stops[:, channel]) for channel in range(3))
    red, green, blue = (np.round(channel).astype(np.uint32) for channel in channels)
    shades: NDArray[np.uint32] = (0xFF000000 + red * 0x10000 + green * 0x100 + blue).astype(np.uint32)
    return shades


def _rgb(color: QColor) -> NDArray[np.float64]:
    return np.array([color.red(), color.green(), color.blue()], np.float64)
