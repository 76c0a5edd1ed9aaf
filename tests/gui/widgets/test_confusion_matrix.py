"""The square of counts: what it says, how keys and mouse go through it, and that it holds many intents."""

from __future__ import annotations

from itertools import pairwise

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from core.evaluation.batch.scores import NO_LABEL, confusions
from gui.context import AppContext
from gui.widgets.confusion_cells import LEAST_CELL, NAMED_CELL
from gui.widgets.confusion_matrix import ConfusionMatrix

PAIRS = (
    [("on", "on")] * 8
    + [("on", "off")] * 2
    + [("off", "off")] * 5
    + [("off", "on")]
    + [("dim", NO_LABEL)] * 3
)


@pytest.fixture
def matrix(context: AppContext, qtbot: QtBot) -> ConfusionMatrix:
    matrix = ConfusionMatrix(context.theme)
    qtbot.addWidget(matrix)
    matrix.resize(420, 420)
    matrix.show_confusions(confusions(PAIRS))
    matrix.show()
    return matrix


def press(matrix: ConfusionMatrix, *keys: Qt.Key) -> None:
    for key in keys:
        QTest.keyClick(matrix.cells, key)


def test_it_begins_at_the_most_frequent_mistake_and_says_all_in_words(matrix: ConfusionMatrix) -> None:
    assert matrix.caption.text() == "dim answered as no label at all: 3 of 3"
    told = matrix.cells.accessibleDescription()
    assert "3 intents; 13 of 19 utterances with the right intent." in told
    assert "Most often confused: dim as no label, 3; on as off, 2; off as on, 1." in told


def test_keys_go_through_cells_and_mistakes(matrix: ConfusionMatrix) -> None:
    press(matrix, Qt.Key.Key_N)
    assert matrix.caption.text() == "on answered as off: 2 of 10"
    press(matrix, Qt.Key.Key_N, Qt.Key.Key_N)
    assert matrix.caption.text().startswith("dim answered as no label")
    QTest.keyClick(matrix.cells, Qt.Key.Key_N, Qt.KeyboardModifier.ShiftModifier)
    assert matrix.caption.text() == "off answered as on: 1 of 6"
    assert "off answered as on: 1 of 6" in matrix.cells.accessibleDescription()
    press(matrix, Qt.Key.Key_Home, Qt.Key.Key_PageUp)
    assert matrix.cells.selected == (0, 0)
    press(matrix, Qt.Key.Key_Left, Qt.Key.Key_Up)
    assert matrix.cells.selected == (0, 0)
    press(matrix, Qt.Key.Key_End, Qt.Key.Key_PageDown, Qt.Key.Key_Right, Qt.Key.Key_Down)
    assert matrix.cells.selected == (2, 3)
    press(matrix, Qt.Key.Key_Left, Qt.Key.Key_Up)
    assert matrix.cells.selected == (1, 2)


def test_the_right_ones_are_counted_too(matrix: ConfusionMatrix) -> None:
    matrix.select("on", "on")
    assert matrix.caption.text() == "on: 8 of 10 with the right intent"


def test_enter_and_a_click_choose_a_cell_that_holds_something(matrix: ConfusionMatrix, qtbot: QtBot) -> None:
    matrix.select("on", "off")
    with qtbot.waitSignal(matrix.entered) as entered:
        press(matrix, Qt.Key.Key_Return)
    assert entered.args == ["on", "off"]
    place = matrix.cells.rect_of(matrix.cells.selected).center()
    press(matrix, Qt.Key.Key_N)
    with qtbot.waitSignal(matrix.clicked) as clicked:
        QTest.mouseClick(matrix.cells, Qt.MouseButton.LeftButton, pos=place)
    assert clicked.args == ["on", "off"]
    matrix.select("dim", "on")
    with qtbot.assertNotEmitted(matrix.entered, wait=0):
        press(matrix, Qt.Key.Key_Return)


def test_the_cell_under_the_mouse_is_told_and_forgotten(matrix: ConfusionMatrix) -> None:
    before = matrix.caption.text()
    matrix.select("on", "off")
    place = matrix.cells.rect_of(matrix.cells.selected).center()
    matrix.select("dim", NO_LABEL)
    QTest.mouseMove(matrix.cells, place)
    QApplication.processEvents()
    assert matrix.caption.text() == "on answered as off: 2 of 10"
    QTest.mouseMove(matrix.cells, QPoint(1, 1))
    QApplication.processEvents()
    assert matrix.caption.text() == before


def test_few_intents_have_names_and_many_still_fit(matrix: ConfusionMatrix, context: AppContext) -> None:
    few = matrix.cells.geometry_of_cells()
    assert few.height >= NAMED_CELL
    assert few.left == few.top > 3 * NAMED_CELL  # room for names
    names = [f"scenario_{number:03}" for number in range(150)]
    pairs = [(name, name) for name in names]
    matrix.show_confusions(confusions([*pairs, *pairwise(names)]))
    QApplication.processEvents()
    many = matrix.cells.geometry_of_cells()
    assert many.left < NAMED_CELL
    assert LEAST_CELL <= many.height <= many.width < NAMED_CELL
    last = matrix.cells.rect_of((149, 149))
    assert matrix.cells.rect().contains(last)
    for theme in ("light", "dark"):
        context.theme.apply(QApplication.instance(), theme)  # type: ignore[arg-type]
        assert not matrix.cells.grab().isNull()
    press(matrix, Qt.Key.Key_N)
    assert " answered as " in matrix.caption.text()


def test_nothing_to_show_is_no_trouble(matrix: ConfusionMatrix) -> None:
    matrix.show_confusions(None)
    press(matrix, Qt.Key.Key_Right, Qt.Key.Key_N, Qt.Key.Key_Return)
    assert matrix.caption.text() == ""
    assert not matrix.cells.grab().isNull()


def test_a_cell_is_painted_as_right_or_wrong_and_an_empty_one_is_not(
    matrix: ConfusionMatrix, context: AppContext
) -> None:
    image = matrix.cells.grab().toImage()
    ratio = image.devicePixelRatio()

    def ground(expected: str, answered: str) -> tuple[int, int, int]:
        matrix.select(expected, answered)
        corner = matrix.cells.rect_of(matrix.cells.selected).bottomRight() - QPoint(3, 3)
        color = image.pixelColor(round(corner.x() * ratio), round(corner.y() * ratio))
        return color.red(), color.green(), color.blue()

    right, wrong = ground("off", "off"), ground("off", "on")
    assert right[1] > right[0]  # green
    assert wrong[0] > wrong[1]  # red
    assert ground("off", NO_LABEL) not in (right, wrong)
