"""Light and dark: colours from two token files, one palette, one style sheet, one signal when they change."""

from __future__ import annotations

import json
from typing import Literal

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QColor, QFont, QGuiApplication, QPalette
from PySide6.QtWidgets import QApplication

from core.paths import RESOURCES
from gui.stylesheet import style_sheet

ThemeChoice = Literal["light", "dark", "system"]
ThemeName = Literal["light", "dark"]

TEXT_COLOR = "#0072B2"
"""Okabe-Ito blue: everything about text pairs and text input, in both themes."""
SPEECH_COLOR = "#E69F00"
"""Okabe-Ito orange: everything about speech pairs and speech input, in both themes."""

BODY_PX = 13


class Theme(QObject):
    """The colours in use. Widgets ask `color(token)` when painting and listen to `changed`."""

    changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._tokens: dict[ThemeName, dict[str, str]] = {
            "light": _read_tokens("light"),
            "dark": _read_tokens("dark"),
        }
        self._app: QApplication | None = None
        self._choice: ThemeChoice = "light"
        self._name: ThemeName = "light"

    @property
    def choice(self) -> ThemeChoice:
        """What the user picked."""
        return self._choice

    @property
    def name(self) -> ThemeName:
        """What is shown: the choice, with "system" resolved."""
        return self._name

    def token(self, name: str) -> str:
        """A colour as "#RRGGBB"; "text_series" and "speech_series" are the modality colours."""
        if name == "text_series":
            return TEXT_COLOR
        if name == "speech_series":
            return SPEECH_COLOR
        return self._tokens[self._name][name]

    def color(self, name: str) -> QColor:
        """A colour to paint with."""
        return QColor(self.token(name))

    def apply(self, app: QApplication, choice: ThemeChoice) -> None:
        """Dress the whole application. "system" follows the desktop, also when it changes later."""
        if self._app is None:
            self._app = app
            app.setStyle("Fusion")
            font = app.font()
            font.setPixelSize(BODY_PX)
            app.setFont(font)
            app.styleHints().colorSchemeChanged.connect(self._follow_system)
        self._choice = choice
        self._dress(app, _system_theme() if choice == "system" else choice)

    def _follow_system(self) -> None:
        if self._app is not None and self._choice == "system" and _system_theme() != self._name:
            self._dress(self._app, _system_theme())

    def _dress(self, app: QApplication, name: ThemeName) -> None:
        self._name = name
        tokens = self._tokens[name]
        # An explicit palette: the platform's own colour scheme is missing offscreen and on bare X servers.
        app.setPalette(_palette(tokens))
        app.setStyleSheet(style_sheet(tokens, name))
        self.changed.emit()


def tabular(font: QFont) -> QFont:
    """The same font with digits of equal width, so that columns of numbers line up."""
    font = QFont(font)
    font.setFeature(QFont.Tag("tnum"), 1)
    return font


def _read_tokens(name: ThemeName) -> dict[str, str]:
    tokens: dict[str, str] = json.loads((RESOURCES / "themes" / f"{name}.json").read_text("utf-8"))
    return tokens


def _system_theme() -> ThemeName:
    return "dark" if QGuiApplication.styleHints().colorScheme() == Qt.ColorScheme.Dark else "light"


def _palette(tokens: dict[str, str]) -> QPalette:
    role = QPalette.ColorRole
    colors = {
        role.Window: "ground",
        role.WindowText: "text",
        role.Base: "field",
        role.AlternateBase: "hover",
        role.Text: "text",
        role.Button: "surface",
        role.ButtonText: "text",
        role.BrightText: "bad",
        role.Highlight: "selection",
        role.HighlightedText: "text",
        role.ToolTipBase: "surface",
        role.ToolTipText: "text",
        role.PlaceholderText: "disabled",
        role.Link: "accent",
        role.LinkVisited: "accent",
        role.Light: "surface",
        role.Midlight: "hover",
        role.Mid: "line",
        role.Dark: "field_line",
        role.Shadow: "field_line",
        role.Accent: "accent",
    }
    palette = QPalette()
    for palette_role, token in colors.items():
        palette.setColor(palette_role, QColor(tokens[token]))
    for palette_role in (role.WindowText, role.Text, role.ButtonText, role.HighlightedText):
        palette.setColor(QPalette.ColorGroup.Disabled, palette_role, QColor(tokens["disabled"]))
    return palette
