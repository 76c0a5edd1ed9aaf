"""A batch on the screen: asked, followed, stopped, heard, searched, kept."""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from core.data.utterance import Label
from core.errors import UserError
from core.evaluation.batch.answers import answers
from gui.context import AppContext
from gui.item_models.batch_answers import Column
from gui.widgets.batch_panel import BatchPanel
from gui.widgets.model_bar import ModelBar
from tests.conftest import WavMaker
from tests.gui.batch_world import FakeInference, home, inference, model, voices
from tests.gui.widgets.conftest import Loudspeaker

__all__ = ["home", "inference", "model", "voices"]


@pytest.fixture(autouse=True)
def _spoken_unless_silent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        "core.evaluation.batch.answers.why_silent",
        lambda samples: None if samples.any() else ("No speech heard", "The recording is silent."),
    )


@pytest.fixture
def panel(
    context: AppContext, loudspeaker: Loudspeaker, model: ModelBar, home: list[str], qtbot: QtBot
) -> BatchPanel:
    """In front, with the test split of "home" chosen."""
    panel = BatchPanel(context, model)
    qtbot.addWidget(panel)
    panel.resize(1000, 700)
    panel.show()
    settle(context, qtbot)
    assert panel.source.dataset.currentText() == "home"
    return panel


def settle(context: AppContext, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: not context.background.busy())


def run(panel: BatchPanel, context: AppContext, qtbot: QtBot) -> None:
    panel.start.click()
    assert panel.run.running
    settle(context, qtbot)
    assert not panel.run.running


def rows(panel: BatchPanel, column: Column) -> list[str]:
    model = panel.results.model
    return [model.index(row, column).data() for row in range(model.rowCount())]


def test_a_split_is_answered_judged_and_scored(
    panel: BatchPanel, context: AppContext, inference: FakeInference, voices: list[Path], qtbot: QtBot
) -> None:
    assert panel.source.count.text() == "6 recordings"
    run(panel, context, qtbot)
    assert inference.asked == [list(reversed(voices))]  # the longest first
    assert rows(panel, Column.VERDICT) == ["Right", "Wrong"] * 3
    assert rows(panel, Column.UTTERANCE)[:2] == ["light number 0", "light number 1"]
    assert panel.scores.isVisible()
    assert panel.scores.values["exact_match"].text().startswith("50.0 % [")
    assert "n = 6" in panel.scores.about.text()
    assert "1 of the 6 recordings is synthetic" in panel.synthetic.text()
    assert panel.results.matrix.isVisible()
    assert panel.results.matrix.caption.text() == "light_off answered as light_on: 3 of 3"
    assert "home, test split" in panel.status.text()


def test_texts_are_asked_as_texts(
    panel: BatchPanel, context: AppContext, inference: FakeInference, qtbot: QtBot
) -> None:
    panel.source.given.setCurrentIndex(panel.source.given.findData("text"))
    assert panel.source.count.text() == "6 texts"
    run(panel, context, qtbot)
    assert sorted(inference.asked[0]) == [f"light number {number}" for number in range(6)]
    assert panel.synthetic.text() == ""
    assert not panel.results.listen.isEnabled()


def test_what_is_wrong_with_a_file_stands_beside_it(
    panel: BatchPanel, context: AppContext, inference: FakeInference, voices: list[Path], qtbot: QtBot
) -> None:
    def answer(item: Path) -> Label:
        if item == voices[2]:
            raise UserError("The recording is too long.", remedy="Cut it.")
        return Label("light_on")

    inference.answer = answer
    voices[4].write_bytes(b"no sound")
    run(panel, context, qtbot)
    assert rows(panel, Column.VERDICT)[2] == "No answer"
    assert rows(panel, Column.ANSWER)[2] == "The recording is too long"
    assert panel.notes.text() == "1 utterance got no answer: see why in the table."
    assert "n = 5" in panel.scores.about.text()


def test_a_folder_is_listened_to_for_speech_and_what_was_left_out_is_told(
    panel: BatchPanel, context: AppContext, inference: FakeInference, wav_file: WavMaker, qtbot: QtBot
) -> None:
    silent, tone = wav_file("takes/a.wav", kind="silence"), wav_file("takes/b.wav")
    (tone.parent / "notes.txt").write_text("about them")
    panel.source.use_folder(tone.parent)
    run(panel, context, qtbot)
    assert inference.asked == [[tone]]
    assert silent.exists()
    assert rows(panel, Column.VERDICT) == ["No speech", "No label"]
    assert rows(panel, Column.UTTERANCE) == ["a.wav", "b.wav"]
    assert panel.notes.text() == (
        "1 file left out, no sound: notes.txt. 1 recording without speech got no guess."
    )
    assert not panel.scores.isVisible()
    assert not panel.results.matrix.isVisible()
    assert not panel.results.confused.isEnabled()


