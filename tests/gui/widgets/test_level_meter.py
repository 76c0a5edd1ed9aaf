"""The meter's figure says in words what its colour says."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from core.audio.levels import FLOOR_DBFS
from core.audio.recorder import Level
from gui.theme import Theme
from gui.widgets.level_meter import LevelMeter


@pytest.mark.parametrize(
    ("peak", "words"),
    [
        (-20.0, "\N{MINUS SIGN}20 dB"),
        (-2.0, "loud \N{MINUS SIGN}2 dB"),
        (0.0, "too loud"),
        (FLOOR_DBFS, "silent"),
    ],
)
def test_the_figure(qtbot: QtBot, peak: float, words: str) -> None:
    meter = LevelMeter(Theme())
    qtbot.addWidget(meter)
    assert meter.words() == ""
    meter.show_level(Level(peak, peak), now=1.0)
    assert meter.words() == words
    meter.grab()
    meter.clear()
    assert meter.words() == ""


def test_the_lamp_stays_lit_until_somebody_puts_it_out(qtbot: QtBot) -> None:
    meter = LevelMeter(Theme())
    qtbot.addWidget(meter)
    meter.show_level(Level(-3.0, 0.0), now=1.0)
    for second in range(2, 20):
        meter.show_level(Level(-40.0, -30.0), now=float(second))
    assert meter.clipped
    assert "cut off" in meter.toolTip()
    assert meter.accessibleDescription() == "The sound was cut off"
    meter.grab()
    qtbot.mouseClick(meter, Qt.MouseButton.LeftButton)
    assert not meter.clipped
