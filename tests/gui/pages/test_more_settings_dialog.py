"""More settings: what is typed there is what is trained, and a mistake shows where it was made."""

from __future__ import annotations

from pathlib import Path
from typing import TypeVar

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QCheckBox,
    QComboBox,
    QLineEdit,
    QListWidget,
    QPushButton,
    QWidget,
)
from pytestqt.qtbot import QtBot

from core.experiment.spec import load_experiment
from gui.context import AppContext
from gui.pages.experiment import ExperimentPage
from gui.pages.more_settings_dialog import MoreSettingsDialog
from gui.widgets.field import ProblemLabel
from gui.widgets.setting_editors import FolderEditor
from gui.widgets.setting_row import SettingRow
from tests.gui.pages.experiment_page import WAIT_MS, line, retype, says, start_button, wait_for_words

Control = TypeVar("Control", bound=QWidget)


@pytest.fixture
def page(experiment_page: ExperimentPage) -> ExperimentPage:
    return experiment_page


def opened(page: ExperimentPage) -> MoreSettingsDialog:
    """The dialog, as the page's button opens it."""
    press(page, "More settings...")
    return next(each for each in page.findChildren(MoreSettingsDialog) if each.isVisible())


def named(within: QWidget, kind: type[Control], name: str) -> Control:
    return next(each for each in within.findChildren(kind) if each.accessibleName() == name)


def groups(dialog: MoreSettingsDialog) -> dict[str, str]:
    """What the list says of each group."""
    shown = dialog.findChild(QListWidget)
    assert shown is not None
    items = [shown.item(row) for row in range(shown.count())]
    return dict(item.data(Qt.ItemDataRole.AccessibleTextRole).split(": ") for item in items)


def go_to(dialog: MoreSettingsDialog, group: str) -> None:
    shown = dialog.findChild(QListWidget)
    assert shown is not None
    shown.setCurrentItem(shown.findItems(group, Qt.MatchFlag.MatchExactly)[0])


def tick(within: QWidget, title: str) -> None:
    box = next(each for each in within.findChildren(QCheckBox) if each.text() == title)
    QTest.keyClick(box, Qt.Key.Key_Space)


def choose(box: QComboBox, words: str) -> None:
    box.setCurrentText(words)
    box.activated.emit(box.currentIndex())


def press(within: QWidget, name: str) -> None:
    QTest.mouseClick(named(within, QPushButton, name), Qt.MouseButton.LeftButton)


def marked(dialog: MoreSettingsDialog) -> list[str]:
    """Titles of the rows that are shown as not usual."""
    rows = [row for row in dialog.findChildren(SettingRow) if row.isVisible()]
    return [row.setting.full_title for row in rows if row.property("changed") == "true"]


def row_problems(dialog: MoreSettingsDialog) -> dict[str, str]:
    rows = [row for row in dialog.findChildren(SettingRow) if row.isVisible()]
    return {row.setting.full_title: row.problem() for row in rows if row.problem()}


def test_what_is_typed_is_what_is_trained(page: ExperimentPage, qtbot: QtBot, context: AppContext) -> None:
    launched: list[str] = []
    context.supervisor.launch = launched.append  # type: ignore[assignment, method-assign]
    dialog = opened(page)
    go_to(dialog, "Training")
    retype(named(dialog, QLineEdit, "Batch size"), "4")
    choose(named(dialog, QComboBox, "Precision"), "float32")
    QTest.keyClick(named(dialog, QCheckBox, "Rehearsal"), Qt.Key.Key_Space)
    assert marked(dialog) == ["Batch size", "Precision", "Rehearsal"]
    assert groups(dialog)["Training"] == "3 changed"
    go_to(dialog, "Scores")
    retype(named(dialog, QLineEdit, "Stop after"), "3")
    QTest.keyClick(dialog, Qt.Key.Key_Escape)
    assert not dialog.isVisible()
    words = (
        "Batch size 4, precision float32, rehearsal off, score every 100, stop after 3. All else as usual."
    )
    assert says(page, words)
    with qtbot.waitSignal(page.run_started, timeout=WAIT_MS):
        QTest.mouseClick(start_button(page), Qt.MouseButton.LeftButton)
    experiment = context.run_store().get(launched[0]).experiment
    for each in ("batch_size = 4", 'precision = "float32"', "rehearsal = false", "stop_after = 3"):
        assert each in experiment


