"""The big button that is held while speaking, with the mouse, a key or a foot pedal, which is a key, too."""

from __future__ import annotations

import time

from PySide6.QtCore import QPoint, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QFocusEvent, QFont, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QWidget

from gui.held_key import HeldKey
from gui.icons import pixmap
from gui.theme import Theme

HEIGHT = 136
_ICON = 32


class TalkButton(QAbstractButton):
    """`pressed` and `released` say when to record. Qt releases the button when the window loses the focus, so
    no take goes on for ever."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._recording = False
        self._ready = False
        self._hands_free = False
        self._held = HeldKey(self)
        self._held.pressed.connect(self._key_goes_down)
        self._held.released.connect(self._key_comes_up)
        self.let_go_at = 0.0
        """When the key or the mouse button really came up, on `time.perf_counter`."""
        self.set_key("Space")
        self._show_state()
        self.setAccessibleName("Hold to talk")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        theme.changed.connect(self.update)

    def sizeHint(self) -> QSize:
        return QSize(280, HEIGHT)

    def set_key(self, key: str) -> None:
        """The key that is held to talk, as Qt writes it."""
        self._held.key = key
        self.setAccessibleDescription(
            f"Hold this button or {self._key_words()} while you speak, then let go."
        )
        self.update()

    def show_recording(self, recording: bool) -> None:
        """Say that a take is being recorded; pressing alone does not prove it."""
        self._recording = recording
        self._show_state()

    def show_hands_free(self, hands_free: bool) -> None:
        """Say that speech is taken by itself; the button can be held all the same."""
        self._hands_free = hands_free
        self._show_state()

    def show_ready(self, ready: bool) -> None:
        """Say whether a press would record. The button can be pressed all the same: it then says why not."""
        self._ready = ready
        self.update()

    def is_key(self, event: QKeyEvent) -> bool:
        """Whether the event is about the key that is held to talk."""
        return self._held.is_it(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if self._held.is_it(event):
            self._held.goes_down(event)
        else:
            super().keyPressEvent(event)

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        if self._held.down and self._held.is_it(event):
            self._held.comes_up(event)
        else:
            super().keyReleaseEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)  # lets the button go
        self._held.forget()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self.let_go_at = time.perf_counter()
        super().mouseReleaseEvent(event)

    def _key_goes_down(self) -> None:
        if not self.isDown():
            self.setDown(True)
            self.pressed.emit()

    def _key_comes_up(self) -> None:
        self.let_go_at = self._held.let_go_at
        if self.isDown():
            self.setDown(False)
            self.released.emit()

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

    def _show_state(self) -> None:
        waiting = "Just speak" if self._hands_free else "Hold to talk"
        self.setText("Listening\N{HORIZONTAL ELLIPSIS}" if self._recording else waiting)
        self.update()

    def _key_words(self) -> str:
        return "the space bar" if self._held.key == "Space" else f"the key {self._held.key}"

    def _hint(self) -> str:
        if self._recording:
            return "pause when you have finished" if self._hands_free else "let go when you have finished"
        if not self._ready:
            return "as soon as a microphone listens"
        return f"or hold {self._key_words()}"
