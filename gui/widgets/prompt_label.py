"""A text to be read aloud: as large as its room allows, and never cut off."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QFont, QFontMetrics, QResizeEvent
from PySide6.QtWidgets import QLabel, QSizePolicy

LARGEST_PX: Final = 40
SMALLEST_PX: Final = 14


class PromptLabel(QLabel):
    """Shows its text in the largest letters, up to LARGEST_PX, in which all of it fits."""

    def __init__(self) -> None:
        super().__init__()
        self.setWordWrap(True)
        self.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setAccessibleName("Prompt")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Ignored)

    def setText(self, text: str) -> None:
        super().setText(text)
        self._fit()

    def minimumSizeHint(self) -> QSize:
        return QSize(100, 2 * SMALLEST_PX)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        room = self.contentsRect()
        size = next((px for px in range(LARGEST_PX, SMALLEST_PX, -2) if self._fits(px, room)), SMALLEST_PX)
        # By the style sheet, which has the last word on fonts.
        self.setStyleSheet(f"font-size: {size}px; font-weight: 600;")

    def _fits(self, pixels: int, room: QRect) -> bool:
        font = QFont(self.font())
        font.setPixelSize(pixels)
        font.setWeight(QFont.Weight.DemiBold)
        flags = int(Qt.TextFlag.TextWordWrap) | int(Qt.AlignmentFlag.AlignCenter)
        needed = QFontMetrics(font).boundingRect(QRect(0, 0, room.width(), 10_000), flags, self.text())
        return needed.height() <= room.height() and needed.width() <= room.width()
