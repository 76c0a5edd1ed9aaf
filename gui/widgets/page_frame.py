"""The frame of every page: title, content of bounded width, and a footer with the one primary button."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QSizePolicy, QVBoxLayout, QWidget

from gui.widgets.basics import label

CONTENT_WIDTH = 1280
MARGIN = 24


class PageFrame(QWidget):
    """Base of the pages. Fill `header` (right of the title), `body`, and `footer` (hidden until used).

    scrolls: the body may be taller than the window (forms); pages that are mostly a table leave it False.
    """

    def __init__(
        self, title: str, *, hint: str = "", scrolls: bool = False, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setProperty("role", "ground")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        column = QWidget()
        column.setMaximumWidth(CONTENT_WIDTH)
        column.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        centre = QHBoxLayout(self)
        centre.setContentsMargins(0, 0, 0, 0)
        centre.addStretch(1)
        centre.addWidget(column, 1000)
        centre.addStretch(1)

        outer = QVBoxLayout(column)
        outer.setContentsMargins(MARGIN, 20, MARGIN, 16)
        outer.setSpacing(16)
        outer.addLayout(self._make_header(title, hint))
        self.body = QVBoxLayout()
        self.body.setSpacing(16)
        if scrolls:
            outer.addWidget(self._make_scroll_area(), 1)
        else:
            outer.addLayout(self.body, 1)
        self._footer = QWidget()
        self._footer.hide()
        self._footer_row = QHBoxLayout(self._footer)
        self._footer_row.setContentsMargins(0, 0, 0, 0)
        self._footer_row.setSpacing(8)
        outer.addWidget(self._footer)

    @property
    def footer(self) -> QHBoxLayout:
        """Secondary buttons first, then `addStretch(1)`, the primary button last. Shown from first use on."""
        self._footer.show()
        return self._footer_row

    def activated(self) -> None:
        """Called each time the page comes to the front; pages refresh here."""

    def _make_header(self, title: str, hint: str) -> QHBoxLayout:
        words = QVBoxLayout()
        words.setSpacing(2)
        words.addWidget(label(title, "title"))
        if hint:
            line = label(hint, "hint")
            line.setWordWrap(True)
            words.addWidget(line)
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addLayout(words, 1)
        self.header = QHBoxLayout()
        self.header.setSpacing(8)
        row.addLayout(self.header)
        return row

    def _make_scroll_area(self) -> QScrollArea:
        inside = QWidget()
        inside.setProperty("role", "scrolled")
        inside.setLayout(self.body)
        self.body.setContentsMargins(0, 0, 4, 0)
        area = QScrollArea()
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setWidgetResizable(True)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.setWidget(inside)
        return area
