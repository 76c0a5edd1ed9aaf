"""The Try it page with a sound card and a model that a test controls."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
import soundfile
from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from core.audio.devices import AudioSystem
from core.audio.files import read_audio
from core.audio.player import Player
from core.audio.recorder import Recorder
from core.data.utterance import Label, Slot
from core.errors import UserError
from core.inference.client import LoadedModel
from core.inference.prediction import Prediction
from core.paths import RESOURCES
from gui.context import AppContext
from gui.exchange import Exchange
from gui.pages.try_it import TryItPage
from gui.widgets import microphone_bar
from tests.core.audio.fake_portaudio import FakePortAudio, FakeStream, device
from tests.gui.window import utterance

RATE = 16_000
SPEECH = read_audio(RESOURCES / "demo" / "audio/test-espeak-en-US-f4-000.ogg")
HUM = (0.2 * np.sin(2 * np.pi * 200 * np.arange(RATE) / RATE)).astype(np.float32)
SILENCE = np.zeros(RATE, np.float32)
WINDOW_S = 15.0


class FakeInference:
    """Answers at once with the name of the model asked as intent. `gate` holds answers back."""

    def __init__(self) -> None:
        self.loads: list[tuple[str, tuple[str, ...] | None]] = []
        self.asked: list[Path | str | np.ndarray] = []
        self.transcript = "turn on the Kitchen light"
        self.failure: UserError | None = None
        self.gate = threading.Event()
        self.gate.set()

    def load(
        self,
        model: str,
        datasets: tuple[str, ...] | None,
        progress: Callable[[str], None] = lambda _words: None,
    ) -> LoadedModel:
        progress("loading the weights")
        self.loads.append((model, datasets))
        self.gate.wait(10)
        if self.failure is not None:
            raise self.failure
        return LoadedModel(model, datasets, ("light_off", "light_on"), ("room",), WINDOW_S)

    def transcribe(self, item: Path | np.ndarray, *, of: LoadedModel) -> str:
        return self.transcript

    def predict(self, item: Path | str | np.ndarray, *, of: LoadedModel) -> Prediction:
        self.asked.append(item)
        self.gate.wait(10)
        if self.failure is not None:
            raise self.failure
        return Prediction(
            label=Label(
                f"{of.model}_{'_'.join(of.datasets or ())}", (Slot("room", "kitchen"), Slot("color", "blue"))
            ),
            raw='{"intent": "..."}',
            confidence=0.93,
            slot_confidence=(0.9, 0.8),
            runner_up=(("light_off", 0.05), ("music_play", 0.001)),
            timings_ms={"features": 1.0, "encoder": 2.0, "decoding": 3.0},
        )

    def close(self) -> None:
        self.gate.set()


@pytest.fixture
def speech_file(tmp_path: Path) -> Callable[..., Path]:
    """Writes a file of this name that holds speech."""

    def write(name: str = "speech.wav", channels: int = 1) -> Path:
        soundfile.write(tmp_path / name, np.tile(SPEECH[:, None], channels), RATE)
        return tmp_path / name

    return write


@pytest.fixture
def sound() -> FakePortAudio:
    return FakePortAudio([device("USB"), device("Headset"), device("Speakers", inputs=0, outputs=2)])


@pytest.fixture
def inference() -> FakeInference:
    return FakeInference()


@pytest.fixture
def page(
    qtbot: QtBot,
    context: AppContext,
    sound: FakePortAudio,
    inference: FakeInference,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[TryItPage]:
    """The page in front, ready: a microphone listens and the untuned model of "barista" is loaded."""
    # The devices deliver sound only when a test says so, so no silence is too long.
    monkeypatch.setattr(microphone_bar, "Recorder", lambda audio, rolls: Recorder(audio, rolls, lambda: 0.0))
    context.audio = AudioSystem(lambda: sound)
    context.player = Player(context.audio)
    context.inference = inference  # type: ignore[assignment]
    library = context.open_library()
    for name in ("barista", "orders"):
        library.add_dataset(
            name,
            "test",
            [utterance(1, text="a latte please", intent="order"), utterance(2, text="hello", split="test")],
        )
    page = TryItPage(context)
    qtbot.addWidget(page)
    with qtbot.waitExposed(page):
        page.show()
    page.activated()
    qtbot.waitUntil(lambda: page.model.is_ready)
    if sound.streams:
        hear(qtbot, page, sound)
    yield page
    page.hide()


def input_stream(sound: FakePortAudio) -> FakeStream:
    """The microphone's stream that runs now."""
    return next(each for each in reversed(sound.streams) if each.active and "device" in each.options)


def hear(qtbot: QtBot, page: TryItPage, sound: FakePortAudio, samples: np.ndarray = SILENCE) -> None:
    """The microphone delivers `samples`."""
    qtbot.waitUntil(lambda: any(each.active for each in sound.streams))
    input_stream(sound).deliver(samples)
    qtbot.waitUntil(lambda: page.microphone.problem() == "")


def hold(page: TryItPage, at: QPoint | None = None) -> None:
    mouse(page, "press", at)


def let_go(page: TryItPage, at: QPoint | None = None) -> None:
    mouse(page, "release", at)


def mouse(page: TryItPage, what: str, at: QPoint | None) -> None:
    act = {"press": QTest.mousePress, "release": QTest.mouseRelease, "move": QTest.mouseMove}[what]
    where = at or page.talk.rect().center()
    if what == "move":
        act(page.talk, where)
    else:
        act(page.talk, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, where)


def say(qtbot: QtBot, page: TryItPage, sound: FakePortAudio, samples: np.ndarray = SPEECH) -> None:
    """Hold the button, speak, let go."""
    hold(page)
    assert page.microphone.recorder.recording
    stream = input_stream(sound)
    stream.deliver(samples)
    let_go(page)
    stream.deliver(SILENCE)


def wait_for_answer(qtbot: QtBot, page: TryItPage, act: Callable[[], None]) -> Exchange:
    with qtbot.waitSignal(page.answered) as caught:
        act()
    answer: Exchange = caught.args[0]  # type: ignore[index]
    return answer


def headline(page: TryItPage) -> str:
    return page.label_card.headline.text().replace("\N{ZERO WIDTH SPACE}", "")


def space(kind: QEvent.Type, target: QWidget, *, repeats: bool = False) -> None:
    event = QKeyEvent(kind, Qt.Key.Key_Space, Qt.KeyboardModifier.NoModifier, " ", repeats)
    QApplication.sendEvent(target, event)
