"""Talks to the real window through the virtual microphone, as a person would: hold, play, let go, read."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from core.data.utterance import Label, Slot
from core.paths import RESOURCES
from gui.app import Composition
from gui.context import AppContext
from gui.exchange import Exchange
from gui.pages.try_it import TryItPage
from tests.event_loop import spin
from tests.integration.virtual_microphone import DEVICE, VirtualMicrophone

START_S = 240.0
"""Importing torch and the demo may take minutes while other work keeps the machine busy."""

PLAYED_S = 60.0


@dataclass(frozen=True)
class Spoken:
    """A test utterance of the demo that can be played."""

    audio: Path
    label: Label


def demo_speech() -> list[Spoken]:
    """The demo's test speech, in the order of its manifest."""
    folder = RESOURCES / "demo"
    lines = (folder / "manifest.jsonl").read_text("utf-8").splitlines()
    rows = [json.loads(line) for line in lines]
    return [
        Spoken(folder / row["audio"], Label(row["intent"], _slots(row.get("slots", {}))))
        for row in rows
        if row["split"] == "test" and "audio" in row
    ]


def _slots(written: dict[str, str | list[str]]) -> tuple[Slot, ...]:
    """As a manifest writes them: a type that repeats has a list of fillers."""
    fillers = {kind: [value] if isinstance(value, str) else value for kind, value in written.items()}
    return tuple(Slot(kind, filler) for kind, values in fillers.items() for filler in values)


def wait_for(reached: Callable[[], bool], seconds: float, what: str) -> None:
    """Keep the window alive until `reached`."""
    deadline = time.monotonic() + seconds
    while not reached():
        assert time.monotonic() < deadline, f"{what} did not come within {seconds:.0f} s"
        spin(5)


class Talker:
    """The window, opened on its Try it page with the virtual microphone chosen."""

    def __init__(self, context: AppContext, microphone: VirtualMicrophone) -> None:
        context.remember(welcomed=True, page="try-it", microphone=DEVICE)
        self._microphone = microphone
        self.composition = Composition(context)
        self.window = self.composition.window
        self.window.show()
        wait_for(lambda: self.window.is_built("try-it"), START_S, "the page")
        self.page = cast("TryItPage", self.window.page("try-it"))
        self._answers: list[Exchange] = []
        self.page.answered.connect(self._answers.append)

    def wait_until_ready(self) -> None:
        """The microphone listens and the model answers."""
        page = self.page
        self.wait_until_heard()
        wait_for(lambda: page.model.is_ready or bool(page.model.message.text()), START_S, "the model")
        assert page.model.is_ready, page.model.message.text()

    def wait_until_heard(self, seconds: float = START_S) -> None:
        """The microphone listens; what is wrong with it ends the waiting at once."""
        microphone = self.page.microphone
        wait_for(lambda: microphone.recorder.listening or bool(microphone.message.text()), seconds, "sound")
        assert microphone.recorder.listening, microphone.message.text()

    def hold(self) -> None:
        QTest.mousePress(self.page.talk, Qt.MouseButton.LeftButton)

    def let_go(self) -> None:
        QTest.mouseRelease(self.page.talk, Qt.MouseButton.LeftButton)

    def say(self, audio: Path) -> Exchange:
        """Hold the button, play `audio` into the microphone, let go; the answer once it is on the screen."""
        before = len(self._answers)
        self.hold()
        assert self.page.microphone.recorder.recording, self.page.microphone.problem()
        player = self._microphone.start_playing(audio)
        wait_for(lambda: player.poll() is not None, PLAYED_S, "the end of the sentence")
        assert player.returncode == 0
        self.let_go()
        wait_for(lambda: len(self._answers) > before, START_S, "an answer")
        return self._answers[-1]

    def close(self) -> None:
        self.window.close()
        self.window.deleteLater()
        self.composition.deleteLater()