def test_a_folder_without_recordings_is_told_and_the_results_before_stay(
    panel: BatchPanel, context: AppContext, tmp_path: Path, qtbot: QtBot
) -> None:
    run(panel, context, qtbot)
    empty = tmp_path / "empty"
    empty.mkdir()
    panel.source.use_folder(empty)
    run(panel, context, qtbot)
    assert "There is no recording in this folder." in panel.message.text()
    assert len(rows(panel, Column.VERDICT)) == 6
    assert panel.scores.isVisible()


def test_it_can_be_stopped_and_keeps_what_it_has(
    panel: BatchPanel,
    context: AppContext,
    inference: FakeInference,
    monkeypatch: pytest.MonkeyPatch,
    qtbot: QtBot,
) -> None:
    def answer(_item: Path) -> Label:
        inference.gate.clear()  # holds back the next chunk
        return Label("light_on")

    monkeypatch.setattr("gui.batch_run.answers", partial(answers, chunk=2))
    inference.answer = answer
    panel.start.click()
    qtbot.waitUntil(lambda: len(panel.run.found) == 2)
    assert panel.start.text() == "Stop"
    assert panel.status.text().startswith("2 of 6, 1 of 2 right so far, less than a minute left")
    panel.start.click()
    assert panel.start.text() == "Start"
    inference.gate.set()
    settle(context, qtbot)
    assert rows(panel, Column.VERDICT) == ["Waiting"] * 4 + ["Right", "Wrong"]
    assert "n = 2" in panel.scores.about.text()


def test_while_it_runs_the_rest_waits_and_the_choice_is_locked(
    panel: BatchPanel, context: AppContext, inference: FakeInference, qtbot: QtBot
) -> None:
    inference.gate.clear()
    panel.start.click()
    qtbot.waitUntil(lambda: panel.results.model.rowCount() == 6)
    assert set(rows(panel, Column.VERDICT)) == {"Waiting"}
    assert panel.progress.isVisible()
    assert (panel.progress.value(), panel.progress.maximum()) == (0, 6)
    assert panel.status.text().startswith("0 of 6")
    assert not panel.source.isEnabled()
    panel.start.click()
    assert panel.status.text().startswith("Stopped after 0. ")
    assert panel.source.isEnabled()
    inference.gate.set()
    settle(context, qtbot)
    assert set(rows(panel, Column.VERDICT)) == {"Waiting"}  # late answers are not wanted


def test_a_model_that_breaks_is_told_with_what_it_answered_before(
    panel: BatchPanel, context: AppContext, inference: FakeInference, qtbot: QtBot
) -> None:
    inference.failure = UserError("The process that runs the model ended.", remedy="Try again.")
    run(panel, context, qtbot)
    assert panel.message.text() == "The process that runs the model ended. Try again."
    assert panel.status.text().startswith("Stopped after 0. ")


def test_a_batch_goes_on_and_stays_while_another_page_is_in_front(
    panel: BatchPanel, context: AppContext, inference: FakeInference, qtbot: QtBot
) -> None:
    inference.gate.clear()
    panel.start.click()
    qtbot.waitUntil(lambda: panel.results.model.rowCount() == 6)
    panel.hide()
    inference.gate.set()
    settle(context, qtbot)
    panel.show()
    settle(context, qtbot)
    assert rows(panel, Column.VERDICT) == ["Right", "Wrong"] * 3
    assert panel.scores.isVisible()


def test_errors_are_filtered_searched_and_found_again(
    panel: BatchPanel, context: AppContext, qtbot: QtBot
) -> None:
    run(panel, context, qtbot)
    results = panel.results
    results.table.selectRow(3)
    results.wrong_only.setChecked(True)
    assert rows(panel, Column.VERDICT) == ["Wrong"] * 3
    assert results.table.currentIndex().row() == 1  # the same utterance
    assert results.count.text() == "3 of 6 utterances"
    with qtbot.waitSignal(results.model.arranged):
        results.search.setText("number 5")
    assert rows(panel, Column.UTTERANCE) == ["light number 5"]
    with qtbot.waitSignal(results.model.arranged):
        results.search.setText("nothing like it")
    assert results.count.text() == "Nothing matches. Clear the search or the filter."


