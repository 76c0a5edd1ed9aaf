"""The draft behind the Experiment page: nothing is lost, and one choice brings along what belongs to it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from core.experiment.presets import list_presets, load_preset
from core.experiment.spec import validate_experiment
from gui.experiment_draft import ExperimentDraft, short_number


@pytest.fixture
def draft() -> ExperimentDraft:
    return ExperimentDraft.of(load_preset("demo-curriculum"))


@pytest.mark.parametrize("name", [preset.name for preset in list_presets()])
def test_every_preset_comes_back_as_it_was(name: str) -> None:
    spec = load_preset(name)
    assert validate_experiment(ExperimentDraft.of(spec).document()) == spec


def test_another_share_hears_about_as_many_examples(draft: ExperimentDraft) -> None:
    base = draft.stages[1].speech_repeats * draft.share
    for share in (0.01, 0.1, 0.5):
        changed = draft.with_share(share, draft)
        assert changed.stages[1].speech_repeats * share == pytest.approx(base, abs=share)
    assert draft.with_share(1.0, draft).stages[1].speech_repeats == round(base)


def test_sliding_away_and_back_changes_nothing(draft: ExperimentDraft) -> None:
    away = draft.with_share(1.0, draft)
    assert away.with_share(0.05, draft) == draft


def test_the_scheme_brings_its_stages_and_keeps_data_and_share(draft: ExperimentDraft) -> None:
    mixing = draft.changed(train=("mine",)).with_share(0.10, draft).with_scheme("direct mixing")
    assert mixing.scheme == "direct mixing"
    assert mixing.train == ("mine",)
    assert mixing.share == 0.10
    assert all(stage.speech and stage.text for stage in mixing.stages)


def test_stages_that_leave_the_scheme_make_it_custom(draft: ExperimentDraft) -> None:
    reordered = draft.with_stages(draft.stages[::-1])
    assert reordered.scheme == "custom"
    more_epochs = draft.with_stages((replace(draft.stages[0], epochs=3), draft.stages[1]))
    assert more_epochs.scheme == "curriculum"


def test_a_large_model_gets_the_paper_s_values_unless_the_stages_were_changed(draft: ExperimentDraft) -> None:
    large = draft.with_base_model("Qwen/Qwen2-Audio-7B-Instruct")
    assert large.stages[0].learning_rate == "5e-6"
    own = draft.with_stages((replace(draft.stages[0], epochs=7), draft.stages[1]))
    assert own.with_base_model("Qwen/Qwen2-Audio-7B-Instruct").stages == own.stages


def test_a_suggested_name_follows_and_an_own_name_stays(draft: ExperimentDraft) -> None:
    assert draft.with_share(0.1, draft).name == "demo: curriculum, 10 % speech"
    assert draft.with_scheme("text-only").name == "demo: text-only"
    assert draft.changed(name="my own").with_share(0.1, draft).name == "my own"


@pytest.mark.parametrize(
    ("value", "words"),
    [(2e-4, "2e-4"), (5e-6, "5e-6"), (0.05, "0.05"), (1.25e-5, "1.25e-5"), (0.002, "2e-3"), (1 / 3000, None)],
)
def test_learning_rates_are_short_and_exact(value: float, words: str | None) -> None:
    assert float(short_number(value)) == value
    if words is not None:
        assert short_number(value) == words
