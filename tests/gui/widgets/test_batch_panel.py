"""A batch in the window: rows come, scores stand above them, the errors can be seen and heard."""

from __future__ import annotations

import json
import threading
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest
import soundfile
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from core.audio.files import SAMPLE_RATE
from core.data.utterance import Label
from core.errors import UserError
from core.inference.batch import BatchItem, BatchRow
from core.inference.client import LoadedModel
from core.inference.prediction import Prediction
from gui.context import AppContext
from gui.item_models.batch import Column
from gui.widgets.batch_panel import BatchPanel
from gui.widgets.confusion_matrix import ConfusionMatrix
from gui.widgets.model_bar import ModelBar
from tests.gui.window import utterance

TONE = (0.2 * np.sin(np.arange(SAMPLE_RATE) / 10)).astype(np.float32)


class Inference:
    """Says "on" to everything, a few items at a time; `gate` holds answers back."""

    def __init__(self) -> None:
        self.gate = threading.Event()
        self.gate.set()
        self.failure: UserError | None = None

    def load(self, model: str, datasets: tuple[str, ...] | None, progress: object = None) -> LoadedModel:
        return LoadedModel(model, datasets, ("off", "on"), (), 15.0)

    def predict_batch(self, items: Sequence[Path | str], *, of: LoadedModel) -> list[Prediction]:
        self.gate.wait(10)
        if self.failure:
            raise self.failure
        return [Prediction(Label("on"), "{}", 0.75, (), (), {}) for _ in items]

    def close(self) -> None:
        self.gate.set()


@pytest.fixture
def inference(context: AppContext) -> Inference:
    fake = Inference()
    context.inference = fake  # type: ignore[assignment]
    return fake


@pytest.fixture
def panel(qtbot: QtBot, context: AppContext, inference: Inference) -> Iterator[BatchPanel]:
    rows = [utterance(n, text=f"text {n}", intent="on" if n % 4 else "off", split="test") for n in range(40)]
    context.open_library().add_dataset("lamps", "test", rows)
    model = ModelBar(context)
    qtbot.addWidget(model)
    panel = BatchPanel(context, model)
    qtbot.addWidget(panel)
    panel.resize(1100, 700)
    with qtbot.waitExposed(panel):
        panel.show()
    model.refresh()
    qtbot.waitUntil(lambda: model.is_ready and panel.source.count() > 1)
    yield panel
    qtbot.waitUntil(lambda: not context.background.busy())


def run(qtbot: QtBot, panel: BatchPanel) -> None:
    panel.start.click()
    qtbot.waitUntil(panel.start.isEnabled, timeout=10_000)


def shown(panel: BatchPanel, column: Column) -> list[str]:
    return [panel.filter.index(row, column).data() for row in range(panel.filter.rowCount())]


def test_a_split_is_answered_and_scored(qtbot: QtBot, panel: BatchPanel) -> None:
    assert panel.source.itemText(0) == "lamps: test, text"
    run(qtbot, panel)
    assert shown(panel, Column.ANSWER) == ["on"] * 40
    assert shown(panel, Column.VERDICT).count("Wrong") == 10
    assert "Intent accuracy 75.0 %" in panel.scores.text()
    assert "40 utterances" in panel.scores.text()
    assert panel.listen.text() == "Listen to the 10 errors"
    panel.errors_only.setChecked(True)
    assert set(shown(panel, Column.GOLD)) == {"off"}
    panel.search.setText("text 8")
    assert shown(panel, Column.NAME) == ["text 8"]


def test_a_cell_of_the_matrix_shows_its_rows(qtbot: QtBot, panel: BatchPanel) -> None:
    run(qtbot, panel)
    panel.matrix.setFocus()
    for key in (Qt.Key.Key_Down, Qt.Key.Key_Right, Qt.Key.Key_Return):  # the first cell, then its neighbour
        QTest.keyClick(panel.matrix, key)
    assert panel.cell.text() == "off taken for on: 10 of 10"
    assert shown(panel, Column.GOLD) == ["off"] * 10
    panel.all_cells.click()
    assert panel.filter.rowCount() == 40


def test_it_can_be_stopped_and_keeps_what_came(
    qtbot: QtBot, panel: BatchPanel, inference: Inference, context: AppContext
) -> None:
    inference.gate.clear()
    panel.start.click()
    assert not panel.start.isEnabled()
    panel.stop.click()
    inference.gate.set()
    qtbot.waitUntil(lambda: not context.background.busy())
    assert panel.start.isEnabled()
    assert "Stopped after" in panel.state.text()
    run(qtbot, panel)  # and what was under way does not come among the next
    assert panel.filter.rowCount() == 40


def test_a_model_that_is_gone_is_said(qtbot: QtBot, panel: BatchPanel, inference: Inference) -> None:
    inference.failure = UserError("The process ended.", remedy="Try again.")
    run(qtbot, panel)
    assert "The process ended" in panel.message.text()


def test_a_folder_is_answered_and_the_table_taken_along(
    qtbot: QtBot, panel: BatchPanel, tmp_path: Path, context: AppContext
) -> None:
    folder = tmp_path / "clips"
    folder.mkdir()
    soundfile.write(folder / "a.wav", TONE, SAMPLE_RATE)
    (folder / "labels.jsonl").write_text(json.dumps({"audio": "a.wav", "intent": "off"}))
    panel.source.choose_folder(folder)
    run(qtbot, panel)
    assert shown(panel, Column.VERDICT) == ["Wrong"]
    panel.export_to(tmp_path / "out.csv")
    qtbot.waitUntil(lambda: "Written" in panel.message.text())
    assert "off" in (tmp_path / "out.csv").read_text("utf-8")


def test_thousands_of_rows_are_no_burden(qtbot: QtBot, panel: BatchPanel) -> None:
    item = BatchItem("1", text="text", gold=Label("on"))
    panel.model.add([BatchRow(item, None)] * 20_000)
    assert panel.filter.rowCount() == 20_000
    panel.errors_only.setChecked(True)
    panel.table.scrollToBottom()
    assert panel.filter.rowCount() == 20_000


@pytest.mark.parametrize("count", [1, 23, 80])
def test_the_matrix_has_room_for_many_intents(qtbot: QtBot, context: AppContext, count: int) -> None:
    matrix = ConfusionMatrix(context.theme)
    qtbot.addWidget(matrix)
    matrix.resize(480, 480)
    matrix.show_counts(Counter({(f"intent_{n:02}", f"intent_{n:02}"): 3 for n in range(count)}))
    opened: list[tuple[str, str]] = []
    matrix.opened.connect(lambda gold, answered: opened.append((gold, answered)))
    grid, size = matrix._grid()
    assert grid.right() <= matrix.width()
    matrix.grab()
    QTest.mouseClick(
        matrix,
        Qt.MouseButton.LeftButton,
        pos=QPoint(round(grid.left() + size / 2), round(grid.top() + size / 2)),
    )
    assert opened == [("intent_00", "intent_00")]
    assert "intent_00 understood as such: 3 of 3" in matrix.accessibleName()
