"""Which intents are taken for which: a cell for each pair, whose clips can be listened to."""

from __future__ import annotations

from collections import Counter
from typing import Final

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFont, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from gui.formatting import counted
from gui.theme import Theme, tabular

_NAMES_WIDTH: Final = 132
_LEAST_CELL: Final = 5.0
_NAMED_CELL: Final = 11.0
"""From this height on a name fits beside its row."""
_COUNTED_CELL: Final = 15.0
"""From this size on a count fits into its cell."""


class ConfusionMatrix(QWidget):
    """Rows are what it is, columns what was answered, both in the order of the alphabet, where intents that
    are alike stand together. Counts are written where they fit; the chosen cell is told in words.

    Arrow keys and the mouse choose a cell, Enter and a click open it.
    """

    opened = Signal(str, str)
    """the intent it is, the intent answered"""
    chosen = Signal(str)
    """the chosen cell in words"""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._counts: Counter[tuple[str, str]] = Counter()
        self.intents: list[str] = []
        self.cell: tuple[int, int] | None = None
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        theme.changed.connect(self.update)
        self._tell()

    def sizeHint(self) -> QSize:
        return QSize(420, 320)

    def minimumSizeHint(self) -> QSize:
        return QSize(260, 200)

    def show_counts(self, counts: Counter[tuple[str, str]]) -> None:
        """(what it is, what was answered) -> how many; the chosen cell stays chosen."""
        before = self._pair()
        self._counts = counts
        self.intents = sorted({intent for pair in counts for intent in pair})
        places = {intent: place for place, intent in enumerate(self.intents)}
        known = before is not None and before[0] in places and before[1] in places
        self.cell = (places[before[0]], places[before[1]]) if known and before is not None else None
        self._tell()
        self.update()

    def words(self) -> str:
        """The chosen cell, or all of it."""
        pair = self._pair()
        if pair is None:
            wrong = sum(number for (gold, answered), number in self._counts.items() if gold != answered)
            total = sum(self._counts.values())
            return f"{counted(wrong, 'intent')} of {total} taken for another one." if total else ""
        gold, answered = pair
        number = self._counts[pair]
        what = "understood as such" if gold == answered else f"taken for {answered}"
        return f"{gold} {what}: {number} of {sum(n for (g, _), n in self._counts.items() if g == gold)}"

    # -- choosing --------------------------------------------------------------------------------------

    def keyPressEvent(self, event: QKeyEvent) -> None:
        moves = {
            Qt.Key.Key_Up: (-1, 0),
            Qt.Key.Key_Down: (1, 0),
            Qt.Key.Key_Left: (0, -1),
            Qt.Key.Key_Right: (0, 1),
        }
        key = Qt.Key(event.key())
        if key in moves and self.intents:
            row, column = self.cell or (0, 0)
            down, right = moves[key] if self.cell is not None else (0, 0)
            last = len(self.intents) - 1
            self._choose((min(last, max(0, row + down)), min(last, max(0, column + right))))
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._open()
        else:
            super().keyPressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._choose(self._cell_at(event.position()))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self.setFocus()
        self._choose(self._cell_at(event.position()))
        self._open()

    def _choose(self, cell: tuple[int, int] | None) -> None:
        if cell != self.cell:
            self.cell = cell
            self._tell()
            self.update()

    def _open(self) -> None:
        pair = self._pair()
        if pair is not None and self._counts[pair]:
            self.opened.emit(*pair)

    def _pair(self) -> tuple[str, str] | None:
        return None if self.cell is None else (self.intents[self.cell[0]], self.intents[self.cell[1]])

    def _tell(self) -> None:
        self.setAccessibleName(f"Confusion matrix. {self.words()}")
        self.chosen.emit(self.words())

    # -- painting --------------------------------------------------------------------------------------

    def _grid(self) -> tuple[QRectF, float]:
        """Where the cells are, and the size of one."""
        count = max(1, len(self.intents))
        room = QRectF(self.rect()).adjusted(_NAMES_WIDTH, 20, -2, -2)
        if min(room.width(), room.height()) / count < _NAMED_CELL:
            room.setLeft(2)  # no names, more room
        size = min(40.0, max(_LEAST_CELL, min(room.width(), room.height()) / count))
        side = size * len(self.intents)
        return QRectF(room.left(), room.top(), side, side), size

    def _cell_at(self, point: QPointF) -> tuple[int, int] | None:
        grid, size = self._grid()
        if not grid.contains(point) or not self.intents:
            return None
        last = len(self.intents) - 1
        row, column = (int(at / size) for at in (point.y() - grid.top(), point.x() - grid.left()))
        return min(last, row), min(last, column)

    def paintEvent(self, _event: QPaintEvent) -> None:
        if not self.intents:
            return
        painter = QPainter(self)
        grid, size = self._grid()
        small = QFont(self.font())
        small.setPixelSize(11)
        painter.setFont(tabular(small))
        self._paint_names(painter, grid, size)
        places = {intent: place for place, intent in enumerate(self.intents)}
        totals: Counter[str] = Counter()
        for (gold, _), number in self._counts.items():
            totals[gold] += number
        for (gold, answered), number in self._counts.items():
            box = QRectF(
                grid.left() + places[answered] * size, grid.top() + places[gold] * size, size, size
            ).adjusted(0.5, 0.5, -0.5, -0.5)
            self._paint_cell(painter, box, number / totals[gold], number, right=gold == answered)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(self._theme.color("line"), 1))
        painter.drawRect(grid)
        if self.cell is not None:
            row, column = self.cell
            painter.setPen(QPen(self._theme.color("text"), 2))
            painter.drawRect(QRectF(grid.left() + column * size, grid.top() + row * size, size, size))

    def _paint_cell(self, painter: QPainter, box: QRectF, share: float, number: int, *, right: bool) -> None:
        color = self._theme.color("good" if right else "bad")
        color.setAlphaF(0.18 + 0.82 * share)
        painter.fillRect(box, color)
        if box.width() >= _COUNTED_CELL:
            painter.setPen(self._theme.color("surface" if share > 0.55 else "text"))
            painter.drawText(box, Qt.AlignmentFlag.AlignCenter, str(number))

    def _paint_names(self, painter: QPainter, grid: QRectF, size: float) -> None:
        painter.setPen(self._theme.color("muted"))
        left = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        painter.drawText(
            QRectF(0, 0, self.width(), 18), left, "Rows: what it is. Columns: what was answered."
        )
        if size < _NAMED_CELL:
            return
        align = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        for place, intent in enumerate(self.intents):
            box = QRectF(0, grid.top() + place * size, _NAMES_WIDTH - 8, size)
            chosen = self.cell is not None and place in self.cell
            painter.setPen(self._theme.color("text" if chosen else "muted"))
            shown = painter.fontMetrics().elidedText(intent, Qt.TextElideMode.ElideRight, int(box.width()))
            painter.drawText(box, align, shown)
