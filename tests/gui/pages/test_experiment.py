"""Experiment: what one sees while writing it is what will be trained."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QCheckBox, QLineEdit, QPushButton, QRadioButton, QSpinBox, QWidget
from pytestqt.qtbot import QtBot

from core.data.problem import Problem
from core.errors import UserError
from core.experiment.presets import PRESETS, load_preset
from core.experiment.spec import load_experiment
from gui.context import AppContext
from gui.pages.experiment import ExperimentPage
from gui.widgets.base_model_box import BaseModelBox
from gui.widgets.field import ProblemLabel
from gui.widgets.mixture_slider import PercentBox, ShareTrack
from gui.widgets.stage_strip import StageBlock
from tests.gui.pages.experiment_page import WAIT_MS, click, line, retype, says, start_button, wait_for_words
from tests.gui.window import answer_question


@pytest.fixture
def page(experiment_page: ExperimentPage) -> ExperimentPage:
    return experiment_page


def problems(page: ExperimentPage) -> list[str]:
    return [each.problem() for each in page.findChildren(ProblemLabel) if each.problem()]


def test_the_slider_shows_what_a_share_buys(page: ExperimentPage, qtbot: QtBot) -> None:
    track = page.findChild(ShareTrack)
    assert isinstance(track, ShareTrack)
    assert says(page, "You have only 20 recordings: take a larger share of them")
    QTest.keyClick(track, Qt.Key.Key_End)
    wait_for_words(qtbot, page, "= 20 recordings, 1.0 min, 4 voices, all 2 intents covered")
    assert not says(page, "take a larger share")
    wait_for_words(qtbot, page, "Will see 40 text, then 20 text + 20 speech.")
    assert line(page, "Name").text() == "demo: curriculum, 100 % speech"
    assert says(page, "Takes less than a minute")
    assert says(page, "Rough:")


def test_text_only_needs_no_share(page: ExperimentPage, qtbot: QtBot) -> None:
    click(page, QRadioButton, "Text-only")
    wait_for_words(qtbot, page, "No stage uses speech")
    assert not page.findChildren(ShareTrack)[0].isEnabled()


def test_recordings_that_find_no_place_are_told(page: ExperimentPage, qtbot: QtBot) -> None:
    page.load_preset("demo-direct-mixing")
    QTest.keyClick(page.findChildren(ShareTrack)[0], Qt.Key.Key_End)
    wait_for_words(qtbot, page, "Will see 40 text ×1.5 + 20 speech.")
    part = next(box for box in page.findChildren(PercentBox) if box.accessibleName() == "Part that is speech")
    part.setValue(10)
    wait_for_words(qtbot, page, "all 2 intents covered; 12 recordings find no place in the stages")
    wait_for_words(qtbot, page, "Will see 40 text ×1.8 + 20 speech ×0.4.")


def test_pseudo_audio_is_told_and_warned_of_where_the_model_may_not_know_it(
    page: ExperimentPage, qtbot: QtBot
) -> None:
    click(page, QRadioButton, "Text-only + pseudo-audio")
    wait_for_words(qtbot, page, "Will see 40 text ×2 (half as pseudo-audio).")
    assert line(page, "Name").text() == "demo: text-only + pseudo-audio"
    assert not says(page, "This base model may not know")
    box = page.findChild(BaseModelBox)
    assert isinstance(box, BaseModelBox)
    box._choose("Qwen/Qwen2-Audio-7B-Instruct")
    wait_for_words(qtbot, page, "This base model may not know text written as pseudo-audio")
    assert start_button(page).isEnabled()


def test_known_models_are_offered_and_whether_the_chosen_one_fits_is_told(
    page: ExperimentPage, qtbot: QtBot
) -> None:
    wait_for_words(qtbot, page, "Fits: needs about")
    box = page.findChild(BaseModelBox)
    assert isinstance(box, BaseModelBox)
    qtbot.waitUntil(
        lambda: "Qwen/Qwen2-Audio-7B-Instruct (17 GB to download)" in titles(box), timeout=WAIT_MS
    )
    box.setCurrentIndex(box.findData("Qwen/Qwen2-Audio-7B-Instruct"))
    box.activated.emit(box.currentIndex())
    wait_for_words(qtbot, page, "It is downloaded when the run begins: 17 GB.")
    assert "It is downloaded" in box.accessibleDescription()
    assert titles(box)[0] == "Teaspoon (built in)"
    assert titles(box)[-1] == "Choose a folder..."


def titles(box: BaseModelBox) -> list[str]:
    return [box.itemText(index) for index in range(box.count())]


def test_reordering_stages_makes_the_scheme_custom(page: ExperimentPage, qtbot: QtBot) -> None:
    block = page.findChildren(StageBlock)[0]
    QTest.keyClick(block, Qt.Key.Key_Right, Qt.KeyboardModifier.AltModifier)
    custom = next(each for each in page.findChildren(QRadioButton) if each.text() == "Custom")
    assert custom.isChecked()
    assert [stage.name for stage in page.draft().stages] == ["text + speech", "text"]


def test_a_mistake_stands_beside_its_field_and_holds_start(page: ExperimentPage, qtbot: QtBot) -> None:
    retype(line(page, "Learning rate"), "fast")
    qtbot.waitUntil(lambda: problems(page) == ["Must be a number, not 'fast'."], timeout=WAIT_MS)
    assert not start_button(page).isEnabled()
    assert says(page, "Cannot start yet. Stage 1: Must be a number, not 'fast'.")
    retype(line(page, "Learning rate"), "1e-3")
    qtbot.waitUntil(lambda: start_button(page).isEnabled() and not problems(page), timeout=WAIT_MS)


def test_a_dataset_without_speech_is_named(page: ExperimentPage, qtbot: QtBot) -> None:
    page.use_dataset("other")
    wait_for_words(qtbot, page, "The stage asks for speech, but other has no recordings to train on.")
    assert page.draft().test == ("other",)
    page.use_dataset("gone")
    qtbot.waitUntil(lambda: len(problems(page)) == 2, timeout=WAIT_MS)
    assert "gone (not in the library)" in [box.text() for box in page.findChildren(QCheckBox)]


def test_it_learns_from_corrections_too_and_is_tested_as_before(page: ExperimentPage, qtbot: QtBot) -> None:
    page.learn_from(["demo", "other"])
    assert (page.draft().train, page.draft().test) == (("demo", "other"), ("demo",))
    checked = {box.text().split(":")[0] for box in page.findChildren(QCheckBox) if box.isChecked()}
    assert {"demo", "other"} <= checked
    qtbot.waitUntil(lambda: start_button(page).isEnabled() and not problems(page), timeout=WAIT_MS)


def test_a_folder_that_is_no_model_is_refused(page: ExperimentPage, qtbot: QtBot, tmp_path: Path) -> None:
    box = page.findChild(BaseModelBox)
    assert isinstance(box, BaseModelBox)
    box._choose(str(tmp_path))
    qtbot.waitUntil(lambda: bool(problems(page)), timeout=WAIT_MS)
    assert not start_button(page).isEnabled()


def test_a_file_comes_back_with_all_that_it_sets(
    page: ExperimentPage, qtbot: QtBot, tmp_path: Path, context: AppContext
) -> None:
    load_path = tmp_path / "mine.toml"
    text = (PRESETS / "demo-curriculum.toml").read_text()
    load_path.write_text(text.replace("rank = 16", "rank = 3").replace("share = 0.05", "share = 0.123456"))
    page.open_file(str(load_path))
    wait_for_words(qtbot, page, "Rank 3, score every 100. All else as usual.")
    qtbot.waitUntil(lambda: start_button(page).isEnabled(), timeout=WAIT_MS)
    retype(line(page, "Name"), "renamed")
    qtbot.waitUntil(lambda: page._ready_spec() is not None, timeout=WAIT_MS)
    saved = tmp_path / "saved.toml"
    page.save_file(str(saved))
    qtbot.waitUntil(saved.is_file, timeout=WAIT_MS)
    spec = load_experiment(saved)
    assert (spec.name, spec.lora.rank, spec.data.speech.share) == ("renamed", 3, 0.123456)
    assert spec.stage == load_experiment(load_path).stage


def test_the_window_says_when_and_why_the_feature_cache_is_off(
    page: ExperimentPage, qtbot: QtBot, tmp_path: Path
) -> None:
    text = (PRESETS / "demo-curriculum.toml").read_text()
    off = "The feature cache is off, so hearing takes longer: "
    file = tmp_path / "mine.toml"
    file.write_text(f"{text}[audio_encoder]\nprojector_learning_rate = 1e-4\n[augmentation.speed]\n")
    page.open_file(str(file))
    wait_for_words(qtbot, page, f"{off}the audio encoder learns and recordings are changed each time.")
    assert says(page, "Audio encoder (projector's learning rate 1e-4), augmentation (speed)")
    # Without speech nothing is heard in training, and what is tested is remembered.
    click(page, QRadioButton, "Text-only")
    qtbot.waitUntil(lambda: page._ready_spec() is not None and not says(page, off), timeout=WAIT_MS)
    click(page, QRadioButton, "Curriculum")
    wait_for_words(qtbot, page, off)


def test_a_broken_file_changes_nothing(
    page: ExperimentPage, qtbot: QtBot, tmp_path: Path, context: AppContext
) -> None:
    broken = tmp_path / "broken.toml"
    broken.write_text("schema_version = 1\nnmae = 'x'\n")
    before = page.draft()
    with qtbot.waitSignal(context.errors.error_reported, timeout=WAIT_MS) as reported:
        page.open_file(str(broken))
    assert "nmae" in str(reported.args[0])
    assert page.draft() == before


def test_what_was_being_written_is_there_again_after_closing(
    page: ExperimentPage, qtbot: QtBot, context: AppContext
) -> None:
    page.findChild(QLineEdit).setFocus()  # type: ignore[union-attr]  # the name
    QTest.keyClicks(page.findChild(QLineEdit), " of anna")
    written = page.draft()
    assert written.name.endswith(" of anna")
    page.close()
    again = ExperimentPage(context)
    qtbot.addWidget(again)
    assert again.draft() == written


def test_the_usual_experiment_is_not_remembered_and_a_change_soon_is(
    page: ExperimentPage, qtbot: QtBot, context: AppContext
) -> None:
    page.hide()
    assert context.settings.current.experiment == ""
    page.show()
    QTest.keyClicks(page.findChild(QLineEdit), " of anna")
    # Without closing: the window may be killed.
    qtbot.waitUntil(lambda: "of anna" in context.settings.current.experiment, timeout=WAIT_MS)


def test_an_unreadable_draft_is_told_and_gives_the_usual_experiment(
    context: AppContext, qtbot: QtBot
) -> None:
    context.remember(experiment='{"name": "of another version"}')
    page = ExperimentPage(context)
    qtbot.addWidget(page)
    with qtbot.waitSignal(context.errors.error_reported, timeout=WAIT_MS) as reported:
        page.activated()
    assert "could not be read" in str(reported.args[0])
    assert page.draft().name == load_preset("demo-curriculum").name


def test_start_trains_what_is_on_the_screen_even_right_after_a_change(
    page: ExperimentPage, qtbot: QtBot, context: AppContext
) -> None:
    launched: list[str] = []
    context.supervisor.launch = launched.append  # type: ignore[assignment, method-assign]
    epochs = next(each for each in page.findChildren(QSpinBox) if each.accessibleName() == "Epochs")
    with qtbot.waitSignal(page.run_started, timeout=WAIT_MS) as started:
        epochs.setValue(4)
        QTest.mouseClick(start_button(page), Qt.MouseButton.LeftButton)
    assert started.args == launched
    run = context.run_store().get(launched[0])
    assert "epochs = 4" in run.experiment
    assert run.name == "demo: curriculum, 5 % speech"


@pytest.mark.parametrize("answer", ["Start all the same", "Look at them", "Cancel"])
def test_errors_in_the_data_are_asked_about(
    page: ExperimentPage, qtbot: QtBot, context: AppContext, answer: str
) -> None:
    launched: list[str] = []
    looked_at: list[str] = []
    context.supervisor.launch = launched.append  # type: ignore[assignment, method-assign]
    page.look_at_data.connect(looked_at.append)
    context.open_library().findings.keep(
        context.open_library().findings.begin("demo"),
        [Problem("error", "unreadable recording", "It is damaged.", "a.wav", "Again.")],
    )
    asked = answer_question(answer)
    QTest.mouseClick(start_button(page), Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: bool(asked) and not context.background.busy(), timeout=WAIT_MS)
    assert "demo: It is damaged." in asked[0]
    assert len(launched) == (answer == "Start all the same")
    assert looked_at == ["demo"] * (answer == "Look at them")
    assert start_button(page).isEnabled()


def test_a_launch_that_fails_is_said(page: ExperimentPage, qtbot: QtBot, context: AppContext) -> None:
    def refuse(run_id: str) -> None:
        raise UserError("The disk is full.")

    context.supervisor.launch = refuse  # type: ignore[assignment, method-assign]
    with qtbot.waitSignal(context.errors.error_reported, timeout=WAIT_MS):
        QTest.mouseClick(start_button(page), Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: start_button(page).isEnabled(), timeout=WAIT_MS)


def test_the_presets_of_the_demo_are_ready_to_start(page: ExperimentPage, qtbot: QtBot) -> None:
    for name in ("demo-text-only", "demo-text-only-pseudo-audio", "demo-direct-mixing", "demo-curriculum"):
        page.load_preset(name)
        qtbot.waitUntil(lambda: page._ready_spec() is not None, timeout=WAIT_MS)
        assert page._ready_spec() == load_preset(name)


@pytest.mark.parametrize("kind", [QLineEdit, QSpinBox, QCheckBox, QPushButton, QRadioButton])
def test_every_input_has_a_name(kind: type[QWidget], page: ExperimentPage) -> None:
    inside_a_spin_box = "qt_spinbox_lineedit"
    unnamed = [
        each
        for each in page.findChildren(kind)
        if each.objectName() != inside_a_spin_box
        and not (each.accessibleName() or getattr(each, "text", str)())
    ]
    assert not unnamed
