"""Every broken input gets words of its own, and nothing of it is imported."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from core.data.importers import import_dataset
from core.data.library import Library
from core.errors import UserError
from tests.data.broken_inputs import CASES, Case

NAMES = [case.name for case in CASES]


def refusal(library: Library, case: Case, folder: Path) -> str:
    """What is said about a case, without the folder it happens to be in."""
    folder.mkdir()
    chosen = case.build(folder)
    with pytest.raises(UserError) as caught:
        import_dataset(library, case.format, [chosen], "broken")
    assert "broken" not in library.names()
    assert caught.value.remedy
    return str(caught.value).replace(str(folder), "")


@pytest.mark.parametrize("case", CASES, ids=NAMES)
def test_it_is_refused_in_its_own_words(library: Library, case: Case, tmp_path: Path) -> None:
    words = refusal(library, case, tmp_path / "in")
    assert re.search(case.words, words, re.DOTALL), words


def test_there_are_many_and_no_two_are_told_alike(library: Library, tmp_path: Path) -> None:
    assert len(set(NAMES)) == len(CASES) >= 60
    told: dict[str, str] = {}
    for number, case in enumerate(CASES):
        words = refusal(library, case, tmp_path / str(number))
        assert words not in told, f"{case.name} and {told.get(words)}: {words}"
        told[words] = case.name
