"""The table of a batch: order, filters, and rows that come while somebody looks."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPersistentModelIndex, Qt
from PySide6.QtWidgets import QTableView
from pytestqt.modeltest import ModelTester
from pytestqt.qtbot import QtBot

from core.data.utterance import Label
from core.errors import UserError
from core.evaluation.batch.answers import BatchAnswer
from core.evaluation.batch.items import BatchItem
from gui.context import AppContext
from gui.item_models.batch_answers import BatchTable, Column, Filter
from gui.widgets.table import dress_table
from gui.widgets.two_lines import SECOND_LINE
from tests.gui.batch_world import prediction

ITEMS = [
    BatchItem("c", "light on", None, Label("light_on")),
    BatchItem("a", "light off", None, Label("light_off")),
    BatchItem("b", None, None, None),
]


@pytest.fixture
def table(context: AppContext) -> BatchTable:
    table = BatchTable(context.theme)
    table.show_items(ITEMS)
    return table


def answered(number: int, intent: str | None, confidence: float = 0.9) -> dict[int, BatchAnswer]:
    label = None if intent is None else Label(intent)
    return {number: BatchAnswer(ITEMS[number], prediction(label, confidence))}


def names(table: BatchTable) -> list[int]:
    return table.items_shown()


def test_it_keeps_the_rules_of_a_model(table: BatchTable, qtmodeltester: ModelTester) -> None:
    table.take(answered(0, "light_on"))
    qtmodeltester.check(table)


def test_rows_are_judged_in_words_and_icons(table: BatchTable) -> None:
    def verdicts() -> list[str]:
        return [table.index(row, Column.VERDICT).data() for row in range(3)]

    assert verdicts() == ["Waiting", "Waiting", "Waiting"]
    table.take({**answered(0, "light_on"), **answered(1, None), **answered(2, "light_on")})
    assert verdicts() == ["Right", "Wrong", "No label"]
    icon = table.index(0, Column.VERDICT).data(Qt.ItemDataRole.DecorationRole)
    assert not icon.isNull()
    assert table.index(1, Column.ANSWER).data() == "no label"
    assert table.index(0, Column.UTTERANCE).data(SECOND_LINE) == "c"
    table.take({1: BatchAnswer(ITEMS[1], error=UserError("Broken.", remedy="Mend it."))})
    assert verdicts()[1] == "No answer"
    assert table.index(1, Column.ANSWER).data() == "Broken"
    assert table.index(1, Column.ANSWER).data(SECOND_LINE) == "Mend it."
    silent = ("No speech heard", "It is silent.")
    table.take({2: BatchAnswer(ITEMS[2], silent=silent)})
    assert verdicts()[2] == "No speech"
    assert table.index(2, Column.ANSWER).data(SECOND_LINE) == "It is silent."
    table.take({1: BatchAnswer(ITEMS[1], prediction(Label("light_on")), silent=silent)})
    assert table.index(1, Column.ANSWER).data(SECOND_LINE) == "No speech heard"


def test_every_column_orders_the_rows(table: BatchTable) -> None:
    table.take({**answered(0, "light_on", 0.5), **answered(1, "light_on", 0.7), **answered(2, "alarm", 0.6)})
    orders = {
        Column.VERDICT: [1, 0, 2],
        Column.UTTERANCE: [1, 2, 0],
        Column.EXPECTED: [2, 1, 0],
        Column.ANSWER: [2, 0, 1],
        Column.CONFIDENCE: [0, 2, 1],
    }
    for column, order in orders.items():
        table.sort(column)
        assert names(table) == order, column
        table.sort(column, Qt.SortOrder.DescendingOrder)
        assert names(table) == order[::-1], column
    table.sort(-1)
    assert names(table) == [0, 1, 2]


def test_errors_join_a_filtered_table_as_they_come(table: BatchTable, qtbot: QtBot) -> None:
    table.take(answered(1, "light_on"))
    table.narrow(Filter(wrong_only=True))
    assert names(table) == [1]
    kept = QPersistentModelIndex(table.index(0, 0))
    with qtbot.waitSignals([table.rowsInserted, table.arranged]):
        table.take(answered(0, "light_off"))
    assert names(table) == [0, 1]
    assert table.row_of(1) == 1
    assert table.row_of(2) is None
    assert kept.row() == 1  # what was chosen stays so


def test_a_cell_and_words_narrow_the_table(table: BatchTable) -> None:
    table.take({**answered(0, "light_on"), **answered(1, "light_on"), **answered(2, "light_on")})
    table.narrow(Filter(cell=("light_off", "light_on")))
    assert names(table) == [1]
    table.narrow(Filter(search="LIGHT_ON right"))
    assert names(table) == [0]
    table.narrow(Filter(search="nothing"))
    assert table.rowCount() == 0
    table.narrow(Filter())
    assert names(table) == [0, 1, 2]


def test_thousands_of_rows_are_painted_by_what_is_looked_at(
    context: AppContext, monkeypatch: pytest.MonkeyPatch, qtbot: QtBot
) -> None:
    items = [BatchItem(f"clip {number}", None, None, Label("light_on")) for number in range(8_000)]
    table = BatchTable(context.theme)
    looked_at: set[int] = set()
    original = BatchTable.data

    def data(self: BatchTable, index: object, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        looked_at.add(index.row())  # type: ignore[attr-defined]
        return original(self, index, role)  # type: ignore[arg-type]

    monkeypatch.setattr(BatchTable, "data", data)
    view = QTableView()
    qtbot.addWidget(view)
    dress_table(view, "Answers")
    view.setModel(table)
    view.resize(600, 400)
    view.show()
    table.show_items(items)
    table.take(
        {number: BatchAnswer(item, prediction(Label("light_on"))) for number, item in enumerate(items)}
    )
    view.grab()
    assert 0 < len(looked_at) < 100
    table.narrow(Filter(search="clip 7999"))
    assert names(table) == [7_999]
