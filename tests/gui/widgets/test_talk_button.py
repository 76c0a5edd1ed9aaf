from __future__ import annotations

import time

import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from gui.context import AppContext
from gui.held_key import SETTLE_MS
from gui.widgets.talk_button import TalkButton


@pytest.fixture
def heard(context: AppContext, qtbot: QtBot) -> tuple[TalkButton, list[str]]:
    button = TalkButton(context.theme)
    qtbot.addWidget(button)
    button.show()
    button.setFocus()
    events: list[str] = []
    button.pressed.connect(lambda: events.append("pressed"))
    button.released.connect(lambda: events.append("released"))
    return button, events


def space(button: TalkButton, kind: QEvent.Type, *, told_as_repeat: bool = False) -> None:
    event = QKeyEvent(kind, Qt.Key.Key_Space, Qt.KeyboardModifier.NoModifier, " ", told_as_repeat)
    QApplication.sendEvent(button, event)


@pytest.mark.parametrize("told_as_repeat", [False, True])
def test_a_held_space_bar_is_one_press_whether_or_not_its_repeats_are_told(
    told_as_repeat: bool, heard: tuple[TalkButton, list[str]], qtbot: QtBot
) -> None:
    button, events = heard
    space(button, QEvent.Type.KeyPress)
    for _ in range(5):
        space(button, QEvent.Type.KeyRelease, told_as_repeat=told_as_repeat)
        space(button, QEvent.Type.KeyPress, told_as_repeat=told_as_repeat)
        qtbot.wait(SETTLE_MS // 2)
    assert events == ["pressed"]
    let_go = time.perf_counter()
    space(button, QEvent.Type.KeyRelease)
    qtbot.waitUntil(lambda: events == ["pressed", "released"], timeout=2_000)
    assert button.let_go_at - let_go < SETTLE_MS / 1000


def test_the_mouse_lets_go_at_once(heard: tuple[TalkButton, list[str]]) -> None:
    button, events = heard
    QTest.mousePress(button, Qt.MouseButton.LeftButton)
    QTest.mouseRelease(button, Qt.MouseButton.LeftButton)
    assert events == ["pressed", "released"]
    assert time.perf_counter() - button.let_go_at < 1
