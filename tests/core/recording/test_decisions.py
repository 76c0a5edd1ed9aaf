"""Accepting, rejecting, labelling and reviewing takes, and all of it undone."""

from __future__ import annotations

from dataclasses import replace

import pytest

from core.data.search import UtteranceQuery
from core.data.utterance import Label, Slot, Utterance
from core.errors import UserError
from core.recording.session import Session, SessionPlan, Speaker
from core.recording.store import RecordingStore
from tests.core.recording.conftest import LAMP, PROMPTS, Record, utterances


def everything(store: RecordingStore, session: Session) -> object:
    """All that an undo must give back."""
    found = [store.library.by_ids(store.library.find(UtteranceQuery(name))) for name in store.library.names()]
    shown = [store.library.dataset(name) for name in store.library.names()]
    return (
        found,
        [replace(each, created_at="", minutes=round(each.minutes, 9)) for each in shown],
        store.prompts(session.id),
        store.takes_of_session(session.id),
        store.reviews(session.id),
    )


def words(store: RecordingStore, sought: str) -> int:
    return len(store.library.find(UtteranceQuery("mine", search=sought)))


def test_an_accepted_take_is_an_utterance_of_the_dataset_at_once(
    store: RecordingStore, session: Session, record: Record
) -> None:
    first, *_ = store.prompts(session.id)
    take = record(first)
    assert utterances(store) == {}
    store.decisions.accept(take.id)

    (utterance,) = utterances(store).values()
    assert utterance.key == f"{session.short}-1"
    assert (utterance.text, utterance.label, utterance.language) == (first.text, LAMP, "en")
    assert (utterance.split, utterance.speaker, utterance.audio) == ("test", "ann", take.path)
    assert utterance.duration_s == pytest.approx(0.6)
    summary = store.library.dataset("mine")
    assert summary.counts["test"] == {"text": 1, "speech": 1}
    assert summary.slot_types == ("room",)
    assert words(store, "kitch") == 1


def test_the_numbers_are_those_of_a_count(store: RecordingStore, record: Record) -> None:
    theirs = [
        Utterance(0, "mine", "a", "test", Label("greet"), text="hello", language="en", speaker="zoe"),
        Utterance(0, "mine", "b", "train", Label("part", (Slot("who", "x"),)), text="bye"),
    ]
    store.library.add_dataset("mine", "somewhere", theirs)
    session = store.begin(SessionPlan("mine", Speaker("ben")), PROMPTS)
    first, second, _ = store.prompts(session.id)
    takes = [record(first), record(first, 0.8), record(second, 0.7)]
    for decide in (
        lambda: store.decisions.accept(takes[0].id),
        lambda: store.decisions.accept(takes[1].id),
        lambda: store.decisions.accept(takes[2].id),
        lambda: store.decisions.reject(takes[1].id),
        lambda: store.decisions.undo(session.id),
    ):
        decide()
        kept = store.library.dataset("mine")
        store.db.conn.execute("UPDATE datasets SET summary = NULL")
        counted = store.library.dataset("mine")
        assert kept.minutes == pytest.approx(counted.minutes)
        assert replace(kept, minutes=0) == replace(counted, minutes=0)
        store.library.additions.settle("mine")


def test_a_retake_takes_the_place_and_the_old_take_stays(
    store: RecordingStore, session: Session, record: Record
) -> None:
    prompt = store.prompts(session.id)[0]
    old, new = record(prompt), record(prompt, 0.8)
    store.decisions.accept(old.id)
    store.library.edits.set_text("mine", f"{session.short}-1", "turn on that lamp", "ann")
    store.decisions.accept(new.id)

    assert [(take.number, take.state) for take in store.takes(prompt.id)] == [(1, "kept"), (2, "accepted")]
    assert old.path.is_file()
    (utterance,) = utterances(store).values()
    assert (utterance.audio, utterance.text) == (new.path, "turn on that lamp"), "a correction stays"
    store.decisions.undo(session.id)
    (utterance,) = utterances(store).values()
    assert (utterance.audio, utterance.text) == (old.path, "turn on that lamp")


@pytest.mark.parametrize("what", ["accept", "retake", "reject", "skip", "reopen", "note", "label", "review"])
def test_an_undo_gives_back_exactly_what_was_there(
    store: RecordingStore, session: Session, record: Record, what: str
) -> None:
    first, second, third = store.prompts(session.id)
    takes = [record(first), record(first, 0.8), record(third)]
    decisions = store.decisions
    if what != "accept":
        decisions.accept(takes[0].id)
        decisions.accept(takes[2].id)
        decisions.skip(second.id)
    before = everything(store, session)
    {
        "accept": lambda: decisions.accept(takes[0].id),
        "retake": lambda: decisions.accept(takes[1].id),
        "reject": lambda: decisions.reject(takes[0].id, "a door"),
        "skip": lambda: decisions.skip(second.id),
        "reopen": lambda: decisions.reopen(second.id),
        "note": lambda: decisions.note(takes[0].id, "a cold"),
        "label": lambda: decisions.label(third.id, Label("idle")),
        "review": lambda: decisions.review(takes[0].id, "ben", "reject", reason="a door"),
    }[what]()
    if what != "skip":
        assert everything(store, session) != before
    undone = decisions.undo(session.id)
    assert undone is not None
    assert everything(store, session) == before


