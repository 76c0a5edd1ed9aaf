"""Finding utterances: filters, words, and orders."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from core.data.library import Library
from core.data.problem import Problem
from core.data.search import Order, UtteranceQuery
from core.data.utterance import Label, Slot, Utterance

MIXED = [
    Utterance(
        0,
        "",
        "a-1",
        "train",
        Label("order", (Slot("number", "two"), Slot("drink", "teas"))),
        "two teas",
        None,
    ),
    Utterance(0, "", "b-2", "train", Label("greet"), "Bonjour à tous", None, None, "fr"),
    Utterance(0, "", "c-3", "validation", Label("greet"), None, Path("/x/c.wav"), 2.5, "en", "anna"),
    Utterance(0, "", "d-4", "test", Label("confirm"), "100 % sure", Path("/x/d.wav"), 1.5, "en", "Ben"),
    Utterance(0, "", "e-5", "test", Label("order", (Slot("size", "small"),)), "a small latte", None),
    Utterance(0, "", "f-6", "train", Label("order"), "音楽を再生して", None, None, "ja"),
]


@pytest.fixture
def mixed(library: Library) -> Library:
    library.add_dataset("other", "somewhere", [replace(each, key=f"other {each.key}") for each in MIXED])
    library.add_dataset("mixed", "somewhere", MIXED)
    return library


def found(library: Library, query: UtteranceQuery) -> str:
    """The first letters of the keys of what is found."""
    ids = library.find(query)
    utterances = library.by_ids(ids)
    return "".join(utterances[id_].key[0] for id_ in ids)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        (UtteranceQuery("mixed"), "abcdef"),
        (UtteranceQuery("mixed", split="test"), "de"),
        (UtteranceQuery("mixed", modality="speech"), "cd"),
        (UtteranceQuery("mixed", modality="text"), "abdef"),
        (UtteranceQuery("mixed", intent="order"), "aef"),
        (UtteranceQuery("mixed", language="fr"), "b"),
        (UtteranceQuery("mixed", speaker="anna"), "c"),
        (UtteranceQuery("mixed", split="test", intent="order", search="latte"), "e"),
    ],
)
def test_filters_narrow(mixed: Library, query: UtteranceQuery, expected: str) -> None:
    assert found(mixed, query) == expected


@pytest.mark.parametrize(
    ("search", "expected"),
    [
        ("TEA", "a"),
        ("latte small", "e"),
        ("two latte", ""),
        ("anna", "c"),
        ("size", "e"),
        ("c-3", "c"),
        ("A TOUS", "b"),
        ("100 %", "d"),
        ("%", "d"),
        ("_", ""),
        ("!", ""),
        ('"', "ae"),  # the slots are kept as JSON
        ("NEAR(", ""),
        ("再生", "f"),
    ],
)
def test_words_are_found_by_their_beginnings_wherever_they_stand(
    mixed: Library, search: str, expected: str
) -> None:
    assert found(mixed, UtteranceQuery("mixed", search=search)) == expected


def test_what_was_changed_is_found_by_its_new_words_and_what_was_deleted_no_more(mixed: Library) -> None:
    mixed.edits.set_text("mixed", "b-2", "Bonsoir", "ann")
    assert found(mixed, UtteranceQuery("mixed", search="bonsoir")) == "b"
    assert found(mixed, UtteranceQuery("mixed", search="bonjour")) == ""

    mixed.delete_dataset("mixed")
    mixed.add_dataset("mixed", "again", MIXED[2:])
    assert found(mixed, UtteranceQuery("mixed", search="bonsoir")) == ""
    assert found(mixed, UtteranceQuery("mixed", search="latte")) == "e"
    assert found(mixed, UtteranceQuery("other", search="teas")) == "o"


@pytest.mark.parametrize(
    ("order", "descending", "expected"),
    [
        ("import", False, "abcdef"),
        ("import", True, "fedcba"),
        ("text", False, "cdebaf"),
        ("speaker", False, "abefcd"),
        ("split", True, "decabf"),
        ("seconds", True, "cdabef"),
        ("intent", False, "dbcaef"),
    ],
)
def test_order_with_ties_as_imported(
    mixed: Library, order: Order, expected: str, *, descending: bool
) -> None:
    assert found(mixed, UtteranceQuery("mixed", order=order, descending=descending)) == expected


def test_as_many_as_wanted(mixed: Library) -> None:
    assert len(mixed.find(UtteranceQuery("mixed"), 2)) == 2


def test_problems_of_the_last_check_can_be_looked_at(mixed: Library) -> None:
    problems = [
        Problem("error", "clipped", "It is clipped.", "/x/c.wav", "Again.", ("c-3",)),
        Problem("warning", "noisy", "It is noisy.", "/x/d.wav", "Again.", ("c-3", "d-4")),
    ]
    mixed.findings.keep(mixed.findings.begin("mixed"), problems)
    mixed.findings.keep(mixed.findings.begin("other"), [replace(problems[0], keys=("other a-1",))])
    assert found(mixed, UtteranceQuery("mixed", problem="clipped")) == "c"
    assert found(mixed, UtteranceQuery("mixed", problem="noisy")) == "cd"
    assert found(mixed, UtteranceQuery("mixed", problem="")) == "cd"
    assert found(mixed, UtteranceQuery("mixed", problem="silent")) == ""
