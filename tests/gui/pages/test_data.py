"""The Data page: see what is there, look through it, listen, check, delete, hand it to an experiment."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import (
    QApplication,
    QComboBox,
    QLabel,
    QLineEdit,
    QListView,
    QPushButton,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
)
from pytestqt.qtbot import QtBot

from core.data.problem import Problem
from core.data.utterance import Label, Slot
from core.errors import UserError
from gui.context import AppContext
from gui.item_models.utterances import Column
from gui.pages.data import DataPage
from gui.pages.problems_dialog import ProblemsDialog
from tests.conftest import WavMaker
from tests.gui.window import answer_question, utterance


class FakePlayer:
    """Stands in for the loudspeakers."""

    def __init__(self) -> None:
        self.played: list[tuple[int, int]] = []
        self.playing = False

    def play(self, samples: np.ndarray, rate: int) -> None:
        self.played.append((samples.size, rate))
        self.playing = True

    def stop(self) -> None:
        self.playing = False


@pytest.fixture
def player(context: AppContext) -> FakePlayer:
    result = FakePlayer()
    context.player = result  # type: ignore[assignment]
    return result


@pytest.fixture
def page(context: AppContext, player: FakePlayer, wav_file: WavMaker, qtbot: QtBot) -> DataPage:
    """Two datasets: "cafe" with two recordings, "home" with ten texts."""
    library = context.open_library()
    spoken = [
        utterance(number, intent="order", audio=wav_file(f"{number}.wav", seconds=0.5), duration_s=0.5)
        for number in range(2)
    ]
    library.add_dataset("cafe", "made", spoken)
    library.add_dataset(
        "home", "made", [utterance(n, intent="light_on" if n < 7 else "light_off") for n in range(10)]
    )
    result = DataPage(context)
    qtbot.addWidget(result)
    result.activated()
    wait(context, qtbot)
    return result


def wait(context: AppContext, qtbot: QtBot) -> None:
    """Until everything that was asked for has arrived."""
    qtbot.waitUntil(lambda: not context.background.busy())


def open_row(page: DataPage, context: AppContext, qtbot: QtBot, row: int) -> None:
    """Choose an utterance of "home"."""
    page.select("home")
    wait(context, qtbot)
    page.browser.table.selectRow(row)
    wait(context, qtbot)


def cells(table: QTableView, row: int) -> list[str]:
    model = table.model()
    return [str(model.index(row, column).data()) for column in range(model.columnCount())]


def test_datasets_are_listed_with_their_counts(page: DataPage) -> None:
    names = [cells(page.table, row)[0] for row in range(page.datasets.rowCount())]

    assert names == ["cafe", "home"]
    assert cells(page.table, 0)[1:3] == ["2", "2"]
    assert cells(page.table, 1)[1:3] == ["10", "0"]


def test_the_chosen_dataset_s_intents_and_utterances_are_shown(
    page: DataPage, context: AppContext, qtbot: QtBot
) -> None:
    page.select("home")
    wait(context, qtbot)

    intents = [page.bars.model().index(row, 0).data() for row in range(page.bars.model().rowCount())]
    assert intents == ["All intents", "light_on", "light_off"]
    assert page.browser.model.rowCount() == 10
    assert page.browser.count.text() == "10 utterances"


def test_an_intent_filters_the_utterances(page: DataPage, context: AppContext, qtbot: QtBot) -> None:
    page.select("home")
    wait(context, qtbot)

    page.bars.setCurrentIndex(page.bars.model().index(2, 0))
    wait(context, qtbot)
    assert page.browser.model.rowCount() == 3

    page.bars.setCurrentIndex(page.bars.model().index(0, 0))
    wait(context, qtbot)
    assert page.browser.model.rowCount() == 10


def test_search_and_filters_narrow_and_say_when_nothing_is_left(
    page: DataPage, context: AppContext, qtbot: QtBot
) -> None:
    page.select("home")
    page.browser.filters.search.setText("utterance 7")
    qtbot.waitUntil(lambda: page.browser.model.rowCount() == 1)

    page.browser.filters.modality.setCurrentIndex(page.browser.filters.modality.findData("speech"))
    qtbot.waitUntil(lambda: page.browser.model.rowCount() == 0)
    assert "No utterance matches" in page.browser.count.text()


def test_a_recording_is_played_and_stopped_by_key(
    page: DataPage, context: AppContext, player: FakePlayer, qtbot: QtBot
) -> None:
    table = page.browser.table
    table.selectRow(0)

    qtbot.keyClick(table, Qt.Key.Key_Space)
    wait(context, qtbot)
    assert player.played == [(8_000, 16_000)]
    assert player.playing

    qtbot.keyClick(table, Qt.Key.Key_Space)
    wait(context, qtbot)
    assert not player.playing


def test_the_first_key_down_chooses_the_first_row(page: DataPage, qtbot: QtBot) -> None:
    with qtbot.waitActive(page):
        page.show()
        page.activateWindow()
    table = page.browser.table
    page.browser.filters.search.setFocus()
    table.setFocus(Qt.FocusReason.TabFocusReason)
    assert table.selectionModel().selectedRows() == []

    qtbot.keyClick(table, Qt.Key.Key_Down)
    assert [index.row() for index in table.selectionModel().selectedRows()] == [0]
    qtbot.keyClick(table, Qt.Key.Key_Down)
    assert [index.row() for index in table.selectionModel().selectedRows()] == [1]


def test_tab_goes_through_the_page_as_one_reads_it(page: DataPage, qtbot: QtBot) -> None:
    with qtbot.waitActive(page):
        page.show()
        page.activateWindow()
    page.import_button.setFocus()
    visited = []
    for _ in range(12):
        page.focusNextChild()
        focused = page.focusWidget()
        assert focused is not None
        visited.append(focused.accessibleName())

    assert visited == [
        "Datasets",
        page.bars.accessibleName(),
        "Search utterances",
        "Split",
        "Modality",
        "Utterances",
        "Text",
        "Intent",
        "Slots",
        "Check",
        "Delete...",
        "Use in an experiment",
    ]


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_table_shows_that_it_has_the_keyboard(
    page: DataPage, context: AppContext, qapp: QApplication, qtbot: QtBot, theme: Literal["light", "dark"]
) -> None:
    context.theme.apply(qapp, theme)
    with qtbot.waitActive(page):
        page.resize(1100, 720)
        page.show()
        page.activateWindow()
    accent = context.theme.color("accent")

    def edge(table: QTableView) -> bool:
        image = table.grab().toImage()
        return image.pixelColor(image.width() // 2, 0) == accent

    for table, other in ((page.table, page.browser.table), (page.browser.table, page.table)):
        table.setFocus()
        qtbot.waitUntil(lambda table=table: edge(table))  # type: ignore[misc]
        assert not edge(other)
    assert page.table.verticalScrollBar().maximum() == 0


def test_a_long_speaker_is_told_by_its_ends(
    context: AppContext, player: FakePlayer, wav_file: WavMaker, qtbot: QtBot
) -> None:
    names = [f"espeak-english-of-the-north-and-west-{number}" for number in (1, 2)]
    spoken = [utterance(n, speaker=name, audio=wav_file()) for n, name in enumerate(names)]
    context.open_library().add_dataset("voices", "made", spoken)
    page = DataPage(context)
    qtbot.addWidget(page)
    page.activated()
    wait(context, qtbot)
    page.resize(1048, 700)  # what a usual window leaves for it
    page.show()
    table = page.browser.table
    option = QStyleOptionViewItem()
    delegate = table.itemDelegateForColumn(Column.SPEAKER)
    assert isinstance(delegate, QStyledItemDelegate)
    delegate.initStyleOption(option, page.browser.model.index(0, Column.SPEAKER))

    assert option.textElideMode == Qt.TextElideMode.ElideMiddle  # type: ignore[attr-defined]
    # Most names of the demo are whole.
    name = "espeak-en-US+miguel"
    assert table.fontMetrics().horizontalAdvance(name) < table.columnWidth(Column.SPEAKER) - 24
    page.resize(700, 700)
    assert table.columnWidth(Column.SPEAKER) < 150


def test_what_was_listed_is_listed_again(page: DataPage, context: AppContext, qtbot: QtBot) -> None:
    box = page.browser.filters.modality
    box.setCurrentIndex(box.findData("speech"))
    box.activated.emit(box.currentIndex())
    page.select("home")

    again = DataPage(context)
    qtbot.addWidget(again)
    again.activated()
    wait(context, qtbot)

    assert again.browser.filters.modality.currentText() == "With speech"
    assert again.browser.model.rowCount() == 0


def test_another_recording_replaces_the_one_that_plays(
    page: DataPage, context: AppContext, player: FakePlayer, qtbot: QtBot
) -> None:
    page.browser.play(0)
    page.browser.play(1)
    wait(context, qtbot)

    assert player.playing
    assert len(player.played) <= 2


def test_a_recording_that_ended_can_be_played_again(
    page: DataPage, context: AppContext, player: FakePlayer, qtbot: QtBot
) -> None:
    page.browser.play(0)
    wait(context, qtbot)
    with qtbot.waitSignal(page.browser.model.dataChanged):
        player.playing = False

    page.browser.play(0)
    wait(context, qtbot)

    assert len(player.played) == 2


def test_a_missing_recording_is_said_in_words(
    page: DataPage, context: AppContext, tmp_path: Path, qtbot: QtBot
) -> None:
    shown: list[UserError] = []
    context.errors.error_reported.connect(shown.append)
    (tmp_path / "0.wav").unlink()

    page.browser.play(0)
    qtbot.waitUntil(lambda: bool(shown))

    assert "0.wav" in str(shown[0])


def test_use_hands_the_dataset_to_the_experiment(page: DataPage, qtbot: QtBot) -> None:
    page.select("home")

    with qtbot.waitSignal(page.use_in_experiment) as used:
        page.use.click()

    assert used.args == ["home"]


@pytest.mark.parametrize(("answer", "left"), [("Delete", ["home"]), ("Keep it", ["cafe", "home"])])
def test_deleting_asks_first(
    page: DataPage, context: AppContext, qtbot: QtBot, answer: str, left: list[str]
) -> None:
    page.select("cafe")
    asked = answer_question(answer)

    page.delete.click()
    qtbot.waitUntil(lambda: bool(asked))
    wait(context, qtbot)

    assert "cafe" in asked[0]
    assert context.open_library().names() == left
    assert [cells(page.table, row)[0] for row in range(page.datasets.rowCount())] == left


def test_a_check_lists_what_is_wrong(
    page: DataPage, context: AppContext, tmp_path: Path, qtbot: QtBot
) -> None:
    (tmp_path / "1.wav").write_bytes(b"no audio")
    page.select("cafe")

    page.check.click()
    dialog = page.findChild(ProblemsDialog)
    assert dialog is not None
    wait(context, qtbot)

    first = cells(dialog.table, 0)
    assert first[0] == "Error"
    assert "1.wav" in " ".join(first)
    assert "1 error" in dialog.outcome.text()
    dialog.close()


def test_what_a_check_found_is_there_again_and_at_each_utterance(
    page: DataPage, context: AppContext, tmp_path: Path, qtbot: QtBot
) -> None:
    (tmp_path / "1.wav").write_bytes(b"no audio")
    page.check.click()
    wait(context, qtbot)
    dialog = page.findChild(ProblemsDialog)
    assert dialog is not None
    dialog.close()
    wait(context, qtbot)

    problems = page.datasets.index(0, page.datasets.columnCount() - 1)
    assert str(problems.data()).startswith("1 error")
    table = page.browser.model
    tips = [table.index(row, Column.PROBLEM).data(Qt.ItemDataRole.ToolTipRole) for row in (0, 1)]
    assert tips[0] is None
    assert tips[1].startswith("Error: ")
    page.browser.filters.problem.setCurrentIndex(
        page.browser.filters.problem.findData("unreadable recording")
    )
    wait(context, qtbot)
    assert page.browser.count.text() == "1 utterance"

    (tmp_path / "1.wav").unlink()
    page.check.click()
    wait(context, qtbot)
    again = [each for each in page.findChildren(ProblemsDialog) if each is not dialog][-1]
    assert "1 error" in again.outcome.text()
    assert any(each.text().startswith("Checked ") for each in again.findChildren(QLabel))
    again.close()


def test_a_double_click_on_a_problem_opens_its_utterance_whatever_the_filters(
    page: DataPage, context: AppContext, qtbot: QtBot
) -> None:
    open_row(page, context, qtbot, 0)
    findings = context.open_library().findings
    key = page.browser.model.utterance(7).key  # type: ignore[union-attr]
    findings.keep(findings.begin("home"), [Problem("warning", "spaces", "Spaces.", key, "Go.", (key,))])
    page.bars.setCurrentIndex(page.bars.model().index(1, 0))
    page.browser.filters.search.setText("utterance 1")
    wait(context, qtbot)
    page.check.click()
    wait(context, qtbot)
    dialog = page.findChild(ProblemsDialog)
    assert dialog is not None
    with qtbot.waitSignal(dialog.finished):
        dialog.table.doubleClicked.emit(dialog.model.index(0, 0))
    wait(context, qtbot)
    assert page.editor.text.text() == "utterance 7"
    assert page.browser.model.rowCount() == 10


def test_rows_sort_by_a_click_on_a_heading(page: DataPage, context: AppContext, qtbot: QtBot) -> None:
    page.select("home")
    wait(context, qtbot)
    page.browser.table.sortByColumn(Column.UTTERANCE, Qt.SortOrder.DescendingOrder)
    wait(context, qtbot)
    assert page.browser.model.index(0, Column.UTTERANCE).data() == "utterance 9"


def test_a_text_and_a_label_are_changed_and_taken_back(
    page: DataPage, context: AppContext, qtbot: QtBot
) -> None:
    open_row(page, context, qtbot, 2)
    editor = page.editor
    assert editor.text.text() == "utterance 2"
    assert not editor.save.isEnabled()

    editor.text.setText("dim the hall")
    editor.intent.setEditText("light_dim")
    editor.slots.item(0, 0).setText("room")
    editor.slots.item(0, 1).setText("hall")
    editor.save.click()
    wait(context, qtbot)
    changed = page.browser.model.utterance(2)
    assert changed is not None
    assert (changed.text, changed.label) == ("dim the hall", Label("light_dim", (Slot("room", "hall"),)))
    assert not editor.save.isEnabled()
    assert "changed by" in editor.history.text()
    assert "light_dim" in [page.bars.model().index(row, 0).data() for row in range(4)]

    for _ in range(2):
        editor.undo.click()
        wait(context, qtbot)
    assert editor.text.text() == "utterance 2"
    assert editor.intent.currentText() == "light_on"
    assert not editor.undo.isEnabled()


def test_going_on_to_another_utterance_saves_and_what_was_refused_is_there_again(
    page: DataPage, context: AppContext, qtbot: QtBot
) -> None:
    open_row(page, context, qtbot, 2)
    page.editor.text.setText("dim the hall")
    page.browser.table.selectRow(3)
    wait(context, qtbot)
    saved = page.browser.model.utterance(2)
    assert saved is not None
    assert saved.text == "dim the hall"
    assert page.editor.text.text() == "utterance 3"

    page.editor.slots.item(0, 0).setText("room")
    with qtbot.waitSignal(context.errors.error_reported):
        page.browser.table.selectRow(4)
    wait(context, qtbot)
    page.browser.table.selectRow(3)
    wait(context, qtbot)
    assert page.editor.slots.item(0, 0).text() == "room"
    page.editor.revert.click()
    assert not page.editor.unsaved


def test_the_wheel_changes_no_label(page: DataPage, context: AppContext, qtbot: QtBot) -> None:
    open_row(page, context, qtbot, 2)
    middle = QPointF(page.editor.intent.rect().center())
    wheel = QWheelEvent(
        middle,
        page.editor.intent.mapToGlobal(middle),
        QPoint(),
        QPoint(0, -120),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(page.editor.intent, wheel)
    assert not page.editor.unsaved


def test_saves_follow_one_another_and_each_is_of_what_was_touched(
    page: DataPage, context: AppContext, qtbot: QtBot
) -> None:
    open_row(page, context, qtbot, 2)
    key = page.browser.model.utterance(2).key  # type: ignore[union-attr]
    context.open_library().edits.set_text("home", key, "corrected elsewhere", "ben")
    page.editor.intent.setEditText("first")
    page.editor.save_changes()
    page.editor.intent.setEditText("second")
    page.editor.save_changes()
    wait(context, qtbot)
    now = page.browser.model.utterance(2)
    assert now is not None
    assert (now.label.intent, now.text) == ("second", "corrected elsewhere")
    assert page.editor.text.text() == "corrected elsewhere"


def test_what_was_typed_is_saved_though_the_window_closes(
    page: DataPage, context: AppContext, qtbot: QtBot
) -> None:
    page.show()
    open_row(page, context, qtbot, 2)
    key = page.browser.model.utterance(2).key  # type: ignore[union-attr]
    page.editor.text.setText("typed last")
    page.hide()
    context.background.shutdown()
    assert [edit.after for edit in context.open_library().edits.history("home", key)] == ["typed last"]


def test_half_a_label_is_refused_and_stays_to_be_finished(
    page: DataPage, context: AppContext, qtbot: QtBot
) -> None:
    open_row(page, context, qtbot, 2)
    page.editor.slots.item(0, 0).setText("room")
    with qtbot.waitSignal(context.errors.error_reported) as reported:
        page.editor.save.click()
    assert "filler of room is empty" in str(reported.args[0])
    assert page.editor.slots.item(0, 0).text() == "room"


def test_what_is_wrong_can_be_quarantined_and_brought_back(
    page: DataPage, context: AppContext, tmp_path: Path, qtbot: QtBot
) -> None:
    (tmp_path / "1.wav").write_bytes(b"no audio")
    page.select("cafe")
    page.check.click()
    dialog = page.findChild(ProblemsDialog)
    assert dialog is not None
    wait(context, qtbot)
    assert not dialog.quarantine.isEnabled()

    dialog.table.selectRow(0)
    dialog.alike.click()
    assert dialog.quarantine.text() == "Quarantine 1 utterance"
    before = context.open_library().dataset("cafe")
    dialog.quarantine.click()
    wait(context, qtbot)

    after = context.open_library().dataset("cafe")
    assert (after.utterances, after.quarantined) == (before.utterances - 1, 1)
    assert cells(dialog.table, 0)[0] == "Quarantined"
    assert not dialog.quarantine.isEnabled()

    dialog.undo.click()
    wait(context, qtbot)
    assert context.open_library().dataset("cafe") == before
    assert cells(dialog.table, 0)[0] == "Error"
    assert not dialog.undo.isEnabled()
    dialog.close()


def test_quarantined_utterances_can_be_looked_at_and_used_again(
    page: DataPage, context: AppContext, qtbot: QtBot
) -> None:
    library = context.open_library()
    keys = [utterance.key for utterance in library.utterances(["cafe"])][:3]
    library.quarantine("cafe", keys, "noisy")
    page.select("cafe")
    wait(context, qtbot)
    assert not page.browser.release.isVisible()
    page.browser.filters.split.setCurrentIndex(page.browser.filters.split.findText("Quarantined"))
    wait(context, qtbot)
    assert page.browser.count.text() == f"{len(keys)} utterances"
    page.browser.table.selectAll()
    page.browser.release.click()
    wait(context, qtbot)
    assert library.dataset("cafe").quarantined == 0
    assert "No utterance matches" in page.browser.count.text()


def test_without_datasets_the_page_says_what_to_do(context: AppContext, qtbot: QtBot) -> None:
    page = DataPage(context)
    qtbot.addWidget(page)
    page.show()
    page.activated()
    wait(context, qtbot)

    assert page.empty.isVisible()
    assert not page.use.isEnabled()
    assert not page.delete.isEnabled()


def test_a_refresh_keeps_what_was_chosen(page: DataPage, context: AppContext, qtbot: QtBot) -> None:
    page.select("home")
    wait(context, qtbot)
    page.browser.table.selectRow(5)

    page.refresh()
    wait(context, qtbot)

    assert page.table.currentIndex().row() == 1
    assert page.browser.table.currentIndex().row() == 5


def test_the_last_dataset_is_remembered(page: DataPage, context: AppContext, qtbot: QtBot) -> None:
    page.select("home")

    again = DataPage(context)
    qtbot.addWidget(again)
    again.activated()
    wait(context, qtbot)

    assert again.table.currentIndex().row() == 1


def test_every_control_has_a_name(page: DataPage) -> None:
    kinds = (QPushButton, QComboBox, QLineEdit, QTableView, QListView)
    controls = [each for kind in kinds for each in page.findChildren(kind)]
    inside_combo_boxes = [box.view() for box in page.findChildren(QComboBox)]
    own = [each for each in controls if each not in inside_combo_boxes]

    assert len(own) > 8
    assert [each for each in own if not each.accessibleName()] == []


def test_a_recording_is_marked_in_the_table(page: DataPage) -> None:
    cell = page.browser.model.index(0, Column.PLAY)

    assert cell.data(Qt.ItemDataRole.AccessibleTextRole) == "has a recording"
    assert not cell.data(Qt.ItemDataRole.DecorationRole).isNull()