def test_everything_can_be_undone_back_to_the_beginning(
    store: RecordingStore, session: Session, record: Record
) -> None:
    takes = [record(prompt) for prompt in store.prompts(session.id)]
    before = everything(store, session)
    for take in takes:
        store.decisions.accept(take.id)
    store.decisions.reject(takes[1].id, "noise")
    while store.decisions.undo(session.id):
        pass
    assert everything(store, session) == before
    assert store.library.names() == []


def test_a_rejected_take_is_set_aside_and_its_prompt_is_open_again(
    store: RecordingStore, session: Session, record: Record
) -> None:
    first = store.prompts(session.id)[0]
    take = record(first)
    store.decisions.accept(take.id)
    assert store.first_open(session.id) != first
    rejected = store.decisions.reject(take.id, "a door slammed")
    assert (rejected.state, rejected.reason) == ("rejected", "a door slammed")
    assert utterances(store) == {}
    assert store.library.dataset("mine").quarantined == 1
    assert store.first_open(session.id) == first
    assert store.to_record_again(session.id) == [first]
    again = record(first)
    store.decisions.accept(again.id)
    assert [each.audio for each in utterances(store).values()] == [again.path]
    assert store.to_record_again(session.id) == []


def test_a_text_without_a_label_becomes_an_utterance_when_somebody_labels_it(
    store: RecordingStore, session: Session, record: Record
) -> None:
    third = store.prompts(session.id)[2]
    take = record(third)
    store.decisions.accept(take.id)
    assert store.library.names() == []
    store.decisions.label(third.id, Label("idle", (Slot("who", "nobody"),)))
    (utterance,) = utterances(store).values()
    assert (utterance.label.intent, utterance.audio) == ("idle", take.path)
    store.decisions.label(third.id, Label("rest"))
    assert [each.label.intent for each in utterances(store).values()] == ["rest"]
    with pytest.raises(UserError, match="intent is empty"):
        store.decisions.label(third.id, Label(" "))


def test_the_dataset_that_was_there_keeps_its_utterances(store: RecordingStore, record: Record) -> None:
    theirs = Utterance(0, "mine", "theirs", "train", Label("greet"), text="hello")
    store.library.add_dataset("mine", "somewhere", [theirs])
    session = store.begin(SessionPlan("mine", Speaker("ben")), PROMPTS)
    store.decisions.accept(record(store.prompts(session.id)[0]).id)
    assert set(utterances(store)) == {"theirs", f"{session.short}-1"}
    store.decisions.undo(session.id)
    assert set(utterances(store)) == {"theirs"}
    assert store.library.dataset("mine").source == "somewhere"


def test_an_undo_finds_its_way_when_the_dataset_was_imported_again(
    store: RecordingStore, session: Session, record: Record
) -> None:
    prompt = store.prompts(session.id)[0]
    old, new = record(prompt), record(prompt)
    store.decisions.accept(old.id)
    store.decisions.accept(new.id)
    theirs = Utterance(0, "mine", "theirs", "train", Label("greet"), text="hello")
    store.library.add_dataset("mine", "somewhere", [theirs], replace=True)
    store.decisions.undo(session.id)
    assert utterances(store)[f"{session.short}-1"].audio == old.path
    assert words(store, "kitchen") == 1


def test_a_second_opinion_does_not_decide(store: RecordingStore, session: Session, record: Record) -> None:
    take = record(store.prompts(session.id)[0])
    store.decisions.review(take.id, "ann", "accept", note="clear")
    store.decisions.review(take.id, "ben", "reject", reason="too soft", decides=False)
    assert store.take(take.id).state == "accepted"
    said = [(review.reviewer, review.decision) for review in store.reviews(session.id)]
    assert said == [("ann", "accept"), ("ben", "reject")]
    with pytest.raises(UserError, match="needs a name"):
        store.decisions.review(take.id, " ", "accept")


def test_what_is_gone_is_said_in_words(store: RecordingStore, session: Session) -> None:
    with pytest.raises(UserError, match="no longer in the library"):
        store.decisions.accept("0" * 32)
    with pytest.raises(UserError, match="no longer in the library"):
        store.decisions.skip(10_000)
    assert store.decisions.undo(session.id) is None