def test_a_mistake_stands_beside_its_field_and_holds_start(page: ExperimentPage, qtbot: QtBot) -> None:
    dialog = opened(page)
    go_to(dialog, "Training")
    size = named(dialog, QLineEdit, "Batch size")
    retype(size, "1o")
    wrong = "Must be a whole number, not '1o'."
    qtbot.waitUntil(lambda: row_problems(dialog) == {"Batch size": wrong}, timeout=WAIT_MS)
    assert wrong in size.accessibleDescription()
    assert groups(dialog)["Training"] == "Has a mistake"
    assert says(dialog, f"Cannot start yet. Batch size: {wrong}")
    assert says(page, f"Batch size: {wrong}")
    assert not start_button(page).isEnabled()
    dialog.accept()
    again = opened(page)
    assert row_problems(again) == {"Batch size": wrong}, "it opens where the mistake is"
    assert named(again, QLineEdit, "Batch size").text() == "1o"
    retype(named(again, QLineEdit, "Batch size"), "10")
    qtbot.waitUntil(lambda: start_button(page).isEnabled() and not row_problems(again), timeout=WAIT_MS)
    assert says(again, "Takes less than a minute")


def test_it_opens_at_the_mistake_also_far_down(page: ExperimentPage, qtbot: QtBot) -> None:
    dialog = opened(page)
    go_to(dialog, "Training")
    retype(named(dialog, QLineEdit, "Processes"), "many")
    qtbot.waitUntil(lambda: bool(row_problems(dialog)), timeout=WAIT_MS)
    dialog.accept()
    again = opened(page)
    again.activateWindow()
    field = named(again, QLineEdit, "Processes")
    qtbot.waitUntil(lambda: not field.visibleRegion().isEmpty() and field.hasFocus(), timeout=WAIT_MS)


def test_one_click_goes_back_to_what_is_usual(page: ExperimentPage) -> None:
    dialog = opened(page)
    go_to(dialog, "Training")
    size = named(dialog, QLineEdit, "Batch size")
    for name, value in (("Batch size", "4"), ("Weight decay", "0.1"), ("Seed", "3")):
        retype(named(dialog, QLineEdit, name), value)
    press(dialog, "Batch size: back to usual")
    assert size.text() == "16"
    assert marked(dialog) == ["Seed", "Weight decay"]
    assert not named(dialog, QPushButton, "Batch size: back to usual").isVisible()
    press(dialog, "Training: all back to usual")
    assert marked(dialog) == []
    assert groups(dialog)["Training"] == "As usual"
    assert says(page, "Score every 100. All else as usual.")
    go_to(dialog, "Scores")
    press(dialog, "Scores: all back to usual")
    assert says(page, "All as usual.")


def test_a_file_or_preset_fills_the_fields(page: ExperimentPage) -> None:
    dialog = opened(page)
    go_to(dialog, "Training")
    page.load_preset("paper-curriculum")
    assert named(dialog, QLineEdit, "Gradient accumulation").text() == "16"
    assert named(dialog, QComboBox, "Precision").currentText() == "bf16"
    assert groups(dialog) == {
        "Method": "As usual",
        "Audio encoder": "Off",
        "Augmentation": "Off",
        "Training": "3 changed",
        "Scores": "2 changed",
        "Speech": "As usual",
    }


def test_tables_that_may_be_off_have_a_check_box_and_keep_what_was_typed(
    page: ExperimentPage, qtbot: QtBot, tmp_path: Path
) -> None:
    dialog = opened(page)
    go_to(dialog, "Augmentation")
    slowest = named(dialog, QLineEdit, "Speed: Slowest")
    assert not slowest.isVisible()
    tick(dialog, "Augmentation")
    qtbot.waitUntil(lambda: says(dialog, "Nothing is changed: add a table"), timeout=WAIT_MS)
    tick(dialog, "Speed")
    assert slowest.isVisible()
    retype(slowest, "0.7")
    qtbot.waitUntil(lambda: groups(dialog)["Augmentation"] == "On", timeout=WAIT_MS)
    tick(dialog, "Augmentation")
    assert not slowest.isVisible()
    assert page.draft().document()["augmentation"] is None
    tick(dialog, "Augmentation")
    assert slowest.text() == "0.7"
    dialog.accept()
    wait_for_words(qtbot, page, "The feature cache is off")
    page.save_file(str(tmp_path / "saved.toml"))
    qtbot.waitUntil((tmp_path / "saved.toml").is_file, timeout=WAIT_MS)
    saved = load_experiment(tmp_path / "saved.toml").augmentation
    assert saved is not None
    assert saved.model_dump(exclude_none=True) == {
        "speed": {"probability": 0.5, "slowest": 0.7, "fastest": 1.1}
    }


