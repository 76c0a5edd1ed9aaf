"""What an experiment sees, shown and exported."""

from __future__ import annotations

from pathlib import Path

from pytestqt.qtbot import QtBot

from core.experiment.presets import load_preset
from gui.context import AppContext
from gui.pages.experiment import ExperimentPage
from gui.pages.mix_dialog import MixDialog
from tests.gui.pages.experiment_page import WAIT_MS, experiment_page

page = experiment_page


def test_the_page_shows_what_its_experiment_sees_and_writes_the_list(
    page: ExperimentPage, context: AppContext, qtbot: QtBot, tmp_path: Path
) -> None:
    page.findChild(type(page._outlook)).details.click()
    dialog = page.findChild(MixDialog)
    qtbot.waitUntil(lambda: dialog.table.rowCount() > 0, timeout=WAIT_MS)
    cells = [dialog.table.item(0, column).text() for column in range(6)]
    assert cells[1:5] == ["demo", "", "text", "40"]
    assert "recordings outside of the speech share" in dialog.words.text()

    file = tmp_path / "list.tsv"
    dialog.export_to(str(file))
    qtbot.waitUntil(lambda: "rows written" in dialog.export.text(), timeout=WAIT_MS)
    assert file.read_text(encoding="utf-8").count("\n") > 40
    dialog.close()


def test_a_dialog_closed_at_once_leaves_nothing_behind(
    page: ExperimentPage, context: AppContext, qtbot: QtBot
) -> None:
    dialog = MixDialog(context, load_preset("demo-curriculum"), page)
    dialog.open()
    dialog.close()
    qtbot.waitUntil(lambda: not context.background.busy(), timeout=WAIT_MS)
