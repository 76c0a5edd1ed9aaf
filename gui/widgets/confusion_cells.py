"""The cells of a confusion matrix: painted counts, gone through with mouse and keys."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import QEvent, QPoint, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QAccessible,
    QAccessibleEvent,
    QColor,
    QFont,
    QFontMetrics,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
)
from PySide6.QtWidgets import QWidget

from core.evaluation.batch.scores import NO_LABEL, Confusions
from gui.formatting import counted
from gui.theme import Theme, tabular

LEAST_CELL: Final = 6
LARGEST_CELL: Final = 34
NAMED_CELL: Final = 12
"""Pixels of a cell from which on its row, or its column, has a name beside it."""
_LEAST_FIGURE: Final = 8
"""Pixels of the smallest font that counts are written in."""
_MOST_NAME: Final = 130
_NAME_PX: Final = 11
_GAP: Final = 6
_STRONGEST: Final = 0.5
"""How much of a cell's ground is the colour of its kind at most, so that a count on it stays readable."""
_SAID_AT_ONCE: Final = 5
KEYS_HINT: Final = "Arrows: move \u00b7 N: next mistake \u00b7 Enter: list and play"

Cell = tuple[int, int]
"""Row and column."""


@dataclass(frozen=True)
class Geometry:
    """In pixels: what is left of the cells and above them, and a cell's width and height."""

    left: int
    top: int
    width: int
    height: int


