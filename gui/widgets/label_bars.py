"""How often each intent occurs, written and spoken: bars that are also the table's filter."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import (
    QAbstractListModel,
    QModelIndex,
    QPersistentModelIndex,
    QRect,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import (
    QAbstractItemView,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from core.data.summary import IntentCount
from gui.formatting import counted, grouped
from gui.theme import Theme, tabular

ROW_HEIGHT = 46
BAR_HEIGHT = 4
PADDING = 8
Index = QModelIndex | QPersistentModelIndex


class LabelBars(QListView):
    """All intents in one list; the first row stands for all of them. Selecting a row chooses it."""

    intent_chosen = Signal(object)
    """str, or None for all intents."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Intents")
        self.setUniformItemSizes(True)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFont(tabular(self.font()))
        self._counts = _Counts()
        self.setModel(self._counts)
        self.setItemDelegate(_BarDelegate(theme, self))
        self.selectionModel().currentRowChanged.connect(self._choose)
        theme.changed.connect(self.viewport().update)

    def show_counts(self, counts: Sequence[IntentCount]) -> None:
        """Show another distribution and go back to "All intents" without announcing it."""
        blocked = self.selectionModel().blockSignals(True)
        self._counts.replace(counts)
        self.setCurrentIndex(self._counts.index(0))
        self.selectionModel().blockSignals(blocked)
        self.viewport().update()

    def _choose(self, current: QModelIndex) -> None:
        if current.isValid():
            self.intent_chosen.emit(self._counts.intent(current.row()))


class _Counts(QAbstractListModel):
    def __init__(self) -> None:
        super().__init__()
        self.rows: list[IntentCount] = []
        self.largest = 1

    def replace(self, counts: Sequence[IntentCount]) -> None:
        self.beginResetModel()
        total = IntentCount(
            "All intents", sum(count.text for count in counts), sum(count.speech for count in counts)
        )
        self.rows = [total, *counts]
        self.largest = max((max(count.text, count.speech) for count in counts), default=1) or 1
        self.endResetModel()

    def intent(self, row: int) -> str | None:
        return self.rows[row].intent if row else None

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own signature
        return 0 if parent.isValid() else len(self.rows)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> str | None:
        count = self.rows[index.row()]
        words = f"{count.intent}: {counted(count.text, 'text')}, {counted(count.speech, 'recording')}"
        if role == Qt.ItemDataRole.DisplayRole:
            return count.intent
        if role in (Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.AccessibleTextRole):
            return words
        return None


class _BarDelegate(QStyledItemDelegate):
    """Name and numbers above two bars on one linear scale, so that a spoonful looks like one."""

    def __init__(self, theme: Theme, parent: LabelBars) -> None:
        super().__init__(parent)
        self._theme = theme

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(0, ROW_HEIGHT)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        model = index.model()
        if not isinstance(model, _Counts):
            return
        count = model.rows[index.row()]
        whole: QRect = option.rect
        state: QStyle.StateFlag = option.state
        painter.save()
        self._paint_ground(painter, whole, state)
        box = whole.adjusted(PADDING, 6, -PADDING, -6)
        bars = bool(index.row())
        self._paint_words(painter, box if bars else box.translated(0, BAR_HEIGHT + 2), count)
        if bars:
            self._paint_bars(painter, box, count, model.largest)
        painter.restore()

    def _paint_ground(self, painter: QPainter, whole: QRect, state: QStyle.StateFlag) -> None:
        if state & QStyle.StateFlag.State_Selected:
            painter.fillRect(whole, self._theme.color("selection"))
        elif state & QStyle.StateFlag.State_MouseOver:
            painter.fillRect(whole, self._theme.color("hover"))

    def _paint_words(self, painter: QPainter, box: QRect, count: IntentCount) -> None:
        line = QRect(box.left(), box.top(), box.width(), painter.fontMetrics().height())
        numbers = f"{grouped(count.text)}  \u00b7  {grouped(count.speech)}"
        width = painter.fontMetrics().horizontalAdvance(numbers)
        painter.setPen(self._theme.color("muted"))
        painter.drawText(line, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, numbers)
        painter.setPen(self._theme.color("text"))
        room = line.adjusted(0, 0, -width - PADDING, 0)
        name = painter.fontMetrics().elidedText(count.intent, Qt.TextElideMode.ElideRight, room.width())
        painter.drawText(room, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, name)

    def _paint_bars(self, painter: QPainter, box: QRect, count: IntentCount, largest: int) -> None:
        top = box.bottom() - 2 * BAR_HEIGHT
        for number, (value, color) in enumerate(
            ((count.text, "text_series"), (count.speech, "speech_series"))
        ):
            if value:
                # At least two pixels: "hardly any" must not look like "none".
                width = max(2, round(box.width() * value / largest))
                bar = QRect(box.left(), top + number * (BAR_HEIGHT + 1), width, BAR_HEIGHT)
                painter.fillRect(bar, self._theme.color(color))
