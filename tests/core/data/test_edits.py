"""Changes by hand: kept, told, and undone."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.data.library import Library
from core.data.utterance import Label, Slot, Utterance
from core.errors import UserError

GREET = Label("greet", (Slot("name", "bob"),))


@pytest.fixture
def mine(library: Library) -> Library:
    library.add_dataset(
        "mine",
        "made",
        [
            Utterance(0, "", "written", "train", GREET, "hello bob", None),
            Utterance(0, "", "spoken", "train", GREET, "hello bob", Path("/x/a.wav"), 1.0),
        ],
    )
    return library


def _of(library: Library, key: str) -> Utterance:
    return next(each for each in library.utterances(["mine"]) if each.key == key)


def test_a_change_is_made_and_kept_with_who_and_what(mine: Library) -> None:
    label = Label("wave", (Slot("name", "bob"), Slot("hand", "left")))
    mine.edits.set_text("mine", "written", " hello Bob ", "ann")
    mine.edits.set_label("mine", "written", label, "ben")

    assert (_of(mine, "written").text, _of(mine, "written").label) == ("hello Bob", label)
    assert _of(mine, "spoken").label == GREET
    newest, oldest = mine.edits.history("mine", "written")
    assert (newest.author, newest.before, newest.after) == ("ben", GREET, label)
    assert (oldest.author, oldest.before, oldest.after) == ("ann", "hello bob", "hello Bob")
    assert oldest.time <= newest.time
    assert mine.edits.history("mine", "spoken") == []


def test_the_numbers_of_the_dataset_follow(mine: Library) -> None:
    mine.edits.set_label("mine", "written", Label("wave"), "ann")
    assert mine.dataset("mine").intents == ("greet", "wave")
    mine.edits.set_text("mine", "spoken", None, "ann")
    assert mine.dataset("mine").counts["train"] == {"text": 1, "speech": 1}


def test_nothing_changed_is_no_change(mine: Library) -> None:
    assert mine.edits.set_text("mine", "written", "hello bob ", "ann") is None
    assert mine.edits.set_label("mine", "written", GREET, "ann") is None
    assert mine.edits.history("mine") == []


def test_a_change_is_undone_and_that_is_told_too(mine: Library) -> None:
    change = mine.edits.set_label("mine", "written", Label("wave"), "ann")
    assert change is not None
    undone = mine.edits.undo(change, "ben")
    assert _of(mine, "written").label == GREET
    assert undone is not None
    mine.edits.undo(undone, "ann")
    assert _of(mine, "written").label == Label("wave")
    assert [edit.author for edit in mine.edits.history("mine")] == ["ann", "ben", "ann"]


def test_an_older_change_is_not_undone_over_a_newer_one(mine: Library) -> None:
    older = mine.edits.set_text("mine", "written", "hi", "ann")
    assert older is not None
    mine.edits.set_text("mine", "written", "good day", "ann")
    with pytest.raises(UserError, match='changed elsewhere since: it says "good day" now'):
        mine.edits.undo(older, "ann")
    assert _of(mine, "written").text == "good day"


def test_what_somebody_else_changed_meanwhile_is_not_overwritten(mine: Library) -> None:
    mine.edits.set_label("mine", "written", Label("wave"), "ben")
    with pytest.raises(UserError, match="it says wave now"):
        mine.edits.set_label("mine", "written", Label("nod"), "ann", seen=GREET)
    assert _of(mine, "written").label == Label("wave")
    mine.edits.set_label("mine", "written", Label("nod"), "ann", seen=Label("wave"))
    assert _of(mine, "written").label == Label("nod")


@pytest.mark.parametrize(
    ("label", "words"),
    [
        (Label(" "), "intent is empty"),
        (Label("greet", (Slot("", "bob"),)), "type of a slot is empty"),
        (Label("greet", (Slot("name", " "),)), "filler of name is empty"),
    ],
)
def test_half_a_label_is_refused(mine: Library, label: Label, words: str) -> None:
    with pytest.raises(UserError, match=words):
        mine.edits.set_label("mine", "written", label, "ann")
    assert _of(mine, "written").label == GREET


def test_an_utterance_keeps_a_text_or_a_recording(mine: Library) -> None:
    with pytest.raises(UserError, match="needs its text"):
        mine.edits.set_text("mine", "written", "  ", "ann")
    mine.edits.set_text("mine", "spoken", "", "ann")
    assert _of(mine, "spoken").text is None


def test_what_is_gone_cannot_be_changed(mine: Library) -> None:
    with pytest.raises(UserError, match="no longer in the library"):
        mine.edits.set_text("mine", "nobody", "hi", "ann")


def test_the_history_outlives_the_dataset(mine: Library) -> None:
    mine.edits.set_text("mine", "written", "hi", "ann")
    mine.delete_dataset("mine")
    assert [edit.after for edit in mine.edits.history("mine")] == ["hi"]