class ConfusionCells(QWidget):
    """Signals as of `ConfusionMatrix`, which it is the inside of."""

    clicked = Signal(str, str)
    entered = Signal(str, str)
    pointed = Signal(str)
    """what the cell under the mouse or the keyboard means"""
    moved = Signal(object)
    """the middle of the cell that is selected now"""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._confusions: Confusions | None = None
        self._mistakes: list[tuple[str, str, int]] = []
        self._names_px = 0
        self._selected: Cell = (0, 0)
        self._hovered: Cell | None = None
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setAccessibleName("Confusion matrix")
        self.setFont(tabular(self.font()))
        theme.changed.connect(self.update)

    @property
    def rows(self) -> int:
        return 0 if self._confusions is None else len(self._confusions.intents)

    @property
    def columns(self) -> int:
        return 0 if self._confusions is None else len(self._confusions.answered)

    @property
    def selected(self) -> Cell:
        """Where the keyboard is."""
        return self._selected

    def show_confusions(self, confusions: Confusions | None) -> None:
        self._confusions = confusions
        self._mistakes = [] if confusions is None else confusions.wrong
        metrics = QFontMetrics(self._font(_NAME_PX))
        names = () if confusions is None else confusions.answered
        widest = max((metrics.horizontalAdvance(_name(each)) for each in names), default=0)
        self._names_px = min(widest, _MOST_NAME)
        self._hovered, self._selected = None, (0, 0)
        if confusions is not None and self._mistakes:
            expected, answered, _ = self._mistakes[0]
            self._selected = confusions.intents.index(expected), confusions.answered.index(answered)
        self._say()
        self.updateGeometry()
        self.update()

    def select(self, expected: str, answered: str) -> None:
        found = self._confusions
        if found is not None and expected in found.intents and answered in found.answered:
            self._go((found.intents.index(expected), found.answered.index(answered)))

    # ---- in words

    def describe(self, cell: Cell) -> str:
        """What a cell means."""
        if self._confusions is None or not self.rows:
            return ""
        row, column = cell
        expected, answered = self._intents_of(cell)
        number, of = int(self._confusions.counts[row, column]), int(self._confusions.counts[row].sum())
        if row == column:
            return f"{expected}: {number} of {of} with the right intent"
        instead = "no label at all" if answered == NO_LABEL else answered
        return f"{expected} answered as {instead}: {number} of {of}"

    def _summary(self) -> str:
        if self._confusions is None:
            return ""
        counts = self._confusions.counts
        right = int(counts.diagonal().sum())
        words = (
            f"{counted(self.rows, 'intent')}; {right} of {counted(int(counts.sum()), 'utterance')}"
            " with the right intent."
        )
        if self._mistakes:
            often = [
                f"{expected} as {answered or 'no label'}, {number}"
                for expected, answered, number in self._mistakes[:_SAID_AT_ONCE]
            ]
            words += f" Most often confused: {'; '.join(often)}."
        return f"{words} {KEYS_HINT}."

    def _say(self) -> None:
        self.pointed.emit(self.describe(self._hovered or self._selected))
        self.setAccessibleDescription(f"{self.describe(self._selected)}. {self._summary()}")
        QAccessible.updateAccessibility(QAccessibleEvent(self, QAccessible.Event.DescriptionChanged))

    # ---- geometry

    def sizeHint(self) -> QSize:
        return QSize(420, 420)

    def minimumSizeHint(self) -> QSize:
        sides = (count * LEAST_CELL + _GAP + 1 for count in (self.columns, self.rows))
        return QSize(*(max(160, side) for side in sides))

    def geometry_of_cells(self) -> Geometry:
        """How large the cells are, and what room there is for names. Cells are never higher than wide."""
        names = self._names_px + 2 * _GAP
        both, left_only, none = (
            self._geometry(left, top) for left, top in ((names, names), (names, _GAP), (_GAP, _GAP))
        )
        if both.height >= NAMED_CELL and both.width >= NAMED_CELL:
            return both
        return left_only if left_only.height >= NAMED_CELL else none

    def _geometry(self, left: int, top: int) -> Geometry:
        """The largest cells that fit beside such room for names."""
        width = (self.width() - 1 - left) // max(1, self.columns)
        height = max(LEAST_CELL, min((self.height() - 1 - top) // max(1, self.rows), width, LARGEST_CELL))
        return Geometry(left, top, max(LEAST_CELL, min(width, 2 * height)), height)

    def rect_of(self, cell: Cell) -> QRect:
        """Where a cell is."""
        at = self.geometry_of_cells()
        return QRect(at.left + cell[1] * at.width, at.top + cell[0] * at.height, at.width, at.height)

    def cell_at(self, place: QPoint) -> Cell | None:
        """The cell at a place; None beside them."""
        at = self.geometry_of_cells()
        if place.x() < at.left or place.y() < at.top:
            return None
        row, column = (place.y() - at.top) // at.height, (place.x() - at.left) // at.width
        return (row, column) if row < self.rows and column < self.columns else None

    def _font(self, pixels: int) -> QFont:
        font = QFont(self.font())
        font.setPixelSize(pixels)
        return font

    # ---- mouse and keys

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._hover(self.cell_at(event.position().toPoint()))

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self._hover(None)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        cell = self.cell_at(event.position().toPoint())
        if event.button() == Qt.MouseButton.LeftButton and cell is not None:
            self._go(cell)
            if self._count(cell):
                self.clicked.emit(*self._intents_of(cell))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if not self.rows:
            super().keyPressEvent(event)
            return
        key, (row, column), last = event.key(), self._selected, (self.rows - 1, self.columns - 1)
        steps = {
            Qt.Key.Key_Left: (row, column - 1),
            Qt.Key.Key_Right: (row, column + 1),
            Qt.Key.Key_Up: (row - 1, column),
            Qt.Key.Key_Down: (row + 1, column),
            Qt.Key.Key_Home: (row, 0),
            Qt.Key.Key_End: (row, last[1]),
            Qt.Key.Key_PageUp: (0, column),
            Qt.Key.Key_PageDown: (last[0], column),
        }
        if key in steps:
            to_row, to_column = steps[Qt.Key(key)]
            self._go((min(max(0, to_row), last[0]), min(max(0, to_column), last[1])))
        elif key == Qt.Key.Key_N:
            self._go_to_mistake(-1 if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else 1)
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self._count(self._selected):
            self.entered.emit(*self._intents_of(self._selected))
        else:
            super().keyPressEvent(event)

    def _go_to_mistake(self, step: int) -> None:
        """The next most frequent mistake, and from the last one the first again."""
        if not self._mistakes:
            return
        mistakes = [(expected, answered) for expected, answered, _ in self._mistakes]
        here = self._intents_of(self._selected)
        at = mistakes.index(here) + step if here in mistakes else 0
        self.select(*mistakes[at % len(mistakes)])

    def _go(self, cell: Cell) -> None:
        self._selected, self._hovered = cell, None
        self.moved.emit(self.rect_of(cell).center())
        self._say()
        self.update()

    def _hover(self, cell: Cell | None) -> None:
        if cell != self._hovered:
            self._hovered = cell
            self.pointed.emit(self.describe(self._hovered or self._selected))
            self.update()

    def _count(self, cell: Cell) -> int:
        return 0 if self._confusions is None else int(self._confusions.counts[cell])

    def _intents_of(self, cell: Cell) -> tuple[str, str]:
        assert self._confusions is not None  # noqa: S101 - there is a cell
        return self._confusions.intents[cell[0]], self._confusions.answered[cell[1]]

    # ---- painting

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._confusions is None or not self.rows:
            return
        painter = QPainter(self)
        at = self.geometry_of_cells()
        self._paint_cross(painter)
        self._paint_grid(painter, at)
        for row, column in zip(*self._confusions.counts.nonzero(), strict=True):
            self._paint_cell(painter, (int(row), int(column)))
        self._paint_names(painter, at)
        painter.setPen(QPen(self._theme.color("accent" if self.hasFocus() else "muted"), 2))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRect(self.rect_of(self._selected).adjusted(0, 0, -1, -1))

    def _paint_cross(self, painter: QPainter) -> None:
        """The row and the column one looks at, through to their names."""
        end = self.rect_of((self.rows - 1, self.columns - 1))
        cell = self.rect_of(self._hovered or self._selected)
        painter.fillRect(QRect(0, cell.top(), end.right() + 1, cell.height()), self._theme.color("hover"))
        painter.fillRect(QRect(cell.left(), 0, cell.width(), end.bottom() + 1), self._theme.color("hover"))

    def _paint_grid(self, painter: QPainter, at: Geometry) -> None:
        right, bottom = at.left + self.columns * at.width, at.top + self.rows * at.height
        painter.setPen(self._theme.color("grid"))
        for number in range(self.columns + 1):
            painter.drawLine(at.left + number * at.width, at.top, at.left + number * at.width, bottom)
        for number in range(self.rows + 1):
            painter.drawLine(at.left, at.top + number * at.height, right, at.top + number * at.height)

    def _paint_cell(self, painter: QPainter, cell: Cell) -> None:
        assert self._confusions is not None  # noqa: S101 - there is a cell
        counts, number = self._confusions.counts, self._count(cell)
        right = cell[0] == cell[1]
        most = int(counts[cell[0]].sum()) if right else self._mistakes[0][2]
        box = self.rect_of(cell).adjusted(1, 1, 0, 0)
        words = str(number)
        font = self._fitting(words, box)
        share = number / most
        if font is not None:
            painter.fillRect(box, self._mixed("good" if right else "bad", _STRONGEST * (0.3 + 0.7 * share)))
            painter.setFont(font)
            painter.setPen(self._theme.color("text"))
            painter.drawText(box, Qt.AlignmentFlag.AlignCenter, words)
            return
        # Where there is no room for a figure the size tells how many; right ones are hollow.
        side = max(3.0, box.height() * (0.1 + 0.9 * share) ** 0.5)
        square = QRectF(0, 0, side, side)
        square.moveCenter(QRectF(box).center())
        if right:
            painter.setPen(QPen(self._theme.color("good"), 1))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(square.adjusted(0.5, 0.5, -0.5, -0.5))
        else:
            painter.fillRect(square, self._theme.color("bad"))

    def _fitting(self, words: str, box: QRect) -> QFont | None:
        """The largest font in which the words fit into the box; None when even the smallest is too large."""
        for pixels in range(min(12, box.height() - 1), _LEAST_FIGURE - 1, -1):
            font = self._font(pixels)
            if QFontMetrics(font).horizontalAdvance(words) < box.width():
                return font
        return None

    def _paint_names(self, painter: QPainter, at: Geometry) -> None:
        assert self._confusions is not None  # noqa: S101 - there is a cell
        row, column = self._hovered or self._selected
        if at.left > _GAP:
            for number, intent in enumerate(self._confusions.intents):
                box = QRect(_GAP, at.top + number * at.height, self._names_px, at.height)
                self._paint_name(painter, box, intent, Qt.AlignmentFlag.AlignRight, marked=number == row)
        if at.top > _GAP:
            for number, intent in enumerate(self._confusions.answered):
                painter.save()
                painter.translate(at.left + number * at.width, at.top)
                painter.rotate(-90)
                box = QRect(_GAP, 0, self._names_px, at.width)
                self._paint_name(painter, box, intent, Qt.AlignmentFlag.AlignLeft, marked=number == column)
                painter.restore()

    def _paint_name(
        self, painter: QPainter, box: QRect, intent: str, side: Qt.AlignmentFlag, *, marked: bool
    ) -> None:
        font = self._font(_NAME_PX)
        font.setBold(marked)
        painter.setFont(font)
        painter.setPen(self._theme.color("text" if marked else "muted"))
        name = painter.fontMetrics().elidedText(_name(intent), Qt.TextElideMode.ElideRight, box.width())
        painter.drawText(box, side | Qt.AlignmentFlag.AlignVCenter, name)

    def _mixed(self, token: str, share: float) -> QColor:
        ground, ink = self._theme.color("surface"), self._theme.color(token)
        mixed = (
            round(one * (1 - share) + other * share)
            for one, other in zip(ground.getRgb()[:3], ink.getRgb()[:3], strict=True)  # type: ignore[index]
        )
        return QColor(*mixed)


def _name(intent: str) -> str:
    return "(no label)" if intent == NO_LABEL else intent
