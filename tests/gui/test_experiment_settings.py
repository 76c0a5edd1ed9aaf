"""The settings of the window are those of the file: none is missing, and each comes back as it was."""

from __future__ import annotations

from typing import Any

import pytest

from core.experiment.presets import load_preset
from core.experiment.spec import ExperimentSpec, validate_experiment
from gui.experiment_assessment import Assessment, Knowledge, assess
from gui.experiment_draft import ExperimentDraft
from gui.experiment_settings import GROUPS, ON_PAGE, ROOT, TITLES, Typed, typed_settings

EVERYTHING: dict[str, Any] = {
    "lora": {"rank": 3, "alpha": 5, "dropout": 0.05, "rslora": True, "dora": True, "targets": "mlp"},
    "audio_encoder": {"tower_learning_rate": 1e-6, "projector_learning_rate": 0.00012},
    "augmentation": {
        "speed": {"probability": 0.25, "slowest": 0.8, "fastest": 1.0},
        "noise": {"loudest_snr": -5.5, "folder": "/sounds/noise"},
        "masks": {"times": 0},
    },
    "training": {"processes": 2, "precision": "bf16", "rehearsal": False, "weight_decay": 1 / 3},
    "evaluation": {"stop_after": 3, "stop_score": "slot_f1", "cascade": True},
}


def asked(**tables: Any) -> ExperimentSpec:
    return validate_experiment({**load_preset("demo-curriculum").model_dump(), **tables})


def judged(**settings: Typed) -> Assessment:
    """The findings about the usual experiment with these settings; "__" in a key stands for a point."""
    draft = ExperimentDraft.of(load_preset("demo-curriculum"))
    changes = {key.replace("__", "."): value for key, value in settings.items()}
    # Only what comes before anything is read: the library and the runs are not looked at.
    return assess(draft.with_settings(changes), Knowledge(), (), None, None)  # type: ignore[arg-type]


def test_every_field_of_the_file_can_be_set() -> None:
    shown = [setting.key for group in GROUPS for setting in group.all_settings()]
    assert sorted(shown) == sorted(setting.key for setting in ROOT.all_settings())
    leaves = set(
        _leaves(validate_experiment(ExperimentDraft.of(asked(**EVERYTHING)).document()).model_dump())
    )
    assert {leaf for leaf in leaves if leaf not in ON_PAGE} <= set(shown)
    assert all(setting.title and setting.help for setting in ROOT.all_settings())


def _leaves(document: dict[str, Any], start: str = "") -> list[str]:
    return [
        leaf
        for name, value in document.items()
        if value is not None
        for leaf in (_leaves(value, f"{start}{name}.") if isinstance(value, dict) else [start + name])
    ]


@pytest.mark.parametrize("tables", [EVERYTHING, {}, {"lora": None, "method": "full"}])
def test_what_a_file_sets_comes_back_as_it_was(tables: dict[str, Any]) -> None:
    spec = asked(**tables)
    assert validate_experiment(ExperimentDraft.of(spec).document()) == spec


def test_usual_is_what_holds_where_the_file_is_silent() -> None:
    settings = ROOT.usual()
    silent = asked(training={}, evaluation={}, lora={})
    assert typed_settings(silent) == settings
    assert ROOT.changed(settings) == []
    # The same number, typed another way.
    assert ROOT.changed({**settings, "training.batch_size": " 016", "lora.dropout": "0.00"}) == []


def test_of_a_table_that_is_off_nothing_is_changed() -> None:
    settings: dict[str, Typed] = {**ROOT.usual(), "augmentation.speed.slowest": "0.7", "lora.rank": "2"}
    assert ROOT.changed(settings) == ["lora.rank"]
    assert ROOT.changed({**settings, "method": "full", "augmentation": True, "augmentation.speed": True}) == [
        "method",
        "augmentation",
        "augmentation.speed",
        "augmentation.speed.slowest",
    ]


@pytest.mark.parametrize(
    ("settings", "problems"),
    [
        ({"training__batch_size": "0"}, {"training.batch_size": "Must be at least 1, not 0."}),
        ({"training__batch_size": "1o"}, {"training.batch_size": "Must be a whole number, not '1o'."}),
        (
            {"lora__dropout": "50"},
            {"lora.dropout": "Must be less than 1.0, not 50. Write parts of 1: 50 % is 0.5."},
        ),
        (
            {"training__processes": "many"},
            {"training.processes": "It must be \"auto\" or a whole number from 1 to 64, not 'many'."},
        ),
    ],
)
def test_a_mistake_is_told_in_the_model_s_words(settings: dict[str, Typed], problems: dict[str, str]) -> None:
    found = judged(**settings)
    assert found.problems.settings == problems
    [(key, words)] = problems.items()
    assert found.problems.first() == f"{TITLES[key]}: {words}"


@pytest.mark.parametrize(
    ("settings", "keys"),
    [
        ({"method": "full", "training__quantization": "4bit"}, {"method", "training.quantization"}),
        (
            {"evaluation__stop_after": "3", "evaluation__every_steps": "0"},
            {"evaluation.stop_after", "evaluation.every_steps"},
        ),
        (
            {"audio_encoder": True},
            {"audio_encoder.tower_learning_rate", "audio_encoder.projector_learning_rate"},
        ),
        ({"augmentation": True}, {"augmentation"}),
        (
            {"augmentation": True, "augmentation__noise": True, "augmentation__noise__folder": "noise"},
            {"augmentation.noise.folder"},
        ),
    ],
)
def test_what_does_not_go_together_is_told_at_each_field_it_is_about(
    settings: dict[str, Typed], keys: set[str]
) -> None:
    found = judged(**settings)
    assert set(found.problems.settings) == keys
    assert not found.problems.curriculum


def test_stages_that_do_not_fit_the_scheme_are_no_matter_of_the_settings() -> None:
    draft = ExperimentDraft.of(load_preset("demo-curriculum"))
    wrong = draft.changed(stages=draft.stages[::-1])
    found = assess(wrong, Knowledge(), (), None, None)  # type: ignore[arg-type]
    assert "do not fit the scheme" in found.problems.curriculum
    assert not found.problems.settings
