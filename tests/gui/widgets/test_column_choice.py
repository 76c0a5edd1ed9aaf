"""What a table's columns may hold, in the window."""

from __future__ import annotations

import pytest
from pytestqt.qtbot import QtBot

from core.data.importers.columns import FIELDS
from core.data.importers.table import TablePreview
from gui.widgets.column_choice import ColumnChoice


@pytest.mark.parametrize("field", FIELDS)
def test_everything_that_a_column_can_hold_is_offered_and_guessed(qtbot: QtBot, field: str) -> None:
    choice = ColumnChoice()
    qtbot.addWidget(choice)
    choice.show_table(TablePreview(("other", field), (("a", "b"),)))
    assert choice.choices[1].currentText()
    assert choice.columns == {field: field}
