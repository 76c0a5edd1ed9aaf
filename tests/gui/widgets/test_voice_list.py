"""Ticking voices, of few and of many."""

from __future__ import annotations

from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from core.data.synthesis.voice import Voice
from gui.widgets.voice_list import VoiceList


def voice(name: str, title: str) -> Voice:
    return Voice("espeak-ng", name, (name,), title, name)


MANY = [voice(f"x{number}", f"Language {number}") for number in range(20)]


def test_several_voices_are_ticked_by_mouse_or_keyboard(qtbot: QtBot) -> None:
    voices = VoiceList()
    qtbot.addWidget(voices)
    voices.show()
    gb, us = voice("en-gb", "English (Great Britain)"), voice("en-us", "English (America)")
    voices.show_voices([gb, us], [us])
    assert not voices.search.isVisible()
    assert voices.ticked() == [us]
    assert voices.current() == us
    with qtbot.waitSignal(voices.changed):
        qtbot.keyClick(voices.list, Qt.Key.Key_Up)
    assert voices.current() == gb
    with qtbot.waitSignal(voices.changed):
        qtbot.keyClick(voices.list, Qt.Key.Key_Space)
    assert voices.ticked() == [gb, us]
    voices.show_voices([], [])
    assert voices.ticked() == []
    assert voices.current() is None


def test_many_voices_are_searched_and_what_is_ticked_stays_so(qtbot: QtBot) -> None:
    voices = VoiceList()
    qtbot.addWidget(voices)
    voices.show()
    voices.show_voices(MANY, [MANY[3]])
    assert voices.search.isVisible()
    voices.search.setText("LANGUAGE x7")
    shown = [row for row in range(20) if not voices.list.item(row).isHidden()]
    assert shown == [7]
    assert voices.ticked() == [MANY[3]]
    voices.search.setText("x1")
    assert sum(not voices.list.item(row).isHidden() for row in range(20)) == 11
