"""The list of what was said: live, in place, of every session, and removed only when somebody means it."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from core.data.utterance import Label
from core.errors import UserError
from core.tryout.kept import HistoryQuery, KeptExchange
from gui.context import AppContext
from gui.history import MOST_LINES
from gui.item_models.history import Column
from gui.pages.try_it import TryItPage
from gui.widgets.history_panel import HistoryPanel
from tests.core.audio.fake_portaudio import FakePortAudio
from tests.core.tryout.conftest import answer
from tests.gui.pages.try_it_page import FakeInference, inference, page, say, sound, wait_for_answer
from tests.gui.window import answer_question

__all__ = ["inference", "page", "sound"]


@pytest.fixture
def panel(page: TryItPage) -> HistoryPanel:
    page.tabs.setCurrentWidget(page.history_panel)
    return page.history_panel


def listed(panel: HistoryPanel, column: Column = Column.SAID) -> list[str]:
    return [panel.model.index(row, column).data() for row in range(panel.model.rowCount())]


def type_in(qtbot: QtBot, page: TryItPage, text: str) -> None:
    page.typed.setText(text)
    wait_for_answer(qtbot, page, lambda: QTest.keyClick(page.typed, Qt.Key.Key_Return))


def keep_earlier(context: AppContext, count: int, session: str = "earlier") -> None:
    """So many texts of a session long ago; they were answered."""
    store = context.tryouts()
    for number in range(count):
        answers = (answer(Label("greet"), at=float(number)),)
        store.keep(
            KeptExchange(
                f"{session}-{number}", session, float(number), "text", f"text {number}", answers=answers
            )
        )


def choose(qtbot: QtBot, panel: HistoryPanel, words: str) -> None:
    """Choose a session whose name holds these words once it is in the list."""

    def rows() -> list[int]:
        return [row for row in range(panel.session.count()) if words in panel.session.itemText(row)]

    qtbot.waitUntil(lambda: bool(rows()))
    panel.session.setCurrentIndex(rows()[0])


def files(context: AppContext) -> list[Path]:
    return list(context.paths.takes.iterdir()) if context.paths.takes.exists() else []


def test_earlier_sessions_can_be_chosen_and_searched(
    qtbot: QtBot, page: TryItPage, panel: HistoryPanel, context: AppContext
) -> None:
    keep_earlier(context, 3)
    type_in(qtbot, page, "text of today")
    panel.refresh()
    qtbot.waitUntil(lambda: listed(panel) == ["text of today"])
    choose(qtbot, panel, "3 exchanges")
    qtbot.waitUntil(lambda: listed(panel) == ["text 2", "text 1", "text 0"])
    choose(qtbot, panel, "All sessions")
    qtbot.waitUntil(lambda: len(listed(panel)) == 4)
    assert "01 Jan" in listed(panel, Column.TIME)[-1] or "31 Dec" in listed(panel, Column.TIME)[-1]
    assert not panel.remove_all.isEnabled()
    panel.search.setText("1 greet")
    qtbot.waitUntil(lambda: listed(panel) == ["text 1"])
    panel.search.setText("never said")
    qtbot.waitUntil(lambda: "Nothing was found" in panel.count.text())
    choose(qtbot, panel, "This session")
    panel.search.clear()
    qtbot.waitUntil(lambda: listed(panel) == ["text of today"])


def test_thousands_are_listed_and_a_new_one_leaves_the_rest_in_place(
    qtbot: QtBot, page: TryItPage, panel: HistoryPanel, context: AppContext
) -> None:
    session = page.history.session
    keep_earlier(context, MOST_LINES + 5, session)
    panel.refresh()
    qtbot.waitUntil(lambda: panel.model.rowCount() == MOST_LINES)
    assert panel.count.text().startswith("The newest 2")
    panel.table.scrollToBottom()
    panel.table.selectRow(1_500)
    chosen = panel.table.currentIndex().siblingAtColumn(Column.SAID).data()
    resets: list[None] = []
    panel.model.modelReset.connect(lambda: resets.append(None))
    type_in(qtbot, page, "and one more")
    qtbot.waitUntil(lambda: listed(panel, Column.ANSWER)[0] == "teaspoon_barista, room: kitchen, color: blue")
    assert listed(panel)[0] == "and one more"
    assert resets == []
    assert panel.table.currentIndex().row() == 1_501
    assert panel.table.currentIndex().siblingAtColumn(Column.SAID).data() == chosen
    choose(qtbot, panel, "All sessions")
    panel.search.setText("text 2")  # also the oldest are found
    qtbot.waitUntil(lambda: listed(panel)[-1] == "text 2")


def test_what_no_model_could_answer_is_listed_with_its_recording(
    qtbot: QtBot, page: TryItPage, panel: HistoryPanel, sound: FakePortAudio, inference: FakeInference
) -> None:
    inference.failure = UserError("The model is too large.")
    say(qtbot, page, sound)
    qtbot.waitUntil(lambda: listed(panel, Column.ANSWER) == ["Not answered"])
    panel.table.selectRow(0)
    assert panel.play.isEnabled()


def test_a_recording_plays_until_it_is_stopped(
    qtbot: QtBot, page: TryItPage, panel: HistoryPanel, sound: FakePortAudio, context: AppContext
) -> None:
    wait_for_answer(qtbot, page, lambda: say(qtbot, page, sound))
    qtbot.waitUntil(lambda: panel.model.rowCount() == 1)
    panel.table.selectRow(0)
    panel.table.setFocus()
    QTest.keyClick(panel.table, Qt.Key.Key_P)
    # What measures loudness is loaded for the first sound, which takes a busy computer some seconds.
    qtbot.waitUntil(lambda: panel.play.text() == "Stop" and context.player.playing, timeout=20_000)
    panel.play.click()
    qtbot.waitUntil(lambda: not context.player.playing)
    assert panel.play.text() == "Play"


def test_space_talks_although_the_list_has_the_keyboard(
    qtbot: QtBot, page: TryItPage, panel: HistoryPanel, sound: FakePortAudio
) -> None:
    type_in(qtbot, page, "hello")
    qtbot.waitUntil(lambda: panel.model.rowCount() == 1)
    panel.table.setFocus()
    QTest.keyPress(panel.table, Qt.Key.Key_Space)
    assert page.conversation.talk.recording
    QTest.keyRelease(page.talk, Qt.Key.Key_Space)


def test_a_whole_session_is_removed_when_somebody_means_it(
    qtbot: QtBot, page: TryItPage, panel: HistoryPanel, sound: FakePortAudio, context: AppContext
) -> None:
    keep_earlier(context, 2)
    wait_for_answer(qtbot, page, lambda: say(qtbot, page, sound))
    qtbot.waitUntil(lambda: panel.model.rowCount() == 1)
    asked = answer_question("Keep")
    panel.remove_all.click()
    qtbot.waitUntil(lambda: bool(asked))
    assert "Remove all of: This session?" in asked[0]
    assert len(files(context)) == 1
    answer_question("Remove")
    panel.remove_all.click()
    qtbot.waitUntil(lambda: panel.model.rowCount() == 0)
    assert files(context) == []
    assert [each.id for each in context.tryouts().sessions()] == ["earlier"]
    assert panel.count.text() == "Nothing was said yet."


@pytest.mark.parametrize("choice", ["Remove", "Keep"])
def test_keeping_nothing_asks_about_what_was_kept(
    qtbot: QtBot, page: TryItPage, panel: HistoryPanel, sound: FakePortAudio, context: AppContext, choice: str
) -> None:
    keep_earlier(context, 2)
    wait_for_answer(qtbot, page, lambda: say(qtbot, page, sound))
    qtbot.waitUntil(lambda: panel.model.rowCount() == 1)
    asked = answer_question(choice)
    page.keep_nothing.setChecked(True)
    qtbot.waitUntil(lambda: bool(asked))
    assert "This session has kept 1 exchange so far." in asked[0]
    qtbot.waitUntil(lambda: panel.model.rowCount() == (choice == "Keep"))
    assert len(files(context)) == (choice == "Keep")
    assert panel.private.isVisible()
    type_in(qtbot, page, "only for now")
    qtbot.waitUntil(lambda: listed(panel)[0] == "only for now")
    page.keep_nothing.setChecked(False)
    type_in(qtbot, page, "for later, too")
    qtbot.waitUntil(lambda: listed(panel)[:2] == ["for later, too", "only for now"])
    kept = [each.text for each in context.tryouts().find(query_of(page))]
    assert kept == [""] * (choice == "Keep") + ["for later, too"]


def query_of(page: TryItPage) -> HistoryQuery:
    return HistoryQuery(page.history.session)


def test_with_nothing_kept_yet_keeping_nothing_asks_nothing(
    qtbot: QtBot, page: TryItPage, context: AppContext
) -> None:
    asked = answer_question("Keep")
    page.keep_nothing.setChecked(True)
    qtbot.waitUntil(lambda: not context.background.busy())
    assert asked == []
    # The timer that waits for a question goes with one.
    page.history_panel._ask("Done?", lambda: None)
    qtbot.waitUntil(lambda: bool(asked))


def test_what_was_said_last_is_kept_although_the_window_closes_at_once(
    qtbot: QtBot, page: TryItPage, context: AppContext
) -> None:
    for number in range(5):
        type_in(qtbot, page, f"text {number}")
    context.background.shutdown()
    kept = context.tryouts().find(query_of(page))
    assert [(each.text, len(each.answers)) for each in kept] == [(f"text {n}", 1) for n in range(5)]


def test_in_a_narrow_window_the_room_belongs_to_the_words(qtbot: QtBot, panel: HistoryPanel) -> None:
    table = panel.table
    for width, hidden in ((360, True), (600, False)):
        table.setFixedWidth(width)
        qtbot.waitUntil(lambda hidden=hidden: table.isColumnHidden(Column.TIME) == hidden)  # type: ignore[misc]
        assert not table.isColumnHidden(Column.SAID)
