"""Whether to start a run though a check found errors in its data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QMessageBox, QPushButton, QWidget

from gui.formatting import counted

_TOLD = 4


class DataErrorsQuestion(QMessageBox):
    """`start` starts all the same, `look` shows the errors; to close it does neither. given_up: closed
    without a start."""

    given_up = Signal()

    def __init__(self, errors: Mapping[str, Sequence[str]], parent: QWidget) -> None:
        """errors: in words, by dataset."""
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setIcon(QMessageBox.Icon.Warning)
        self.setWindowTitle("Errors in the data")
        told = [f"{name}: {words}" for name, found in errors.items() for words in found]
        self.setText(f"The last check of the data found {counted(len(told), 'error')}.")
        more = f"\n... and {len(told) - _TOLD} more." if len(told) > _TOLD else ""
        self.setInformativeText("\n".join(told[:_TOLD]) + more + "\n\nScores of this run may not be true.")
        self.look: QPushButton = self.addButton("Look at them", QMessageBox.ButtonRole.AcceptRole)
        self.start: QPushButton = self.addButton("Start all the same", QMessageBox.ButtonRole.DestructiveRole)
        cancel = self.addButton(QMessageBox.StandardButton.Cancel)
        self.setDefaultButton(self.look)
        self.setEscapeButton(cancel)
        self.finished.connect(self._tell)

    def _tell(self) -> None:
        if self.clickedButton() is not self.start:
            self.given_up.emit()
