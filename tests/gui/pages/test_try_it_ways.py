"""Other ways of asking than holding the button: hands-free, typed, by a pedal, of several models at once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeyEvent, QKeySequence
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from core.errors import UserError
from core.inference.client import LoadedModel
from core.inference.prediction import Prediction
from gui import talk
from gui.context import AppContext
from gui.exchange import Exchange
from gui.pages.try_it import TryItPage
from gui.widgets.talk_ways import MODES
from tests.core.audio.fake_portaudio import FakePortAudio
from tests.gui.pages.try_it_page import (
    SILENCE,
    SPEECH,
    FakeInference,
    headline,
    inference,
    input_stream,
    page,
    say,
    sound,
    speech_file,
    wait_for_answer,
)

__all__ = ["inference", "page", "sound", "speech_file"]


def choose_mode(page: TryItPage, words: str) -> None:
    page.ways.mode.setCurrentText(words)
    page.ways.mode.activated.emit(page.ways.mode.currentIndex())


def test_hands_free_takes_what_is_said_whole_and_one_after_the_other(
    qtbot: QtBot, page: TryItPage, sound: FakePortAudio, inference: FakeInference, context: AppContext
) -> None:
    answers: list[Exchange] = []
    page.answered.connect(answers.append)
    choose_mode(page, "Hands-free in a normal room")
    assert page.talk.text() == "Just speak"
    inference.gate.clear()  # the model is slow: nothing is dropped meanwhile
    stream = input_stream(sound)
    for _ in range(2):
        stream.deliver(SILENCE)
        stream.deliver(SPEECH)
        qtbot.waitUntil(lambda: page.conversation.talk.recording)
        stream.deliver(np.tile(SILENCE, 2))
        qtbot.waitUntil(lambda: not page.conversation.talk.recording)
    inference.gate.set()
    qtbot.waitUntil(lambda: len(answers) == 2)
    for answer in answers:
        samples = answer.heard.samples
        assert samples is not None
        heard = np.correlate(samples, SPEECH, "valid").max() / np.dot(SPEECH, SPEECH)
        assert heard > 0.98
        assert samples.size < SPEECH.size + SILENCE.size
        assert answer.heard.hands_free
    assert answers[-1].waited_s is not None
    assert "after you stopped speaking" in page.label_card.latency.text()
    assert context.settings.current.talk_hands_free


def test_hands_free_says_nothing_about_noise(
    qtbot: QtBot, page: TryItPage, sound: FakePortAudio, inference: FakeInference
) -> None:
    choose_mode(page, "Hands-free in a normal room")
    noise = (0.05 * np.random.default_rng(17).standard_normal(SPEECH.size)).astype(np.float32)
    position = page.microphone.recorder.position
    for _ in range(4):
        input_stream(sound).deliver(noise)
    qtbot.wait(300)  # the detector has had its time
    assert page.microphone.recorder.position > position
    assert not page.conversation.talk.recording
    assert not inference.asked


def test_a_text_can_be_typed_and_its_fillers_are_marked(
    qtbot: QtBot, page: TryItPage, inference: FakeInference
) -> None:
    page.typed.setText("  make the Kitchen light blue ")
    answer = wait_for_answer(qtbot, page, lambda: QTest.keyClick(page.typed, Qt.Key.Key_Return))
    assert inference.asked == ["make the Kitchen light blue"]
    assert answer.heard.source == "text"
    words = page.label_card.words
    assert words.accessibleName() == "Said: make the Kitchen light blue"
    assert ">Kitchen</b>" in words.text()
    assert ">blue</b>" in words.text()


def test_what_the_model_writes_down_is_shown_with_the_fillers_marked(
    qtbot: QtBot, page: TryItPage, sound: FakePortAudio
) -> None:
    wait_for_answer(qtbot, page, lambda: say(qtbot, page, sound))
    qtbot.waitUntil(lambda: "Kitchen" in page.label_card.words.text())
    assert ">Kitchen</b>" in page.label_card.words.text()


def test_the_space_bar_types_a_space_where_one_types(page: TryItPage) -> None:
    page.typed.setFocus()
    QTest.keyClicks(page.typed, "a b")
    assert page.typed.text() == "a b"
    assert not page.microphone.recorder.recording


def test_a_foot_pedal_talks_wherever_the_focus_is(
    qtbot: QtBot, page: TryItPage, sound: FakePortAudio, context: AppContext
) -> None:
    page.ways.key.setKeySequence(QKeySequence("F9"))
    page.ways.key.editingFinished.emit()
    assert context.settings.current.talk_key == "F9"
    assert page.talk.hasFocus()  # and not the field, which would take the next key, too
    page.ways.key.setKeySequence(QKeySequence("Esc"))
    page.ways.key.editingFinished.emit()
    assert context.settings.current.talk_key == "F9"
    page.typed.setFocus()

    def pedal(kind: QEvent.Type) -> None:
        target = page.focusWidget() or page
        event = QKeyEvent(kind, Qt.Key.Key_F9, Qt.KeyboardModifier.NoModifier)
        QApplication.sendEvent(target, event)

    def talk() -> None:
        pedal(QEvent.Type.KeyPress)
        assert page.microphone.recorder.recording
        input_stream(sound).deliver(SPEECH)
        pedal(QEvent.Type.KeyRelease)
        qtbot.waitUntil(lambda: not page.microphone.recorder.recording)
        input_stream(sound).deliver(SILENCE)

    assert wait_for_answer(qtbot, page, talk).heard.source == "microphone"


def test_keep_nothing_leaves_no_recording(
    qtbot: QtBot, page: TryItPage, sound: FakePortAudio, inference: FakeInference, context: AppContext
) -> None:
    page.keep_nothing.setChecked(True)
    answer = wait_for_answer(qtbot, page, lambda: say(qtbot, page, sound))
    assert answer.heard.path is None
    (asked,) = inference.asked
    assert isinstance(asked, np.ndarray)
    assert not (context.paths.audio / "takes").exists()
    assert page.take_card.play_button.isEnabled()


def test_an_unsure_model_names_two_intents_instead_of_claiming_one(
    qtbot: QtBot,
    page: TryItPage,
    inference: FakeInference,
    speech_file: Callable[..., Path],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    sure = inference.predict

    def predict(item: Path | str | np.ndarray, *, of: LoadedModel) -> Prediction:
        return replace(sure(item, of=of), confidence=0.4)

    monkeypatch.setattr(inference, "predict", predict)
    wait_for_answer(qtbot, page, lambda: page.open_file(speech_file()))
    assert headline(page) == "Not sure: teaspoon_barista or light_off?"


def test_other_models_are_asked_about_the_same_and_differences_marked(
    qtbot: QtBot,
    page: TryItPage,
    inference: FakeInference,
    speech_file: Callable[..., Path],
    context: AppContext,
) -> None:
    page.side_by_side.compare_with(["teaspoon@orders", "gone"])
    path = speech_file()
    wait_for_answer(qtbot, page, lambda: page.open_file(path))
    qtbot.waitUntil(lambda: len(inference.asked) == 2)
    names = lambda: [column.accessibleName() for column in page.side_by_side.columns()]  # noqa: E731
    qtbot.waitUntil(lambda: len(names()) == 2 and all(names()))
    assert "teaspoon_barista" in names()[0]
    assert "teaspoon_orders" in names()[1]
    assert "Other intent" in names()[1]
    assert inference.asked == [path, path]
    assert context.settings.current.compared_models == ("teaspoon@orders", "gone")


def test_a_model_that_cannot_be_compared_says_so_beside_the_others(
    qtbot: QtBot, page: TryItPage, inference: FakeInference, speech_file: Callable[..., Path]
) -> None:
    wait_for_answer(qtbot, page, lambda: page.open_file(speech_file()))
    inference.failure = UserError("The folder is not a model.")
    page.side_by_side.compare_with(["teaspoon@orders"])
    qtbot.waitUntil(lambda: "No answer" in page.side_by_side.columns()[-1].accessibleName())
    assert headline(page) == "teaspoon_barista"


@pytest.mark.parametrize("words", list(MODES))
def test_the_mode_is_remembered(page: TryItPage, context: AppContext, words: str) -> None:
    choose_mode(page, words)
    settings = context.settings.current
    assert (settings.talk_preset if settings.talk_hands_free else None) == MODES[words]


def test_a_full_disk_does_not_keep_the_answer_back(
    qtbot: QtBot, page: TryItPage, sound: FakePortAudio, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> Path:
        raise UserError("The disk is full.", remedy="Free some space.")

    monkeypatch.setattr(talk, "save_take", refuse)
    answer = wait_for_answer(qtbot, page, lambda: say(qtbot, page, sound))
    assert answer.heard.path is None
    assert "not kept: The disk is full" in page.take_card.message.text()


def test_what_no_window_can_paint_is_told_all_the_same(
    qtbot: QtBot, page: TryItPage, speech_file: Callable[..., Path]
) -> None:
    page.conversation._never_shown.setInterval(50)
    page.label_card.setUpdatesEnabled(False)  # as in a minimised window
    answer = wait_for_answer(qtbot, page, lambda: page.open_file(speech_file()))
    assert answer.prediction.confidence == 0.93
