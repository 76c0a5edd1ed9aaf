"""The library: all or nothing, found again, counted right."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

from core.data.library import DEMO, Library
from core.data.search import UtteranceQuery
from core.data.utterance import Candidate, Label, Slot, Split, Utterance
from core.errors import Cancelled, UserError
from core.paths import AppPaths
from core.storage.database import open_database
from tests.conftest import WavMaker
from tests.core.data.conftest import ManifestMaker


def utterance(
    key: str,
    text: str | None = "hello",
    *,
    split: Split = "train",
    intent: str = "greet",
    slots: tuple[Slot, ...] = (),
    audio: str | None = None,
    speaker: str = "",
) -> Utterance:
    path = None if audio is None else Path(audio)
    seconds = None if audio is None else 1.5
    return Utterance(0, "", key, split, Label(intent, slots), text, path, seconds, "en", speaker)


MIXED = [
    utterance("a", "two teas", intent="order", slots=(Slot("number", "two"), Slot("drink", "teas"))),
    utterance("b", "good morning"),
    utterance("c", None, audio="/x/c.wav", speaker="anna", split="validation"),
    utterance("d", "100 % sure", audio="/x/d.wav", speaker="ben", split="test", intent="confirm"),
    utterance("e", "a latte", split="test", intent="order", slots=(Slot("size", "a"),)),
]


@pytest.fixture
def mixed(library: Library) -> Library:
    library.add_dataset("mixed", "somewhere", MIXED)
    return library


def keys(utterances: Iterable[Utterance]) -> list[str]:
    return [each.key for each in utterances]


def test_what_is_stored_comes_back_the_same(mixed: Library) -> None:
    found = list(mixed.utterances(["mixed"]))
    assert keys(found) == ["a", "b", "c", "d", "e"]
    for stored, given in zip(found, MIXED, strict=True):
        assert stored.dataset == "mixed"
        assert stored.id > 0
        assert (stored.label, stored.text, stored.audio) == (given.label, given.text, given.audio)
        assert (stored.duration_s, stored.language) == (given.duration_s, given.language)
        assert (stored.speaker, stored.split) == (given.speaker, given.split)


def test_a_dataset_is_summed_up(mixed: Library) -> None:
    summary = mixed.dataset("mixed")
    assert summary.utterances == 5
    assert summary.counts == {
        "train": {"text": 2, "speech": 0},
        "validation": {"text": 0, "speech": 1},
        "test": {"text": 2, "speech": 1},
    }
    assert summary.minutes == pytest.approx(3 / 60)
    assert summary.intents == ("confirm", "greet", "order")
    assert summary.slot_types == ("drink", "number", "size")
    assert summary.speakers == ("anna", "ben")
    assert summary.languages == ("en",)
    assert mixed.datasets() == [summary]


def test_an_empty_library_has_no_datasets(library: Library) -> None:
    assert library.datasets() == []
    with pytest.raises(UserError, match="no dataset named") as caught:
        library.dataset("mixed")
    assert "Import one" in caught.value.remedy


def test_a_misspelt_name_is_answered_with_the_nearest(mixed: Library) -> None:
    for ask in (mixed.dataset, mixed.delete_dataset, lambda name: mixed.candidates([name])):
        with pytest.raises(UserError) as caught:
            ask("mixd")
        assert "mixed" in caught.value.remedy


def test_utterances_are_found_by_id(mixed: Library) -> None:
    first, *_, last = mixed.utterances(["mixed"])
    assert mixed.by_ids([last.id, first.id, 10**9]) == {first.id: first, last.id: last}
    assert mixed.by_ids([]) == {}


def test_candidates_are_in_the_order_asked_for(mixed: Library) -> None:
    mixed.add_dataset("first", "s", [utterance("z", None, audio="/z.wav", speaker="eva", intent="i")])
    candidates = mixed.candidates(["first", "mixed"])
    assert [candidate[1:6] for candidate in candidates] == [
        ("i", False, True, 1.5, "eva"),
        ("order", True, False, 0.0, ""),
        ("greet", True, False, 0.0, ""),
    ]
    assert isinstance(candidates[0], Candidate)


def test_a_model_may_answer_with_labels_it_can_have_learned(mixed: Library) -> None:
    ontology = mixed.ontology(["mixed"])
    assert ontology.intents == ("greet", "order")  # confirm is only in test
    assert ontology.slot_types == ("drink", "number")  # and so is size


def test_what_is_quarantined_is_not_used_but_stays(mixed: Library) -> None:
    before = mixed.dataset("mixed")
    train = [utterance.key for utterance in mixed.utterances(["mixed"], ["train"])]
    assert mixed.quarantine("mixed", [*train, "no such"], "noisy") == train
    assert mixed.quarantine("mixed", train, "again") == []

    assert not mixed.candidates(["mixed"])
    assert not list(mixed.utterances(["mixed"], ["train"]))
    after = mixed.dataset("mixed")
    assert (after.utterances, after.quarantined) == (before.utterances - len(train), len(train))
    assert after.counts["train"] == {"text": 0, "speech": 0}
    assert sum(count.text for count in after.distribution) == sum(c["text"] for c in after.counts.values())
    aside = list(mixed.by_ids(mixed.find(UtteranceQuery("mixed", quarantined=True))).values())
    assert [(utterance.key, utterance.quarantined) for utterance in aside] == [
        (key, "noisy") for key in train
    ]
    assert len(mixed.find(UtteranceQuery("mixed"))) == before.utterances

    assert mixed.release("mixed", train) == train
    assert mixed.dataset("mixed") == before


def test_labels_are_counted_by_modality(mixed: Library) -> None:
    assert mixed.dataset("mixed").distribution == (("confirm", 1, 1), ("greet", 1, 1), ("order", 2, 0))


def test_a_name_is_taken_once_unless_replacing_is_asked_for(mixed: Library) -> None:
    with pytest.raises(UserError, match="already a dataset"):
        mixed.add_dataset("mixed", "s", [utterance("new")])
    assert mixed.dataset("mixed").utterances == 5
    mixed.add_dataset("mixed", "s", [utterance("new")], replace=True)
    assert keys(mixed.utterances(["mixed"])) == ["new"]


@pytest.mark.parametrize("name", ["", " mixed", "mixed ", "a/b", "a\nb", "../up", "x" * 65])
def test_names_that_files_or_commands_would_stumble_over_are_refused(library: Library, name: str) -> None:
    with pytest.raises(UserError, match="cannot be a dataset's name"):
        library.add_dataset(name, "s", [utterance("a")])


def test_a_failure_in_the_middle_leaves_nothing(library: Library) -> None:
    def broken() -> Iterator[Utterance]:
        yield utterance("a")
        raise RuntimeError

    with pytest.raises(RuntimeError):
        library.add_dataset("new", "s", broken())
    with pytest.raises(Exception, match="UNIQUE"):
        library.add_dataset("new", "s", [utterance("same"), utterance("same")])
    assert library.datasets() == []


def test_a_failed_replacement_keeps_the_old(mixed: Library) -> None:
    with pytest.raises(Exception, match="UNIQUE"):
        mixed.add_dataset("mixed", "s", [utterance("same"), utterance("same")], replace=True)
    assert mixed.dataset("mixed").utterances == 5


def test_a_cancelled_import_leaves_nothing(library: Library) -> None:
    seen: list[int] = []

    def endless() -> Iterator[Utterance]:
        for number in range(10**9):
            seen.append(number)
            yield utterance(str(number))

    with pytest.raises(Cancelled):
        library.add_dataset("new", "s", endless(), cancelled=lambda: len(seen) > 100)
    assert library.names() == []


def test_progress_ends_at_the_whole(library: Library) -> None:
    told: list[tuple[int, int | None]] = []
    many = [utterance(str(number)) for number in range(2500)]
    library.add_dataset("new", "s", many, progress=lambda done, total: told.append((done, total)))
    assert told == [(1000, None), (2000, None), (2500, 2500)]


def test_deleting_forgets_the_utterances_and_keeps_the_audio(library: Library, wav_file: WavMaker) -> None:
    audio = wav_file()
    library.add_dataset("d", "s", [utterance("a", audio=str(audio))])
    old_id = next(library.utterances(["d"])).id
    library.delete_dataset("d")
    assert library.names() == []
    assert audio.is_file()
    library.add_dataset("d", "s", [utterance("a")])
    assert next(library.utterances(["d"])).id > old_id  # ids are never used again


def test_audio_inside_the_home_moves_with_it(app_paths: AppPaths, tmp_path: Path) -> None:
    with open_database(app_paths.database) as db:
        inside, outside = app_paths.audio / "take.wav", tmp_path / "elsewhere.wav"
        Library(db, app_paths).add_dataset(
            "d", "s", [utterance("in", audio=str(inside)), utterance("out", audio=str(outside))]
        )
    moved = AppPaths(app_paths.home.rename(tmp_path / "moved"))
    with open_database(moved.database) as db:
        found = {each.key: each.audio for each in Library(db, moved).utterances(["d"])}
    assert found == {"in": moved.audio / "take.wav", "out": outside}


# -- the built-in demo ---------------------------------------------------------------------------------

DEMO_LINE = {"id": "x", "text": "hello", "intent": "greet", "split": "train"}


def test_the_demo_is_there_from_the_start_and_read_once(library: Library, manifest: ManifestMaker) -> None:
    path = manifest(DEMO_LINE)
    library.ensure_demo(path)
    first = next(library.utterances([DEMO])).id
    library.ensure_demo(path)
    assert next(library.utterances([DEMO])).id == first
    assert library.dataset(DEMO).source == "built in"


def test_a_changed_demo_is_read_again(library: Library, manifest: ManifestMaker) -> None:
    library.ensure_demo(manifest(DEMO_LINE))
    library.ensure_demo(manifest(DEMO_LINE, {**DEMO_LINE, "id": "y"}))
    assert library.dataset(DEMO).utterances == 2


def test_a_deleted_demo_stays_deleted(library: Library, manifest: ManifestMaker) -> None:
    library.ensure_demo(manifest(DEMO_LINE))
    library.delete_dataset(DEMO)
    library.ensure_demo(manifest(DEMO_LINE, {**DEMO_LINE, "id": "y"}))
    assert library.names() == []


def test_a_users_own_dataset_named_demo_is_left_alone(library: Library, manifest: ManifestMaker) -> None:
    library.add_dataset(DEMO, "mine", [utterance("mine")])
    library.ensure_demo(manifest(DEMO_LINE))
    assert keys(library.utterances([DEMO])) == ["mine"]


def test_the_shipped_demo_is_complete(library: Library) -> None:
    library.ensure_demo()
    summary = library.dataset(DEMO)
    assert summary.counts["train"]["text"] >= 2000
    assert summary.counts["train"]["speech"] >= 600
    assert summary.counts["test"]["speech"] >= 300
    assert all(each.audio is None or each.audio.is_file() for each in library.utterances([DEMO]))
