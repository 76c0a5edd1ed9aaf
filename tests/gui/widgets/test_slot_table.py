"""The slots of a label as a table one types into."""

from __future__ import annotations

from pytestqt.qtbot import QtBot

from core.data.utterance import Slot
from gui.widgets.slot_table import SlotTable


def test_types_are_offered_and_can_be_called_otherwise(qtbot: QtBot) -> None:
    table = SlotTable()
    qtbot.addWidget(table)
    table.offer_types(["room", "when"])
    assert table.toolTip() == "Types: room, when"
    table.show_slots((Slot("rom", "hall"), Slot("when", "now"), Slot("rom", "attic")))
    table.replace_type("rom", "room")
    assert table.typed() == (Slot("room", "hall"), Slot("when", "now"), Slot("room", "attic"))
    table.offer_types(())
    assert table.toolTip() == ""
