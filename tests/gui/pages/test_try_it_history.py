"""What was said is kept, found again, corrected; or nothing of it is, anywhere."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from core.data.importers import import_dataset
from core.data.utterance import Label, Slot, Utterance
from gui.context import AppContext
from gui.item_models.history import Column
from gui.pages.correction_dialog import CorrectionDialog
from gui.pages.try_it import TryItPage
from tests.core.audio.fake_portaudio import FakePortAudio
from tests.gui.pages.try_it_page import (
    SPEECH,
    FakeInference,
    hold,
    inference,
    let_go,
    page,
    say,
    sound,
    speech_file,
    wait_for_answer,
)
from tests.gui.window import answer_question

__all__ = ["inference", "page", "sound", "speech_file"]


@pytest.fixture
def history(page: TryItPage) -> TryItPage:
    """The page with its history in front."""
    page.tabs.setCurrentWidget(page.history_panel)
    return page


def listed(page: TryItPage, column: Column = Column.SAID) -> list[str]:
    model = page.history_panel.model
    return [model.index(row, column).data() for row in range(model.rowCount())]


def type_in(qtbot: QtBot, page: TryItPage, text: str) -> None:
    page.typed.setText(text)
    wait_for_answer(qtbot, page, lambda: QTest.keyClick(page.typed, Qt.Key.Key_Return))


def dialog_of(qtbot: QtBot, page: TryItPage) -> CorrectionDialog:
    qtbot.waitUntil(lambda: bool(page.findChildren(CorrectionDialog)))
    dialog: CorrectionDialog = page.findChildren(CorrectionDialog)[-1]
    qtbot.waitUntil(lambda: dialog.intent.count() > 0)
    return dialog


def test_what_was_said_is_listed_and_found(
    qtbot: QtBot, history: TryItPage, sound: FakePortAudio, context: AppContext
) -> None:
    wait_for_answer(qtbot, history, lambda: say(qtbot, history, sound))
    type_in(qtbot, history, "make it blue")
    qtbot.waitUntil(lambda: listed(history) == ["make it blue", "turn on the Kitchen light"])
    answered = "teaspoon_barista, room: kitchen, color: blue"
    qtbot.waitUntil(lambda: listed(history, Column.ANSWER) == [answered, answered])
    assert listed(history, Column.SURE) == ["93 %", "93 %"]
    history.history_panel.search.setText("TURN")
    qtbot.waitUntil(lambda: listed(history) == ["turn on the Kitchen light"])
    (kept,) = [path.name for path in (context.paths.audio / "takes").iterdir()]
    (session,) = context.tryouts().sessions()
    assert session.exchanges == 2
    assert kept.endswith(".wav")


def test_silence_is_in_it_too(qtbot: QtBot, history: TryItPage, sound: FakePortAudio) -> None:
    say(qtbot, history, sound, 0 * SPEECH)
    qtbot.waitUntil(lambda: listed(history, Column.ANSWER) == ["No speech heard"])


def test_it_can_be_played_asked_again_and_removed(
    qtbot: QtBot, history: TryItPage, sound: FakePortAudio, inference: FakeInference, context: AppContext
) -> None:
    wait_for_answer(qtbot, history, lambda: say(qtbot, history, sound))
    panel = history.history_panel
    qtbot.waitUntil(lambda: panel.model.rowCount() == 1)
    panel.table.selectRow(0)
    panel.play.click()
    qtbot.waitUntil(
        lambda: sound.streams[-1].active and "device" not in sound.streams[-1].options,
        timeout=20_000,  # the first sound loads what measures loudness
    )
    context.player.stop()
    wait_for_answer(qtbot, history, panel.show_again.click)
    assert len(inference.asked) == 2
    qtbot.waitUntil(lambda: listed(history) == 2 * ["turn on the Kitchen light"])
    for left in (1, 0):
        panel.table.selectRow(0)
        asked = answer_question("Remove")
        panel.remove.click()
        qtbot.waitUntil(lambda left=left: panel.model.rowCount() == left)  # type: ignore[misc]
        assert "turn on the Kitchen light" in asked[0]
    assert not list((context.paths.audio / "takes").iterdir())


def test_with_keep_nothing_no_file_and_no_row_is_left(
    qtbot: QtBot, history: TryItPage, sound: FakePortAudio, context: AppContext
) -> None:
    history.keep_nothing.setChecked(True)
    qtbot.waitUntil(lambda: not context.background.busy())
    before = {path for path in context.paths.home.rglob("*") if path.is_file()}
    wait_for_answer(qtbot, history, lambda: say(qtbot, history, sound))
    type_in(qtbot, history, "a secret wish")
    qtbot.waitUntil(lambda: listed(history) == ["a secret wish", "turn on the Kitchen light"])
    assert history.history_panel.private.isVisible()
    qtbot.waitUntil(lambda: not context.background.busy())
    assert {path for path in context.paths.home.rglob("*") if path.is_file()} == before
    assert context.tryouts().sessions() == []
    for file in before:
        assert b"a secret wish" not in file.read_bytes(), file


def test_a_wrong_answer_becomes_an_utterance_with_its_recording(
    qtbot: QtBot, history: TryItPage, sound: FakePortAudio, context: AppContext
) -> None:
    wait_for_answer(qtbot, history, lambda: say(qtbot, history, sound))
    qtbot.waitUntil(lambda: history.history_panel.model.rowCount() == 1)
    history.label_card.correct_button.click()
    dialog = dialog_of(qtbot, history)
    dialog.intent.setEditText("oder")
    assert "Did you mean order?" in dialog.unknown.text()
    dialog.intent.setEditText("order")
    dialog.slots.show_slots((Slot("size", "large"),))
    dialog.text.setText("a large one")
    dialog.speaker.setText("ann")
    dialog.save.click()
    qtbot.waitUntil(lambda: "with its recording" in dialog.message.text())
    (utterance,) = saved(context)
    assert (utterance.label, utterance.text, utterance.split, utterance.speaker) == (
        Label("order", (Slot("size", "large"),)),
        "a large one",
        "test",
        "ann",
    )
    qtbot.waitUntil(lambda: "corrected: order" in listed(history, Column.ANSWER)[0])
    # The recording stays when the history goes.
    history.history_panel.table.selectRow(0)
    answer_question("Remove")
    history.history_panel.remove.click()
    qtbot.waitUntil(lambda: history.history_panel.model.rowCount() == 0)
    assert utterance.audio is not None
    assert utterance.audio.is_file()
    dialog.reject()


def saved(context: AppContext) -> list[Utterance]:
    return list(context.open_library().utterances(["corrections"]))


def test_a_correction_can_be_taken_back_and_learned_from(
    qtbot: QtBot, history: TryItPage, context: AppContext
) -> None:
    wanted: list[list[str]] = []
    history.train_wanted.connect(wanted.append)
    type_in(qtbot, history, "a latte please")
    qtbot.waitUntil(lambda: history.history_panel.model.rowCount() == 1)
    history.history_panel.table.selectRow(0)
    history.history_panel.correct.click()
    dialog = dialog_of(qtbot, history)
    dialog.intent.setEditText("order")
    dialog.save.click()
    qtbot.waitUntil(lambda: "as text" in dialog.message.text())
    assert "To train again, some must be saved to learn from." in dialog.message.text()
    dialog.train.click()
    assert "all to test on" in dialog.message.text()
    dialog.undo.click()
    qtbot.waitUntil(lambda: "Taken back" in dialog.message.text())
    assert "corrections" not in context.open_library().names()
    dialog.split.setCurrentText("to learn from")
    dialog.save.click()
    qtbot.waitUntil(lambda: "(train)" in dialog.message.text())
    dialog.train.click()
    assert wanted == [["barista", "corrections"]]


def test_what_only_memory_has_is_kept_when_it_is_corrected(
    qtbot: QtBot, history: TryItPage, sound: FakePortAudio, context: AppContext
) -> None:
    history.keep_nothing.setChecked(True)
    wait_for_answer(qtbot, history, lambda: say(qtbot, history, sound))
    history.label_card.correct_button.click()
    dialog = dialog_of(qtbot, history)
    dialog.intent.setEditText("order")
    dialog.save.click()
    qtbot.waitUntil(lambda: "with its recording" in dialog.message.text())
    (utterance,) = saved(context)
    assert utterance.audio is not None
    assert utterance.audio.is_file()
    assert context.tryouts().sessions() == []
    qtbot.waitUntil(lambda: "corrected: order" in listed(history, Column.ANSWER)[0])
    dialog.reject()


def test_what_is_listed_can_be_taken_along_and_imported(
    qtbot: QtBot, history: TryItPage, sound: FakePortAudio, context: AppContext, tmp_path: Path
) -> None:
    wait_for_answer(qtbot, history, lambda: say(qtbot, history, sound))
    qtbot.waitUntil(lambda: history.history_panel.model.rowCount() == 1)
    history.label_card.correct_button.click()
    dialog = dialog_of(qtbot, history)
    dialog.intent.setEditText("order")
    dialog.save.click()
    qtbot.waitUntil(lambda: "with its recording" in dialog.message.text())
    dialog.reject()
    target = tmp_path / "talk.zip"
    history.history_panel.export_to(target)
    qtbot.waitUntil(lambda: "Written: 1 (1 corrected)" in history.history_panel.message.text())
    with zipfile.ZipFile(target) as archive:
        archive.extractall(tmp_path / "out")
    (line,) = (tmp_path / "out" / "exchanges.jsonl").read_text("utf-8").splitlines()
    assert json.loads(line)["transcript"] == "turn on the Kitchen light"
    library = context.open_library()
    import_dataset(library, "jsonl", [tmp_path / "out" / "manifest.jsonl"], "again")
    (utterance,) = library.utterances(["again"])
    assert utterance.label.intent == "order"
    assert utterance.audio is not None


def test_thousands_of_lines_stay_smooth(
    qtbot: QtBot, history: TryItPage, speech_file: Callable[..., Path]
) -> None:
    wait_for_answer(qtbot, history, lambda: history.open_file(speech_file()))
    qtbot.waitUntil(lambda: history.history_panel.model.rowCount() == 1)
    model = history.history_panel.model
    model.show_lines(model.lines * 2_000)
    history.history_panel.table.scrollToBottom()
    history.history_panel.table.selectRow(1_999)
    assert model.rowCount() == 2_000


def test_a_take_that_was_passed_over_is_in_the_history_and_not_answered(
    qtbot: QtBot, history: TryItPage, sound: FakePortAudio, inference: FakeInference, context: AppContext
) -> None:
    say(qtbot, history, sound)
    hold(history)  # before the first is even understood
    qtbot.waitUntil(lambda: listed(history, Column.ANSWER) == ["Not asked"])
    assert history.label_card.headline.text().startswith("Listening")
    assert not inference.asked
    let_go(history)
    qtbot.waitUntil(lambda: len(listed(history)) == 2)
    assert len(list((context.paths.audio / "takes").iterdir())) == 2
