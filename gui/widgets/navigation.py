"""The column at the left: the pages, and at its foot the settings and the theme."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import get_args

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QButtonGroup, QComboBox, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from gui.icons import set_icon
from gui.theme import Theme, ThemeChoice
from gui.widgets.basics import label

WIDTH = 184


@dataclass(frozen=True)
class Destination:
    """One page in the navigation. `key` is how the program calls it, `title` how people do.

    shortcut: the keys that go there, such as "Ctrl+1". at_foot: at the bottom, apart from the others.
    """

    key: str
    title: str
    icon: str
    shortcut: str
    at_foot: bool = False


class Navigation(QWidget):
    """Icon + word per page; exactly one is checked, or none while the welcome card is shown."""

    chosen = Signal(str)
    theme_chosen = Signal(str)

    def __init__(self, destinations: Sequence[Destination], theme: Theme) -> None:
        super().__init__()
        self.setProperty("role", "navigation")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setFixedWidth(WIDTH)
        self.setAccessibleName("Pages")
        self._theme = theme
        self._group = QButtonGroup(self)
        self._buttons: dict[str, QPushButton] = {}
        layout = QVBoxLayout(self)
        layout.setContentsMargins(12, 20, 12, 16)
        layout.setSpacing(4)
        layout.addLayout(self._make_brand())
        layout.addSpacing(16)
        for destination in (each for each in destinations if not each.at_foot):
            layout.addWidget(self._make_button(destination))
        layout.addStretch(1)
        for destination in (each for each in destinations if each.at_foot):
            layout.addWidget(self._make_button(destination))
        layout.addSpacing(4)
        layout.addWidget(self._make_theme_box())

    def mark(self, key: str | None) -> None:
        """Check the page that is shown."""
        self._group.setExclusive(key is not None)
        for name, each in self._buttons.items():
            each.setChecked(name == key)

    def button(self, key: str) -> QPushButton:
        return self._buttons[key]

    def _make_brand(self) -> QHBoxLayout:
        picture = QLabel()
        set_icon(picture, "spoon", self._theme, color="accent", size=24)
        name = label("Spoonful", "section")
        row = QHBoxLayout()
        row.setContentsMargins(8, 0, 0, 0)
        row.setSpacing(8)
        row.addWidget(picture)
        row.addWidget(name, 1)
        return row

    def _make_button(self, destination: Destination) -> QPushButton:
        result = QPushButton(destination.title)
        result.setProperty("role", "navigation")
        result.setCheckable(True)
        result.setAccessibleName(destination.title)
        result.setToolTip(f"{destination.title} ({destination.shortcut})")
        # Not by click: Space on the page just chosen must not press this button again.
        result.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        set_icon(result, destination.icon, self._theme, color="muted", size=20, checked="accent")
        result.clicked.connect(lambda: self.chosen.emit(destination.key))
        self._group.addButton(result)
        self._buttons[destination.key] = result
        return result

    def _make_theme_box(self) -> QComboBox:
        box = QComboBox()
        box.setAccessibleName("Theme")
        box.setToolTip("Colours of the window")
        for choice in get_args(ThemeChoice):
            box.addItem(f"{choice.capitalize()} theme", choice)
        box.setCurrentIndex(box.findData(self._theme.choice))
        box.activated.connect(lambda index: self.theme_chosen.emit(box.itemData(index)))
        return box
