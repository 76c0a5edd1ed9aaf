"""A curriculum as a strip of blocks, as wide as their share of the steps; select, drag, move by keyboard."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFont, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QAbstractButton, QApplication, QSizePolicy, QWidget

from gui.theme import Theme

HEIGHT = 76
MIN_BLOCK = 112
GAP = 4


@dataclass(frozen=True)
class BlockContent:
    """What one block shows. weight: its part of the width. text_seen, speech_seen: examples, 0 if unknown."""

    title: str = ""
    detail: str = ""
    weight: float = 1.0
    text_seen: int = 0
    speech_seen: int = 0
    has_problem: bool = False


class StageBlock(QAbstractButton):
    """One stage of the strip."""

    dragged = Signal(float)
    move_asked = Signal(int)
    neighbour_asked = Signal(int)
    removal_asked = Signal()

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme
        self._content = BlockContent()
        self._pressed_at: float | None = None
        self.setCheckable(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        theme.changed.connect(self.update)

    def set_content(self, content: BlockContent, place: str) -> None:
        self._content = content
        mistake = ", has a mistake" if content.has_problem else ""
        self.setAccessibleName(f"{place}: {content.title}, {content.detail}{mistake}")
        self.setToolTip(f"{content.title}\n{content.detail}\nDrag or press Alt+Left / Alt+Right to move it")
        self.update()

    def nextCheckState(self) -> None:
        # A click on the selected stage must not leave none selected.
        self.setChecked(True)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        super().mousePressEvent(event)
        if event.button() == Qt.MouseButton.LeftButton:
            self._pressed_at = event.position().x()
            self.click()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._pressed_at is None:
            return
        if abs(event.position().x() - self._pressed_at) >= QApplication.startDragDistance():
            self.setCursor(Qt.CursorShape.ClosedHandCursor)
            self.dragged.emit(self.mapToParent(event.position().toPoint()).x())

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._pressed_at = None
        self.setDown(False)
        self.setCursor(Qt.CursorShape.PointingHandCursor)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        steps = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}
        step = steps.get(Qt.Key(event.key()))
        if step is not None:
            moves = event.modifiers() & Qt.KeyboardModifier.AltModifier
            (self.move_asked if moves else self.neighbour_asked).emit(step)
        elif event.key() == Qt.Key.Key_Delete:
            self.removal_asked.emit()
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        frame = QRectF(self.rect()).adjusted(1, 1, -1, -1)
        color = self._theme.color
        edge = color("bad" if self._content.has_problem else "accent" if self.isChecked() else "line")
        painter.setPen(QPen(edge, 2 if self.isChecked() or self._content.has_problem else 1))
        painter.setBrush(color("ground"))
        painter.drawRoundedRect(frame, 8, 8)
        if self.hasFocus():
            painter.setPen(QPen(edge, 1, Qt.PenStyle.DotLine))
            painter.drawRoundedRect(frame.adjusted(3, 3, -3, -3), 6, 6)
        self._paint_words(painter, frame.adjusted(12, 8, -12, -18))
        self._paint_mixture(painter, frame.adjusted(12, frame.height() - 14, -12, -8))

    def _paint_words(self, painter: QPainter, room: QRectF) -> None:
        title_font = QFont(self.font())
        title_font.setPixelSize(13)
        title_font.setWeight(QFont.Weight.DemiBold)
        above = QRectF(room.x(), room.y(), room.width(), 20)
        self._paint_line(painter, title_font, "text", above, self._title())
        detail_font = QFont(self.font())
        detail_font.setPixelSize(12)
        below = QRectF(room.x(), room.y() + 21, room.width(), 18)
        self._paint_line(painter, detail_font, "muted", below, self._content.detail)

    def _title(self) -> str:
        return f"⚠ {self._content.title}" if self._content.has_problem else self._content.title

    def _paint_line(self, painter: QPainter, font: QFont, token: str, room: QRectF, words: str) -> None:
        painter.setFont(font)
        painter.setPen(self._theme.color(token))
        elided = painter.fontMetrics().elidedText(words, Qt.TextElideMode.ElideRight, int(room.width()))
        painter.drawText(room, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, elided)

    def _paint_mixture(self, painter: QPainter, room: QRectF) -> None:
        """A thin bar: the text part in the text colour, the speech part in the speech colour."""
        total = self._content.text_seen + self._content.speech_seen
        if not total:
            return
        speech = room.width() * self._content.speech_seen / total
        if self._content.speech_seen:
            # A spoonful of 1 % would be a hair; three pixels keep it visible.
            speech = min(max(speech, 3.0), room.width())
        painter.setPen(Qt.PenStyle.NoPen)
        y, left = room.center().y(), room.left()
        for token, x, width in (
            ("text_series", left, room.width() - speech),
            ("speech_series", left + room.width() - speech, speech),
        ):
            if width > 0:
                painter.setBrush(self._theme.color(token))
                painter.drawRoundedRect(QRectF(QPointF(x, y - 2), QPointF(x + width, y + 2)), 1.5, 1.5)


class StageStrip(QWidget):
    """The row of blocks. It only emits what the user asks for; the stages' owner calls `show_stages`."""

    selected = Signal(int)
    move_asked = Signal(int, int)
    removal_asked = Signal(int)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._blocks: list[StageBlock] = []
        self._contents: list[BlockContent] = []
        self._selected = 0
        self.setFixedHeight(HEIGHT)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName("Curriculum stages")

    def show_stages(self, contents: Sequence[BlockContent], selected: int) -> None:
        """Show these stages; the block of a moved stage keeps the keyboard's focus."""
        had_focus = any(block.hasFocus() for block in self._blocks)
        self._contents, self._selected = list(contents), selected
        while len(self._blocks) > len(contents):
            block = self._blocks.pop()
            block.hide()
            block.deleteLater()
        while len(self._blocks) < len(contents):
            self._blocks.append(self._new_block())
        for index, (block, content) in enumerate(zip(self._blocks, contents, strict=True)):
            block.set_content(content, f"Stage {index + 1} of {len(contents)}")
            block.setChecked(index == selected)
            block.show()
        if had_focus and self._blocks:
            self._blocks[selected].setFocus()
        self.updateGeometry()
        self._lay_out()

    def blocks(self) -> list[StageBlock]:
        return list(self._blocks)

    def minimumSizeHint(self) -> QSize:
        return QSize(len(self._contents) * (MIN_BLOCK + GAP), HEIGHT)

    def sizeHint(self) -> QSize:
        return self.minimumSizeHint()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._lay_out()

    def _new_block(self) -> StageBlock:
        block = StageBlock(self._theme, self)
        block.clicked.connect(lambda: self.selected.emit(self._blocks.index(block)))
        block.dragged.connect(self._drag)
        block.move_asked.connect(lambda step: self._ask_move(self._blocks.index(block), step))
        block.neighbour_asked.connect(lambda step: self._ask_neighbour(self._blocks.index(block), step))
        block.removal_asked.connect(lambda: self.removal_asked.emit(self._blocks.index(block)))
        return block

    def _ask_move(self, index: int, step: int) -> None:
        if 0 <= index + step < len(self._blocks):
            self.move_asked.emit(index, index + step)

    def _ask_neighbour(self, index: int, step: int) -> None:
        if 0 <= index + step < len(self._blocks):
            self._blocks[index + step].setFocus()
            self.selected.emit(index + step)

    def _drag(self, x: float) -> None:
        # Pressing selected the stage and a move keeps it selected, while the block that holds the mouse
        # may show another stage by now.
        index = self._selected
        for other, block in enumerate(self._blocks):
            middle = block.geometry().center().x()
            if (other < index and x < middle) or (other > index and x > middle):
                self.move_asked.emit(index, other)
                return

    def _lay_out(self) -> None:
        count = len(self._blocks)
        if not count:
            return
        spare = max(0, self.width() - GAP * (count - 1) - MIN_BLOCK * count)
        total = sum(content.weight for content in self._contents)
        x = 0.0
        for block, content in zip(self._blocks, self._contents, strict=True):
            portion = content.weight / total if total else 1 / count
            width = MIN_BLOCK + spare * portion
            block.setGeometry(round(x), 0, round(width), HEIGHT)
            x += width + GAP
