"""The answer in words and bars: never surer than the model, never wider than the window."""

from __future__ import annotations

import pytest
from pytestqt.qtbot import QtBot

from core.data.utterance import Label, Slot
from core.inference.prediction import Prediction
from gui.theme import Theme
from gui.widgets.confidence_bars import whole_percent
from gui.widgets.label_card import LabelCard, sureness


def prediction(label: Label | None, confidence: float = 0.6) -> Prediction:
    return Prediction(label, "raw words", confidence, (), (("light_off", 0.3), ("never", 0.001)), {})


@pytest.fixture
def card(qtbot: QtBot) -> LabelCard:
    card = LabelCard(Theme())
    qtbot.addWidget(card)
    return card


@pytest.mark.parametrize(
    ("confidence", "words"),
    [(1.0, "Very sure"), (0.95, "Very sure"), (0.9, "Sure"), (0.5, "Not quite sure"), (0.49, "Unsure")],
)
def test_certainty_in_words(confidence: float, words: str) -> None:
    assert sureness(confidence) == words


@pytest.mark.parametrize(
    ("share", "words"),
    [(0.999, "99 %"), (1.0, "100 %"), (0.001, "<1 %"), (0.0, "0 %"), (0.126, "13 %")],
)
def test_what_is_not_certain_is_not_called_so(share: float, words: str) -> None:
    assert whole_percent(share) == words


def test_painted_comes_once_and_only_after_the_answer_stood_on_the_screen(
    qtbot: QtBot, card: LabelCard
) -> None:
    card.show_answer(prediction(Label("light_on")))
    with qtbot.waitSignal(card.painted):
        card.show()
    with qtbot.assertNotEmitted(card.painted, wait=50):
        card.repaint()


def test_a_new_answer_replaces_all_of_the_old_one(qtbot: QtBot, card: LabelCard) -> None:
    card.show_answer(prediction(Label("light_on", (Slot("room", "kitchen"), Slot("room", "attic")))))
    assert card.slots() == ["room: kitchen", "room: attic"]
    assert card.bars.accessibleName() == "light_on 60 %, light_off 30 %"
    card.show_answer(prediction(Label("light_off")))
    assert card.slots() == []
    card.explain("No speech heard", "Too quiet.")
    assert not card.raw_button.isEnabled()
    assert card.hint.text() == "Too quiet."


def test_an_answer_that_is_no_label_is_shown_as_it_is(card: LabelCard) -> None:
    card.show_answer(prediction(None))
    assert "no label" in card.hint.text()
    assert card.raw.toPlainText() == "raw words"


def test_long_names_and_many_slots_wrap_instead_of_widening_the_window(qtbot: QtBot, card: LabelCard) -> None:
    slots = tuple(Slot(f"slot_type_{number}", "a filler of several words") for number in range(12))
    card.show_answer(prediction(Label("_".join(["transport"] * 12), slots)))
    card.resize(400, 500)
    with qtbot.waitExposed(card):
        card.show()
    assert card.minimumSizeHint().width() <= 400
    assert all(chip.geometry().right() <= 400 for chip in card._slots.widgets())
    rows = {chip.y() for chip in card._slots.widgets()}
    assert len(rows) > 3
