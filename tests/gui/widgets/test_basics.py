"""The small pieces: long words are elided, messages stand in words, small numbers stay visible."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from core.errors import UserError
from gui.context import AppContext
from gui.theme import SPEECH_COLOR, TEXT_COLOR
from gui.widgets.basics import ElidedLabel
from gui.widgets.label_bars import IntentCount, LabelBars
from gui.widgets.message import InlineMessage


def test_a_long_name_never_widens_its_place_and_is_whole_in_the_tooltip(
    context: AppContext, qtbot: QtBot
) -> None:
    name = "a very long name " * 20
    label = ElidedLabel(name)
    qtbot.addWidget(label)

    assert label.minimumSizeHint().width() == 0
    assert label.toolTip() == name


def test_a_message_appears_with_words_and_goes(context: AppContext, qtbot: QtBot) -> None:
    message = InlineMessage(context.theme)
    qtbot.addWidget(message)
    assert message.isHidden()

    message.say_error(UserError("It is empty.", where="a.wav", remedy="Record it again."))
    assert not message.isHidden()
    assert message.text() == "a.wav: It is empty. Record it again."
    assert message.accessibleName() == message.text()

    message.clear()
    assert message.isHidden()


def test_a_list_of_problems_keeps_its_lines(context: AppContext, qtbot: QtBot) -> None:
    message = InlineMessage(context.theme)
    qtbot.addWidget(message)

    message.say_error(UserError("2 problems.\n  line 1\n  line 2\n", remedy="Correct them."))

    assert message.text().splitlines() == ["2 problems.", "  line 1", "  line 2", "Correct them."]


@pytest.fixture
def bars(context: AppContext, qtbot: QtBot) -> LabelBars:
    result = LabelBars(context.theme)
    qtbot.addWidget(result)
    result.resize(240, 200)
    result.show_counts([IntentCount("order", 4000, 1), IntentCount("ask", 2000, 0)])
    return result


def test_one_recording_among_thousands_of_texts_is_visible(bars: LabelBars) -> None:
    bars.show()
    image = bars.grab().toImage()
    drawn = {
        image.pixelColor(x, y).name().upper() for x in range(image.width()) for y in range(image.height())
    }

    assert {TEXT_COLOR, SPEECH_COLOR} <= drawn


def test_choosing_an_intent_by_key_is_announced(bars: LabelBars, qtbot: QtBot) -> None:
    with qtbot.waitSignal(bars.intent_chosen) as chosen:
        qtbot.keyClick(bars, Qt.Key.Key_Down)  # type: ignore[no-untyped-call]
    assert chosen.args == ["order"]

    with qtbot.waitSignal(bars.intent_chosen) as chosen:
        qtbot.keyClick(bars, Qt.Key.Key_Up)  # type: ignore[no-untyped-call]
    assert chosen.args == [None]


def test_new_counts_are_not_taken_for_a_choice(bars: LabelBars, qapp: QApplication, qtbot: QtBot) -> None:
    with qtbot.assertNotEmitted(bars.intent_chosen):
        bars.show_counts([IntentCount("other", 1, 1)])


def test_counts_are_read_aloud(bars: LabelBars) -> None:
    words = bars.model().index(1, 0).data(Qt.ItemDataRole.AccessibleTextRole)

    assert words == "order: 4\u202f000 texts, 1 recording"
