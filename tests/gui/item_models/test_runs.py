"""The table of runs: words beside icons, and a selection that survives updates."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QFont
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
    model.set_rows([RunRow(context.run_store().get(made.id), Interval(0.8, 0.7, 0.9), synthetic=True)])
    assert model.index(0, 4).data() == "80.0 % [70.0, 90.0], synthetic"
    started = context.run_store().get(made.id).started_at
    assert started is not None
    local = datetime.fromtimestamp(started).astimezone()
    assert words[5] == f"{local:%d %b %H:%M}"
    assert model.index(0, 5).data(Qt.ItemDataRole.ToolTipRole) == f"{local:%Y-%m-%d %H:%M}"
    font = model.index(0, 5).data(Qt.ItemDataRole.FontRole)
    assert QFont.Tag("tnum") in font.featureTags()
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


def test_a_click_on_a_heading_sorts_and_the_selection_stays(context: AppContext, qtbot: QtBot) -> None:
    made = {name: MadeRun(context, name=name) for name in ("beta", "alpha", "gamma")}
    for number, each in enumerate(made.values()):
        each.end("completed")
        context.run_store().db["runs"].update(each.id, {"started_at": 1000.0 + number})
    table = RunTable(context.theme)
    qtbot.addWidget(table)
    table.resize(1000, 300)
    table.show_rows(rows(context))
    table.show()
    model = table.model()

    def names() -> list[str]:
        return [model.index(row, 1).data() for row in range(model.rowCount())]

    def click(column: int) -> None:
        header = table.horizontalHeader()
        place = QPoint(header.sectionViewportPosition(column) + 20, header.height() // 2)
        qtbot.mouseClick(header.viewport(), Qt.MouseButton.LeftButton, pos=place)

    assert names() == ["gamma", "alpha", "beta"]  # the newest first
    table.choose(made["beta"].id)
    click(1)
    assert names() == ["alpha", "beta", "gamma"]
    assert table.chosen_run() == made["beta"].id
    assert table.currentIndex().row() == 1
    click(1)
    assert names() == ["gamma", "beta", "alpha"]
    click(5)
    assert names() == ["beta", "alpha", "gamma"]
    # A score that comes later puts its run where it belongs.
    click(4)
    scored = [
        replace(row, exact_match=Interval(0.5, 0.4, 0.6)) if row.run.name == "alpha" else row
        for row in rows(context)
    ]
    table.show_rows(scored)
    assert names()[-1] == "alpha"
    assert table.chosen_run() == made["beta"].id


def test_runs_of_last_year_name_it(context: AppContext, qtbot: QtBot) -> None:
    made = MadeRun(context)
    made.end("completed")
    context.run_store().db["runs"].update(made.id, {"started_at": 1_600_000_000.0})
    model = RunTableModel(context.theme)
    model.set_rows(rows(context))
    assert model.index(0, 5).data() == "2020-09-13"


@pytest.mark.parametrize(("width", "hidden"), [(1000, False), (800, True)])
def test_a_narrow_table_keeps_its_names_readable(
    context: AppContext, qtbot: QtBot, width: int, hidden: bool
) -> None:
    made = MadeRun(context)
    made.end("completed")
    table = RunTable(context.theme)
    qtbot.addWidget(table)
    table.resize(width, 300)
    table.show_rows(rows(context))
    table.show()
    assert table.isColumnHidden(2) == hidden
    assert table.columnWidth(1) > 190
    for column in (4, 5, 6):
        assert table.sizeHintForColumn(column) <= table.columnWidth(column)


def test_the_break_of_a_stopped_run_does_not_count(context: AppContext, qtbot: QtBot) -> None:
    made = MadeRun(context)
    made.end("completed")
    context.run_store().db["runs"].update(made.id, {"started_at": 1000.0, "ended_at": 5030.0})
    model = RunTableModel(context.theme)
    model.set_rows([RunRow(context.run_store().get(made.id), None, 3980)])
    assert model.index(0, 6).data() == "50 s"
    tip = model.headerData(6, Qt.Orientation.Horizontal, Qt.ItemDataRole.ToolTipRole)
    assert "between a stop and its resumption" in tip


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
