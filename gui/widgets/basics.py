"""The small pieces every page is made of; their look comes from the style sheet through `role`."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPalette
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from gui.icons import set_icon
from gui.theme import Theme


def label(text: str, role: str = "") -> QLabel:
    """A label; roles: title 22 px, section 16, hint 12 muted, strong, figure, prompt 40, good, warn, bad."""
    result = QLabel(text)
    result.setProperty("role", role)
    return result


def set_role(widget: QWidget, role: str) -> None:
    """Change a widget's look after it was shown."""
    set_look(widget, "role", role)


def set_look(widget: QWidget, name: str, value: str) -> None:
    """Change a property that the style sheet selects by, e.g. `invalid` of a field ("true" or "")."""
    if widget.property(name) != value:
        widget.setProperty(name, value)
        widget.style().unpolish(widget)
        widget.style().polish(widget)


def button(
    text: str, role: str = "", *, theme: Theme | None = None, icon: str = "", tip: str = ""
) -> QPushButton:
    """A push button; roles: primary (one per page), danger, quiet (looks like a link), link (a
    small one within text)."""
    result = QPushButton(text)
    result.setProperty("role", role)
    result.setAccessibleName(text)
    if tip:
        result.setToolTip(tip)
    if theme is not None and icon:
        color = {"primary": "on_accent", "danger": "bad", "quiet": "accent"}.get(role, "text")
        set_icon(result, icon, theme, color=color, size=16)
    return result


def primary_button(text: str, *, theme: Theme | None = None, icon: str = "") -> QPushButton:
    """The page's one main action; it belongs at the lower right (`PageFrame.footer`)."""
    return button(text, "primary", theme=theme, icon=icon)


def icon_button(icon: str, name: str, theme: Theme, size: int = 16) -> QPushButton:
    """A button that is only an icon; `name` is its tooltip and its accessible name."""
    result = QPushButton()
    result.setProperty("role", "icon")
    result.setAccessibleName(name)
    result.setToolTip(name)
    set_icon(result, icon, theme, color="muted", size=size)
    return result


def horizontal_line() -> QFrame:
    result = QFrame()
    result.setProperty("role", "line")
    result.setFixedHeight(1)
    return result


class Card(QFrame):
    """A surface with a thin border; `body` takes the content, `header` what stands beside the heading.

    compact: for a table, whose header row brings its own space.
    """

    def __init__(self, heading: str = "", *, compact: bool = False, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "card")
        outer = QVBoxLayout(self)
        outer.setContentsMargins(16, 8 if compact else 16, 16, 12 if compact else 16)
        outer.setSpacing(8)
        self.header = QHBoxLayout()
        self.header.setSpacing(8)
        self.body = QVBoxLayout()
        self.body.setSpacing(8)
        if heading:
            self.header.addWidget(label(heading, "section"))
            self.header.addStretch(1)
            outer.addLayout(self.header)
        outer.addLayout(self.body, 1)


class ElidedLabel(QLabel):
    """A one-line label that shortens its text with an ellipsis and shows the whole in a tooltip."""

    def __init__(self, text: str = "", role: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", role)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.setText(text)

    def setText(self, text: str) -> None:
        super().setText(text)
        self.setToolTip(text)

    def minimumSizeHint(self) -> QSize:
        return QSize(0, super().minimumSizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setPen(self.palette().color(QPalette.ColorRole.WindowText))
        text = self.fontMetrics().elidedText(self.text(), Qt.TextElideMode.ElideRight, self.width())
        painter.drawText(self.rect(), int(self.alignment()), text)


class IconLabel(QWidget):
    """Icon + words: how a status is shown (never by colour alone). elided: as wide as there is room, the
    whole text in a tooltip."""

    def __init__(
        self, theme: Theme, icon: str = "", text: str = "", color: str = "text", *, elided: bool = False
    ) -> None:
        super().__init__()
        self._theme = theme
        self._icon = QLabel()
        self._text = ElidedLabel() if elided else QLabel()
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(6)
        layout.addWidget(self._icon)
        layout.addWidget(self._text, 1)
        if icon:
            self.set(icon, text, color)

    def set(self, icon: str, text: str, color: str = "text") -> None:
        """Show another status. `color` is a theme token such as good, warn, bad, muted."""
        set_icon(self._icon, icon, self._theme, color=color, size=16)
        self._text.setText(text)
        self.setAccessibleName(text)
