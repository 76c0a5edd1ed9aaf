"""The picture shows sound where it was, as high as it was, and what the mouse does to it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import cast

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QObject, QPoint, QRect, Qt
from PySide6.QtGui import QPaintEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from core.audio.listening import Recording
from core.audio.spectrogram import spectrogram
from gui.theme import Theme
from gui.widgets.spectrogram import RecordingPicture

RATE = 16_000
LEFT, SHIFT = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.ShiftModifier


def recording(samples: np.ndarray) -> Recording:
    return Recording(samples.astype(np.float32), RATE, 1, 0.0, 0.0, spectrogram(samples, RATE))


def half_silent(hertz: float = 1_000.0) -> Recording:
    """A second of silence, a second of a tone."""
    times = np.arange(RATE) / RATE
    return recording(
        np.concatenate([np.zeros(RATE), 0.5 * np.sin(2 * np.pi * hertz * times)]).astype(np.float32)
    )


def pixels(picture: RecordingPicture) -> np.ndarray:
    """What is on the screen, [height, width, 3]."""
    image = picture.grab().toImage().convertToFormat(picture.grab().toImage().Format.Format_RGB888)
    rows = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.bytesPerLine())
    return rows[:, : 3 * image.width()].reshape(image.height(), image.width(), 3).astype(int)


def orange(picture: RecordingPicture) -> np.ndarray:
    """Which pixels are in the hue of speech, [height, width]."""
    seen = pixels(picture)
    return seen[:, :, 0] > seen[:, :, 2] + 40


class Painted(QObject):
    """How many pixels wide each repaint was, strips apart counted apart."""

    def __init__(self) -> None:
        super().__init__()
        self.widest: list[int] = []

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if isinstance(event, QPaintEvent):
            rectangles = cast(Iterable[QRect], event.region())
            self.widest.append(max(rectangle.width() for rectangle in rectangles))
        return False


@pytest.fixture
def theme(qapp: QApplication) -> Theme:
    theme = Theme()
    theme.apply(qapp, "light")
    return theme


@pytest.fixture
def picture(theme: Theme, qtbot: QtBot) -> RecordingPicture:
    picture = RecordingPicture(theme)
    qtbot.addWidget(picture)
    picture.resize(400, 140)
    return picture


def test_sound_stands_at_its_time_in_both_pictures(picture: RecordingPicture) -> None:
    picture.show_recording(half_silent())
    seen = orange(picture)
    middle = round(picture.x_of(1.0))
    for rows in (slice(8, 48), slice(60, 120)):  # the waveform, the spectrogram
        columns = seen[rows].sum(axis=0) > 2
        assert columns[middle + 5 : -8].mean() > 0.95
        assert not columns[50 : middle - 5].any()


def test_a_higher_tone_stands_higher(picture: RecordingPicture) -> None:
    heights = []
    for hertz in (300.0, 1_000.0, 4_000.0):
        picture.show_recording(half_silent(hertz))
        rows = orange(picture)[56:, round(picture.x_of(1.5))]
        heights.append(float(np.flatnonzero(rows).mean()))
    assert heights[0] > heights[1] > heights[2]


def test_silence_does_not_look_like_sound(picture: RecordingPicture) -> None:
    picture.show_recording(recording(np.zeros(RATE, np.float32)))
    assert not orange(picture)[60:120].any()


@pytest.mark.parametrize("count", [1, 7, 100])
def test_next_to_no_sound_can_be_drawn(picture: RecordingPicture, count: int) -> None:
    picture.show_recording(recording(np.full(count, 0.5, np.float32)))
    assert orange(picture)[4:48].any()


def test_colours_follow_the_theme(picture: RecordingPicture, theme: Theme, qapp: QApplication) -> None:
    picture.show_recording(half_silent())
    light = pixels(picture)
    theme.apply(qapp, "dark")
    dark = pixels(picture)
    quiet = (90, round(picture.x_of(0.5)))
    assert light[quiet].min() > 200
    assert dark[quiet].max() < 60
    loud = orange(picture)[60:120, round(picture.x_of(1.5))]
    assert loud.any()


def test_the_loudest_is_told_from_the_ground_in_both_themes(
    picture: RecordingPicture, theme: Theme, qapp: QApplication
) -> None:
    picture.show_recording(half_silent())
    column = round(picture.x_of(1.5))
    for name in ("light", "dark"):
        theme.apply(qapp, name)
        brightness = pixels(picture)[60:120, column].mean(axis=1)
        assert np.ptp(brightness) > 120


def test_a_click_says_when(picture: RecordingPicture, qtbot: QtBot) -> None:
    picture.show_recording(half_silent())
    with qtbot.waitSignal(picture.sought) as sought:
        QTest.mouseClick(picture, LEFT, pos=QPoint(round(picture.x_of(1.25)), 60))
    assert sought.args[0] == pytest.approx(1.25, abs=0.01)
    with qtbot.waitSignal(picture.sought) as sought:
        QTest.mouseClick(picture, LEFT, pos=QPoint(0, 60))
    assert sought.args[0] == 0.0


def test_a_drag_scrubs(picture: RecordingPicture, qtbot: QtBot) -> None:
    picture.show_recording(half_silent())
    moments: list[float] = []
    picture.sought.connect(moments.append)
    QTest.mousePress(picture, LEFT, pos=QPoint(100, 60))
    for x in (200, 300, 1_000):
        QTest.mouseMove(picture, QPoint(x, 60))
    QTest.mouseRelease(picture, LEFT, pos=QPoint(1_000, 60))
    assert moments == sorted(moments)
    assert moments[-1] == pytest.approx(2.0)


def test_a_drag_with_shift_selects_and_a_click_with_shift_ends_it(picture: RecordingPicture) -> None:
    picture.show_recording(half_silent())
    spans: list[tuple[float, float] | None] = []
    picture.selected.connect(spans.append)
    begin, end = (QPoint(round(picture.x_of(second)), 60) for second in (1.5, 0.5))
    QTest.mousePress(picture, LEFT, SHIFT, begin)
    QTest.mouseMove(picture, end)
    QTest.mouseRelease(picture, LEFT, SHIFT, end)
    assert spans[-1] == pytest.approx((0.5, 1.5), abs=0.01)
    QTest.mouseClick(picture, LEFT, SHIFT, begin)
    assert spans[-1] is None


def test_a_selection_is_seen(picture: RecordingPicture) -> None:
    picture.show_recording(half_silent())
    before = pixels(picture)
    picture.set_span((0.25, 0.75))
    changed = (pixels(picture) != before).any(axis=2).any(axis=0)
    assert changed[round(picture.x_of(0.3)) : round(picture.x_of(0.7))].all()
    assert not changed[round(picture.x_of(0.8)) :].any()


def test_without_a_recording_the_mouse_does_nothing(picture: RecordingPicture) -> None:
    moments: list[float] = []
    picture.sought.connect(moments.append)
    QTest.mouseClick(picture, LEFT, pos=QPoint(100, 60))
    picture.grab()
    assert not moments


def test_the_playhead_moves_and_only_its_strips_are_painted(picture: RecordingPicture, qtbot: QtBot) -> None:
    picture.show_recording(half_silent())
    picture.show()
    qtbot.waitExposed(picture)
    QApplication.processEvents()
    before = pixels(picture)
    painted = Painted()
    picture.installEventFilter(painted)
    picture.set_position(1.0)
    qtbot.waitUntil(lambda: bool(painted.widest))
    assert max(painted.widest) < 40
    after = pixels(picture)
    changed = np.flatnonzero((after != before).any(axis=2).any(axis=0))
    ends = {round(picture.x_of(0.0)), round(picture.x_of(1.0))}
    assert all(min(abs(x - end) for end in ends) < 10 for x in changed.tolist())
    assert {end for end in ends if any(abs(x - end) < 3 for x in changed.tolist())} == ends


def test_focus_is_seen(picture: RecordingPicture, qtbot: QtBot) -> None:
    picture.show_recording(half_silent())
    picture.show()
    qtbot.waitExposed(picture)
    picture.clearFocus()
    before = pixels(picture)
    picture.activateWindow()
    picture.setFocus()
    qtbot.waitUntil(picture.hasFocus)
    assert (pixels(picture) != before).any()
