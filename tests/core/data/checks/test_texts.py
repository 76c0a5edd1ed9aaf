"""What the checks say about texts and labels."""

from __future__ import annotations

import pytest

from core.data.checks.texts import text_problems
from core.data.problem import Problem
from core.data.utterance import Label, Slot, Split, Utterance


def utterance(
    key: str, text: str | None, *slots: tuple[str, str], language: str = "en", split: Split = "train"
) -> Utterance:
    label = Label("order", tuple(Slot(*slot) for slot in slots))
    return Utterance(0, "d", key, split, label, text, language=language)


def kinds(*utterances: Utterance) -> list[str]:
    return [problem.kind for problem in text_problems(utterances)]


def only(*utterances: Utterance) -> Problem:
    (problem,) = text_problems(utterances)
    return problem


def test_sound_texts_have_no_problems() -> None:
    assert not kinds(
        utterance("a", "Two espressos, please!", ("number", "two"), ("drink", "espressos")),
        utterance("b", "zwei Kaffee für Zoë", ("number", "zwei"), language="de-DE"),
        utterance("c", "コーヒーを二つ", ("number", "二つ"), language="ja"),
        utterance("d", "یک قهوه می\u200cخواهم", ("number", "یک"), language="fa"),
        utterance("e", "お願いします order 2", language=""),
    )


def test_a_filler_that_is_not_said_is_found() -> None:
    problem = only(utterance("a", "a large coffee", ("size", "larger")))
    assert (problem.kind, problem.keys) == ("filler not in text", ("a",))
    assert '"larger" of size' in problem.what
    # Part of a word is not said either.
    assert kinds(utterance("a", "a cappuccino", ("drink", "cap"))) == ["filler not in text"]


def test_spelling_variants_of_a_filler_are_found_once() -> None:
    problem = only(
        utterance("a", "a decaf", ("drink", "decaf")),
        utterance("b", "one decaf", ("drink", "decaf")),
        utterance("c", "a de-caf", ("drink", "de-caf")),
        utterance("d", "the decaf", ("brand", "Decaf")),
    )
    assert (problem.kind, problem.where) == ("spelling variants", "drink")
    assert '"decaf" (2 times), "de-caf" (1 times)' in problem.what


def test_repeated_texts_are_told_in_sum_with_those_that_are_too_many() -> None:
    problem = only(
        utterance("a", "one coffee"),
        utterance("b", "one coffee"),
        utterance("c", "one coffee"),
        utterance("d", "one coffee", split="test"),
        utterance("e", "one coffee", language="fr"),
    )
    assert (problem.kind, problem.where, problem.keys) == ("repeated text", "train", ("b", "c"))
    assert "2 times too many" in problem.what


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("one caf\ufffd", "replacement character"),
        ("one\u200b coffee", "zero width space"),
        ("one\x07coffee", "u+0007"),
        ("one \ue000", "u+e000"),
        ("one cafe\u0301", "NFC"),
    ],
)
def test_characters_that_nobody_typed_are_found(text: str, named: str) -> None:
    problem = only(utterance("a", text))
    assert problem.kind == "strange characters"
    assert named in problem.what


def test_spaces_too_many_are_found_in_texts_and_fillers() -> None:
    assert kinds(utterance("a", "one  coffee", ("drink", " coffee"))) == ["spaces", "spaces"]


@pytest.mark.parametrize(
    ("text", "language", "found"),
    [
        ("один кофе", "en-US", True),
        ("one coffee", "ru", True),
        ("一杯咖啡", "zh-CN", False),
        ("iPhone を探して", "ja", True),
        ("iPhone を探してください", "ja", False),
        ("один кофе", "xx", False),
        ("12 34", "ru", False),
    ],
)
def test_a_text_in_another_script_than_its_language_is_found(text: str, language: str, found: bool) -> None:
    assert kinds(utterance("a", text, language=language)) == (["other script"] if found else [])
