"""The draft behind the Experiment page: nothing is lost, and one choice brings along what belongs to it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from core.experiment.presets import list_presets, load_preset
from core.experiment.spec import validate_experiment
from gui.experiment_draft import ExperimentDraft


@pytest.fixture
def draft() -> ExperimentDraft:
    return ExperimentDraft.of(load_preset("demo-curriculum"))


@pytest.mark.parametrize("name", [preset.name for preset in list_presets()])
def test_every_preset_comes_back_as_it_was(name: str) -> None:
    spec = load_preset(name)
    assert validate_experiment(ExperimentDraft.of(spec).document()) == spec


def test_another_share_leaves_the_stages_as_they_are(draft: ExperimentDraft) -> None:
    assert draft.changed(share=1.0).stages == draft.stages
    assert draft.changed(share=1.0).changed(share=0.05) == draft


def test_the_scheme_brings_its_stages_and_keeps_data_and_share(draft: ExperimentDraft) -> None:
    mixing = draft.changed(train=("mine",), share=0.10).with_scheme("direct mixing")
    assert mixing.scheme == "direct mixing"
    assert mixing.train == ("mine",)
    assert mixing.share == 0.10
    assert all(stage.speech and stage.text for stage in mixing.stages)


def test_another_scheme_keeps_the_seeds_so_that_both_see_the_same_recordings(draft: ExperimentDraft) -> None:
    own = draft.with_settings({"data.speech.seed": "9", "training.seed": "5"})
    other = validate_experiment(own.with_scheme("direct mixing").document())
    assert (other.data.speech.seed, other.training.seed) == (9, 5)


def test_another_scheme_keeps_what_the_file_says_about_how_it_learns() -> None:
    values = load_preset("demo-curriculum").model_dump()
    values["lora"].update(rslora=True, targets="attention")
    values["training"]["label_smoothing"] = 0.1
    values["audio_encoder"] = {"projector_learning_rate": 1e-5}
    spec = validate_experiment(values)
    own = ExperimentDraft.of(spec)
    other = validate_experiment(own.with_scheme("direct mixing").document())
    assert other.lora is not None
    assert (other.lora.rslora, other.lora.dora, other.lora.targets) == (True, False, "attention")
    assert other.training.label_smoothing == 0.1
    assert other.audio_encoder == spec.audio_encoder


def test_stages_that_leave_the_scheme_make_it_custom(draft: ExperimentDraft) -> None:
    reordered = draft.with_stages(draft.stages[::-1])
    assert reordered.scheme == "custom"
    more_epochs = draft.with_stages((replace(draft.stages[0], epochs=3), draft.stages[1]))
    assert more_epochs.scheme == "curriculum"


def test_pseudo_audio_is_offered_with_the_presets_values_for_any_model(draft: ExperimentDraft) -> None:
    pseudo = draft.with_scheme("text-only + pseudo-audio")
    preset = load_preset("demo-text-only-pseudo-audio")
    assert validate_experiment(pseudo.document()) == preset
    large = pseudo.with_base_model("Qwen/Qwen2-Audio-7B-Instruct")
    assert large.scheme == "text-only + pseudo-audio"
    paper = ExperimentDraft.of(load_preset("paper-text-only")).stages
    assert large.stages == tuple(replace(stage, pseudo_audio=0.5) for stage in paper)
    assert pseudo.with_scheme("text-only").stages[0].pseudo_audio == 0


def test_pseudo_audio_in_a_plain_scheme_makes_it_custom(draft: ExperimentDraft) -> None:
    written = tuple(replace(stage, pseudo_audio=0.1) for stage in draft.stages)
    assert draft.with_stages(written).scheme == "custom"


def test_without_text_or_speech_what_belongs_to_it_is_left_out_and_comes_back(draft: ExperimentDraft) -> None:
    silent = replace(draft.stages[1], speech=False)
    assert silent.document()["speech_part"] is None
    assert replace(silent, speech=True) == draft.stages[1]
    wordless = replace(draft.stages[1], text=0.0, pseudo_audio=0.5)
    assert (wordless.document()["speech_part"], wordless.document()["pseudo_audio"]) == (None, 0)
    assert draft.with_stages((replace(draft.stages[0], pseudo_audio=0.5, text=0.0), draft.stages[1]))


def test_a_large_model_gets_the_paper_s_values_unless_the_stages_were_changed(draft: ExperimentDraft) -> None:
    large = draft.with_base_model("Qwen/Qwen2-Audio-7B-Instruct")
    assert large.stages[0].learning_rate == "5e-6"
    own = draft.with_stages((replace(draft.stages[0], epochs=7), draft.stages[1]))
    assert own.with_base_model("Qwen/Qwen2-Audio-7B-Instruct").stages == own.stages


def test_the_quantisation_stays_with_another_scheme_or_model(draft: ExperimentDraft) -> None:
    small = draft.with_settings({"training.quantization": "4bit"})
    for changed in (small.with_scheme("direct mixing"), small.with_base_model("some/model")):
        assert validate_experiment(changed.document()).training.quantization == "4bit"


def test_the_method_stays_with_another_scheme_or_model() -> None:
    draft = ExperimentDraft.of(load_preset("demo-curriculum-full"))
    mixed = draft.with_scheme("direct mixing")
    full = load_preset("demo-direct-mixing-full")
    assert mixed.name == full.name == "demo: direct mixing, 5 % speech, all weights"
    assert validate_experiment(mixed.document()) == full
    large = validate_experiment(draft.with_base_model("Qwen/Qwen2-Audio-7B-Instruct").document())
    assert (large.method, large.lora, large.stage[0].learning_rate) == ("full", None, 5e-6)


def test_a_suggested_name_follows_and_an_own_name_stays(draft: ExperimentDraft) -> None:
    assert draft.changed(share=0.1).name == "demo: curriculum, 10 % speech"
    assert draft.with_scheme("text-only").name == "demo: text-only"
    assert draft.changed(name="my own").changed(share=0.1).name == "my own"


def test_a_half_written_draft_comes_back_as_it_was(draft: ExperimentDraft) -> None:
    half = draft.with_stages((replace(draft.stages[0], learning_rate="2e-"), draft.stages[1])).changed(
        name=""
    )
    assert ExperimentDraft.from_json(half.to_json()) == half
    with pytest.raises(ValueError, match="settings"):
        ExperimentDraft.from_json('{"name": "of another version"}')


def test_half_typed_settings_come_back_as_they_were_also_those_that_are_off(draft: ExperimentDraft) -> None:
    half = draft.with_settings({"training.batch_size": "1o", "augmentation.speed.slowest": "0."})
    again = ExperimentDraft.from_json(half.to_json())
    assert again == half
    assert again.document()["training"]["batch_size"] == "1o"
    assert again.document()["augmentation"] is None


def test_a_draft_of_another_version_keeps_the_settings_both_know(draft: ExperimentDraft) -> None:
    settings = {**draft.settings, "training.batch_size": "4", "training.gone": "1", "training.rehearsal": "?"}
    del settings["evaluation.hearing"]
    again = ExperimentDraft.from_json(draft.changed(settings=settings).to_json())
    assert again.settings == {**draft.settings, "training.batch_size": "4"}


def test_another_model_brings_its_usual_settings_but_for_those_that_were_changed(
    draft: ExperimentDraft,
) -> None:
    own = draft.with_settings({"training.batch_size": "2"})
    large = validate_experiment(own.with_base_model("Qwen/Qwen2-Audio-7B-Instruct").document())
    assert (large.training.batch_size, large.training.gradient_accumulation) == (2, 16)


def test_another_method_brings_its_learning_rates_unless_the_stages_were_changed(
    draft: ExperimentDraft,
) -> None:
    full = draft.with_settings({"method": "full"})
    assert validate_experiment(full.document()) == load_preset("demo-curriculum-full")
    assert full.with_settings({"method": "lora"}) == draft
    own = draft.with_stages((replace(draft.stages[0], epochs=7), draft.stages[1]))
    assert own.with_settings({"method": "full"}).stages == own.stages
