"""The program's own icons: one-colour SVG files painted in a theme colour."""

from __future__ import annotations

from PySide6.QtCore import QByteArray, QObject, QRectF, QSize, Qt
from PySide6.QtGui import QIcon, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QAbstractButton, QLabel

from core.paths import RESOURCES
from gui.theme import Theme

_GAP = 6


def pixmap(
    name: str, theme: Theme, size: int = 20, color: str = "text", ratio: float = 1.0, gap: int = 0
) -> QPixmap:
    """`resources/icons/NAME.svg` in a theme colour, `size` logical pixels wide at a device pixel ratio."""
    source = (RESOURCES / "icons" / f"{name}.svg").read_text("utf-8")
    renderer = QSvgRenderer(QByteArray(source.replace("currentColor", theme.token(color)).encode()))
    image = QPixmap(QSize(size + gap, size) * ratio)
    image.fill(Qt.GlobalColor.transparent)
    painter = QPainter(image)
    renderer.render(painter, QRectF(0, 0, size * ratio, size * ratio))
    painter.end()
    image.setDevicePixelRatio(ratio)
    return image


def icon(
    name: str, theme: Theme, color: str = "text", size: int = 20, gap: int = 0, checked: str = ""
) -> QIcon:
    """An icon in the colours of the theme as it is now; see `set_icon` for one that follows the theme.

    gap: empty logical pixels to the right, the distance to a button's words. checked: the colour while the
    button is checked, where that differs.
    """
    result = QIcon()
    if checked:
        for ratio in (1.0, 2.0):
            image = pixmap(name, theme, size, checked, ratio, gap)
            result.addPixmap(image, QIcon.Mode.Normal, QIcon.State.On)
    for mode, token in ((QIcon.Mode.Normal, color), (QIcon.Mode.Disabled, "disabled")):
        for ratio in (1.0, 2.0):
            result.addPixmap(pixmap(name, theme, size, token, ratio, gap), mode)
    return result


def set_icon(
    target: QAbstractButton | QLabel,
    name: str,
    theme: Theme,
    *,
    color: str = "text",
    size: int = 20,
    checked: str = "",
) -> None:
    """Give a button or label an icon that follows the theme; calling it again replaces the icon."""
    previous = target.findChild(_FollowingIcon, options=Qt.FindChildOption.FindDirectChildrenOnly)
    if previous is not None:
        previous.show(name, color, size, checked)
    else:
        _FollowingIcon(target, theme).show(name, color, size, checked)


class _FollowingIcon(QObject):
    """Lives and dies with its widget, so no widget has to listen to the theme for its icon."""

    def __init__(self, target: QAbstractButton | QLabel, theme: Theme) -> None:
        super().__init__(target)
        self._target = target
        self._theme = theme
        self._name, self._color, self._size, self._checked = "", "text", 20, ""
        theme.changed.connect(self._paint)

    def show(self, name: str, color: str, size: int, checked: str) -> None:
        wanted = (name, color, size, checked)
        # A status may be told many times a second, and each new pixmap stays in Qt's cache for a while.
        if wanted != (self._name, self._color, self._size, self._checked):
            self._name, self._color, self._size, self._checked = wanted
            self._paint()

    def _paint(self) -> None:
        if isinstance(self._target, QLabel):
            ratio = self._target.devicePixelRatioF()
            self._target.setPixmap(pixmap(self._name, self._theme, self._size, self._color, ratio))
        else:
            gap = _GAP if self._target.text() else 0
            self._target.setIcon(icon(self._name, self._theme, self._color, self._size, gap, self._checked))
            self._target.setIconSize(QSize(self._size + gap, self._size))