def test_a_whole_model_has_no_adapter_and_cannot_be_quantised(page: ExperimentPage, qtbot: QtBot) -> None:
    dialog = opened(page)
    rank = named(dialog, QLineEdit, "Rank")
    assert rank.isVisible()
    choose(named(dialog, QComboBox, "Method"), "full")
    assert not rank.isVisible()
    assert line(page, "Learning rate").text() == "5e-4", "an adapter's would ruin it"
    assert line(page, "Name").text().endswith("all weights")
    go_to(dialog, "Training")
    choose(named(dialog, QComboBox, "Quantization"), "4bit")
    wrong = "Quantised weights cannot learn"
    qtbot.waitUntil(lambda: wrong in row_problems(dialog).get("Quantization", ""), timeout=WAIT_MS)
    assert not start_button(page).isEnabled()
    assert says(page, f"Cannot start yet. Method: {wrong}")
    go_to(dialog, "Method")
    assert wrong in row_problems(dialog)["Method"]
    choose(named(dialog, QComboBox, "Method"), "lora")
    qtbot.waitUntil(lambda: start_button(page).isEnabled() and not row_problems(dialog), timeout=WAIT_MS)


def test_what_is_about_two_neighbours_is_said_once(page: ExperimentPage, qtbot: QtBot) -> None:
    dialog = opened(page)
    go_to(dialog, "Audio encoder")
    tick(dialog, "Audio encoder")
    qtbot.waitUntil(lambda: bool(row_problems(dialog)), timeout=WAIT_MS)
    assert list(row_problems(dialog)) == ["Tower's learning rate"]
    second = named(dialog, QLineEdit, "Projector's learning rate")
    assert second.property("invalid") == "true"
    assert "Nothing of the audio encoder learns" in second.accessibleDescription()
    retype(second, "1e-4")
    qtbot.waitUntil(lambda: not row_problems(dialog), timeout=WAIT_MS)
    assert second.property("invalid") == ""


def test_half_typed_values_are_there_again_after_closing(
    page: ExperimentPage, qtbot: QtBot, context: AppContext
) -> None:
    dialog = opened(page)
    go_to(dialog, "Scores")
    retype(named(dialog, QLineEdit, "Stop after"), "2e")
    dialog.accept()
    page.close()
    again = ExperimentPage(context)
    qtbot.addWidget(again)
    again.change_settings("evaluation.stop_after")
    dialog = again.findChild(MoreSettingsDialog)  # type: ignore[assignment]
    assert named(dialog, QLineEdit, "Stop after").text() == "2e"


def test_a_folder_of_noises_can_be_chosen(page: ExperimentPage, tmp_path: Path) -> None:
    page.change_settings("augmentation.noise.folder")
    dialog = page.findChild(MoreSettingsDialog)
    assert isinstance(dialog, MoreSettingsDialog)
    tick(dialog, "Augmentation")
    tick(dialog, "Noise")
    folder = dialog.findChild(FolderEditor)
    assert isinstance(folder, FolderEditor)
    folder.edited.emit(str(tmp_path))
    assert named(dialog, QLineEdit, "Noise: Own noises").text() == str(tmp_path)
    assert page.draft().document()["augmentation"]["noise"]["folder"] == str(tmp_path)


def test_everything_has_a_name_and_is_reached_by_tab(page: ExperimentPage, qtbot: QtBot) -> None:
    dialog = opened(page)
    dialog.activateWindow()
    qtbot.waitUntil(dialog.isActiveWindow, timeout=WAIT_MS)
    for group in groups(dialog):
        go_to(dialog, group)
        reached = _walk(dialog)
        wanted = [
            each
            for kind in (QLineEdit, QComboBox, QAbstractButton)
            for each in dialog.findChildren(kind)
            if each.isVisible()
        ]
        assert set(wanted) <= set(reached)
        assert all(each.accessibleName() or getattr(each, "text", str)() for each in reached)
        assert reached[-1].accessibleName() == "Close"


def _walk(dialog: MoreSettingsDialog) -> list[QWidget]:
    """What Tab goes through, from the list of groups until it is there again."""
    start = dialog.findChild(QListWidget)
    assert start is not None
    start.setFocus()
    reached: list[QWidget] = []
    while not reached or QApplication.focusWidget() is not start:
        focused = QApplication.focusWidget()
        assert focused is not None
        reached.append(focused)
        QTest.keyClick(focused, Qt.Key.Key_Tab)
        assert len(reached) < 100
    return reached


def test_enter_in_a_field_presses_no_button(page: ExperimentPage) -> None:
    dialog = opened(page)
    go_to(dialog, "Training")
    size = named(dialog, QLineEdit, "Batch size")
    retype(size, "4")
    QTest.keyClick(size, Qt.Key.Key_Return)
    assert dialog.isVisible()
    assert size.text() == "4"


def test_a_long_mistake_does_not_widen_the_window(page: ExperimentPage, qtbot: QtBot) -> None:
    before = page.minimumSizeHint().width()
    dialog = opened(page)
    narrow = dialog.minimumSizeHint().width()
    go_to(dialog, "Audio encoder")
    tick(dialog, "Audio encoder")
    qtbot.waitUntil(lambda: any(each.problem() for each in page.findChildren(ProblemLabel)), timeout=WAIT_MS)
    assert page.minimumSizeHint().width() == before
    assert dialog.minimumSizeHint().width() <= narrow + 20
