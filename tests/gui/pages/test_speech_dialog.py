"""Making speech by hand: who speaks, how many texts, and a new dataset that says what it holds."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from core.data.synthesis import MadeSpeech
from gui.context import AppContext
from gui.item_models.utterances import Column
from gui.pages import speech_dialog
from gui.pages.data import DataPage
from gui.pages.speech_dialog import SpeechDialog
from tests.fake_engines import install
from tests.gui.pages.test_data import FakePlayer
from tests.gui.window import utterance


@pytest.fixture
def parent(qtbot: QtBot) -> QWidget:
    """The dialog deletes itself when it closes; its parent is what the test owns."""
    result = QWidget()
    qtbot.addWidget(result)
    return result


@pytest.fixture
def player(context: AppContext) -> FakePlayer:
    result = FakePlayer()
    context.player = result  # type: ignore[assignment]
    return result


@pytest.fixture
def orders(context: AppContext, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """30 texts to train on and 10 to test on, in English; both engines pretend to be there."""
    install(tmp_path / "bin", monkeypatch, "espeak-ng", "flite")
    texts = [
        utterance(n, intent=f"{n % 3}", split="test" if n % 4 == 3 else "train", language="en-US")
        for n in range(40)
    ]
    context.open_library().add_dataset("orders", "made", texts)
    return "orders"


@pytest.fixture
def dialog(
    context: AppContext, orders: str, player: FakePlayer, parent: QWidget, qtbot: QtBot
) -> SpeechDialog:
    return opened(context, orders, parent, qtbot)


def opened(context: AppContext, dataset: str, parent: QWidget, qtbot: QtBot) -> SpeechDialog:
    result = SpeechDialog(context, dataset, parent)
    result.open()
    wait(context, qtbot)
    return result


def wait(context: AppContext, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: not context.background.busy())


def tick(dialog: SpeechDialog, *names: str) -> None:
    rows = dialog.voices.list
    for row in range(rows.count()):
        item = rows.item(row)
        ticked = any(item.text().endswith(f" {name}") for name in names)
        item.setCheckState(Qt.CheckState.Checked if ticked else Qt.CheckState.Unchecked)


def test_only_voices_of_the_datasets_language_are_offered(dialog: SpeechDialog) -> None:
    assert [dialog.engine.itemText(n) for n in range(2)] == ["espeak-ng (2 voices)", "flite (2 voices)"]
    offered = [dialog.voices.list.item(row).text() for row in range(dialog.voices.list.count())]
    assert offered == ["English (Great Britain)   en-gb", "English (America)   en-us"]
    assert [voice.name for voice in dialog.plan().voices] == ["en-us"]
    dialog.engine.setCurrentIndex(1)
    assert [voice.speaker for voice in dialog.plan().voices] == ["flite: kal"]
    assert not dialog.timbres.isEnabled()


def test_the_number_of_recordings_and_speakers_follows_the_fields(dialog: SpeechDialog) -> None:
    assert dialog.splits["train"].text() == "Train (30)"
    assert not dialog.splits["validation"].isEnabled()
    assert dialog.amount.text() == "= 30 recordings by 1 speaker"
    dialog.share.setValue(10)
    assert dialog.amount.text() == "= 3 recordings by 1 speaker"
    dialog.splits["test"].setChecked(True)
    tick(dialog, "en-gb", "en-us")
    dialog.timbres.setValue(3)
    assert dialog.amount.text() == "= 4 recordings by 6 speakers"
    dialog.unit.setCurrentIndex(1)
    dialog.number.setValue(7)
    assert dialog.amount.text() == "= 7 recordings by 6 speakers"
    dialog.number.setValue(1000)
    assert dialog.number.value() == 40


def test_what_is_missing_is_said_before_anything_can_be_made(dialog: SpeechDialog) -> None:
    assert dialog.accept_button.isEnabled()
    cases: list[tuple[Callable[[], None], Callable[[], None], str]] = [
        (lambda: tick(dialog), lambda: tick(dialog, "en-gb"), "at least one voice"),
        (
            lambda: dialog.splits["train"].setChecked(False),
            lambda: dialog.splits["train"].setChecked(True),
            "Tick a split",
        ),
        (lambda: dialog.name.setText(" "), lambda: dialog.name.setText("a"), "a name"),
        (lambda: dialog.name.setText("orders"), lambda: dialog.name.setText("a"), "taken"),
    ]
    for spoil, mend, words in cases:
        spoil()
        assert words in dialog.status.text()
        assert not dialog.accept_button.isEnabled()
        mend()
        assert dialog.status.text() == ""
        assert dialog.accept_button.isEnabled()


def test_the_speech_becomes_a_new_dataset(dialog: SpeechDialog, context: AppContext, qtbot: QtBot) -> None:
    assert dialog.name.text() == "orders spoken"
    dialog.share.setValue(20)
    tick(dialog, "en-gb", "en-us")
    dialog.pace.setChecked(True)
    with qtbot.waitSignal(dialog.made, timeout=20_000) as made:
        dialog.accept_button.click()
        assert not dialog.fields.isEnabled()
        assert dialog.bar.isVisible()
    assert made.args == ["orders spoken"]
    wait(context, qtbot)
    assert "6 recordings" in dialog.outcome.text()
    assert dialog.bar.isHidden()
    assert dialog.cancel.text() == "Close"
    summary = context.open_library().dataset("orders spoken")
    assert (summary.synthetic, summary.counts["train"]["speech"]) == (6, 6)
    assert set(summary.speakers) <= {"espeak-ng: en-gb", "espeak-ng: en-us"}


def test_texts_that_were_not_spoken_are_told(
    context: AppContext, orders: str, player: FakePlayer, parent: QWidget, qtbot: QtBot
) -> None:
    texts = [utterance(0, text="tea", language="en"), utterance(1, text="?!", language="en")]
    context.open_library().add_dataset("odd", "made", texts)
    dialog = opened(context, "odd", parent, qtbot)
    with qtbot.waitSignal(dialog.made, timeout=20_000):
        dialog.accept_button.click()
    assert dialog.isVisible()
    assert 'key-1 "?!"' in dialog.outcome.text()


def test_an_engine_that_fails_is_told_and_one_may_try_again(
    context: AppContext, orders: str, player: FakePlayer, parent: QWidget, qtbot: QtBot
) -> None:
    context.open_library().add_dataset("bad", "made", [utterance(0, text="a broken cup")])
    dialog = opened(context, "bad", parent, qtbot)
    tick(dialog, "en-gb")
    dialog.accept_button.click()
    wait(context, qtbot)
    assert "bad/key-0" in dialog.outcome.text()
    assert "the voice file is damaged" in dialog.outcome.text()
    assert dialog.accept_button.isEnabled()
    assert "bad spoken" not in context.open_library().names()


def test_closing_the_dialog_stops_the_making(
    dialog: SpeechDialog, context: AppContext, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, cancels = threading.Event(), []

    def slow(*_arguments: object, **named: object) -> MadeSpeech:
        begun.set()
        cancelled = named["cancelled"]
        assert callable(cancelled)
        while not cancelled():
            time.sleep(0.005)
        cancels.append(True)
        return MadeSpeech("x", 1, 1.0, {}, (), ())

    monkeypatch.setattr(speech_dialog, "make_speech", slow)
    emitted: list[str] = []
    dialog.made.connect(emitted.append)
    dialog.accept_button.click()
    qtbot.waitUntil(begun.is_set)
    dialog.cancel.click()
    wait(context, qtbot)
    assert (cancels, emitted) == ([True], [])


def test_a_voice_is_heard_before_it_is_chosen(
    dialog: SpeechDialog, context: AppContext, player: FakePlayer, qtbot: QtBot
) -> None:
    dialog.voices.list.setCurrentRow(0)
    dialog.listen.click()
    wait(context, qtbot)
    ((samples, rate),) = player.played
    assert rate == 16_000
    # "utterance 0" has two words.
    assert samples == pytest.approx(0.6 * 16_000, abs=2)
    dialog.reject()
    wait(context, qtbot)
    assert not player.playing


def test_without_an_engine_it_is_said_what_to_install(
    context: AppContext,
    orders: str,
    parent: QWidget,
    qtbot: QtBot,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    install(tmp_path / "none", monkeypatch)
    dialog = opened(context, orders, parent, qtbot)
    assert "No speech engine is installed" in dialog.outcome.text()
    assert "apt install espeak-ng" in dialog.outcome.text()
    assert not dialog.accept_button.isEnabled()
    assert not dialog.listen.isEnabled()


def test_a_language_that_no_voice_speaks_is_told(
    context: AppContext, orders: str, parent: QWidget, qtbot: QtBot
) -> None:
    context.open_library().add_dataset("other", "made", [utterance(0, language="tlh")])
    dialog = opened(context, "other", parent, qtbot)
    assert "No voice that is installed speaks tlh" in dialog.outcome.text()
    assert not dialog.accept_button.isEnabled()


def test_the_data_page_opens_it_and_shows_what_was_made(
    context: AppContext, orders: str, player: FakePlayer, qtbot: QtBot
) -> None:
    page = DataPage(context)
    qtbot.addWidget(page)
    page.show()
    assert not page.speak.isEnabled()
    page.activated()
    wait(context, qtbot)
    page.speak.click()
    (dialog,) = page.findChildren(SpeechDialog)
    wait(context, qtbot)
    with qtbot.waitSignal(dialog.made, timeout=20_000):
        dialog.accept_button.click()
    wait(context, qtbot)
    row = page.datasets.row_of("orders spoken")
    assert row is not None
    assert page.table.currentIndex().row() == row
    tip = page.datasets.index(row, 0).data(Qt.ItemDataRole.ToolTipRole)
    assert "30 recordings are synthetic" in tip
    speaker = page.browser.model.index(0, Column.SPEAKER)
    assert speaker.data() == "espeak-ng: en-us, synthetic"
    assert "made by a machine, espeak-ng: en-us" in speaker.data(Qt.ItemDataRole.ToolTipRole)
    dialog.reject()
    wait(context, qtbot)
