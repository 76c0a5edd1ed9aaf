"""The listening panel: what it shows of a file, and that everything can be done by keys alone."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QPushButton
from pytestqt.qtbot import QtBot

from core.errors import UserError
from gui.context import AppContext
from gui.widgets.listening_panel import KEYS, ListeningPanel
from tests.conftest import WavMaker
from tests.gui.widgets.conftest import Loudspeaker

Key = Qt.Key
SHIFT = Qt.KeyboardModifier.ShiftModifier


@pytest.fixture
def panel(context: AppContext, loudspeaker: Loudspeaker, qtbot: QtBot) -> ListeningPanel:
    panel = ListeningPanel(context)
    qtbot.addWidget(panel)
    panel.resize(700, 190)
    panel.show()
    return panel


@pytest.fixture
def shown(panel: ListeningPanel, context: AppContext, wav_file: WavMaker, qtbot: QtBot) -> ListeningPanel:
    """The panel with two seconds of a tone, the keyboard on its picture."""
    panel.show_recording(wav_file(seconds=2.0), "turn the light on")
    settle(context, qtbot)
    panel.picture.setFocus()
    return panel


def settle(context: AppContext, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: not context.background.busy())


def press(panel: ListeningPanel, *keys: Qt.Key, shift: bool = False) -> None:
    for key in keys:
        QTest.keyClick(panel.picture, key, SHIFT if shift else Qt.KeyboardModifier.NoModifier)


def test_at_first_it_says_what_to_do(panel: ListeningPanel) -> None:
    assert panel.empty.isVisible()
    assert not panel.picture.isVisible()
    press(panel, Key.Key_Space, Key.Key_Home, Key.Key_BracketLeft, Key.Key_Escape)
    assert not panel.sound.playing


def test_the_figures_of_the_file_are_shown(
    panel: ListeningPanel, context: AppContext, wav_file: WavMaker, qtbot: QtBot
) -> None:
    panel.show_recording(wav_file(seconds=1.5, rate=44_100, channels=2), "turn the light on")
    settle(context, qtbot)
    assert panel.picture.isVisible()
    assert panel.title.text() == "turn the light on"
    words = panel.facts.text().replace("\N{NARROW NO-BREAK SPACE}", " ")
    assert words == "1.50 s · peak \N{MINUS SIGN}6.0 dBFS · RMS \N{MINUS SIGN}9.0 dBFS · 44 100 Hz · stereo"
    assert panel.position.text() == "0.00 / 1.50 s"


def test_silence_is_called_silent(
    panel: ListeningPanel, context: AppContext, wav_file: WavMaker, qtbot: QtBot
) -> None:
    panel.show_recording(wav_file(kind="silence"), "")
    settle(context, qtbot)
    assert "peak silent" in panel.facts.text()


def test_the_last_recording_asked_for_is_the_one_shown(
    panel: ListeningPanel, context: AppContext, wav_file: WavMaker, qtbot: QtBot
) -> None:
    long = wav_file("long.wav", seconds=20.0)
    short = wav_file("short.wav", seconds=1.0)
    for _ in range(3):
        panel.show_recording(long, "long")
        panel.show_recording(short, "short")
    settle(context, qtbot)
    assert panel.title.text() == "short"
    assert panel.sound.seconds == pytest.approx(1.0)
    panel.show_recording(long, "long")
    panel.show_recording(None, "")
    settle(context, qtbot)
    assert panel.empty.isVisible()
    assert not panel.sound.seconds


def test_a_file_that_cannot_be_read_is_told_and_the_next_is_shown(
    shown: ListeningPanel, context: AppContext, wav_file: WavMaker, tmp_path: Path, qtbot: QtBot
) -> None:
    press(shown, Key.Key_Minus, Key.Key_L)
    broken = tmp_path / "broken.wav"
    broken.write_text("no sound")
    shown.show_recording(broken, "broken")
    settle(context, qtbot)
    assert shown.message.isVisible()
    assert str(broken) in shown.message.text()
    assert "WAV, FLAC" in shown.message.text()  # what to do
    assert shown.title.text() == "broken"
    assert not shown.picture.isVisible()
    press(shown, Key.Key_Space)
    assert not shown.sound.playing
    shown.show_recording(wav_file(), "whole")
    settle(context, qtbot)
    assert shown.picture.isVisible()
    assert not shown.message.isVisible()
    assert (shown.sound.speed, shown.sound.looped) == (0.75, True)


def test_a_missing_file_is_told(
    panel: ListeningPanel, context: AppContext, tmp_path: Path, qtbot: QtBot
) -> None:
    panel.show_recording(tmp_path / "gone.wav", "gone")
    settle(context, qtbot)
    assert "is missing" in panel.message.text()


@pytest.mark.expects_log("unexpected error")
def test_an_unforeseen_failure_is_told_too(
    panel: ListeningPanel,
    context: AppContext,
    wav_file: WavMaker,
    monkeypatch: pytest.MonkeyPatch,
    qtbot: QtBot,
) -> None:
    def fail(*_arguments: object) -> None:
        raise MemoryError

    monkeypatch.setattr("gui.widgets.listening_panel.read_recording", fail)
    panel.show_recording(wav_file(), "large")
    settle(context, qtbot)
    assert "MemoryError" in panel.message.text()


def test_space_plays_and_pauses(shown: ListeningPanel, loudspeaker: Loudspeaker) -> None:
    press(shown, Key.Key_Space)
    assert shown.play_button.text() == "Pause"
    assert np.abs(loudspeaker.hear(0.5)).max() > 0.4
    press(shown, Key.Key_Space)
    assert shown.play_button.text() == "Play"
    assert not loudspeaker.active
    assert shown.position.text() == "0.50 / 2.00 s"


def test_the_playhead_is_shown_while_it_plays(
    shown: ListeningPanel, loudspeaker: Loudspeaker, qtbot: QtBot
) -> None:
    press(shown, Key.Key_Space)
    loudspeaker.hear(1.0)
    qtbot.waitUntil(lambda: shown.position.text() in {"0.99 / 2.00 s", "1.00 / 2.00 s"})
    assert shown.picture._position == shown.sound.position_s


def test_arrows_and_home_move_the_playhead(shown: ListeningPanel) -> None:
    press(shown, Key.Key_Right, Key.Key_Right, Key.Key_Right, Key.Key_Left)
    assert shown.sound.position_s == pytest.approx(0.2)
    press(shown, Key.Key_Right, shift=True)
    assert shown.sound.position_s == pytest.approx(1.2)
    press(shown, Key.Key_Left, Key.Key_Left, shift=True)
    assert shown.sound.position_s == 0.0
    press(shown, Key.Key_Right, Key.Key_Home)
    assert shown.sound.position_s == 0.0


def test_brackets_select_and_escape_ends_it(shown: ListeningPanel) -> None:
    press(shown, *[Key.Key_Right] * 5, Key.Key_BracketLeft)
    assert shown.sound.span == pytest.approx((0.5, 2.0))
    press(shown, *[Key.Key_Right] * 4, Key.Key_BracketRight)
    assert shown.sound.span == pytest.approx((0.5, 0.9))
    assert shown.selection.text() == "only 0.50\N{EN DASH}0.90 s"
    press(shown, *[Key.Key_Right] * 5, Key.Key_BracketLeft)  # behind the end: up to the recording's end
    assert shown.sound.span == pytest.approx((1.4, 2.0))
    press(shown, Key.Key_Escape)
    assert shown.sound.span is None
    assert not shown.selection.isVisible()


def test_what_an_end_bracket_finds_before_the_selection_starts_at_the_beginning(
    shown: ListeningPanel,
) -> None:
    shown.sound.select((1.0, 1.5))
    shown.sound.seek(0.5)
    press(shown, Key.Key_BracketRight)
    assert shown.sound.span == pytest.approx((0.0, 0.5))


def test_escape_is_the_windows_while_nothing_is_selected(shown: ListeningPanel) -> None:
    def taken() -> bool:
        event = QKeyEvent(QEvent.Type.ShortcutOverride, Key.Key_Escape, Qt.KeyboardModifier.NoModifier)
        event.ignore()
        QApplication.sendEvent(shown.picture, event)
        return event.isAccepted()

    assert not taken()
    shown.sound.select((0.5, 1.0))
    assert taken()


def test_l_loops(shown: ListeningPanel, loudspeaker: Loudspeaker) -> None:
    press(shown, Key.Key_L)
    assert shown.loop_button.isChecked()
    assert shown.loop_button.text() == "Looping"
    press(shown, Key.Key_Space)
    assert len(loudspeaker.hear(5.0)) == 5 * 16_000
    press(shown, Key.Key_L)
    assert not shown.sound.looped
    assert shown.loop_button.text() == "Loop"


@pytest.mark.parametrize("faster", [Key.Key_Plus, Key.Key_Equal])
def test_minus_and_plus_set_the_speed(shown: ListeningPanel, faster: Qt.Key) -> None:
    press(shown, Key.Key_Minus, Key.Key_Minus, Key.Key_Minus)
    assert shown.speed.text() == "50 %"
    assert not shown.slower_button.isEnabled()
    press(shown, faster)
    assert shown.speed.text() == "75 %"
    press(shown, faster, faster)
    assert shown.speed.text() == "100 %"
    assert not shown.faster_button.isEnabled()


def test_other_keys_and_commands_are_left_to_the_window(shown: ListeningPanel) -> None:
    for key, modifier in ((Key.Key_L, Qt.KeyboardModifier.ControlModifier), (Key.Key_X, SHIFT)):
        event = QKeyEvent(QEvent.Type.KeyPress, key, modifier, "")
        shown.keyPressEvent(event)
        assert not event.isAccepted()
    assert not shown.sound.looped


def test_the_keys_work_on_every_button_too(shown: ListeningPanel) -> None:
    for control in shown.findChildren(QPushButton):
        if control.isVisible():
            shown.sound.seek(1.0)
            QTest.keyClick(control, Key.Key_Right)
            assert shown.sound.position_s == pytest.approx(1.1)


def test_space_on_a_focused_button_presses_that_button(shown: ListeningPanel) -> None:
    QTest.keyClick(shown.loop_button, Key.Key_Space)
    assert shown.sound.looped
    assert not shown.sound.playing


def test_every_control_is_named_explained_and_reached_by_tab(shown: ListeningPanel) -> None:
    controls = [control for control in shown.findChildren(QPushButton) if control.isVisible()]
    assert len(controls) == 5
    for control in controls:
        assert control.accessibleName()
        assert control.accessibleDescription() == control.toolTip() != ""
        assert control.focusPolicy() & Qt.FocusPolicy.TabFocus
    assert shown.picture.accessibleName()
    for line in KEYS:
        assert line in shown.picture.toolTip()
        assert line in shown.picture.accessibleDescription()
    for control, key in zip(controls, ("Space", "Home", "L", "−", "+"), strict=True):
        assert f"({key})" in control.toolTip()


def test_a_click_outside_the_selection_ends_it_and_one_inside_does_not(shown: ListeningPanel) -> None:
    shown.sound.select((0.5, 1.0))
    at = [QPoint(round(shown.picture.x_of(second)), 50) for second in (0.75, 1.5)]
    QTest.mouseClick(shown.picture, Qt.MouseButton.LeftButton, pos=at[0])
    assert shown.sound.span == pytest.approx((0.5, 1.0))
    assert shown.sound.position_s == pytest.approx(0.75, abs=0.01)
    QTest.mouseClick(shown.picture, Qt.MouseButton.LeftButton, pos=at[1])
    assert shown.sound.span is None
    assert shown.sound.position_s == pytest.approx(1.5, abs=0.01)


def test_a_drag_with_shift_selects(shown: ListeningPanel) -> None:
    begin, end = (QPoint(round(shown.picture.x_of(second)), 50) for second in (0.4, 1.2))
    QTest.mousePress(shown.picture, Qt.MouseButton.LeftButton, SHIFT, begin)
    QTest.mouseMove(shown.picture, end)
    QTest.mouseRelease(shown.picture, Qt.MouseButton.LeftButton, SHIFT, end)
    assert shown.sound.span == pytest.approx((0.4, 1.2), abs=0.01)


def test_the_buttons_do_what_the_keys_do(shown: ListeningPanel, loudspeaker: Loudspeaker) -> None:
    shown.play_button.click()
    loudspeaker.hear(0.5)
    shown.home_button.click()
    assert not loudspeaker.active
    assert shown.sound.position_s == 0.0
    shown.slower_button.click()
    shown.loop_button.click()
    assert (shown.sound.speed, shown.sound.looped) == (0.75, True)
    shown.faster_button.click()
    assert shown.sound.speed == 1.0


def test_another_recording_ends_the_sound_and_keeps_the_keyboard(
    shown: ListeningPanel, loudspeaker: Loudspeaker, context: AppContext, wav_file: WavMaker, qtbot: QtBot
) -> None:
    press(shown, Key.Key_Space)
    loudspeaker.hear(0.2)
    shown.play_button.setFocus()
    shown.show_recording(wav_file("other.wav"), "other")
    settle(context, qtbot)
    assert not loudspeaker.active
    assert shown.play_button.text() == "Play"
    assert shown.focusWidget() is shown.picture


def test_nothing_plays_on_behind_a_hidden_panel(shown: ListeningPanel, loudspeaker: Loudspeaker) -> None:
    press(shown, Key.Key_Space)
    loudspeaker.hear(0.2)
    shown.hide()
    assert not loudspeaker.active
    shown.show()
    assert shown.play_button.text() == "Play"


def test_a_lost_device_leaves_the_panel_usable(
    shown: ListeningPanel, loudspeaker: Loudspeaker, context: AppContext, qtbot: QtBot
) -> None:
    told: list[UserError] = []
    context.errors.error_reported.connect(told.append)
    press(shown, Key.Key_Space)
    loudspeaker.hear(0.2)
    loudspeaker.stream.end()
    qtbot.waitUntil(lambda: shown.play_button.text() == "Play")
    assert len(told) == 1
    press(shown, Key.Key_Space)
    assert loudspeaker.active
    press(shown, Key.Key_Space)
    settle(context, qtbot)
