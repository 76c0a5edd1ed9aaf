"""Splits given to utterances without one: the asked-for parts, and nothing tested that was learned."""

from __future__ import annotations

from collections import Counter, defaultdict
from pathlib import Path

import pytest

from core.data.splits import Division, Entry, assign_splits, spoken_form
from core.data.utterance import Label, Split
from core.errors import UserError


def entry(
    text: str | None = None,
    *,
    audio: bool = False,
    speaker: str = "",
    split: Split | None = None,
    intent: str = "order",
) -> Entry:
    path = Path("/a.wav") if audio else None
    return Entry("k", Label(intent), text, path, 1.0 if audio else None, "", speaker, split)


def test_recordings_and_mere_text_each_come_in_the_asked_for_parts() -> None:
    entries = [entry(f"text {i}") for i in range(4000)] + [entry(audio=True) for _ in range(219)]
    splits = assign_splits(entries, Division())
    assert Counter(splits[:4000]) == {"train": 3200, "validation": 400, "test": 400}
    assert Counter(splits[4000:]) == {"train": 175, "validation": 22, "test": 22}
    other_parts = assign_splits(entries, Division((0.6, 0.1, 0.3)))
    assert Counter(other_parts[4000:])["test"] == 66


def test_the_same_seed_gives_the_same_splits_and_another_seed_others() -> None:
    entries = [entry(f"text {i}") for i in range(200)]
    assert assign_splits(entries, Division(seed=1)) == assign_splits(entries, Division(seed=1))
    assert assign_splits(entries, Division(seed=1)) != assign_splits(entries, Division(seed=2))


@pytest.mark.parametrize("seed", range(10))
def test_no_voice_is_in_two_splits(seed: int) -> None:
    entries = [entry("hello", audio=True, speaker=f"s{i % 12}") for i in range(300)]
    splits = assign_splits(entries, Division(seed=seed))
    of_speaker = defaultdict(set)
    for each, split in zip(entries, splits, strict=True):
        of_speaker[each.speaker].add(split)
    assert all(len(found) == 1 for found in of_speaker.values())
    assert Counter(splits) == {"train": 250, "validation": 25, "test": 25}


@pytest.mark.parametrize(
    ("speakers", "expected"),
    [(1, {"train"}), (2, {"train", "test"}), (3, {"train", "validation", "test"})],
)
def test_with_few_speakers_training_comes_first_and_testing_second(
    speakers: int, expected: set[Split]
) -> None:
    entries = [entry(audio=True, speaker=f"s{i % speakers}") for i in range(30)]
    assert set(assign_splits(entries, Division())) == expected


def test_a_talkative_speaker_does_not_eat_the_training_data() -> None:
    entries = [entry(audio=True, speaker="chatty") for _ in range(90)]
    entries += [entry(audio=True, speaker=f"s{i}") for i in range(10)]
    for seed in range(20):
        assert assign_splits(entries, Division(seed=seed))[0] == "train"


@pytest.mark.parametrize("seed", range(10))
def test_no_text_is_in_two_splits_however_it_is_written(seed: int) -> None:
    entries = [entry(f"turn on lamp {i}") for i in range(50)] + [
        entry(f"Turn on LAMP {i}!") for i in range(50)
    ]
    splits = assign_splits(entries, Division(seed=seed))
    assert splits[:50] == splits[50:]
    assert set(splits) == {"train", "validation", "test"}


def test_text_said_by_a_test_voice_is_not_learned_from() -> None:
    entries = [entry(f"sentence {i}", audio=True, speaker=f"s{i}") for i in range(40)]
    entries += [entry(f"Sentence {i}") for i in range(40)]
    splits = assign_splits(entries, Division())
    assert splits[:40] == splits[40:]


def test_a_sentence_that_all_voices_say_stays_in_training() -> None:
    entries = [entry("yes please", audio=True, speaker=f"s{i}") for i in range(40)] + [entry("yes please")]
    assert assign_splits(entries, Division())[-1] == "train"


def test_given_splits_stay_and_draw_their_speakers_and_texts() -> None:
    entries = [
        entry("one", audio=True, speaker="anna", split="test"),
        entry("two", audio=True, speaker="anna"),
        entry("three", split="validation"),
        entry("Three."),
        *[entry(f"text {i}") for i in range(20)],
    ]
    assert assign_splits(entries, Division())[:4] == ["test", "test", "validation", "validation"]


@pytest.mark.parametrize("seed", range(5))
def test_every_intent_that_can_be_tested_is(seed: int) -> None:
    entries = [entry(f"{intent} {i}", intent=intent) for intent in "abcde" for i in range(20)]
    splits = assign_splits(entries, Division(seed=seed))
    tested = {e.label.intent for e, split in zip(entries, splits, strict=True) if split == "test"}
    assert tested == set("abcde")


def test_all_may_go_to_one_split() -> None:
    entries = [entry(f"text {i}") for i in range(10)]
    assert set(assign_splits(entries, Division((0, 0, 1)))) == {"test"}
    assert set(assign_splits(entries, Division((1, 0, 0)))) == {"train"}
    assert Counter(assign_splits(entries, Division((0, 0.5, 0.5)))) == {"validation": 5, "test": 5}


@pytest.mark.parametrize("fractions", [(0.8, 0.1, 0.2), (1.1, -0.1, 0.0)])
def test_parts_that_are_no_parts_are_refused(fractions: tuple[float, float, float]) -> None:
    with pytest.raises(UserError, match="parts"):
        Division(fractions)


def test_texts_that_sound_the_same_have_one_spoken_form() -> None:
    assert spoken_form("  What's the TIME, please? ") == spoken_form("what's the time please")
    assert spoken_form("Größe") == spoken_form("GRÖSSE")
