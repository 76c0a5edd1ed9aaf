"""The slots of a label, to be typed."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QSize, QStringListModel, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QCompleter,
    QHeaderView,
    QLineEdit,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableWidget,
    QTableWidgetItem,
    QWidget,
)

from core.data.utterance import Slot

SLOT_ROWS = 2


class SlotTable(QTableWidget):
    """Type and filler of each slot; what is typed into the empty last row is one more, Delete takes one
    away."""

    def __init__(self) -> None:
        super().__init__(0, 2)
        self.setAccessibleName("Slots")
        self.setHorizontalHeaderLabels(["Type", "Filler"])
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(24)
        header = self.horizontalHeader()
        header.setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        header.setFixedHeight(24)
        self.setSelectionMode(QTableWidget.SelectionMode.SingleSelection)
        self._types = QStringListModel(self)
        self.setItemDelegateForColumn(0, _TypeDelegate(self._types, self))
        self.itemChanged.connect(self._grow)

    def offer_types(self, types: Sequence[str]) -> None:
        """Complete what is typed for a type by these."""
        self._types.setStringList(list(types))
        self.setToolTip("Types: " + ", ".join(types) if types else "")

    def replace_type(self, old: str, new: str) -> None:
        """Call the slots of a type otherwise."""
        for row in range(self.rowCount()):
            item = self.item(row, 0)
            if item is not None and item.text().strip() == old:
                item.setText(new)

    def sizeHint(self) -> QSize:
        return QSize(260, 26 + SLOT_ROWS * 24)

    def minimumSizeHint(self) -> QSize:
        return QSize(120, self.sizeHint().height())

    def show_slots(self, slots: Sequence[Slot]) -> None:
        """Show these slots and an empty row behind them."""
        blocked = self.blockSignals(True)
        self.setRowCount(0)
        for row, slot in enumerate((*slots, Slot("", ""))):
            self.insertRow(row)
            self.setItem(row, 0, QTableWidgetItem(slot.type))
            self.setItem(row, 1, QTableWidgetItem(slot.filler))
        self.blockSignals(blocked)

    def typed(self) -> tuple[Slot, ...]:
        """The slots as they stand, without rows that are empty."""
        rows = [
            tuple(item.text().strip() if (item := self.item(row, column)) else "" for column in (0, 1))
            for row in range(self.rowCount())
        ]
        return tuple(Slot(kind, filler) for kind, filler in rows if kind or filler)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        last = self.rowCount() - 1
        if event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace) and 0 <= self.currentRow() < last:
            self.removeRow(self.currentRow())
        else:
            super().keyPressEvent(event)

    def _grow(self, item: QTableWidgetItem) -> None:
        if item.row() == self.rowCount() - 1 and item.text().strip():
            self.insertRow(self.rowCount())


class _TypeDelegate(QStyledItemDelegate):
    """Known types that hold what was typed pop up."""

    def __init__(self, types: QStringListModel, parent: SlotTable) -> None:
        super().__init__(parent)
        self._types = types

    def createEditor(
        self, parent: QWidget, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> QWidget:
        line = QLineEdit(parent)
        line.setFrame(False)
        line.setAccessibleName("Type of the slot")
        completer = QCompleter(self._types, line)
        completer.setFilterMode(Qt.MatchFlag.MatchContains)
        completer.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        line.setCompleter(completer)
        return line
