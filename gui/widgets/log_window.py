"""A run's log in a window of its own."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtGui import QFont, QFontDatabase
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QPlainTextEdit, QVBoxLayout, QWidget

from gui.widgets.basics import ElidedLabel

TAIL_BYTES = 200_000


def read_tail(path: Path) -> str:
    """The last `TAIL_BYTES` of a log. A log that is not there yet is empty."""
    if not path.is_file():
        return ""
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - TAIL_BYTES))
        return file.read().decode("utf-8", errors="replace")


class LogWindow(QDialog):
    """Shows text read from `path`; not modal, deleted when closed."""

    def __init__(self, path: Path, text: str, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle("Log of the run")
        self.resize(840, 520)
        view = QPlainTextEdit(text or "The log is empty.")
        view.setReadOnly(True)
        view.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        font = QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont)
        font.setPixelSize(12)
        font.setStyleHint(QFont.StyleHint.Monospace)
        view.setFont(font)
        view.setAccessibleName("Log of the run")
        view.moveCursor(view.textCursor().MoveOperation.End)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.rejected.connect(self.close)
        place = ElidedLabel(str(path), "hint")
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 16, 16, 16)
        column.addWidget(place)
        column.addWidget(view, 1)
        column.addWidget(buttons)
