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
from core.experiment.presets import PRESETS, load_preset
from core.experiment.schedule import Schedule, StageSchedule, build_schedule, preview, speech_subset
from core.experiment.spec import ExperimentSpec

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


def test_recordings_are_the_shares_and_repeated_as_asked(
    experiment: Experiment, candidates: list[Candidate]
) -> None:
    spec = experiment({"speech": True, "speech_repeats": 4, "epochs": 2}, share=0.1)
    schedule = build_schedule(spec, candidates)
    assert schedule.speech_ids == sorted(speech_subset(candidates, 0.1, 17))
    for number in range(2):
        heard = Counter(epoch(schedule.stages[0], number, "speech"))
        assert heard == dict.fromkeys(schedule.speech_ids, 4)
        assert len(epoch(schedule.stages[0], number, "text")) == 300


def test_an_utterance_with_both_may_be_seen_as_both(
    experiment: Experiment, candidates: list[Candidate]
) -> None:
    (stage,) = build_schedule(experiment({"speech": True}, share=1.0), candidates).stages
    assert set(epoch(stage, 0, "speech")) < set(epoch(stage, 0, "text"))


def test_text_and_speech_are_mixed_through_an_epoch(
    experiment: Experiment, candidates: list[Candidate]
) -> None:
    (stage,) = build_schedule(experiment({"speech": True, "speech_repeats": 3}, share=1.0), candidates).stages
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
        "from core.experiment.schedule import speech_subset, build_schedule;"
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
    mixed = build_schedule(experiment({"speech": True}, share=0.0), candidates)
    assert mixed == build_schedule(experiment({}), candidates)


# -- the preview -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("share", [0.0, 0.05, 0.3, 1.0])
@pytest.mark.parametrize("accumulation", [1, 3])
def test_the_preview_tells_what_the_schedule_does(
    experiment: Experiment, candidates: list[Candidate], share: float, accumulation: int
) -> None:
    spec = experiment(
        {"epochs": 2, "text": 0.35},
        {"speech": True, "speech_repeats": 3, "epochs": 2},
        {"speech": True, "text": 0.9},
        share=share,
        accumulation=accumulation,
    )
    schedule, seen = build_schedule(spec, candidates), preview(spec, candidates)
    assert seen.total_steps == schedule.total_steps
    assert seen.speech_used == len(schedule.speech_ids)
    for stage, told in zip(schedule.stages, seen.seen, strict=True):
        examples = [example for batch in stage.batches for example in batch]
        by_modality = Counter(example.modality for example in examples)
        assert (told.text_examples, told.speech_examples) == (by_modality["text"], by_modality["speech"])
        pairs = Counter(example.modality for example in set(examples))
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


@pytest.mark.parametrize("name", sorted(path.stem for path in PRESETS.glob("demo-*.toml")))
def test_the_demo_presets_train_equally_long(name: str) -> None:
    """Otherwise a scheme could win by more steps instead of by its order."""
    candidates = [Candidate(i, f"i{i % 23}", True, i < 720, 2.3, "") for i in range(3120)]
    steps = preview(load_preset(name), candidates).total_steps
    assert steps == pytest.approx(preview(load_preset("demo-curriculum"), candidates).total_steps, rel=0.02)
