"""What may be learned from: by language and by dataset."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from core.data.utterance import Candidate
from core.errors import UserError
from core.experiment.pools import allotted
from core.experiment.schedule import Schedule, build_schedule, preview
from core.experiment.spec import ExperimentSpec, dump_experiment, parse_experiment, validate_experiment

TWO_LANGUAGES = [
    Candidate(
        number,
        f"intent {number % 5}",
        True,
        number % 2 == 0,
        2.0,
        f"voice {number % 7}",
        "en" if number < 200 else "fr",
        "english" if number < 200 else "french",
    )
    for number in range(400)
]


def experiment(stages: list[dict[str, Any]] | None = None, **data: Any) -> ExperimentSpec:
    stage = {"name": "all", "epochs": 2, "speech": True, "learning_rate": 1e-4}
    return validate_experiment(
        {
            "schema_version": 1,
            "name": "x",
            "base_model": "teaspoon",
            "data": {"train": ["english", "french"], "test": ["french"], **data},
            "stage": stages or [stage],
        }
    )


def seen(schedule: Schedule, modality: str) -> Counter[int]:
    return Counter(
        example.utterance_id
        for stage in schedule.stages
        for batch in stage.batches
        for example in batch
        if example.modality == modality
    )


def test_cross_lingual_is_one_languages_speech_anothers_text_and_a_little_of_its_speech() -> None:
    languages = {"en": {"text": 0.0, "speech": 1.0}, "fr": {"speech": 0.1}}
    schedule = build_schedule(experiment(languages=languages, speech={"share": 0.5}), TWO_LANGUAGES)
    texts, speech = seen(schedule, "text"), seen(schedule, "speech")
    assert set(texts) == set(range(200, 400))
    assert sum(id_ < 200 for id_ in speech) == 100
    assert sum(id_ >= 200 for id_ in speech) == 10
    assert set(texts.values()) == set(speech.values()) == {2}


def test_what_is_said_of_no_language_is_as_without_languages() -> None:
    alone = build_schedule(experiment(speech={"share": 0.2}), TWO_LANGUAGES[200:])
    both = build_schedule(
        experiment(speech={"share": 0.2}, languages={"en": {"text": 0.0, "speech": 0.0}}), TWO_LANGUAGES
    )
    assert both.speech_ids == alone.speech_ids
    assert seen(both, "text") == seen(alone, "text")


def test_a_smaller_part_of_a_languages_text_is_in_a_larger_one() -> None:
    def texts(share: float) -> set[int]:
        return set(seen(build_schedule(experiment(languages={"fr": {"text": share}}), TWO_LANGUAGES), "text"))

    few, more = texts(0.1), texts(0.5)
    assert few < more
    assert len(few) == 200 + 20
    assert {id_ % 5 for id_ in few if id_ >= 200} == set(range(5))


@pytest.mark.parametrize(("weight", "times"), [(3.0, {6}), (0.5, {1}), (1.5, {3})])
def test_a_weight_says_how_often_a_dataset_is_seen(weight: float, times: set[int]) -> None:
    spec = experiment(weights={"french": weight}, speech={"share": 1.0})
    schedule = build_schedule(spec, TWO_LANGUAGES)
    for modality in ("text", "speech"):
        counts = seen(schedule, modality)
        assert {count for id_, count in counts.items() if id_ < 200} == {2}
        assert {count for id_, count in counts.items() if id_ >= 200} == times
        assert len(counts) == (400 if modality == "text" else 200)


@pytest.mark.parametrize(
    "data",
    [
        {"languages": {"en": {"text": 0.3, "speech": 1.0}, "fr": {"speech": 0.1}}},
        {"weights": {"french": 0.3, "english": 2.0}},
        {"weights": {"french": 0.01}, "languages": {"fr": {"text": 0.0}}},
    ],
)
def test_the_preview_tells_what_the_schedule_does(data: dict[str, Any]) -> None:
    stages = [
        {"name": "text", "epochs": 2, "text": 0.4, "learning_rate": 1e-4},
        {"name": "mixed", "epochs": 3, "speech": True, "speech_part": 0.4, "learning_rate": 1e-4},
    ]
    spec = experiment(stages, **data)
    told = preview(spec, TWO_LANGUAGES)
    schedule = build_schedule(spec, TWO_LANGUAGES)
    assert told.total_steps == schedule.total_steps
    assert told.speech_used == len(schedule.speech_ids)
    for stage, numbers in zip(schedule.stages, told.seen, strict=True):
        counts = {kind: seen(Schedule([stage], []), kind) for kind in ("text", "speech")}
        assert numbers.text_examples == counts["text"].total()
        assert numbers.speech_examples == counts["speech"].total()
        assert numbers.text_pairs == len(counts["text"])
        assert numbers.speech_pairs == len(counts["speech"])


def test_pseudo_audio_is_shared_out_among_datasets() -> None:
    stage = {"name": "text", "pseudo_audio": 0.5, "learning_rate": 1e-4}
    for weights in ({}, {"french": 2.0}):
        schedule = build_schedule(experiment([stage], weights=weights), TWO_LANGUAGES)
        for first in (0, 200):
            own = [
                example.pseudo_audio_seed is not None
                for batch in schedule.stages[0].batches
                for example in batch
                if first <= example.utterance_id < first + 200
            ]
            assert sum(own) == pytest.approx(len(own) / 2, abs=0.1 * len(own))


def test_a_language_that_nobody_speaks_is_named_with_those_there_are() -> None:
    with pytest.raises(UserError, match='in the language "de"') as caught:
        preview(experiment(languages={"de": {"speech": 1.0}}), TWO_LANGUAGES)
    assert "There are: en, fr." in caught.value.remedy


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({"weights": {"german": 2.0}}, 'names "german", which is not trained on'),
        ({"weights": {"french": 0.0}}, "data.weights.french"),
        ({"languages": {"fr": {"speech": 1.5}}}, "data.languages.fr.speech"),
        ({"languages": {"fr": {"speach": 1.0}}}, "speach"),
    ],
)
def test_what_makes_no_sense_is_refused(data: dict[str, Any], words: str) -> None:
    with pytest.raises(UserError, match=words):
        experiment(**data)


def test_the_scheme_needs_different_shares() -> None:
    def named(languages: dict[str, Any]) -> ExperimentSpec:
        document = experiment(languages=languages).model_dump(exclude_none=True)
        return validate_experiment({**document, "scheme": "cross-lingual"})

    assert named({"en": {"text": 0.0, "speech": 1.0}, "fr": {"speech": 0.1}}).scheme == "cross-lingual"
    with pytest.raises(UserError, match="different speech shares"):
        named({"en": {"text": 0.0}})


def test_a_file_brings_it_back() -> None:
    spec = experiment(languages={"fr": {"text": 0.5, "speech": 0.02}}, weights={"french": 2.0})
    assert parse_experiment(dump_experiment(spec), "file") == spec


def test_a_whole_is_shared_out_without_rest() -> None:
    assert allotted(10, [1.0, 1.0, 1.0]) == [4, 3, 3]
    assert allotted(7, [0.0, 3.5]) == [0, 7]
    assert allotted(3, []) == []
