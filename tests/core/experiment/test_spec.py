"""Experiment files: read back as written, and wrong ones answered with key, line and remedy."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from core.errors import UserError
from core.experiment.augmentation import NoiseSpec, SpeedSpec
from core.experiment.problems import ExperimentError
from core.experiment.spec import (
    ExperimentSpec,
    dump_experiment,
    load_experiment,
    parse_experiment,
    validate_experiment,
)
from core.experiment.stages import StageSpec, scheme_fits
from core.experiment.weights import LoraSpec

GOOD = """\
schema_version = 1
name = "orders: curriculum, 5 % speech"
base_model = "teaspoon"
scheme = "curriculum"

[data]
train = ["demo"]
test = ["demo"]

[data.speech]
share = 0.05
seed = 17

[[stage]]
name = "text"
epochs = 2
learning_rate = 2e-4

[[stage]]
name = "text + speech"
text = 0.5
speech = true
speech_part = 0.25
learning_rate = 1e-4
warmup_ratio = 0.02

[lora]
rank = 16
"""


def refused(text: str, *overrides: str) -> ExperimentError:
    with pytest.raises(ExperimentError) as caught:
        parse_experiment(text, "orders.toml", overrides)
    return caught.value


def test_a_file_is_read_with_its_defaults() -> None:
    spec = parse_experiment(GOOD, "orders.toml")
    assert spec.data.speech.share == 0.05
    assert [stage.epochs for stage in spec.stage] == [2, 1]
    assert [stage.speech_part for stage in spec.stage] == [None, 0.25]
    assert [stage.pseudo_audio for stage in spec.stage] == [0, 0]
    assert (spec.training.batch_size, spec.evaluation.hearing) == (16, True)
    assert (spec.method, spec.lora) == ("lora", LoraSpec(rank=16, alpha=32))
    assert parse_experiment(GOOD.replace("[lora]\nrank = 16", ""), "orders.toml").lora == LoraSpec()


def test_without_an_adapter_all_weights_learn() -> None:
    full = parse_experiment(GOOD.replace("[lora]\nrank = 16", ""), "orders.toml", ["method=full"])
    assert full.lora is None
    assert parse_experiment(dump_experiment(full), "again.toml") == full
    assert "leave out [lora]" in str(refused(GOOD, "method=full"))


def test_what_is_written_reads_back_equal() -> None:
    spec = parse_experiment(GOOD, "orders.toml", ['name=Grüße: "50 %"\\n', "stage.0.learning_rate=3e-7"])
    assert parse_experiment(dump_experiment(spec), "again.toml") == spec


def test_a_whole_number_may_stand_for_a_decimal_one() -> None:
    assert parse_experiment(GOOD.replace("text = 0.5", "text = 1"), "orders.toml").stage[1].text == 1.0


def test_an_experiment_cannot_be_changed_by_accident() -> None:
    spec = parse_experiment(GOOD, "orders.toml")
    with pytest.raises(ValueError, match="frozen"):
        spec.name = "other"


WRONG: list[tuple[str, str, int, str]] = [
    # what is replaced, by what, the line that must be named, what must be said
    ("rank", "rnk", 28, 'no "lora.rnk". Did you mean "rank"?'),
    ("[data.speech]", "[data.speach]", 10, 'Did you mean "speech"?'),
    ("epochs = 2", "epoch = 2", 16, 'Did you mean "epochs"?'),
    ("seed = 17", "batch_size = 8", 12, 'It belongs elsewhere: "training.batch_size".'),
    ("rank = 16", "shade = 16", 28, "Valid keys here: rank, alpha, dropout, rslora, dora, targets."),
    ("schema_version = 1", "schema_version = 2", 1, "Write one of: 1."),
    ("epochs = 2", "epochs = 2.0", 16, "must be a whole number, not 2.0"),
    ("epochs = 2", 'epochs = "2"', 16, "must be a whole number, not '2'"),
    ("epochs = 2", "epochs = -1", 16, "must be at least 1, not -1"),
    ("rank = 16", "rank = true", 28, "must be a whole number, not true"),
    ("share = 0.05", "share = 5", 11, "must be at most 1.0, not 5. Write parts of 1: 5 % is 0.05."),
    ("speech_part = 0.25", "speech_part = 25", 23, "25 % is 0.25"),
    ("share = 0.05", "share = nan", 11, "must be a finite number"),
    ("learning_rate = 1e-4", "learning_rate = -1e-4", 24, "must be greater than 0.0"),
    ("learning_rate = 1e-4", 'learning_rate = "fast"', 24, "must be a number"),
    ("speech = true", "speech = 1", 22, "must be true or false, not 1"),
    ('name = "text"', "name = 1", 15, 'must be text in "quotes", not 1'),
    ('name = "text"', 'name = ""', 15, "must not be empty"),
    ('train = ["demo"]', 'train = "demo"', 7, "must be a list in [brackets]"),
    ('train = ["demo"]', "train = []", 7, "must name at least one"),
    ('train = ["demo"]', 'train = [\n  "demo",\n  3,\n]', 7, 'must be text in "quotes", not 3'),
    ('train = ["demo"]', 'train = ["demo", "demo"]', 6, "names a dataset twice"),
    ('"curriculum"', '"curiculum"', 4, "'curriculum'"),
    ('base_model = "teaspoon"\n', "", 0, '"base_model" is missing. Add it.'),
    ("learning_rate = 1e-4\n", "", 19, '"stage.1.learning_rate" is missing'),
    ("text = 0.5\nspeech = true", "text = 0", 19, "The stage uses no data"),
    ('"curriculum"', '"text-only"', 0, "no stage uses speech"),
    ('"curriculum"', '"text-only + pseudo-audio"', 0, "every stage pseudo-audio"),
    ("epochs = 2", 'schedule = "inverse_sqrt"', 14, "falls by how long the warm-up was"),
    ("epochs = 2", 'schedule = "polynomial"', 16, "'cosine_with_min_lr'"),
    ("speech_part = 0.25", "speech_repeats = 20", 23, 'Did you mean "speech_part"?'),
    ("speech_part = 0.25", "speech_part = 1", 23, "must be less than 1.0, not 1"),
    ("speech_part = 0.25", "speech_part = 0", 23, "must be greater than 0.0, not 0"),
    ("speech = true", "speech = false", 19, 'A "speech_part" takes the place of text'),
    ("text = 0.5", "text = 0", 19, 'A "speech_part" takes the place of text'),
    (
        "text = 0.5\nspeech = true\nspeech_part = 0.25",
        "text = 0\nspeech = true\npseudo_audio = 1",
        19,
        "above 0",
    ),
]


@pytest.mark.parametrize(("old", "new", "line", "words"), WRONG, ids=[f"{w[1]!r}" for w in WRONG])
def test_a_mistake_is_named_with_its_line(old: str, new: str, line: int, words: str) -> None:
    assert old in GOOD
    error = refused(GOOD.replace(old, new, 1))
    assert words in str(error)
    assert error.where == (f"orders.toml, line {line}" if line else "orders.toml")


def test_several_mistakes_are_all_told() -> None:
    error = refused(GOOD.replace("rank = 16", "rank = 0\nalfa = 3").replace("share = 0.05", "share = 2"))
    assert "3 problems" in error.what
    for line in ("line 11", "line 28", "line 29"):
        assert line in error.what
    assert [problem.line for problem in error.problems] == [11, 28, 29]


def test_lines_are_right_below_a_text_of_several_lines() -> None:
    text = GOOD.replace('name = "orders: curriculum, 5 % speech"', 'name = """a\n[lora]\nrank = 16\nb"""')
    assert refused(
        text.replace("\nrank = 16\n", "\nrank = 0\n").replace("rank = 0\nb", "rank = 16\nb")
    ).where.endswith("line 31")


def test_what_is_not_toml_is_said_with_its_place() -> None:
    with pytest.raises(UserError, match="not valid TOML") as caught:
        parse_experiment(GOOD.replace('name = "text"', "name = text"), "orders.toml")
    assert caught.value.where == "orders.toml, line 15, column 8"


def test_a_missing_or_unreadable_file_is_said(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="cannot be read") as caught:
        load_experiment(tmp_path / "gone.toml")
    assert "gone.toml" in caught.value.where
    (tmp_path / "latin.toml").write_bytes(b'name = "K\xe4se"')
    with pytest.raises(UserError, match="not UTF-8"):
        load_experiment(tmp_path / "latin.toml")


def test_a_byte_order_mark_and_windows_line_ends_do_not_matter(tmp_path: Path) -> None:
    path = tmp_path / "windows.toml"
    path.write_bytes(b"\xef\xbb\xbf" + GOOD.replace("\n", "\r\n").encode())
    assert load_experiment(path) == parse_experiment(GOOD, "")
    path.write_bytes(GOOD.replace("rank", "rnk").replace("\n", "\r\n").encode())
    with pytest.raises(UserError) as caught:
        load_experiment(path)
    assert caught.value.where.endswith("line 28")


@pytest.mark.parametrize("key", ["training.seed", "data.speech.seed"])
def test_a_seed_that_no_generator_takes_is_refused(key: str) -> None:
    parse_experiment(GOOD, "", [f"{key}={2**32 - 1}"])
    assert key in str(refused(GOOD, f"{key}={2**32}"))


def test_a_number_of_thousands_of_digits_is_refused_in_words() -> None:
    digits = "1" * 5000
    with pytest.raises(UserError, match="too many digits") as caught:
        parse_experiment(GOOD.replace("rank = 16", f"rank = {digits}"), "orders.toml")
    assert caught.value.where == "orders.toml"
    assert "lora.rank" in str(refused(GOOD, f"lora.rank={digits}"))


@pytest.mark.parametrize("number", ["0", "65", "1.5", "true", "many"])
def test_a_number_of_processes_that_cannot_be_is_refused_in_one_sentence(number: str) -> None:
    assert parse_experiment(GOOD, "orders.toml").training.processes == "auto"
    assert parse_experiment(GOOD, "orders.toml", ["training.processes=2"]).training.processes == 2
    error = refused(GOOD, f"training.processes={number}")
    assert len(error.problems) == 1
    assert '"auto" or a whole number from 1 to 64' in error.what


def test_an_editor_learns_which_field_is_wrong() -> None:
    values: dict[str, Any] = parse_experiment(GOOD, "").model_dump()
    values["stage"][1]["epochs"] = 0
    values["name"] = ""
    with pytest.raises(ExperimentError) as caught:
        validate_experiment(values)
    assert {problem.location for problem in caught.value.problems} == {("stage", 1, "epochs"), ("name",)}
    assert {problem.line for problem in caught.value.problems} == {None}


# -- overrides -------------------------------------------------------------------------------------------


def test_overrides_change_values_of_any_depth() -> None:
    spec = parse_experiment(
        GOOD,
        "",
        [
            "data.speech.share=0.02",
            "stage.0.epochs = 5",
            "evaluation.every_steps=7",
            "name=two words",
            'data.train=["a", "b"]',
            "evaluation.hearing=false",
        ],
    )
    assert (spec.data.speech.share, spec.stage[0].epochs, spec.evaluation.every_steps) == (0.02, 5, 7)
    assert (spec.name, spec.data.train, spec.evaluation.hearing) == ("two words", ["a", "b"], False)


def test_a_wrong_value_of_an_override_is_blamed_on_the_override() -> None:
    assert "--set data.speech.share=2:" in str(refused(GOOD, "data.speech.share=2"))
    assert 'Did you mean "speech"?' in str(refused(GOOD, "data.spech.share=0.2"))


@pytest.mark.parametrize(
    ("override", "words"),
    [
        ("epochs", "form key=value"),
        ("=3", "form key=value"),
        ("stage.7.epochs=2", '"7" is not one of 0 to 1'),
        ("stage.first.epochs=2", '"first" is not one of'),
        ("name.first=2", "single value"),
    ],
)
def test_an_override_that_leads_nowhere_is_refused(override: str, words: str) -> None:
    with pytest.raises(UserError) as caught:
        parse_experiment(GOOD, "", [override])
    assert words in caught.value.what
    assert override in caught.value.where


# -- the audio encoder ------------------------------------------------------------------------------------


def test_the_encoder_learns_where_it_has_a_rate_and_hears_something() -> None:
    assert not parse_experiment(GOOD, "").encoder_learns
    rate = "audio_encoder.projector_learning_rate=1e-5"
    spec = parse_experiment(GOOD, "", [rate])
    assert spec.encoder_learns
    assert spec.hears_anew == "the audio encoder learns"
    assert parse_experiment(dump_experiment(spec), "again.toml") == spec
    text = parse_experiment(GOOD, "", [rate, "stage.1.speech_part=0.5", "scheme=custom"]).model_dump()
    text["stage"] = text["stage"][:1]
    assert not validate_experiment(text).encoder_learns
    assert validate_experiment(text).hears_anew == ""
    assert parse_experiment(GOOD, "", [rate, "training.remember_features=false"]).hears_anew == ""


def test_an_encoder_table_that_says_nothing_is_refused() -> None:
    error = refused(f"{GOOD}[audio_encoder]\n")
    assert "Nothing of the audio encoder learns without a rate" in str(error)
    assert error.where == "orders.toml, line 29"
    assert "must be greater than 0.0" in str(refused(GOOD, "audio_encoder.tower_learning_rate=0"))


# -- augmentation ---------------------------------------------------------------------------------------


def test_each_kind_of_change_is_asked_for_by_its_own_table() -> None:
    spec = parse_experiment(f"{GOOD}[augmentation.speed]\n[augmentation.noise]\nloudest_snr = 10\n", "")
    assert spec.augmentation is not None
    assert spec.augmentation.speed == SpeedSpec()
    assert spec.augmentation.noise == NoiseSpec(loudest_snr=10)
    assert (spec.augmentation.room, spec.augmentation.masks) == (None, None)
    assert parse_experiment(dump_experiment(spec), "") == spec
    assert spec.hears_anew == "recordings are changed each time"
    both = parse_experiment(dump_experiment(spec), "", ["audio_encoder.tower_learning_rate=1e-6"])
    assert both.hears_anew == "the audio encoder learns and recordings are changed each time"


@pytest.mark.parametrize(
    ("table", "words"),
    [
        ("[augmentation]", "Nothing is changed: add a table such as [augmentation.speed]"),
        ("[augmentation.speed]\nslowest = 1.3", '"slowest" (1.3) must not be above "fastest" (1.1)'),
        ("[augmentation.noise]\nloudest_snr = 30", '"loudest_snr" (30) must not be above "softest_snr" (25)'),
        ("[augmentation.room]\nshortest_rt60 = 0.9", 'must not be above "longest_rt60" (0.6)'),
        ("[augmentation.noise]\nfolder = 'noises'", "must be a full path, not 'noises'"),
        ("[augmentation.noise]\nsnr = 3", 'Spoonful knows no "augmentation.noise.snr"'),
        ("[augmentation.speed]\nprobability = 50", "Write parts of 1: 50 % is 0.5"),
    ],
)
def test_a_change_that_makes_no_sense_is_refused(table: str, words: str) -> None:
    error = refused(f"{GOOD}{table}\n")
    assert words in str(error)
    assert error.where.startswith("orders.toml, line ")


# -- early stopping -------------------------------------------------------------------------------------


def test_early_stopping_needs_scores_within_a_stage() -> None:
    spec = parse_experiment(GOOD, "", ["evaluation.stop_after=3", "evaluation.stop_score=slot_f1"])
    assert (spec.evaluation.stop_after, spec.evaluation.stop_score) == (3, "slot_f1")
    assert parse_experiment(dump_experiment(spec), "") == spec
    assert 'set "every_steps"' in str(refused(GOOD, "evaluation.stop_after=3", "evaluation.every_steps=0"))
    assert "'intent_accuracy'" in str(refused(GOOD, "evaluation.stop_score=loss"))


# -- schemes ---------------------------------------------------------------------------------------------

TEXT = StageSpec(name="t", learning_rate=1e-3)
SPEECH = StageSpec(name="s", learning_rate=1e-3, text=0, speech=True)
BOTH = StageSpec(name="b", learning_rate=1e-3, speech=True)
PSEUDO = StageSpec(name="p", learning_rate=1e-3, pseudo_audio=0.5)


def test_a_scheme_is_the_name_of_its_stages() -> None:
    assert scheme_fits("text-only", [TEXT, TEXT])
    assert not scheme_fits("text-only", [TEXT, BOTH])
    assert scheme_fits("speech-only", [SPEECH])
    assert not scheme_fits("speech-only", [BOTH])
    assert scheme_fits("direct mixing", [BOTH])
    assert not scheme_fits("direct mixing", [TEXT, BOTH])
    assert scheme_fits("curriculum", [TEXT, BOTH])
    assert scheme_fits("curriculum", [TEXT, SPEECH])
    assert not scheme_fits("curriculum", [BOTH, TEXT])
    assert not scheme_fits("curriculum", [TEXT])
    assert scheme_fits("custom", [SPEECH, TEXT])


def test_pseudo_audio_has_a_scheme_of_its_own() -> None:
    assert scheme_fits("text-only + pseudo-audio", [PSEUDO, PSEUDO])
    assert not scheme_fits("text-only + pseudo-audio", [PSEUDO, TEXT])
    assert not scheme_fits("text-only + pseudo-audio", [PSEUDO.model_copy(update={"speech": True})])
    assert not scheme_fits("text-only", [TEXT, PSEUDO])
    assert not scheme_fits("direct mixing", [BOTH.model_copy(update={"pseudo_audio": 0.1})])
    assert not scheme_fits("curriculum", [PSEUDO, BOTH])
    assert scheme_fits("custom", [PSEUDO, BOTH])


def test_quantised_weights_are_for_adapters_only() -> None:
    assert parse_experiment(GOOD, "").training.quantization == "none"
    spec = parse_experiment(GOOD, "", ['training.quantization="4bit"'])
    assert parse_experiment(dump_experiment(spec), "").training.quantization == "4bit"
    without_adapter = GOOD.replace("[lora]\nrank = 16\n", "")
    for bits in ("8bit", "4bit"):
        error = refused(without_adapter, 'method="full"', f'training.quantization="{bits}"')
        assert "Quantised weights cannot learn" in str(error)
        assert 'quantization = "none"' in str(error)
    assert "quantization" in str(refused(GOOD, "training.quantization=4"))


def test_an_unused_share_counts_as_none() -> None:
    spec = parse_experiment(GOOD, "")
    assert spec.speech_share_used == 0.05
    values = spec.model_dump() | {"scheme": "custom", "stage": [TEXT.model_dump()]}
    assert validate_experiment(values).speech_share_used == 0


def test_every_field_has_words_for_the_window() -> None:
    def walk(model: Any) -> None:
        for name, field in model.model_fields.items():
            assert field.title, name
            assert field.description, name
            for kind in (field.annotation, *getattr(field.annotation, "__args__", ())):
                if hasattr(kind, "model_fields"):
                    walk(kind)

    walk(ExperimentSpec)
