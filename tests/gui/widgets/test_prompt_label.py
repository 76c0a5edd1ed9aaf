"""A prompt is as large as its room allows, and never cut off."""

from __future__ import annotations

import re

import pytest
from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QFont, QFontMetrics
from pytestqt.qtbot import QtBot

from gui.widgets.prompt_label import LARGEST_PX, PromptLabel

LONG = "please remind me to take the washing out of the machine and to hang it up in the garden " * 3


def pixels(label: PromptLabel) -> int:
    found = re.search(r"font-size: (\d+)px", label.styleSheet())
    assert found is not None
    return int(found[1])


@pytest.mark.parametrize("height", [120, 200, 400])
def test_all_of_a_long_prompt_is_seen_in_any_room(qtbot: QtBot, height: int) -> None:
    label = PromptLabel()
    qtbot.addWidget(label)
    label.resize(600, height)
    label.setText(LONG)
    font = QFont(label.font())
    font.setPixelSize(pixels(label))
    font.setWeight(QFont.Weight.DemiBold)
    flags = int(Qt.TextFlag.TextWordWrap)
    assert QFontMetrics(font).boundingRect(QRect(0, 0, 600, 10_000), flags, LONG).height() <= height


def test_a_short_one_is_large_again(qtbot: QtBot) -> None:
    label = PromptLabel()
    qtbot.addWidget(label)
    label.resize(600, 120)
    label.setText(LONG)
    small = pixels(label)
    label.setText("lights off")
    assert small < pixels(label) == LARGEST_PX
