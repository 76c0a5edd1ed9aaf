"""The table of runs: words beside icons, and a selection that survives updates."""

from __future__ import annotations

from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from core.evaluation.results import Interval
from gui.context import AppContext
from gui.item_models.runs import STATE_LOOKS, RunRow, RunTableModel
from gui.widgets.run_table import RunTable
from tests.gui.made_runs import MadeRun


def rows(context: AppContext) -> list[RunRow]:
    return [RunRow(run, None) for run in context.run_store().list()]


def test_a_row_says_state_scheme_share_and_score(context: AppContext, qtbot: QtBot) -> None:
    made = MadeRun(context)
    made.train(3)
    made.end("completed")
    model = RunTableModel(context.theme)
    model.set_rows([RunRow(context.run_store().get(made.id), Interval(0.842, 0.801, 0.88))])
    words = [model.index(0, column).data() for column in range(model.columnCount())]
    assert words[:5] == [
        "Completed",
        "demo: curriculum, 5 % speech",
        "Curriculum",
        "5 %",
        "84.2 % [80.1, 88.0]",
    ]
    assert not model.index(0, 0).data(Qt.ItemDataRole.DecorationRole).isNull()
    assert model.index(0, 3).data(Qt.ItemDataRole.TextAlignmentRole) & Qt.AlignmentFlag.AlignRight


def test_text_only_runs_claim_no_speech(context: AppContext, qtbot: QtBot) -> None:
    made = MadeRun(context, preset="demo-text-only")
    made.end("completed")
    model = RunTableModel(context.theme)
    model.set_rows(rows(context))
    assert model.index(0, 3).data() == "–"


def test_no_schemes_name_is_cut(context: AppContext, qtbot: QtBot) -> None:
    """It would read like another scheme's."""
    made = MadeRun(context, preset="demo-text-only-pseudo-audio")
    made.end("completed")
    table = RunTable(context.theme)
    qtbot.addWidget(table)
    table.show_rows(rows(context))
    assert table.sizeHintForColumn(2) <= table.columnWidth(2)


def test_every_state_has_a_word_of_its_own() -> None:
    assert len({look.word for look in STATE_LOOKS.values()}) == len(STATE_LOOKS)


def test_the_selection_stays_on_its_run(context: AppContext, qtbot: QtBot) -> None:
    first = MadeRun(context, name="first")
    first.end("completed")
    table = RunTable(context.theme)
    qtbot.addWidget(table)
    chosen: list[str | None] = []
    table.chosen.connect(chosen.append)
    table.show_rows(rows(context))
    second = MadeRun(context, name="second")
    table.show_rows(rows(context))
    assert table.chosen_run() == first.id
    second.end("stopped")
    context.run_store().delete(first.id)
    table.show_rows(rows(context))
    assert table.chosen_run() == second.id
    context.run_store().delete(second.id)
    table.show_rows(rows(context))
    assert chosen == [first.id, second.id, None]
