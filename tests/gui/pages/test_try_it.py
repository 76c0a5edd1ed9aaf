"""Try it: hold, speak, let go, read; and a plain word for everything that can go wrong on the way."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import soundfile
from PySide6.QtCore import QEvent, QPoint
from pytestqt.qtbot import QtBot

from core.errors import UserError
from gui.context import AppContext
from gui.exchange import Exchange
from gui.pages.try_it import TryItPage
from tests.core.audio.fake_portaudio import FakePortAudio, device
from tests.gui.pages.try_it_page import (
    HUM,
    RATE,
    SILENCE,
    SPEECH,
    WINDOW_S,
    FakeInference,
    headline,
    hear,
    hold,
    inference,
    input_stream,
    let_go,
    mouse,
    page,
    say,
    sound,
    space,
    speech_file,
    wait_for_answer,
)

__all__ = ["inference", "page", "sound", "speech_file"]


def test_what_was_said_is_understood_and_shown(
    qtbot: QtBot, page: TryItPage, sound: FakePortAudio, inference: FakeInference, context: AppContext
) -> None:
    answer = wait_for_answer(qtbot, page, lambda: say(qtbot, page, sound))
    card = page.label_card
    assert headline(page) == "teaspoon_barista"
    assert card.slots() == ["room: kitchen", "color: blue"]
    assert card.confidence.text() == "Sure of the intent: 93 %"
    assert card.bars.accessibleName() == "teaspoon_barista 93 %, light_off 5 %"
    assert "after you let go" in card.latency.text()
    assert answer.waited_s is not None
    assert 0 < answer.waited_s < 10
    (asked,) = inference.asked
    assert asked.parent == context.paths.audio / "takes"
    samples, rate = soundfile.read(asked, dtype="float32")
    assert rate == RATE
    assert samples.size == SPEECH.size + RATE // 2  # 0.4 s from before the press, 0.1 s after the release
    assert np.abs(samples[6400 : 6400 + SPEECH.size] - SPEECH).max() < 1e-3


def test_the_space_bar_talks_and_its_repeats_do_not(
    qtbot: QtBot, page: TryItPage, sound: FakePortAudio, inference: FakeInference
) -> None:
    page.talk.setFocus()
    space(QEvent.Type.KeyPress, page.talk)
    assert page.microphone.recorder.recording
    for _ in range(3):
        space(QEvent.Type.KeyRelease, page.talk, repeats=True)
        space(QEvent.Type.KeyPress, page.talk, repeats=True)
    assert page.microphone.recorder.recording
    input_stream(sound).deliver(SPEECH)
    with qtbot.waitSignal(page.answered):
        space(QEvent.Type.KeyRelease, page.talk)
        input_stream(sound).deliver(SILENCE)
    assert len(inference.asked) == 1


def test_the_space_bar_in_another_control_does_not_talk(qtbot: QtBot, page: TryItPage) -> None:
    page.label_card.raw_button.setEnabled(True)
    for widget in (page.label_card.raw, page.open_button, page.label_card.raw_button):
        space(QEvent.Type.KeyPress, widget)
        assert not page.microphone.recorder.recording
        space(QEvent.Type.KeyRelease, widget, repeats=True)  # a button is not clicked by a repeat


def test_a_hand_that_slides_off_the_button_does_not_cut_the_sentence(
    qtbot: QtBot, page: TryItPage, sound: FakePortAudio
) -> None:
    hold(page)
    mouse(page, "move", QPoint(-500, -500))
    assert page.microphone.recorder.recording
    let_go(page, QPoint(-500, -500))
    assert not page.microphone.recorder.recording


@pytest.mark.parametrize(
    ("samples", "reason"),
    [(SILENCE, "muted"), (HUM, "no words in it")],
)
def test_silence_and_noise_get_no_guess(
    qtbot: QtBot,
    page: TryItPage,
    sound: FakePortAudio,
    inference: FakeInference,
    samples: np.ndarray,
    reason: str,
) -> None:
    say(qtbot, page, sound, samples)
    qtbot.waitUntil(lambda: headline(page) == "No speech heard")
    assert reason in page.label_card.hint.text()
    assert not inference.asked


def test_what_was_said_only_before_the_press_gets_no_guess(
    qtbot: QtBot, page: TryItPage, sound: FakePortAudio, inference: FakeInference
) -> None:
    hear(qtbot, page, sound, SPEECH)
    say(qtbot, page, sound, SILENCE)
    qtbot.waitUntil(lambda: headline(page) == "No speech heard")
    assert "while the button was held" in page.label_card.hint.text()
    assert not inference.asked


def test_a_first_syllable_before_the_press_belongs_to_the_sentence(
    qtbot: QtBot, page: TryItPage, sound: FakePortAudio, inference: FakeInference
) -> None:
    hear(qtbot, page, sound, SPEECH)
    late = np.concatenate([SPEECH[-RATE // 3 :], SILENCE])
    assert wait_for_answer(qtbot, page, lambda: say(qtbot, page, sound, late)).prediction.label is not None


def test_a_tap_is_told_to_hold(
    qtbot: QtBot, page: TryItPage, sound: FakePortAudio, inference: FakeInference
) -> None:
    say(qtbot, page, sound, SPEECH[: RATE // 20])
    qtbot.waitUntil(lambda: headline(page) == "No speech heard")
    assert "as long as you speak" in page.label_card.hint.text()
    assert not inference.asked


def test_nobody_can_speak_longer_than_the_model_hears(
    qtbot: QtBot, page: TryItPage, sound: FakePortAudio, inference: FakeInference
) -> None:
    hold(page)
    with qtbot.waitSignal(page.answered):
        for _ in range(round(WINDOW_S)):
            input_stream(sound).deliver(SPEECH[:RATE])
        qtbot.waitUntil(lambda: not page.microphone.recorder.recording)
        input_stream(sound).deliver(SPEECH)
    assert (
        WINDOW_S - 1 < soundfile.info(inference.asked[0]).duration <= WINDOW_S
    )  # however late the window was
    let_go(page)
    assert headline(page) == "teaspoon_barista"


def test_lost_sound_is_said(qtbot: QtBot, page: TryItPage, sound: FakePortAudio) -> None:
    hold(page)
    input_stream(sound).deliver(SPEECH, overflow=True)
    with qtbot.waitSignal(page.answered):
        let_go(page)
        input_stream(sound).deliver(SILENCE)
    assert "lost 1 time" in page.take_card.message.text()


def test_an_unplugged_microphone_is_worded_and_the_take_kept(
    qtbot: QtBot, page: TryItPage, sound: FakePortAudio, inference: FakeInference, context: AppContext
) -> None:
    hold(page)
    stream = input_stream(sound)
    stream.deliver(SPEECH)
    stream.end()
    qtbot.waitUntil(lambda: "disconnected" in page.microphone.message.text())
    qtbot.waitUntil(lambda: headline(page) == "The microphone went away")
    assert not inference.asked
    assert page.take_card.play_button.isEnabled()
    assert len(list((context.paths.audio / "takes").iterdir())) == 1
    let_go(page)
    hold(page)  # without a microphone it says so again and does not crash
    assert headline(page) == "The microphone is not ready"
    let_go(page)
    qtbot.waitUntil(lambda: stream.closed)
    page.microphone.look_again.click()
    hear(qtbot, page, sound)
    assert wait_for_answer(qtbot, page, lambda: say(qtbot, page, sound)).prediction.confidence == 0.93


def test_without_a_microphone_files_can_still_be_understood(
    qtbot: QtBot, page: TryItPage, sound: FakePortAudio, speech_file: Callable[..., Path]
) -> None:
    sound.plugged[:] = []
    input_stream(sound).end()
    qtbot.waitUntil(lambda: "disconnected" in page.microphone.message.text())
    page.microphone.look_again.click()
    qtbot.waitUntil(lambda: "No microphone was found" in page.microphone.message.text())
    assert not page.microphone.choice.isEnabled()
    path = speech_file(channels=2)
    answer = wait_for_answer(qtbot, page, lambda: page.open_file(path))
    assert (answer.heard.path, answer.waited_s) == (path, None)
    assert page.label_card.latency.text() == "The model took 6 ms: features 1, audio encoder 2, decoding 3."
    sound.plugged.append(device("Headset"))
    page.microphone.look_again.click()
    hear(qtbot, page, sound)


def test_a_file_that_is_no_sound_is_named(qtbot: QtBot, page: TryItPage, tmp_path: Path) -> None:
    path = tmp_path / "notes.wav"
    path.write_text("no sound")
    page.open_file(path)
    qtbot.waitUntil(lambda: "notes.wav" in page.label_card.message.text())


def test_another_microphone_can_be_chosen_and_is_remembered(
    qtbot: QtBot, page: TryItPage, sound: FakePortAudio, context: AppContext
) -> None:
    first = input_stream(sound)
    page.microphone.choice.setCurrentIndex(1)
    qtbot.waitUntil(lambda: first.closed and any(stream.active for stream in sound.streams))
    assert input_stream(sound).options["device"] == 1
    assert context.settings.current.microphone == "Headset"


def test_a_microphone_in_use_elsewhere_is_said_beside_it(
    qtbot: QtBot, page: TryItPage, sound: FakePortAudio
) -> None:
    sound.accepts = lambda _rate, _channels: False
    page.microphone.choice.setCurrentIndex(1)
    qtbot.waitUntil(lambda: "cannot be opened" in page.microphone.message.text())
    sound.accepts = lambda _rate, _channels: True
    page.microphone.choice.setCurrentIndex(0)
    hear(qtbot, page, sound)


def test_leaving_the_page_lets_go_of_the_microphone(
    qtbot: QtBot, page: TryItPage, sound: FakePortAudio
) -> None:
    stream = input_stream(sound)
    page.hide()
    qtbot.waitUntil(lambda: stream.closed)
    page.show()
    hear(qtbot, page, sound)


def test_another_model_is_asked_about_the_same_recording(
    qtbot: QtBot, page: TryItPage, sound: FakePortAudio, inference: FakeInference, context: AppContext
) -> None:
    wait_for_answer(qtbot, page, lambda: say(qtbot, page, sound))
    answer = wait_for_answer(qtbot, page, lambda: page.model.choice.setCurrentIndex(1))
    assert headline(page) == "teaspoon_orders"
    assert inference.loads == [("teaspoon", ("barista",)), ("teaspoon", ("orders",))]
    assert inference.asked[0] == inference.asked[1]
    assert answer.waited_s is None
    assert context.settings.current.model == "teaspoon@orders"


def test_of_models_chosen_in_quick_succession_the_last_one_answers(
    qtbot: QtBot, page: TryItPage, inference: FakeInference, speech_file: Callable[..., Path]
) -> None:
    inference.gate.clear()
    page.model.choice.setCurrentIndex(1)
    page.model.choice.setCurrentIndex(0)
    page.open_file(speech_file())
    qtbot.waitUntil(lambda: headline(page).startswith("Waiting for the model"))
    assert not inference.asked
    with qtbot.waitSignal(page.answered):
        inference.gate.set()
    assert headline(page) == "teaspoon_barista"
    assert len(inference.asked) == 1


def test_a_model_that_cannot_be_loaded_is_said_and_another_one_works(
    qtbot: QtBot, page: TryItPage, inference: FakeInference, speech_file: Callable[..., Path]
) -> None:
    inference.failure = UserError("The folder is not a model.", remedy="Choose another.")
    page.model.choice.setCurrentIndex(1)
    qtbot.waitUntil(lambda: "not a model" in page.model.message.text())
    page.open_file(speech_file())
    qtbot.waitUntil(lambda: "not a model" in page.label_card.message.text())
    inference.failure = None
    wait_for_answer(qtbot, page, lambda: page.model.choice.setCurrentIndex(0))


def test_a_model_process_that_dies_is_said_and_the_next_question_answered(
    qtbot: QtBot, page: TryItPage, sound: FakePortAudio, inference: FakeInference
) -> None:
    inference.failure = UserError("The process that runs the model ended.", remedy="Try again.")
    say(qtbot, page, sound)
    qtbot.waitUntil(lambda: "ended" in page.label_card.message.text())
    inference.failure = None
    wait_for_answer(qtbot, page, lambda: say(qtbot, page, sound))


def test_only_the_newest_recording_is_answered(
    qtbot: QtBot,
    page: TryItPage,
    sound: FakePortAudio,
    inference: FakeInference,
    speech_file: Callable[..., Path],
) -> None:
    answers: list[Exchange] = []
    page.answered.connect(answers.append)
    inference.gate.clear()
    say(qtbot, page, sound)
    qtbot.waitUntil(lambda: len(inference.asked) == 1)
    newest = speech_file("newest.wav")
    page.open_file(newest)
    qtbot.waitUntil(lambda: len(inference.asked) == 2)
    with qtbot.waitSignal(page.answered):
        inference.gate.set()
    assert [answer.heard.path for answer in answers] == [newest]


def test_the_take_can_be_played_and_stopped(qtbot: QtBot, page: TryItPage, sound: FakePortAudio) -> None:
    wait_for_answer(qtbot, page, lambda: say(qtbot, page, sound))
    button = page.take_card.play_button
    button.click()
    qtbot.waitUntil(lambda: sound.streams[-1].active and "device" not in sound.streams[-1].options)
    assert button.text() == "Stop"
    played = sound.streams[-1].request(1000)
    assert played.size == 1000
    button.click()
    qtbot.waitUntil(lambda: sound.streams[-1].closed)
    assert button.text() == "Play"
    button.click()
    qtbot.waitUntil(lambda: sound.streams[-1].active)
    for _ in range(30):
        if sound.streams[-1].active:
            sound.streams[-1].request(1000)
    qtbot.waitUntil(lambda: button.text() == "Play")


def test_the_answer_is_shown_as_json_on_demand(
    qtbot: QtBot, page: TryItPage, speech_file: Callable[..., Path]
) -> None:
    wait_for_answer(qtbot, page, lambda: page.open_file(speech_file()))
    assert not page.label_card.raw.isVisible()
    page.label_card.raw_button.click()
    assert page.label_card.raw.isVisible()
    assert page.label_card.raw.toPlainText() == '{"intent": "..."}'


def test_every_control_has_a_name_for_screen_readers(page: TryItPage) -> None:
    controls = [
        page.model.choice,
        page.microphone.choice,
        page.microphone.look_again,
        page.microphone.meter,
        page.talk,
        page.open_button,
        page.take_card.play_button,
        page.label_card.raw,
    ]
    assert all(control.accessibleName() for control in controls)
