"""A table cell of two lines: what matters, and below it, smaller, what belongs to it."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, Qt
from PySide6.QtGui import QFont, QPainter
from PySide6.QtWidgets import QAbstractItemView, QStyle, QStyledItemDelegate, QStyleOptionViewItem

from gui.theme import Theme

SECOND_LINE = Qt.ItemDataRole.UserRole
"""The role under which a model gives the second line."""
SECOND_COLOR = Qt.ItemDataRole.UserRole + 1
"""The role of that line's colour, a theme token; without it, it is muted."""

ROW_HEIGHT = 46
HINT_PX = 12
# As far in as the style sheet puts the text of an ordinary cell.
PADDING = 11


class TwoLineDelegate(QStyledItemDelegate):
    """Both lines are elided to the cell's width."""

    def __init__(self, theme: Theme, parent: QAbstractItemView) -> None:
        super().__init__(parent)
        self._theme = theme

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        whole: QRect = option.rect
        option.widget.style().drawPrimitive(
            QStyle.PrimitiveElement.PE_PanelItemViewItem, option, painter, option.widget
        )
        box = whole.adjusted(PADDING, 5, -PADDING, -5)
        upper = QRect(box.left(), box.top(), box.width(), box.height() // 2)
        lower = QRect(box.left(), upper.bottom() + 1, box.width(), box.height() - upper.height())
        painter.save()
        self._draw(painter, upper, "text", index.data(Qt.ItemDataRole.DisplayRole))
        font = QFont(painter.font())
        font.setPixelSize(HINT_PX)
        painter.setFont(font)
        self._draw(painter, lower, index.data(SECOND_COLOR) or "muted", index.data(SECOND_LINE))
        painter.restore()

    def _draw(self, painter: QPainter, box: QRect, color: str, words: str | None) -> None:
        painter.setPen(self._theme.color(color))
        shown = painter.fontMetrics().elidedText(words or "", Qt.TextElideMode.ElideRight, box.width())
        painter.drawText(box, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, shown)
