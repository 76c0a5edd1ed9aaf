"""Presets are ordinary experiment files that work as they are."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.errors import UserError
from core.experiment.presets import PRESETS, list_presets, load_preset
from core.experiment.spec import dump_experiment, load_experiment


def test_presets_are_listed_by_family_and_scheme() -> None:
    presets = list_presets()
    assert [preset.name for preset in presets] == [
        "demo-text-only",
        "demo-text-only-full",
        "demo-direct-mixing",
        "demo-direct-mixing-full",
        "demo-curriculum",
        "demo-curriculum-full",
        "demo-text-only-pseudo-audio",
        "paper-text-only",
        "paper-direct-mixing",
        "paper-curriculum",
        "paper-cross-lingual",
    ]
    for preset in presets:
        assert preset.title
        assert len(preset.description.split()) > 10
        assert preset.scheme.replace(" + ", "-").replace(" ", "-") in preset.name
        assert load_experiment(preset.path) == load_preset(preset.name)


def test_the_papers_presets_have_the_papers_global_batch() -> None:
    for preset in list_presets():
        training = load_preset(preset.name).training
        if preset.name.startswith("paper-"):
            assert training.batch_size * training.gradient_accumulation == 128


def test_the_papers_presets_hear_each_recording_once_per_epoch() -> None:
    for preset in list_presets():
        if preset.name.startswith("paper-"):
            assert {stage.speech_part for stage in load_preset(preset.name).stage} == {None}


def test_an_unknown_preset_is_answered_with_the_nearest() -> None:
    with pytest.raises(UserError) as caught:
        load_preset("demo-curiculum")
    assert "demo-curriculum" in caught.value.remedy


def test_a_users_own_folder_of_presets_is_listed_too(tmp_path: Path) -> None:
    own = dump_experiment(load_preset("demo-curriculum"))
    (tmp_path / "mine.toml").write_text(f"# My own\n# words.\n{own}", encoding="utf-8")
    (preset,) = list_presets(tmp_path)
    assert (preset.name, preset.description) == ("mine", "My own words.")
    assert PRESETS not in preset.path.parents
