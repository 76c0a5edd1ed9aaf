"""The Experiment page over a small library, and what a user does and sees there."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QLineEdit, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from gui.context import AppContext
from gui.pages.experiment import ExperimentPage
from tests.conftest import WavMaker
from tests.gui.window import utterance

WAIT_MS = 20_000


@pytest.fixture
def experiment_page(context: AppContext, qtbot: QtBot, wav_file: WavMaker) -> ExperimentPage:
    """The page over a library with "demo": 40 training texts, 20 of them spoken, 2 intents; and "other"."""
    sound = wav_file(seconds=3.0)
    demo = [
        utterance(
            number,
            intent="light_on" if number % 2 else "light_off",
            audio=sound if number < 20 else None,
            duration_s=3.0 if number < 20 else None,
            speaker=f"voice {number % 4}" if number < 20 else "",
        )
        for number in range(40)
    ]
    tested = wav_file("tested.wav", seconds=3.0)
    demo += [utterance(100 + number, split="test", audio=tested, duration_s=3.0) for number in range(5)]
    library = context.open_library()
    library.add_dataset("demo", "test", demo)
    library.add_dataset("other", "test", [utterance(1, text="hello"), utterance(2, split="test")])
    page = ExperimentPage(context)
    qtbot.addWidget(page)
    page.resize(1000, 1000)
    with qtbot.waitExposed(page):
        page.show()
    page.activateWindow()
    page.activated()
    wait_for_words(qtbot, page, "= 1 recording, 0.1 min, 1 voice, 1 of 2 intents covered")
    return page


def says(page: QWidget, words: str) -> bool:
    return any(words in each.text() for each in page.findChildren(QLabel) if each.isVisible())


def wait_for_words(qtbot: QtBot, page: QWidget, words: str) -> None:
    qtbot.waitUntil(lambda: says(page, words), timeout=WAIT_MS)


def click(page: QWidget, kind: type[QWidget], name: str) -> None:
    found = [each for each in page.findChildren(kind) if getattr(each, "text", str)() == name]
    QTest.mouseClick(found[0], Qt.MouseButton.LeftButton, pos=found[0].rect().center())


def start_button(page: ExperimentPage) -> QPushButton:
    return next(each for each in page.findChildren(QPushButton) if each.text() == "Start")


def line(page: ExperimentPage, name: str) -> QLineEdit:
    return next(each for each in page.findChildren(QLineEdit) if each.accessibleName() == name)


def retype(field: QLineEdit, words: str) -> None:
    field.selectAll()
    QTest.keyClicks(field, words)
