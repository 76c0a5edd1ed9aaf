"""The lazy table: right rows in the right place, however far one jumps, and nothing read that nobody sees."""

from __future__ import annotations

from collections.abc import Iterable

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from core.data.search import UtteranceQuery
from gui.context import AppContext
from gui.item_models.utterances import KEPT_PAGES, PAGE_ROWS, Column, UtteranceTable
from gui.widgets.two_lines import SECOND_LINE
from tests.gui.window import utterance

ROWS = 4 * PAGE_ROWS + 7


@pytest.fixture
def table(context: AppContext, qtbot: QtBot) -> UtteranceTable:
    rows = [
        utterance(
            number,
            intent="light_on" if number % 2 else "light_off",
            slots=[("room", "kitchen")] if number % 2 else (),
            split="test" if number % 10 == 0 else "train",
        )
        for number in range(ROWS)
    ]
    context.open_library().add_dataset("home", "made", rows)
    return UtteranceTable(context)


def show(table: UtteranceTable, query: UtteranceQuery | None, qtbot: QtBot) -> None:
    with qtbot.waitSignal(table.counted):
        table.show_query(query)


def text(table: UtteranceTable, row: int) -> str:
    words = table.index(row, Column.UTTERANCE).data()
    assert isinstance(words, str)
    return words


def test_all_rows_are_counted_and_the_first_are_there_at_once(table: UtteranceTable, qtbot: QtBot) -> None:
    show(table, UtteranceQuery("home"), qtbot)

    assert table.rowCount() == ROWS
    assert text(table, 0) == "utterance 0"
    assert table.index(1, Column.UTTERANCE).data(SECOND_LINE) == "light_on   room: kitchen"
    assert table.index(1, Column.SPLIT).data() == "train"


def test_a_far_row_fills_itself_in(table: UtteranceTable, qtbot: QtBot) -> None:
    show(table, UtteranceQuery("home"), qtbot)

    with qtbot.waitSignal(table.dataChanged):
        assert text(table, ROWS - 1) == "..."

    assert text(table, ROWS - 1) == f"utterance {ROWS - 1}"


def test_only_what_is_looked_at_is_read(
    table: UtteranceTable, context: AppContext, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    from core.data.library import Library

    asked: list[int] = []
    by_ids = Library.by_ids

    def counting(self: Library, ids: Iterable[int]) -> object:
        asked.append(len(list(ids)))
        return by_ids(self, ids)

    monkeypatch.setattr(Library, "by_ids", counting)
    show(table, UtteranceQuery("home"), qtbot)
    with qtbot.waitSignal(table.dataChanged):
        text(table, 3 * PAGE_ROWS)
    for row in range(3 * PAGE_ROWS, 4 * PAGE_ROWS):
        text(table, row)

    assert asked == [PAGE_ROWS, PAGE_ROWS]


def test_filters_reach_the_database(table: UtteranceTable, qtbot: QtBot) -> None:
    show(table, UtteranceQuery("home", split="test", intent="light_off", search="utterance 1"), qtbot)

    assert [text(table, row) for row in range(table.rowCount())][:3] == [
        "utterance 10",
        "utterance 100",
        "utterance 110",
    ]


def test_a_newer_query_wins(table: UtteranceTable, qtbot: QtBot) -> None:
    counts: list[int] = []
    table.counted.connect(counts.append)

    table.show_query(UtteranceQuery("home"))
    show(table, UtteranceQuery("home", intent="light_on"), qtbot)

    assert counts == [ROWS // 2]


def test_an_empty_query_empties_the_table(table: UtteranceTable, qtbot: QtBot) -> None:
    show(table, UtteranceQuery("home"), qtbot)
    show(table, None, qtbot)

    assert table.rowCount() == 0


def test_memory_stays_bounded(table: UtteranceTable, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gui.item_models.utterances.KEPT_PAGES", 2)
    assert KEPT_PAGES * PAGE_ROWS < 100_000
    show(table, UtteranceQuery("home"), qtbot)

    for number in range(1, 4):
        with qtbot.waitSignal(table.dataChanged):
            text(table, number * PAGE_ROWS)

    assert text(table, 0) == "..."
    with qtbot.waitSignal(table.dataChanged):
        pass
    assert text(table, 0) == "utterance 0"


def test_numbers_are_on_the_right(table: UtteranceTable, qtbot: QtBot) -> None:
    show(table, UtteranceQuery("home"), qtbot)

    alignment = table.index(0, Column.SECONDS).data(Qt.ItemDataRole.TextAlignmentRole)

    assert alignment & Qt.AlignmentFlag.AlignRight
