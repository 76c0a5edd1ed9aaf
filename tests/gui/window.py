"""Fixtures for tests of the window: the real services over an empty home, and answers to questions."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import pytest
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication, QMessageBox

from core.data.utterance import Label, Slot, Split, Utterance
from core.paths import AppPaths
from gui.app import make_context
from gui.context import AppContext

DatasetMaker = Callable[..., None]


@pytest.fixture
def context(qapp: QApplication, app_paths: AppPaths) -> Iterator[AppContext]:
    """What `gui.app` gives to every page, closed afterwards."""
    services = make_context(app_paths)
    services.theme.apply(qapp, "light")
    yield services
    services.close()


def utterance(
    number: int,
    *,
    text: str | None = None,
    intent: str = "light_on",
    slots: Sequence[tuple[str, str]] = (),
    split: Split = "train",
    **more: object,
) -> Utterance:
    """An utterance that says what it must and nothing else."""
    label = Label(intent, tuple(Slot(type_, filler) for type_, filler in slots))
    values = {"text": text or f"utterance {number}", **more}
    return Utterance(0, "", f"key-{number}", split, label, **values)  # type: ignore[arg-type]


def answer_question(button_text: str) -> list[str]:
    """Press this button of the next modal question. The returned list then holds the question's words."""
    asked: list[str] = []
    timer = QTimer(QApplication.instance(), interval=5)

    def press() -> None:
        box = QApplication.activeModalWidget()
        if not isinstance(box, QMessageBox):
            return
        timer.stop()
        timer.deleteLater()
        asked.append(f"{box.text()} {box.informativeText()}")
        next(each for each in box.buttons() if each.text() == button_text).click()

    timer.timeout.connect(press)
    timer.start()
    return asked
