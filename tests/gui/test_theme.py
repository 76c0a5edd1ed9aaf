"""Light and dark are complete, legible, and everything that is on the screen follows a change."""

from __future__ import annotations

import pytest
from PySide6.QtGui import QColor, QFont, QPalette
from PySide6.QtWidgets import QApplication, QPushButton
from pytestqt.qtbot import QtBot

from core.paths import RESOURCES
from gui.icons import icon, set_icon
from gui.theme import SPEECH_COLOR, TEXT_COLOR, Theme, ThemeName, tabular

READABLE = 4.5
VISIBLE = 3.0


def contrast(one: QColor, other: QColor) -> float:
    """WCAG 2 contrast ratio."""

    def luminance(color: QColor) -> float:
        channels = (color.redF(), color.greenF(), color.blueF())
        linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize("name", ["light", "dark"])
def test_words_are_readable_on_every_ground(qapp: QApplication, name: ThemeName) -> None:
    theme = Theme()
    theme.apply(qapp, name)

    pairs = [
        (word, ground) for word in ("text", "muted") for ground in ("ground", "surface", "field", "hover")
    ]
    pairs += [(word, "surface") for word in ("accent", "good", "warn", "bad")]
    pairs += [("text", f"{kind}_ground") for kind in ("info", "good", "warn", "bad")]
    pairs += [("on_accent", "accent"), ("text", "selection")]

    for word, ground in pairs:
        assert contrast(theme.color(word), theme.color(ground)) >= READABLE, (word, ground)


@pytest.mark.parametrize("name", ["light", "dark"])
def test_text_and_speech_have_their_colours_in_both_themes(qapp: QApplication, name: ThemeName) -> None:
    theme = Theme()
    theme.apply(qapp, name)

    assert theme.color("text_series") == QColor(TEXT_COLOR)
    assert theme.color("speech_series") == QColor(SPEECH_COLOR)


def test_the_whole_application_changes_colours(qtbot: QtBot, qapp: QApplication) -> None:
    theme = Theme()
    theme.apply(qapp, "light")

    with qtbot.waitSignal(theme.changed):
        theme.apply(qapp, "dark")

    assert theme.name == "dark"
    assert qapp.palette().color(QPalette.ColorRole.Window) == theme.color("ground")
    assert theme.token("accent") in qapp.styleSheet()


def test_system_is_resolved_to_one_of_the_two(qapp: QApplication) -> None:
    theme = Theme()
    theme.apply(qapp, "system")

    assert theme.choice == "system"
    assert theme.name in ("light", "dark")


def _colors(button: QPushButton) -> set[str]:
    image = button.icon().pixmap(16, 16).toImage()
    pixels = (image.pixelColor(x, y) for x in range(image.width()) for y in range(image.height()))
    return {color.name() for color in pixels if color.alpha() == 255}


def test_an_icon_follows_the_theme(qtbot: QtBot, qapp: QApplication) -> None:
    theme = Theme()
    theme.apply(qapp, "light")
    button = QPushButton()
    qtbot.addWidget(button)
    set_icon(button, "record", theme, color="bad", size=16)
    before = _colors(button)

    theme.apply(qapp, "dark")

    assert before == {QColor("#B3261E").name()}
    assert _colors(button) == {QColor("#FF8A80").name()}


def test_setting_another_icon_replaces_the_first(qtbot: QtBot, qapp: QApplication) -> None:
    theme = Theme()
    theme.apply(qapp, "light")
    button = QPushButton()
    qtbot.addWidget(button)
    set_icon(button, "record", theme, color="bad", size=16)
    set_icon(button, "record", theme, color="good", size=16)

    theme.apply(qapp, "dark")

    assert _colors(button) == {QColor("#5CCB8F").name()}


def test_every_icon_file_can_be_drawn(qapp: QApplication) -> None:
    theme = Theme()
    names = [path.stem for path in (RESOURCES / "icons").glob("*.svg")]

    assert len(names) > 30
    for name in names:
        image = icon(name, theme, size=24).pixmap(24, 24).toImage()
        drawn = any(image.pixelColor(x, y).alpha() for x in range(24) for y in range(24))
        assert drawn, name


def test_numbers_line_up(qapp: QApplication) -> None:
    assert tabular(QFont()).featureValue(QFont.Tag("tnum")) == 1
