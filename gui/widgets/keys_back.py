"""A page that is worked by keys keeps them, though its buttons are clicked."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt, QTimer
from PySide6.QtWidgets import QWidget


class KeysBack(QObject):
    """Gives the focus back to `owner` after a click on one of its widgets that Tab alone leads to."""

    def __init__(self, owner: QWidget) -> None:
        super().__init__(owner)
        self._owner = owner
        for widget in owner.findChildren(QWidget):
            if widget.focusPolicy() == Qt.FocusPolicy.TabFocus:
                widget.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.MouseButtonRelease:
            QTimer.singleShot(0, self._owner, self._owner.setFocus)
        return super().eventFilter(watched, event)
