"""What a check found stays with its dataset."""

from __future__ import annotations

import pytest

from core.data.checks import check_dataset
from core.data.library import Library
from core.data.problem import Problem
from core.data.utterance import Label, Utterance
from core.errors import UserError

PROBLEMS = [
    Problem("error", "two labels", "A has two labels.", "a", "Correct one.", ("a", "b")),
    Problem("warning", "missing split", "There is no test split.", "test", "Add one."),
]


@pytest.fixture
def checked(library: Library) -> Library:
    library.add_dataset("mine", "made", _utterances())
    library.findings.keep(library.findings.begin("mine"), PROBLEMS)
    return library


def _utterances() -> list[Utterance]:
    return [Utterance(0, "", key, "train", Label("greet"), f"hello {key}", None) for key in "abc"]


def test_it_comes_back_whole(checked: Library) -> None:
    found = checked.findings.of("mine")
    assert found is not None
    assert list(found.problems) == PROBLEMS
    assert found.changes == 0
    assert checked.findings.counts("mine") == (1, 1)


def test_a_dataset_that_was_never_checked_has_none(library: Library) -> None:
    library.add_dataset("new", "made", _utterances())
    assert library.findings.of("new") is None
    assert library.findings.counts("new") is None
    with pytest.raises(UserError, match="no dataset"):
        library.findings.of("nothing")


def test_the_last_check_counts(checked: Library) -> None:
    checked.findings.keep(checked.findings.begin("mine"), PROBLEMS[1:])
    found = checked.findings.of("mine")
    assert found is not None
    assert list(found.problems) == PROBLEMS[1:]
    assert checked.findings.kinds("mine") == []


def test_utterances_know_their_problems(checked: Library) -> None:
    ids = [utterance.id for utterance in checked.utterances(["mine"])]
    found = checked.findings.of_utterances(ids)
    assert [[problem.kind for problem in found.get(id_, [])] for id_ in ids] == [
        ["two labels"],
        ["two labels"],
        [],
    ]
    assert checked.findings.kinds("mine") == [("two labels", 2)]


def test_changes_since_are_counted(checked: Library) -> None:
    checked.edits.set_text("mine", "a", "good morning", "ann")
    found = checked.findings.of("mine")
    assert found is not None
    assert found.changes == 1


def test_an_import_in_its_place_was_not_checked(checked: Library) -> None:
    checked.add_dataset("mine", "made", _utterances(), replace=True)
    assert checked.findings.of("mine") is None


def test_what_changes_during_a_check_is_not_covered_by_it(checked: Library) -> None:
    began = checked.findings.begin("mine")
    checked.edits.set_text("mine", "a", "good morning", "ann")
    checked.findings.keep(began, PROBLEMS)
    found = checked.findings.of("mine")
    assert found is not None
    assert found.changes == 1

    began = checked.findings.begin("mine")
    checked.add_dataset("mine", "made", _utterances(), replace=True)
    checked.findings.keep(began, PROBLEMS)
    assert checked.findings.of("mine") is None


def test_a_check_keeps_what_it_finds(library: Library) -> None:
    library.add_dataset("mine", "made", _utterances())
    problems = check_dataset(library, "mine")
    found = library.findings.of("mine")
    assert found is not None
    assert list(found.problems) == problems
    assert "missing split" in {problem.kind for problem in problems}
