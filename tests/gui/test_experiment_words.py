"""What the page says of settings that it has no field for."""

from __future__ import annotations

from core.experiment.presets import load_preset
from core.experiment.spec import ExperimentSpec, validate_experiment
from gui.experiment_settings import typed_settings
from gui.experiment_words import cache_words, settings_words


def asked(**tables: dict[str, object]) -> ExperimentSpec:
    values = load_preset("demo-curriculum").model_dump()
    for name, table in tables.items():
        values[name] = {**(values[name] or {}), **table}
    return validate_experiment(values)


def test_what_is_as_usual_is_not_spoken_of() -> None:
    usual = asked(evaluation={"every_steps": 50})
    assert settings_words(typed_settings(usual)) == "All as usual."
    assert settings_words(typed_settings(asked())) == "Score every 100. All else as usual."
    assert cache_words(asked()) == ""


def test_what_was_changed_is_named() -> None:
    spec = asked(
        lora={"rank": 8, "dora": True},
        audio_encoder={"projector_learning_rate": 2e-5},
        augmentation={"speed": {}, "masks": {"times": 3}},
        evaluation={"every_steps": 50, "stop_score": "slot_f1", "stop_after": 3},
    )
    assert settings_words(typed_settings(spec)) == (
        "Rank 8, DoRA on, audio encoder (projector's learning rate 2e-5), augmentation (speed, masks (gaps"
        " 3)), stop after 3, score that decides slot f1. All else as usual."
    )


def test_of_many_changes_only_some_are_named() -> None:
    training = {"batch_size": 8, "gradient_accumulation": 2, "precision": "bf16", "weight_decay": 0.1}
    more = {"label_smoothing": 0.1, "keep_checkpoints": 3, "processes": 2, "remember_features": False}
    words = settings_words(typed_settings(asked(training={**training, **more})))
    assert words.startswith("Batch size 8, gradient accumulation 2, precision bf16, weight decay 0.1, ")
    assert words.endswith("keep checkpoints 3 and 3 more. All else as usual.")


def test_a_cache_that_was_switched_off_needs_no_reason() -> None:
    spec = asked(augmentation={"speed": {}}, training={"remember_features": False})
    assert cache_words(spec) == ""