def test_the_selected_recording_is_heard_and_stopped_by_a_key(
    panel: BatchPanel, context: AppContext, loudspeaker: Loudspeaker, qtbot: QtBot
) -> None:
    run(panel, context, qtbot)
    table = panel.results.table
    table.selectRow(1)
    for key in (Qt.Key.Key_Space, Qt.Key.Key_P):
        QTest.keyClick(table, key)
        assert loudspeaker.active
        QTest.keyClick(table, key)
        assert not loudspeaker.active


def test_the_errors_are_heard_one_after_the_other(
    panel: BatchPanel,
    context: AppContext,
    loudspeaker: Loudspeaker,
    qtbot: QtBot,
) -> None:
    run(panel, context, qtbot)
    bar = panel.results.listening
    bar.set_pause(0)
    qtbot.waitActive(panel)
    panel.results.listen.click()
    assert bar.hasFocus()
    assert (bar.count.text(), bar.said.text()) == ("1 of 3", "“light number 1”")
    assert bar.expected.text() == "Expected: light_off"
    assert bar.answered.text() == "Answered: light_on"
    assert panel.results.table.currentIndex().row() == 1
    loudspeaker.hear(2.0)
    qtbot.waitUntil(lambda: bar.count.text() == "2 of 3")
    assert panel.results.table.currentIndex().row() == 3
    QTest.keyClick(bar, Qt.Key.Key_Right)
    assert bar.count.text() == "3 of 3"
    assert not bar.next.isEnabled()
    QTest.keyClick(bar, Qt.Key.Key_Left)
    assert bar.count.text() == "2 of 3"
    QTest.keyClick(bar, Qt.Key.Key_Escape)
    assert not bar.isVisible()
    assert not loudspeaker.active
    assert panel.results.table.hasFocus()


def test_leaving_the_page_ends_the_sound(
    panel: BatchPanel, context: AppContext, loudspeaker: Loudspeaker, qtbot: QtBot
) -> None:
    run(panel, context, qtbot)
    panel.results.listen.click()
    assert loudspeaker.active
    panel.hide()
    assert not loudspeaker.active


def test_a_cell_lists_its_answers_and_plays_them(
    panel: BatchPanel, context: AppContext, loudspeaker: Loudspeaker, qtbot: QtBot
) -> None:
    run(panel, context, qtbot)
    results = panel.results
    cells = results.matrix.cells
    results.matrix.select("light_off", "light_on")
    QTest.mouseClick(cells, Qt.MouseButton.LeftButton, pos=cells.rect_of(cells.selected).center())
    assert rows(panel, Column.EXPECTED) == ["light_off"] * 3
    assert results.listening.count.text() == "1 of 1"
    assert loudspeaker.active
    QTest.keyClick(cells, Qt.Key.Key_Return)
    assert results.listening.count.text() == "1 of 3"
    QTest.keyClick(cells, Qt.Key.Key_Escape)
    assert not loudspeaker.active
    results.cell.click()
    assert len(rows(panel, Column.EXPECTED)) == 6
    results.silence()
    settle(context, qtbot)


def test_the_table_is_exported(panel: BatchPanel, context: AppContext, tmp_path: Path, qtbot: QtBot) -> None:
    run(panel, context, qtbot)
    panel.results.write(tmp_path / "answers.jsonl")
    settle(context, qtbot)
    lines = [json.loads(line) for line in (tmp_path / "answers.jsonl").read_text("utf-8").splitlines()]
    assert [line["name"] for line in lines] == [f"key-{number}" for number in range(6)]
    assert [line["correct"] for line in lines] == [True, False] * 3


def test_without_a_ready_model_or_items_there_is_no_start(
    panel: BatchPanel, context: AppContext, qtbot: QtBot
) -> None:
    assert panel.start.isEnabled()
    panel.source.split.setCurrentIndex(panel.source.split.findData("train"))
    assert panel.source.count.text() == "0 recordings"
    assert not panel.start.isEnabled()
    panel.source.of_folder.setChecked(True)
    assert not panel.start.isEnabled()
    panel.source.use_folder(context.paths.home)
    assert panel.start.isEnabled()
