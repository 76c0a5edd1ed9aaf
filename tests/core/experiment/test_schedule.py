"""What each stage sees: the scientific heart. Nested, stratified, complete, and the same everywhere."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import pytest

from core.data.utterance import Candidate
from core.errors import UserError
from core.experiment.augmentation import AugmentationSpec, SpeedSpec
from core.experiment.pools import speech_subset
from core.experiment.presets import PRESETS
from core.experiment.schedule import Schedule, StageSchedule, build_schedule, preview
from core.experiment.spec import ExperimentSpec, load_experiment

Experiment = Callable[..., ExperimentSpec]
SHARES = (0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 0.75, 1.0)
GOLDEN_SUBSET = "[398, 234, 160, 136, 50, 296, 102, 220, 366, 306]"


def epoch(stage: StageSchedule, number: int, modality: str) -> list[int]:
    """The utterances of one epoch in order, with this modality."""
    return [
        example.utterance_id
        for batch, of_epoch in zip(stage.batches, stage.epoch_of_batch, strict=True)
        for example in batch
        if of_epoch == number and example.modality == modality
    ]


# -- which recordings a share means --------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(20))
def test_a_smaller_share_is_inside_a_larger_one(candidates: list[Candidate], seed: int) -> None:
    subsets = [set(speech_subset(candidates, share, seed)) for share in SHARES]
    assert all(small < large for small, large in pairwise(subsets))
    assert subsets[-1] == {candidate.id for candidate in candidates if candidate.has_audio}


@pytest.mark.parametrize(
    ("share", "count"), [(0.0, 0), (0.001, 1), (0.01, 1), (0.05, 5), (0.055, 6), (0.5, 50), (1.0, 100)]
)
def test_a_share_is_rounded_to_whole_recordings_and_at_least_one(
    candidates: list[Candidate], share: float, count: int
) -> None:
    chosen = speech_subset(candidates, share, 17)
    assert len(chosen) == len(set(chosen)) == count


@pytest.mark.parametrize("seed", range(20))
def test_every_intent_is_covered_before_any_is_heard_twice(candidates: list[Candidate], seed: int) -> None:
    intent_of = {candidate.id: candidate.intent for candidate in candidates}
    few = [intent_of[id_] for id_ in speech_subset(candidates, 0.05, seed)]
    assert few == [f"intent {number}" for number in range(5)]  # the frequent ones, when not all fit
    enough = {intent_of[id_] for id_ in speech_subset(candidates, 0.08, seed)}
    assert len(enough) == 8


@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize("share", [0.25, 0.5, 0.75])
def test_a_share_mirrors_the_intents(candidates: list[Candidate], share: float, seed: int) -> None:
    recordings = [candidate for candidate in candidates if candidate.has_audio]
    intent_of = {candidate.id: candidate.intent for candidate in recordings}
    chosen = Counter(intent_of[id_] for id_ in speech_subset(candidates, share, seed))
    for intent, whole in Counter(candidate.intent for candidate in recordings).items():
        assert abs(chosen[intent] - max(1, share * whole)) <= 1.5


def test_another_seed_chooses_others(candidates: list[Candidate]) -> None:
    choices = {tuple(speech_subset(candidates, 0.1, seed)) for seed in range(20)}
    assert len(choices) == 20


def test_only_the_order_counts_not_the_ids(candidates: list[Candidate]) -> None:
    """The same dataset imported into another home has other row ids and must give the same choice."""
    moved = [candidate._replace(id=candidate.id * 7 + 1) for candidate in candidates]
    expected = [id_ * 7 + 1 for id_ in speech_subset(candidates, 0.2, 17)]
    assert speech_subset(moved, 0.2, 17) == expected


def test_text_does_not_change_which_recordings_are_chosen(candidates: list[Candidate]) -> None:
    spoken = [candidate for candidate in candidates if candidate.has_audio]
    assert speech_subset(spoken, 0.2, 17) == speech_subset(candidates, 0.2, 17)


# -- what a stage sees ---------------------------------------------------------------------------------


def test_each_epoch_sees_all_text_once_in_another_order(
    experiment: Experiment, candidates: list[Candidate]
) -> None:
    (stage,) = build_schedule(experiment({"epochs": 3}), candidates).stages
    epochs = [epoch(stage, number, "text") for number in range(3)]
    everything = [candidate.id for candidate in candidates]
    assert all(sorted(seen) == everything for seen in epochs)
    assert len({tuple(seen) for seen in [everything, *epochs]}) == 4


def test_a_text_share_sees_another_part_each_epoch_until_all_was_seen(
    experiment: Experiment, candidates: list[Candidate]
) -> None:
    (stage,) = build_schedule(experiment({"epochs": 5, "text": 0.3}), candidates).stages
    epochs = [epoch(stage, number, "text") for number in range(5)]
    assert all(len(set(seen)) == len(seen) == 90 for seen in epochs)
    assert len(set().union(*epochs[:3])) == 270  # nothing twice while there is something unseen
    assert len(set().union(*epochs[:4])) == 300
    assert max(Counter(id_ for seen in epochs for id_ in seen).values()) == 2


def test_recordings_are_the_shares_and_heard_once_beside_the_text(
    experiment: Experiment, candidates: list[Candidate]
) -> None:
    schedule = build_schedule(experiment({"speech": True, "epochs": 2}, share=0.1), candidates)
    assert schedule.speech_ids == sorted(speech_subset(candidates, 0.1, 17))
    for number in range(2):
        assert sorted(epoch(schedule.stages[0], number, "speech")) == schedule.speech_ids
        assert len(epoch(schedule.stages[0], number, "text")) == 300


# -- the part of an epoch that is speech -----------------------------------------------------------------


@pytest.mark.parametrize("share", SHARES)
def test_speech_takes_the_place_of_its_part_of_the_text_at_any_share(
    experiment: Experiment, candidates: list[Candidate], share: float
) -> None:
    spec = experiment({"speech": True, "speech_part": 0.4, "text": 0.5, "epochs": 3}, share=share)
    (stage,) = build_schedule(spec, candidates).stages
    for number in range(3):
        assert len(epoch(stage, number, "speech")) == 60
        assert len(epoch(stage, number, "text")) == 90
    texts = [id_ for number in range(3) for id_ in epoch(stage, number, "text")]
    assert len(set(texts)) == 270  # what one epoch had no place for comes first in the next


@pytest.mark.parametrize("share", SHARES)
def test_recordings_are_repeated_evenly_until_they_fill_their_part(
    experiment: Experiment, candidates: list[Candidate], share: float
) -> None:
    spec = experiment({"speech": True, "speech_part": 0.5, "epochs": 3}, share=share)
    schedule = build_schedule(spec, candidates)
    for epochs in (1, 2, 3):
        heard = Counter(
            id_ for number in range(epochs) for id_ in epoch(schedule.stages[0], number, "speech")
        )
        assert set(heard) == set(schedule.speech_ids)
        assert max(heard.values()) - min(heard.values()) <= 1


def test_without_places_for_all_recordings_each_epoch_hears_others(
    experiment: Experiment, candidates: list[Candidate]
) -> None:
    spec = experiment({"speech": True, "speech_part": 0.1, "epochs": 4}, share=1.0)
    (stage,) = build_schedule(spec, candidates).stages
    epochs = [epoch(stage, number, "speech") for number in range(4)]
    assert [len(set(heard)) for heard in epochs] == [30, 30, 30, 30]
    assert len(set().union(*epochs[:3])) == 90
    assert len(set().union(*epochs)) == 100
    # The first of them are those of a smaller share: every intent is among them.
    assert sorted(epochs[0]) == sorted(speech_subset(candidates, 0.3, 17))


@pytest.mark.parametrize(("part", "speech"), [(0.001, 1), (0.999, 299)])
def test_a_part_leaves_room_for_both(
    experiment: Experiment, candidates: list[Candidate], part: float, speech: int
) -> None:
    (stage,) = build_schedule(experiment({"speech": True, "speech_part": part}), candidates).stages
    assert len(epoch(stage, 0, "speech")) == speech
    assert len(epoch(stage, 0, "text")) == 300 - speech


# -- text written as pseudo-audio ------------------------------------------------------------------------


def written(spec: ExperimentSpec, candidates: list[Candidate], number: int = 0) -> dict[int, int]:
    """The texts that an epoch of the first stage writes as pseudo-audio, with their seeds."""
    stage = build_schedule(spec, candidates).stages[0]
    return {
        example.utterance_id: example.pseudo_audio_seed
        for batch, of_epoch in zip(stage.batches, stage.epoch_of_batch, strict=True)
        for example in batch
        if of_epoch == number and example.pseudo_audio_seed is not None
    }


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("number", range(4))
def test_a_smaller_share_of_pseudo_audio_is_inside_a_larger_one_and_written_alike(
    experiment: Experiment, candidates: list[Candidate], number: int, seed: int
) -> None:
    shares = [
        written(experiment({"pseudo_audio": share, "epochs": 4}, seed=seed), candidates, number)
        for share in SHARES
    ]
    assert [len(share) for share in shares] == [3, 6, 15, 30, 75, 150, 225, 300]
    assert all(small.items() < large.items() for small, large in pairwise(shares))


def test_half_as_pseudo_audio_alternates_and_a_quarter_takes_turns(
    experiment: Experiment, candidates: list[Candidate]
) -> None:
    half = experiment({"pseudo_audio": 0.5, "epochs": 4})
    quarter = experiment({"pseudo_audio": 0.25, "epochs": 4})
    everything = {candidate.id for candidate in candidates}
    assert written(half, candidates, 0).keys() | written(half, candidates, 1).keys() == everything
    assert written(half, candidates, 2).keys() | written(half, candidates, 3).keys() == everything
    assert set().union(*(written(quarter, candidates, number) for number in range(4))) == everything


def test_part_of_the_text_alternates_when_it_comes_around_again(
    experiment: Experiment, candidates: list[Candidate]
) -> None:
    spec = experiment({"pseudo_audio": 0.5, "text": 0.5, "epochs": 4})
    epochs = [written(spec, candidates, number).keys() for number in range(4)]
    assert len(epochs[0] | epochs[1] | epochs[2] | epochs[3]) == 300


def test_each_writing_has_a_chance_of_its_own_that_no_row_id_changes(
    experiment: Experiment, candidates: list[Candidate]
) -> None:
    spec = experiment({"pseudo_audio": 1.0, "epochs": 2})
    first, second = written(spec, candidates, 0), written(spec, candidates, 1)
    assert len({*first.values(), *second.values()}) == 600
    moved = [candidate._replace(id=candidate.id * 7 + 1) for candidate in candidates]
    assert written(spec, moved, 0) == {id_ * 7 + 1: seed for id_, seed in first.items()}
    other = experiment({"pseudo_audio": 1.0, "epochs": 2}, seed=18)
    assert not {*written(other, candidates).values()} & {*first.values()}


def test_pseudo_audio_changes_neither_what_is_seen_nor_its_order(
    experiment: Experiment, candidates: list[Candidate]
) -> None:
    stage = {"speech": True, "speech_part": 0.3, "epochs": 2}
    plain = build_schedule(experiment(stage), candidates).stages[0]
    pseudo = build_schedule(experiment({**stage, "pseudo_audio": 0.5}), candidates).stages[0]
    assert [[example[:2] for example in batch] for batch in pseudo.batches] == [
        [example[:2] for example in batch] for batch in plain.batches
    ]
    assert all(
        example.modality == "text"
        for batch in pseudo.batches
        for example in batch
        if example.pseudo_audio_seed is not None
    )


def test_an_utterance_with_both_may_be_seen_as_both(
    experiment: Experiment, candidates: list[Candidate]
) -> None:
    (stage,) = build_schedule(experiment({"speech": True}, share=1.0), candidates).stages
    assert set(epoch(stage, 0, "speech")) < set(epoch(stage, 0, "text"))


def test_text_and_speech_are_mixed_through_an_epoch(
    experiment: Experiment, candidates: list[Candidate]
) -> None:
    (stage,) = build_schedule(experiment({"speech": True, "speech_part": 0.5}, share=1.0), candidates).stages
    speech = [sum(example.modality == "speech" for example in batch) for batch in stage.batches[:-1]]
    assert all(2 <= count <= 14 for count in speech)


def test_a_stage_without_speech_hears_nothing(experiment: Experiment, candidates: list[Candidate]) -> None:
    schedule = build_schedule(experiment({}, share=1.0), candidates)
    assert epoch(schedule.stages[0], 0, "speech") == []
    assert schedule.speech_ids == []


def test_stages_of_one_run_are_ordered_differently(
    experiment: Experiment, candidates: list[Candidate]
) -> None:
    first, second = build_schedule(experiment({}, {}), candidates).stages
    assert epoch(first, 0, "text") != epoch(second, 0, "text")


@pytest.mark.parametrize("batch_size", [1, 7, 16, 300, 1000])
@pytest.mark.parametrize("accumulation", [1, 3, 1000])
def test_batches_and_steps_add_up(
    experiment: Experiment, candidates: list[Candidate], batch_size: int, accumulation: int
) -> None:
    spec = experiment({"epochs": 2}, batch_size=batch_size, accumulation=accumulation)
    schedule = build_schedule(spec, candidates)
    (stage,) = schedule.stages
    per_epoch = -(-300 // batch_size)
    assert stage.epoch_of_batch == [0] * per_epoch + [1] * per_epoch
    assert {len(batch) for batch in stage.batches[: per_epoch - 1]} <= {batch_size}
    assert len(stage.batches[per_epoch - 1]) == 300 - (per_epoch - 1) * batch_size
    assert stage.steps == schedule.total_steps == 2 * -(-per_epoch // accumulation)
    # An epoch's last batch always ends a step: no gradient is carried into the next epoch or lost.
    assert stage.ends_step[per_epoch - 1]
    assert stage.ends_step[-1]


def test_the_seed_decides_everything(experiment: Experiment, candidates: list[Candidate]) -> None:
    def build(seed: int) -> Schedule:
        return build_schedule(experiment({"speech": True, "text": 0.5}, seed=seed), candidates)

    assert build(17) == build(17)
    assert build(17) != build(18)


def test_another_process_builds_the_same(candidates: list[Candidate]) -> None:
    """Nothing may depend on Python's hash seed; and the order is written down, so that it stays."""
    program = (
        "from core.data.utterance import Candidate;"
        "from core.experiment.pools import speech_subset;from core.experiment.schedule import build_schedule;"
        "from core.experiment.presets import load_preset;"
        "c = [Candidate(i, f'i{i % 9}', True, i % 2 == 0, 1.0, '') for i in range(400)];"
        "s = build_schedule(load_preset('demo-curriculum'), c);"
        "print(speech_subset(c, 0.05, 17), [list(e) for e in s.stages[1].batches[3][:4]])"
    )
    said = {
        subprocess.run(
            [sys.executable, "-c", program],
            env={"PYTHONHASHSEED": seed, "PYTHONPATH": str(Path(__file__).resolve().parents[3])},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(said) == 1
    assert said.pop().startswith(GOLDEN_SUBSET)


# -- stages that would have nothing to learn from --------------------------------------------------------


def only(candidates: list[Candidate], *, text: bool, audio: bool) -> list[Candidate]:
    return [candidate._replace(has_text=text, has_audio=audio) for candidate in candidates]


def test_speech_without_recordings_is_refused(experiment: Experiment, candidates: list[Candidate]) -> None:
    silent = only(candidates, text=True, audio=False)
    for build in (build_schedule, preview):
        with pytest.raises(UserError, match="has no recordings") as caught:
            build(experiment({"speech": True}), silent)
        assert caught.value.where == 'stage "stage"'


def test_text_without_text_is_refused(experiment: Experiment, candidates: list[Candidate]) -> None:
    spoken = only(candidates, text=False, audio=True)
    with pytest.raises(UserError, match="has no text"):
        build_schedule(experiment({"speech": True}), spoken)
    schedule = build_schedule(experiment({"speech": True, "text": 0}, share=1.0), spoken)
    assert len(epoch(schedule.stages[0], 0, "speech")) == 300


def test_no_data_at_all_is_refused(experiment: Experiment) -> None:
    with pytest.raises(UserError):
        build_schedule(experiment({}), [])


def test_speech_only_at_share_zero_is_refused(experiment: Experiment, candidates: list[Candidate]) -> None:
    with pytest.raises(UserError, match="share is 0"):
        build_schedule(experiment({"speech": True, "text": 0}, share=0.0), candidates)


def test_a_mixture_at_share_zero_is_the_zero_point_of_the_curve(
    experiment: Experiment, candidates: list[Candidate]
) -> None:
    alone = build_schedule(experiment({}), candidates)
    assert build_schedule(experiment({"speech": True}, share=0.0), candidates) == alone
    assert build_schedule(experiment({"speech": True, "speech_part": 0.5}, share=0.0), candidates) == alone


# -- the preview -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("share", [0.0, 0.05, 0.3, 1.0])
@pytest.mark.parametrize("accumulation", [1, 3])
def test_the_preview_tells_what_the_schedule_does(
    experiment: Experiment, candidates: list[Candidate], share: float, accumulation: int
) -> None:
    spec = experiment(
        {"epochs": 2, "text": 0.35, "pseudo_audio": 0.3},
        {"speech": True, "speech_part": 0.17, "epochs": 2},
        {"speech": True, "text": 0.9},
        share=share,
        accumulation=accumulation,
    )
    schedule, seen = build_schedule(spec, candidates), preview(spec, candidates)
    assert seen.total_steps == schedule.total_steps
    assert seen.speech_used == len(schedule.speech_ids)
    everything = {example for stage in schedule.stages for batch in stage.batches for example in batch}
    assert seen.speech_heard == len({e.utterance_id for e in everything if e.modality == "speech"})
    for stage, told in zip(schedule.stages, seen.seen, strict=True):
        examples = [example for batch in stage.batches for example in batch]
        by_modality = Counter(example.modality for example in examples)
        assert (told.text_examples, told.speech_examples) == (by_modality["text"], by_modality["speech"])
        assert told.pseudo_audio_examples == sum(e.pseudo_audio_seed is not None for e in examples)
        pairs = Counter(modality for _, modality in {example[:2] for example in examples})
        assert (told.text_pairs, told.speech_pairs) == (pairs["text"], pairs["speech"])
        assert told.steps == stage.steps


def test_the_preview_says_how_much_speech_a_share_is(
    experiment: Experiment, candidates: list[Candidate]
) -> None:
    seen = preview(experiment({"speech": True}, share=0.3), candidates)
    assert (seen.text_pool, seen.speech_pool_total, seen.speech_used) == (300, 100, 30)
    assert seen.speech_minutes == pytest.approx(1.0)
    assert (seen.intents_covered, seen.intents_total, seen.speakers) == (8, 8, 5)
    few = preview(experiment({"speech": True}, share=0.04), candidates)
    assert few.intents_covered == 4


def test_recordings_without_a_place_are_told(experiment: Experiment, candidates: list[Candidate]) -> None:
    few = experiment({"speech": True, "speech_part": 0.1}, {"speech": True, "speech_part": 0.2}, share=1.0)
    seen = preview(few, candidates)
    assert (seen.speech_used, seen.speech_heard) == (100, 60)
    assert preview(experiment({"speech": True}, share=1.0), candidates).speech_heard == 100


@pytest.mark.parametrize("share", [0.01, 0.02, 0.05, 0.1, 1.0])
@pytest.mark.parametrize("name", sorted(path.stem for path in PRESETS.glob("demo-*.toml")))
def test_the_demo_presets_train_equally_long_at_every_share(name: str, share: float) -> None:
    """Otherwise a scheme could win by more steps instead of by its order."""
    candidates = [Candidate(i, f"i{i % 23}", True, i < 720, 2.3, "") for i in range(3120)]
    spec = load_experiment(PRESETS / f"{name}.toml", [f"data.speech.share={share}"])
    seen = preview(spec, candidates)
    assert seen.total_steps == 390
    speech = sum(stage.speech_examples for stage in seen.seen)
    assert speech == (0 if "text-only" in name else 1560)
    assert seen.speech_heard == seen.speech_used


def test_each_time_a_recording_is_heard_it_is_changed_otherwise(
    experiment: Callable[..., ExperimentSpec], candidates: list[Candidate]
) -> None:
    plain = experiment({"speech": True, "epochs": 3}, {"speech": True})
    spec = plain.model_copy(update={"augmentation": AugmentationSpec(speed=SpeedSpec())})
    stages = build_schedule(spec, candidates).stages
    examples = [example for stage in stages for batch in stage.batches for example in batch]
    seeds = [example.augmentation_seed for example in examples if example.modality == "speech"]
    assert None not in seeds
    assert len(set(seeds)) == len(seeds) == 4 * 10
    assert {example.augmentation_seed for example in examples if example.modality == "text"} == {None}
    # What is heard when stays as it is.
    as_they_are = build_schedule(plain, candidates).stages
    unchanged = [example for stage in as_they_are for batch in stage.batches for example in batch]
    assert [example._replace(augmentation_seed=None) for example in examples] == unchanged
    assert build_schedule(spec, candidates) == build_schedule(spec, candidates)
