"""A labelled input with room for its problem right below it."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from gui.icons import set_icon
from gui.theme import Theme
from gui.widgets.basics import label, set_look


class ProblemLabel(QWidget):
    """What is wrong with the field above it, sign and words; takes no room while nothing is."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        sign = QLabel()
        set_icon(sign, "bad", theme, color="bad", size=14)
        self._words = label("", "bad")
        self._words.setWordWrap(True)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(4)
        row.addWidget(sign, 0, Qt.AlignmentFlag.AlignTop)
        row.addWidget(self._words, 1)
        self.hide()

    def set_problem(self, text: str) -> None:
        self._words.setText(text)
        self.setAccessibleName(text)
        self.setVisible(bool(text))

    def problem(self) -> str:
        return self._words.text()


class Field(QWidget):
    """Label above, input below, problem under it. `help_text`: shown on hover, read by screen readers."""

    def __init__(self, theme: Theme, title: str, editor: QWidget, help_text: str = "") -> None:
        super().__init__()
        self.editor = editor
        self._problem = ProblemLabel(theme)
        self._hint = label("", "hint")
        self._hint.setWordWrap(True)
        self._hint.hide()
        caption = label(title, "hint")
        caption.setBuddy(editor)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addWidget(caption)
        column.addWidget(editor)
        column.addWidget(self._hint)
        column.addWidget(self._problem)
        column.addStretch(1)
        if not editor.accessibleName():
            editor.setAccessibleName(title)
        self._help = help_text
        self.setToolTip(help_text)
        editor.setAccessibleDescription(help_text)

    def set_problem(self, text: str) -> None:
        set_look(self.editor, "invalid", "true" if text else "")
        self._problem.set_problem(text)

    def problem(self) -> str:
        return self._problem.problem()

    def set_hint(self, text: str) -> None:
        """A line about what was entered, where nothing is wrong with it; "" for none."""
        self._hint.setText(text)
        self._hint.setVisible(bool(text))
        self.editor.setAccessibleDescription(" ".join(part for part in (self._help, text) if part))
