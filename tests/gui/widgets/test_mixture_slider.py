"""The speech share: stops by mouse and keys, any value by typing."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from gui.context import AppContext
from gui.widgets.mixture_slider import STOPS, PercentBox, ShareTrack, SpeechShareSlider, stop_position


@pytest.fixture
def slider(context: AppContext, qtbot: QtBot) -> SpeechShareSlider:
    widget = SpeechShareSlider(context.theme)
    qtbot.addWidget(widget)
    widget.resize(600, 60)
    with qtbot.waitExposed(widget):
        widget.show()
    return widget


def track_of(slider: SpeechShareSlider) -> ShareTrack:
    track = slider.findChild(ShareTrack)
    assert isinstance(track, ShareTrack)
    return track


def box_of(slider: SpeechShareSlider) -> PercentBox:
    box = slider.findChild(PercentBox)
    assert isinstance(box, PercentBox)
    return box


def test_stops_lie_equally_far_apart() -> None:
    places = [stop_position(stop) for stop in STOPS]
    assert places == pytest.approx([index / 6 for index in range(7)])
    assert places[0] < stop_position(1.5) < places[1]
    assert stop_position(0.1) == 0.0


def test_keys_go_from_stop_to_stop(slider: SpeechShareSlider, qtbot: QtBot) -> None:
    track = track_of(slider)
    heard: list[float] = []
    slider.share_changed.connect(heard.append)
    for key in (Qt.Key.Key_Right, Qt.Key.Key_Right, Qt.Key.Key_Left, Qt.Key.Key_End, Qt.Key.Key_Home):
        QTest.keyClick(track, key)
    assert heard == [0.10, 0.25, 0.10, 1.0, 0.01]
    assert box_of(slider).text() == "1 %"


def test_a_key_leaves_a_typed_value_for_the_next_stop(slider: SpeechShareSlider) -> None:
    slider.set_share(0.07)
    QTest.keyClick(track_of(slider), Qt.Key.Key_Left)
    assert slider.share() == 0.05


def test_a_click_chooses_the_nearest_stop(slider: SpeechShareSlider) -> None:
    track = track_of(slider)
    QTest.mouseClick(track, Qt.MouseButton.LeftButton, pos=QPoint(track.width() - 3, 15))
    assert slider.share() == 1.0


def test_any_value_can_be_typed(slider: SpeechShareSlider) -> None:
    box = box_of(slider)
    box.setFocus()
    box.selectAll()
    QTest.keyClicks(box, "7.5")
    assert slider.share() == 0.075
    assert track_of(slider).percent() == 7.5


def test_a_set_share_stays_exact_and_silent(slider: SpeechShareSlider) -> None:
    heard: list[float] = []
    slider.share_changed.connect(heard.append)
    slider.set_share(0.0123456)
    assert slider.share() == 0.0123456
    assert not heard
