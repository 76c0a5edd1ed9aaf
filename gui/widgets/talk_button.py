"""The big button that is held while speaking, with the mouse or with the space bar."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QFont, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QWidget

from gui.icons import pixmap
from gui.theme import Theme

HEIGHT = 136
_ICON = 32


class TalkButton(QAbstractButton):
    """`pressed` and `released` say when to record.

    Qt already ignores the repeats of a held key and releases the button when the window loses the focus,
    so a take can neither begin twice nor go on for ever.
    """

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._recording = False
        self._ready = False
        self.setText("Hold to talk")
        self.setAccessibleName("Hold to talk")
        self.setAccessibleDescription("Hold this button or the space bar while you speak, then let go.")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        theme.changed.connect(self.update)

    def sizeHint(self) -> QSize:
        return QSize(280, HEIGHT)

    def show_recording(self, recording: bool) -> None:
        """Say that a take is being recorded; pressing alone does not prove it."""
        self._recording = recording
        self.setText("Listening\N{HORIZONTAL ELLIPSIS}" if recording else "Hold to talk")
        self.update()

    def show_ready(self, ready: bool) -> None:
        """Say whether a press would record. The button can be pressed all the same: it then says why not."""
        self._ready = ready
        self.update()

    def hitButton(self, position: QPoint) -> bool:
        # A hand that slides off the button while speaking must not cut the sentence off.
        return self.isDown() or self.rect().contains(position)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        frame = QRectF(self.rect()).adjusted(1, 1, -1, -1)
        ground, ink = self._colors()
        painter.setBrush(self._theme.color(ground))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.drawRoundedRect(frame, 12, 12)
        if self.hasFocus():
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(self._theme.color(ink), 1.5))
            painter.drawRoundedRect(frame.adjusted(4, 4, -4, -4), 9, 9)
        self._paint_words(painter, ink)

    def _colors(self) -> tuple[str, str]:
        """The tokens of ground and words."""
        if self._recording:
            return "bad", "on_accent"
        if not self._ready:
            return "pressed", "muted"
        if self.isDown():
            return "accent_pressed", "on_accent"
        return ("accent_hover" if self.underMouse() else "accent"), "on_accent"

    def _paint_words(self, painter: QPainter, ink: str) -> None:
        name = "record" if self._recording else "speech"
        picture = pixmap(name, self._theme, _ICON, ink, self.devicePixelRatioF())
        painter.drawPixmap(QPoint((self.width() - _ICON) // 2, 22), picture)
        painter.setPen(self._theme.color(ink))
        large = QFont(self.font())
        large.setPixelSize(16)
        large.setWeight(QFont.Weight.DemiBold)
        painter.setFont(large)
        painter.drawText(QRect(0, 62, self.width(), 24), Qt.AlignmentFlag.AlignCenter, self.text())
        small = QFont(self.font())
        small.setPixelSize(12)
        painter.setFont(small)
        painter.drawText(QRect(0, 88, self.width(), 20), Qt.AlignmentFlag.AlignCenter, self._hint())

    def _hint(self) -> str:
        if self._recording:
            return "let go when you have finished"
        return "or hold the space bar" if self._ready else "as soon as a microphone listens"
