"""Shares by language and weights by dataset, as one sets them."""

from __future__ import annotations

import pytest
from PySide6.QtWidgets import QDoubleSpinBox
from pytestqt.qtbot import QtBot

from core.data.summary import DatasetSummary
from core.experiment.pools import LanguageSpec
from gui.widgets.language_mix import LanguageMix


def dataset(name: str, languages: tuple[str, ...], minutes: float = 1.0) -> DatasetSummary:
    return DatasetSummary(name, "made", "now", 1, {}, minutes, (), (), languages, ())


@pytest.fixture
def mix(qtbot: QtBot) -> LanguageMix:
    widget = LanguageMix()
    qtbot.addWidget(widget)
    return widget


def test_one_dataset_of_one_language_has_nothing_to_choose(mix: LanguageMix) -> None:
    mix.show_mix([dataset("a", ("en",))], {}, {})
    assert not mix.isVisibleTo(None)
    assert mix.suggested() == {}


def test_what_the_experiment_says_is_shown_and_what_is_set_is_told(mix: LanguageMix, qtbot: QtBot) -> None:
    mix.show_mix(
        [dataset("a", ("en",)), dataset("b", ("fr",))],
        {"fr": LanguageSpec(text=0.5, speech=0.02)},
        {"a": 2.0},
    )
    assert (mix.text["fr"].value(), mix.speech["fr"].value()) == (50, 2)
    assert mix.speech["en"].text() == "as above"
    assert mix.weight["a"].value() == 2

    with qtbot.waitSignal(mix.changed) as told:
        mix.text["en"].setValue(0)
    assert told.args == [
        {"languages": {"en": LanguageSpec(text=0.0), "fr": LanguageSpec(text=0.5, speech=0.02)}}
    ]
    with qtbot.waitSignal(mix.changed) as told:
        mix.weight["a"].setValue(1)
    assert told.args == [{"weights": {}}]
    assert all(box.accessibleName() for box in mix.findChildren(QDoubleSpinBox))


def test_what_a_box_cannot_show_stays_as_it_is(mix: LanguageMix, qtbot: QtBot) -> None:
    fine = {"en": LanguageSpec(speech=0.0004), "fr": LanguageSpec(speech=0.0125)}
    mix.show_mix([dataset("a", ("en",)), dataset("b", ("fr",))], fine, {"b": 0.02})
    with qtbot.waitSignal(mix.changed) as told:
        mix.text["fr"].setValue(50)
    assert told.args[0]["languages"]["en"] == fine["en"]
    with qtbot.waitSignal(mix.changed) as told:
        mix.weight["a"].setValue(2)
    assert told.args == [{"weights": {"a": 2.0, "b": 0.02}}]


def test_the_language_with_most_speech_is_the_source(mix: LanguageMix) -> None:
    mix.show_mix([dataset("a", ("de",), 3.0), dataset("b", ("en",), 90.0)], {}, {})
    assert mix.suggested() == {
        "de": LanguageSpec(speech=0.05),
        "en": LanguageSpec(text=0.0, speech=1.0),
    }
