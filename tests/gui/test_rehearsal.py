"""What is looked at before a show, and what is said of it."""

from __future__ import annotations

import threading
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from core.errors import UserError
from core.inference.client import LoadedModel
from core.inference.prediction import Prediction
from gui import rehearsal
from gui.context import AppContext
from gui.pages.rehearsal_dialog import RehearsalDialog
from gui.pages.try_it import TryItPage
from gui.rehearsal import Finding, Rehearsal, summary
from tests.core.audio.fake_portaudio import FakePortAudio
from tests.gui.pages.try_it_page import (
    RATE,
    SILENCE,
    SPEECH,
    FakeInference,
    hear,
    inference,
    input_stream,
    page,
    sound,
    speech_file,
)

__all__ = ["inference", "page", "sound", "speech_file"]

HISS = (0.0004 * np.random.default_rng(17).standard_normal(4 * RATE)).astype(np.float32)


def look(
    page: TryItPage, sound: FakePortAudio, said: np.ndarray | None, room: np.ndarray = HISS, **changes: object
) -> dict[str, Finding]:
    """The findings by name, with what the microphone hears at each step."""
    page.rehearse()
    dialog = page.findChild(RehearsalDialog)
    assert dialog is not None
    checks: Rehearsal = replace(dialog._rehearsal, **changes)
    dialog.reject()

    def tell(words: str) -> None:
        if words.startswith("Say nothing") and sound.plugged:
            threading.Timer(0.1, lambda: input_stream(sound).deliver(room)).start()
        elif words.startswith("Now say") and said is not None:
            threading.Timer(0.1, lambda: input_stream(sound).deliver(np.concatenate([said, HISS]))).start()

    return {finding.what: finding for finding in checks.findings(tell, lambda: False)}


def states(findings: dict[str, Finding]) -> dict[str, str]:
    return {what: finding.state for what, finding in findings.items()}


def test_when_all_is_well_it_says_so(page: TryItPage, sound: FakePortAudio) -> None:
    found = look(page, sound, SPEECH)
    assert states(found) == dict.fromkeys(
        ("Microphone and room", "A spoken sentence", "Model", "Speed", "Other work", "Disk", "Memory"), "good"
    )
    assert "teaspoon_barista" in found["Model"].words
    assert summary(list(found.values())) == ("good", "Ready for the stage.")


@pytest.mark.parametrize(
    ("said", "words"),
    [(np.clip(40 * SPEECH, -1, 1), "cut off"), (0.02 * SPEECH / np.abs(SPEECH).max(), "very quiet")],
)
def test_a_sentence_too_loud_or_too_quiet(
    page: TryItPage, sound: FakePortAudio, said: np.ndarray, words: str
) -> None:
    found = look(page, sound, said.astype(np.float32))["A spoken sentence"]
    assert found.state == "warn"
    assert words in found.words


def test_nothing_said_and_a_dead_microphone(
    page: TryItPage, sound: FakePortAudio, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rehearsal, "SENTENCE_S", 0.3)
    found = look(page, sound, None, room=np.tile(SILENCE, 4))
    assert "Nothing at all is heard" in found["Microphone and room"].words
    assert "muted" in found["A spoken sentence"].words
    assert summary(list(found.values()))[0] == "bad"
    assert found["Model"].state == "good"  # it is asked by a text


def test_no_microphone_at_all(qtbot: QtBot, page: TryItPage, sound: FakePortAudio) -> None:
    sound.plugged[:] = []
    input_stream(sound).end()
    qtbot.waitUntil(lambda: not page.microphone.recorder.listening)
    found = look(page, sound, None)
    assert found["Microphone and room"].state == "bad"
    assert "A spoken sentence" not in found
    assert summary(list(found.values())) == ("bad", "Not ready: 1 thing must be mended.")


@pytest.mark.parametrize("taken_s", [0.9, 2.5])
def test_a_model_that_is_slow_missing_or_failing(
    page: TryItPage,
    sound: FakePortAudio,
    inference: FakeInference,
    monkeypatch: pytest.MonkeyPatch,
    taken_s: float,
) -> None:
    clock = iter(np.arange(0, 100, taken_s))
    monkeypatch.setattr(rehearsal.time, "perf_counter", lambda: next(clock))
    found = look(page, sound, SPEECH)
    assert found["Speed"].state == ("warn" if taken_s < 2 else "bad")
    assert f"{taken_s:.2f} s" in found["Speed"].words


def test_without_a_model_or_with_one_that_fails(
    page: TryItPage, sound: FakePortAudio, inference: FakeInference, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert look(page, sound, SPEECH, model=None)["Model"].state == "bad"
    inference.failure = UserError("The process ended.", remedy="Try again.")
    failing = look(page, sound, SPEECH)["Model"]
    assert (failing.state, "The process ended" in failing.words) == ("bad", True)
    inference.failure = None
    sure = inference.predict

    def no_label(item: Path | str | np.ndarray, *, of: LoadedModel) -> Prediction:
        return replace(sure(item, of=of), label=None)

    monkeypatch.setattr(inference, "predict", no_label)
    assert "not with a label" in look(page, sound, SPEECH)["Model"].words


@pytest.mark.parametrize(("free", "state"), [(5e9, "good"), (5e8, "warn"), (1e8, "bad")])
def test_a_disk_that_is_nearly_full(free: float, state: str) -> None:
    assert rehearsal._disk(int(free)).state == state


def test_the_dialog_shows_each_finding_and_leads_to_the_stage(
    qtbot: QtBot, page: TryItPage, sound: FakePortAudio, context: AppContext
) -> None:
    page.rehearsal_button.click()
    dialog = page.findChild(RehearsalDialog)
    assert dialog is not None
    qtbot.waitUntil(lambda: "Say nothing" in dialog.now.text())
    input_stream(sound).deliver(HISS)
    qtbot.waitUntil(lambda: "say a sentence" in dialog.now.text())
    input_stream(sound).deliver(np.concatenate([SPEECH, HISS]))
    qtbot.waitUntil(lambda: dialog.now.text() == "Ready for the stage.", timeout=20_000)
    assert len(dialog.findings) == 7
    dialog.go.click()
    assert page.audience is not None
    page.audience.close()
    qtbot.waitUntil(lambda: not context.background.busy())


def test_closing_the_dialog_ends_the_looking(
    qtbot: QtBot, page: TryItPage, sound: FakePortAudio, context: AppContext
) -> None:
    page.rehearsal_button.click()
    dialog = page.findChild(RehearsalDialog)
    assert dialog is not None
    dialog.reject()
    qtbot.waitUntil(lambda: not context.background.busy())
    hear(qtbot, page, sound)
