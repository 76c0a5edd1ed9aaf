"""The non-modal bar that says what went wrong, wherever it came from."""

from __future__ import annotations

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPlainTextEdit, QVBoxLayout, QWidget

from core.errors import UserError
from gui.icons import set_icon
from gui.theme import Theme
from gui.widgets.basics import button, icon_button, label

DETAILS_HEIGHT = 140


class ErrorBar(QFrame):
    """Shows the newest error: what, where, what to do; technical text only behind "Details"."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "banner")
        self.setAccessibleName("Error")
        picture = QLabel()
        set_icon(picture, "bad", theme, color="bad", size=20)
        self._what = self._line("strong")
        self._remedy = self._line("")
        self._where = self._line("hint")
        self._details = QPlainTextEdit(readOnly=True)
        self._details.setAccessibleName("Technical details")
        self._details.setMaximumHeight(DETAILS_HEIGHT)
        self._details_button = button("Details", "quiet")
        self._details_button.setCheckable(True)
        self._details_button.toggled.connect(self._details.setVisible)
        close = icon_button("close", "Dismiss this message", theme)
        close.clicked.connect(self.dismiss)

        words = QVBoxLayout()
        words.setSpacing(2)
        for line in (self._what, self._remedy, self._where):
            words.addWidget(line)
        row = QHBoxLayout()
        row.setSpacing(12)
        row.addWidget(picture, 0, Qt.AlignmentFlag.AlignTop)
        row.addLayout(words, 1)
        row.addWidget(self._details_button, 0, Qt.AlignmentFlag.AlignTop)
        row.addWidget(close, 0, Qt.AlignmentFlag.AlignTop)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(24, 10, 16, 10)
        layout.addLayout(row)
        layout.addWidget(self._details)
        self.hide()

    def text(self) -> str:
        """All words on show, for tests and screen readers."""
        return " ".join(line.text() for line in (self._what, self._remedy, self._where) if line.text())

    @Slot(object)
    def show_error(self, error: UserError) -> None:
        for line, words in (
            (self._what, error.what),
            (self._remedy, error.remedy),
            (self._where, error.where),
        ):
            line.setText(words)
            line.setVisible(bool(words))
        self._details.setPlainText(error.details)
        self._details_button.setChecked(False)
        self._details_button.setVisible(bool(error.details))
        self._details.hide()
        self.setAccessibleDescription(self.text())
        self.show()

    def dismiss(self) -> None:
        self.hide()

    @staticmethod
    def _line(role: str) -> QLabel:
        line = label("", role)
        line.setWordWrap(True)
        line.setTextFormat(Qt.TextFormat.PlainText)
        line.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        return line
