"""The curriculum: stages are added, removed, moved by mouse and keyboard, and edited in place."""

from __future__ import annotations

from typing import TypeVar

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QCheckBox, QLineEdit, QPushButton, QSpinBox, QWidget
from pytestqt.qtbot import QtBot

from core.experiment.presets import load_preset
from gui.context import AppContext
from gui.experiment_draft import ExperimentDraft
from gui.widgets.curriculum_editor import CurriculumEditor
from gui.widgets.field import Field
from gui.widgets.mixture_slider import PercentBox
from gui.widgets.stage_strip import StageBlock, StageStrip

W = TypeVar("W", bound=QWidget)
STAGES = ExperimentDraft.of(load_preset("demo-curriculum")).stages


@pytest.fixture
def editor(context: AppContext, qtbot: QtBot) -> CurriculumEditor:
    widget = CurriculumEditor(context.theme)
    qtbot.addWidget(widget)
    widget.set_stages(STAGES)
    widget.resize(800, 320)
    with qtbot.waitExposed(widget):
        widget.show()
    widget.activateWindow()
    return widget


def names(editor: CurriculumEditor) -> list[str]:
    return [stage.name for stage in editor.stages()]


def blocks(editor: CurriculumEditor) -> list[StageBlock]:
    strip = editor.findChild(StageStrip)
    assert isinstance(strip, StageStrip)
    return strip.blocks()


def press(editor: CurriculumEditor, words: str) -> None:
    button = next(each for each in editor.findChildren(QPushButton) if each.text() == words)
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)


def named(editor: CurriculumEditor, kind: type[W], name: str) -> W:
    return next(each for each in editor.findChildren(kind) if each.accessibleName() == name)


def test_width_follows_the_examples_seen(editor: CurriculumEditor) -> None:
    editor.set_seen([(3000, 0), (1000, 0)])
    first, second = (block.width() for block in blocks(editor))
    assert first > 2 * second
    assert first + second <= editor.width()


def test_alt_arrow_moves_the_stage_and_keeps_the_focus_on_it(editor: CurriculumEditor) -> None:
    blocks(editor)[0].setFocus()
    QTest.keyClick(blocks(editor)[0], Qt.Key.Key_Right, Qt.KeyboardModifier.AltModifier)
    assert names(editor) == ["text + speech", "text"]
    assert editor.selected() == 1
    QTest.keyClick(blocks(editor)[1], Qt.Key.Key_Right, Qt.KeyboardModifier.AltModifier)
    assert names(editor) == ["text + speech", "text"]


def test_arrows_select_without_changing_anything(editor: CurriculumEditor) -> None:
    changes: list[object] = []
    editor.stages_changed.connect(changes.append)
    QTest.keyClick(blocks(editor)[0], Qt.Key.Key_Right)
    assert editor.selected() == 1
    assert named(editor, QLineEdit, "Stage name").text() == "text + speech"
    assert not changes


def test_dragging_a_block_reorders(editor: CurriculumEditor) -> None:
    first = blocks(editor)[0]
    QTest.mousePress(first, Qt.MouseButton.LeftButton, pos=QPoint(20, 20))
    QTest.mouseMove(first, QPoint(first.width() + 300, 20))
    QTest.mouseRelease(first, Qt.MouseButton.LeftButton, pos=QPoint(first.width() + 300, 20))
    assert names(editor) == ["text + speech", "text"]
    assert editor.selected() == 1


def test_adding_copies_the_selected_stage_under_a_free_name(editor: CurriculumEditor) -> None:
    press(editor, "Add stage")
    press(editor, "Add stage")
    assert names(editor) == ["text", "text 2", "text 2 2", "text + speech"]
    assert editor.stages()[1].learning_rate == STAGES[0].learning_rate


def test_the_last_stage_cannot_be_removed(editor: CurriculumEditor) -> None:
    QTest.keyClick(blocks(editor)[0], Qt.Key.Key_Delete)
    assert names(editor) == ["text + speech"]
    QTest.keyClick(blocks(editor)[0], Qt.Key.Key_Delete)
    press(editor, "Remove stage")
    assert names(editor) == ["text + speech"]


def test_fields_edit_the_selected_stage(editor: CurriculumEditor) -> None:
    QTest.keyClick(blocks(editor)[0], Qt.Key.Key_Right)
    named(editor, QSpinBox, "Epochs").setValue(3)
    named(editor, QCheckBox, "Speech").setChecked(False)
    rate = named(editor, QLineEdit, "Learning rate")
    rate.selectAll()
    QTest.keyClicks(rate, "5e-")
    first, second = editor.stages()
    assert first == STAGES[0]
    assert (second.epochs, second.speech, second.learning_rate) == (3, False, "5e-")
    assert not named(editor, PercentBox, "Part that is speech").isEnabled()
    assert second.document()["speech_part"] is None


def test_how_text_is_written_and_what_part_is_speech_are_edited(editor: CurriculumEditor) -> None:
    pseudo_audio = named(editor, PercentBox, "Written as pseudo-audio")
    part = named(editor, PercentBox, "Part that is speech")
    pseudo_audio.setValue(25)
    assert editor.stages()[0].pseudo_audio == 0.25
    assert (part.isEnabled(), part.text()) == (False, "Each once")
    QTest.keyClick(blocks(editor)[0], Qt.Key.Key_Right)
    assert (part.isEnabled(), part.value()) == (True, 50)
    part.setValue(0)
    assert editor.stages()[1].speech_part is None
    named(editor, PercentBox, "Text used").setValue(0)
    assert not pseudo_audio.isEnabled()
    assert not part.isEnabled()


def test_a_problem_stands_below_its_field_and_marks_its_stage(editor: CurriculumEditor) -> None:
    editor.set_problems({1: {"learning_rate": "Must be a number, not '5e-'."}})
    assert "has a mistake" in blocks(editor)[1].accessibleName()
    QTest.keyClick(blocks(editor)[0], Qt.Key.Key_Right)
    shown = [field.problem() for field in editor.findChildren(Field) if field.problem()]
    assert shown == ["Must be a number, not '5e-'."]
