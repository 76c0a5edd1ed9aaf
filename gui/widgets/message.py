"""What the program has to say inside a page: beside a field, above a list, or instead of content."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from core.errors import UserError
from gui.icons import set_icon
from gui.theme import Theme
from gui.widgets.basics import button, label, primary_button, set_look

Kind = Literal["info", "good", "warn", "bad"]
_COLOR: dict[Kind, str] = {"info": "accent", "good": "good", "warn": "warn", "bad": "bad"}


class InlineMessage(QFrame):
    """An icon and a sentence or two on a tinted ground; hidden while there is nothing to say."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.setProperty("role", "message")
        self._icon = QLabel()
        self._text = QLabel()
        self._text.setWordWrap(True)
        self._text.setTextFormat(Qt.TextFormat.PlainText)
        self._text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(12, 8, 12, 8)
        layout.setSpacing(8)
        layout.addWidget(self._icon, 0, Qt.AlignmentFlag.AlignTop)
        layout.addWidget(self._text, 1)
        self.hide()

    def text(self) -> str:
        return self._text.text()

    def say(self, kind: Kind, text: str) -> None:
        """Show a message; the kind is told by its icon and colour, the words must stand alone."""
        set_look(self, "kind", kind)
        set_icon(self._icon, kind, self._theme, color=_COLOR[kind], size=16)
        self._text.setText(text)
        self.setAccessibleName(text)
        self.show()

    def say_error(self, error: UserError) -> None:
        """Show an error in its own words: place, what, remedy; a list of problems keeps its lines."""
        place = f"{error.where}: " if error.where else ""
        between = "\n" if "\n" in error.what else " "
        self.say("bad", f"{place}{error.what.rstrip()}{between}{error.remedy}".rstrip())

    def clear(self) -> None:
        self._text.clear()
        self.hide()


class EmptyState(QWidget):
    """Shown where content will be: what it is and what to do next."""

    def __init__(
        self, theme: Theme, icon: str, heading: str, text: str, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        picture = QLabel(alignment=Qt.AlignmentFlag.AlignCenter)
        set_icon(picture, icon, theme, color="muted", size=32)
        title = label(heading, "section")
        title.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._text = label(text, "hint")
        self._text.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._text.setWordWrap(True)
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(16, 24, 16, 24)
        self._layout.setSpacing(8)
        self._layout.addStretch(1)
        for widget in (picture, title, self._text):
            self._layout.addWidget(widget)
        self._layout.addStretch(1)

    def add_action(self, text: str, run: Callable[[], None], *, primary: bool = False) -> QPushButton:
        """A button under the words."""
        action = primary_button(text) if primary else button(text)
        action.clicked.connect(run)
        self._layout.insertWidget(self._layout.count() - 1, action, 0, Qt.AlignmentFlag.AlignHCenter)
        return action

    def set_text(self, text: str) -> None:
        self._text.setText(text)
