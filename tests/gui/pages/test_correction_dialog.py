"""Correcting an answer: names are completed and slips told, the voice is looked after, nothing is doubled."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit
from pytestqt.qtbot import QtBot

from core.data.utterance import Label, Slot, Utterance
from core.tryout.kept import Correction, KeptExchange
from gui.context import AppContext
from gui.pages.correction_dialog import CorrectionDialog
from tests.conftest import WavMaker
from tests.core.tryout.conftest import answer, tone
from tests.gui.window import utterance

ANSWERED = Label("light_off", (Slot("room", "hall"),))


@pytest.fixture
def spoken(context: AppContext, wav_file: WavMaker) -> KeptExchange:
    """Understood by a base model with the labels of "lamps", of which ann is a voice to learn from."""
    library = context.open_library()
    sound = wav_file(seconds=1.0)
    rooms = [("room", "hall")]
    library.add_dataset(
        "lamps",
        "test",
        [
            utterance(
                1, intent="light_on", slots=rooms, audio=sound, duration_s=1.0, speaker="ann", language="en"
            ),
            utterance(2, intent="light_off", language="en"),
        ],
    )
    library.add_dataset("cafe", "test", [utterance(1, intent="order", slots=[("drink", "tea")])])
    given = answer(ANSWERED, model="teaspoon", datasets=("lamps",))
    exchange = KeptExchange("a1", "today", 1.0, "microphone", transcript="light of", answers=(given,))
    context.tryouts().keep(exchange)
    return exchange


@pytest.fixture
def dialog(qtbot: QtBot, context: AppContext, spoken: KeptExchange) -> Iterator[CorrectionDialog]:
    shown = open_dialog(qtbot, context, spoken)
    yield shown
    shown.reject()
    qtbot.waitUntil(lambda: not context.background.busy())


def open_dialog(
    qtbot: QtBot, context: AppContext, exchange: KeptExchange, samples: Any = None
) -> CorrectionDialog:
    dialog = CorrectionDialog(context, exchange, tone() if samples is None else samples)
    dialog.open()
    qtbot.waitUntil(lambda: dialog.intent.count() > 0)
    return dialog


def save(qtbot: QtBot, dialog: CorrectionDialog) -> Correction | None:
    with qtbot.waitSignal(dialog.saved) as caught:
        dialog.save.click()
    correction: Correction | None = caught.args[1]  # type: ignore[index]
    return correction


def everything(context: AppContext) -> list[Utterance]:
    library = context.open_library()
    return [each for each in library.utterances(library.names()) if each.key.startswith("tried-")]


def test_it_begins_with_the_answer_and_knows_what_may_be_typed(dialog: CorrectionDialog) -> None:
    assert (dialog.text.text(), dialog.intent.currentText()) == ("light of", "light_off")
    assert dialog.slots.typed() == (Slot("room", "hall"),)
    assert (dialog.dataset.currentText(), dialog.split.currentText()) == ("corrections", "to test on")
    assert dialog.language.currentText() == "en"
    # The model's own first.
    assert [dialog.intent.itemText(row) for row in range(3)] == ["light_off", "light_on", "order"]
    assert not dialog.unknown.isVisible()
    assert dialog.save.text() == "Save"


def test_an_unknown_name_is_told_with_the_nearest_and_never_saved_unnoticed(
    qtbot: QtBot, dialog: CorrectionDialog, context: AppContext
) -> None:
    dialog.intent.setEditText("lights_on")
    dialog.slots.show_slots((Slot("rom", "hall"), Slot("drink", "tea")))
    dialog.slots.item(0, 1).setText("kitchen")
    assert dialog.unknown.text() == (
        "The model knows no intent lights_on. Did you mean light_on?\n"
        "The model knows no slot type rom. Did you mean room?\n"
        "The model knows no slot type drink. It learns it only when it is trained again."
    )
    assert dialog.save.text() == "Save with new names"
    dialog.use_near.click()
    assert dialog.intent.currentText() == "light_on"
    dialog.use_near.click()
    assert dialog.slots.typed() == (Slot("room", "kitchen"), Slot("drink", "tea"))
    assert not dialog.use_near.isVisible()
    save(qtbot, dialog)
    (saved,) = everything(context)
    assert saved.label == Label("light_on", (Slot("room", "kitchen"), Slot("drink", "tea")))
    assert saved.language == "en"


def test_a_type_is_completed_while_it_is_typed(qtbot: QtBot, dialog: CorrectionDialog) -> None:
    table = dialog.slots
    table.setCurrentCell(1, 0)
    table.editItem(table.item(1, 0))
    qtbot.waitUntil(lambda: bool(table.findChildren(QLineEdit)))
    line = table.findChildren(QLineEdit)[0]
    QTest.keyClicks(line, "RIN")
    completer = line.completer()
    assert completer is not None
    assert [completer.completionModel().index(n, 0).data() for n in range(completer.completionCount())] == [
        "drink"
    ]
    QTest.keyClick(line, Qt.Key.Key_Escape)


def test_a_voice_that_is_learned_from_is_no_voice_to_test_on(qtbot: QtBot, dialog: CorrectionDialog) -> None:
    dialog.speaker.setText("ann")
    dialog.speaker.editingFinished.emit()
    qtbot.waitUntil(lambda: dialog.voice.text() == "ann is in train of lamps already: such a test flatters.")
    dialog.split.setCurrentText("to learn from")
    qtbot.waitUntil(lambda: dialog.voice.text() == "")


def test_saved_once_more_it_moves_and_can_be_taken_back_step_by_step(
    qtbot: QtBot, dialog: CorrectionDialog, context: AppContext
) -> None:
    save(qtbot, dialog)
    dialog.dataset.setEditText("mine")
    save(qtbot, dialog)
    assert [each.dataset for each in everything(context)] == ["mine"]
    with qtbot.waitSignal(dialog.saved) as caught:
        dialog.undo.click()
    assert caught.args is not None
    assert caught.args[1].dataset == "corrections"
    assert [each.dataset for each in everything(context)] == ["corrections"]
    assert not dialog.undo.isVisible()
    # What is saved now changes that one.
    dialog.text.setText("light off")
    dialog.dataset.setEditText("corrections")
    save(qtbot, dialog)
    assert [(each.dataset, each.text) for each in everything(context)] == [("corrections", "light off")]


def test_the_next_dialog_remembers_where_and_who(
    qtbot: QtBot, dialog: CorrectionDialog, context: AppContext, spoken: KeptExchange
) -> None:
    dialog.dataset.setEditText("mine")
    dialog.speaker.setText("bob")
    save(qtbot, dialog)
    another = open_dialog(qtbot, context, spoken)
    assert (another.dataset.currentText(), another.speaker.text()) == ("mine", "bob")
    another.reject()


def test_a_name_that_is_of_no_use_is_refused_in_words(
    qtbot: QtBot, dialog: CorrectionDialog, context: AppContext
) -> None:
    dialog.dataset.setEditText("no/name")
    dialog.save.click()
    qtbot.waitUntil(lambda: "cannot be a dataset's name" in dialog.message.text())
    assert everything(context) == []
    assert dialog.save.isEnabled()
