"""Audience mode: readable from the back row, and calm whatever goes wrong."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, QRectF, Qt
from PySide6.QtGui import QImage, QKeyEvent, QPainter
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from core.data.utterance import Slot
from core.errors import UserError
from gui.context import AppContext
from gui.pages import audience
from gui.pages.audience import AudienceView
from gui.pages.try_it import TryItPage
from gui.theme import Theme
from gui.widgets.stage_picture import Scene, StagePainter
from tests.core.audio.fake_portaudio import FakePortAudio, device
from tests.gui.pages.try_it_page import (
    SILENCE,
    SPEECH,
    FakeInference,
    headline,
    hear,
    inference,
    input_stream,
    page,
    sound,
    speech_file,
)

__all__ = ["inference", "page", "sound", "speech_file"]


@pytest.fixture
def view(qtbot: QtBot, page: TryItPage, monkeypatch: pytest.MonkeyPatch) -> AudienceView:
    monkeypatch.setattr(audience, "LOOK_FOR_MICROPHONE_MS", 50)
    monkeypatch.setattr(audience, "ASK_AGAIN_AFTER_MS", (20, 20, 20))
    page.audience_button.click()
    assert page.audience is not None
    qtbot.waitExposed(page.audience)
    return page.audience


def key(view: AudienceView, kind: QEvent.Type, code: Qt.Key = Qt.Key.Key_Space) -> None:
    QApplication.sendEvent(view, QKeyEvent(kind, code, Qt.KeyboardModifier.NoModifier))


def talk(qtbot: QtBot, view: AudienceView, page: TryItPage, sound: FakePortAudio) -> None:
    key(view, QEvent.Type.KeyPress)
    assert page.microphone.recorder.recording
    input_stream(sound).deliver(SPEECH)
    key(view, QEvent.Type.KeyRelease)
    qtbot.waitUntil(lambda: not page.microphone.recorder.recording)
    input_stream(sound).deliver(SILENCE)


def test_holding_the_key_and_speaking_shows_the_answer(
    qtbot: QtBot, view: AudienceView, page: TryItPage, sound: FakePortAudio
) -> None:
    assert view.scene.state == "Hold the space bar and speak"
    assert "hello" in view.scene.headline  # for instance
    key(view, QEvent.Type.KeyPress)
    assert view.scene.state.startswith("Listening")
    input_stream(sound).deliver(SPEECH)
    qtbot.waitUntil(lambda: (view.scene.level or 0) > 0.1)
    with qtbot.waitSignal(page.conversation.shown):
        key(view, QEvent.Type.KeyRelease)
        qtbot.waitUntil(lambda: not page.microphone.recorder.recording)
        input_stream(sound).deliver(SILENCE)
    assert view.scene.headline == "teaspoon_barista"
    assert view.scene.slots == (Slot("room", "kitchen"), Slot("color", "blue"))
    assert view.scene.sure == 0.93
    qtbot.waitUntil(lambda: "after letting go" in view.scene.latency)
    qtbot.waitUntil(lambda: "Kitchen" in view.scene.words)
    assert "teaspoon_barista" in view.accessibleName()
    assert headline(page) == "teaspoon_barista"  # the desk knows it, too


@pytest.mark.parametrize("leave", [Qt.Key.Key_Escape, Qt.Key.Key_F11])
def test_one_key_leaves(qtbot: QtBot, view: AudienceView, page: TryItPage, leave: Qt.Key) -> None:
    key(view, QEvent.Type.KeyPress, leave)
    assert page.audience is None
    assert not view.isVisible()
    page.audience_button.click()  # and one may come back
    assert page.audience is not None


def test_a_take_ends_with_the_view(qtbot: QtBot, view: AudienceView, page: TryItPage) -> None:
    key(view, QEvent.Type.KeyPress)
    key(view, QEvent.Type.KeyPress, Qt.Key.Key_Escape)
    assert not page.microphone.recorder.recording


def test_the_mouse_held_anywhere_talks(view: AudienceView, page: TryItPage) -> None:
    QTest.mousePress(view, Qt.MouseButton.LeftButton)
    assert page.microphone.recorder.recording
    QTest.mouseRelease(view, Qt.MouseButton.LeftButton)
    assert not page.microphone.recorder.recording


def test_a_lost_microphone_is_looked_for_until_it_is_back(
    qtbot: QtBot, view: AudienceView, page: TryItPage, sound: FakePortAudio
) -> None:
    with qtbot.waitSignal(page.conversation.shown):
        talk(qtbot, view, page, sound)
    sound.plugged[:] = []
    input_stream(sound).end()
    qtbot.waitUntil(lambda: "Looking for it" in view.scene.state)
    key(view, QEvent.Type.KeyPress)  # talking meanwhile changes nothing
    key(view, QEvent.Type.KeyRelease)
    assert view.scene.headline == "teaspoon_barista"  # the last answer stays readable
    assert "Looking for it" in view.scene.state
    sound.plugged.append(device("Headset"))
    hear(qtbot, page, sound)
    qtbot.waitUntil(lambda: view.scene.state == "Hold the space bar and speak")


def test_a_model_that_fails_is_asked_again_by_itself(
    qtbot: QtBot, view: AudienceView, page: TryItPage, sound: FakePortAudio, inference: FakeInference
) -> None:
    inference.failure = UserError("The process that runs the model ended.")
    talk(qtbot, view, page, sound)
    qtbot.waitUntil(lambda: "starting again" in view.scene.state)
    inference.failure = None
    qtbot.waitUntil(lambda: view.scene.headline == "teaspoon_barista")
    assert view.scene.state == "Hold the space bar and speak"


def test_a_model_that_goes_on_failing_is_said_once_and_a_key_tries_again(
    qtbot: QtBot, view: AudienceView, page: TryItPage, sound: FakePortAudio, inference: FakeInference
) -> None:
    inference.failure = UserError("The process that runs the model ended.")
    talk(qtbot, view, page, sound)
    qtbot.waitUntil(lambda: "Press R" in view.scene.state)
    assert len(inference.asked) == 4
    assert QApplication.activeModalWidget() is None
    inference.failure = None
    key(view, QEvent.Type.KeyPress, Qt.Key.Key_R)
    qtbot.waitUntil(lambda: view.scene.headline == "teaspoon_barista")


def test_silence_is_said_calmly(
    qtbot: QtBot, view: AudienceView, page: TryItPage, sound: FakePortAudio, inference: FakeInference
) -> None:
    key(view, QEvent.Type.KeyPress)
    input_stream(sound).deliver(SILENCE)
    key(view, QEvent.Type.KeyRelease)
    qtbot.waitUntil(lambda: not page.microphone.recorder.recording)
    input_stream(sound).deliver(SILENCE)
    qtbot.waitUntil(lambda: view.scene.headline == "No speech heard")
    assert view.scene.sure is None
    assert not inference.asked


def test_below_the_threshold_two_intents_are_named(
    qtbot: QtBot,
    view: AudienceView,
    page: TryItPage,
    speech_file: Callable[..., Path],
    context: AppContext,
) -> None:
    context.remember(not_sure_below=0.95)
    with qtbot.waitSignal(page.conversation.shown):
        page.open_file(speech_file())
    assert view.scene.headline == "Not sure: teaspoon_barista or light_off?"


@pytest.mark.parametrize("name", ["light", "dark"])
def test_everything_can_be_read_from_the_back_row(qtbot: QtBot, name: str) -> None:
    theme = Theme()
    theme.apply(QApplication.instance(), name)  # type: ignore[arg-type]
    for token in ("stage_text", "stage_muted", "stage_accent", "stage_warn", "stage_bad"):
        assert contrast(theme.token(token), theme.token("stage_ground")) >= 7.0, token


def contrast(first: str, second: str) -> float:
    """WCAG 2.2: from 1 to 21."""
    darker, lighter = sorted(map(luminance, (first, second)))
    return (lighter + 0.05) / (darker + 0.05)


def luminance(color: str) -> float:
    parts = [int(color[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("size", [(1024, 768), (1920, 1080), (3840, 2160), (700, 1200)])
@pytest.mark.parametrize("headline", ["light_on", "_".join(["transport"] * 12), "x" * 200])
def test_nothing_is_painted_outside_its_place_at_any_size(
    qtbot: QtBot, context: AppContext, size: tuple[int, int], headline: str
) -> None:
    slots = tuple(Slot(f"type_{number}", "a filler of several words") for number in range(9))
    scene = Scene("a model " * 30, "what was said " * 20, headline, slots, 0.5, "Hold " * 30, latency="1 s")
    empty = replace(
        scene, title="", words="", headline="", slots=(), sure=None, latency="", leave="", state=""
    )
    rows = [ink(context.theme, each, size) for each in (scene, empty)]
    width, height = size
    image = rows[0]
    margin = round(width * 0.04)
    ground = context.theme.color("stage_ground").rgb()
    for y in range(0, height, 7):
        for x in (*range(0, margin, 5), *range(width - margin, width, 5)):
            assert image.pixel(x, y) == ground
    assert image != rows[1]


def ink(theme: Theme, scene: Scene, size: tuple[int, int]) -> QImage:
    image = QImage(*size, QImage.Format.Format_RGB32)
    painter = QPainter(image)
    StagePainter(painter, theme, scene, QRectF(0, 0, *size)).paint()
    painter.end()
    return image
