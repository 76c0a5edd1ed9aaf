"""What the page says of values that only the experiment file can change."""

from __future__ import annotations

from core.experiment.presets import load_preset
from core.experiment.spec import ExperimentSpec, validate_experiment
from gui.experiment_words import cache_words, fixed_words


def asked(**tables: dict[str, object]) -> ExperimentSpec:
    values = load_preset("demo-curriculum").model_dump()
    for name, table in tables.items():
        values[name] = {**(values[name] or {}), **table}
    return validate_experiment(values)


def test_what_is_off_is_not_spoken_of() -> None:
    assert fixed_words(asked()).startswith("Also set: LoRA rank 16, alpha 32, batch ")
    assert fixed_words(asked()).endswith("precision auto. Change these in the experiment file.")
    assert cache_words(asked()) == ""


def test_what_was_switched_on_is_named() -> None:
    spec = asked(
        lora={"rslora": True, "dora": True, "targets": "attention"},
        audio_encoder={"tower_learning_rate": 1e-6, "projector_learning_rate": 2e-5},
        training={"label_smoothing": 0.1, "processes": 2},
        augmentation={"speed": {}, "masks": {}},
        evaluation={"stop_after": 3},
    )
    words = fixed_words(spec)
    assert "rsLoRA with DoRA in attention layers rank 16, alpha 32" in words
    assert ", 2 training processes, " in words
    assert words.endswith(
        "audio tower learns at 1e-6, projector learns at 2e-5, label smoothing 10 %, augmentation by speed +"
        " masks, early stop after 3 scores. Change these in the experiment file."
    )


def test_a_cache_that_was_switched_off_needs_no_reason() -> None:
    spec = asked(augmentation={"speed": {}}, training={"remember_features": False})
    assert cache_words(spec) == ""
