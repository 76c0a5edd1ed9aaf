"""Whatever is broken is refused in words of its own, that name the place and the remedy; nothing comes in."""

from __future__ import annotations

import importlib
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from core.data.importers import IMPORTERS, import_dataset, read_utterances
from core.data.importers.source import Source
from core.data.library import Library
from core.errors import UserError
from tests.data.broken_case import BrokenInput
from tests.data.broken_inputs import BROKEN_INPUTS

NOBODY = 65534


def refusal(library: Library, case: BrokenInput, folder: Path) -> str:
    """What the user is told, without the folder that the test has made."""
    chosen = case.write(folder / case.name)
    with pytest.raises(UserError) as caught:
        import_dataset(library, case.format, [chosen], "broken")
    assert caught.value.remedy
    return str(caught.value).replace(f"{folder / case.name}/", "")


@pytest.mark.parametrize(
    "case", [case for case in BROKEN_INPUTS if not case.closed], ids=lambda case: case.name
)
def test_a_broken_input_is_refused_with_place_and_remedy(
    library: Library, tmp_path: Path, case: BrokenInput
) -> None:
    said = refusal(library, case, tmp_path)
    assert re.search(case.says, said, re.DOTALL), said
    assert library.names() == []
    assert said.isprintable() or all(line.isprintable() for line in said.split("\n"))


@contextmanager
def _as_nobody() -> Iterator[Path]:
    """A folder for somebody who is not the administrator, to whom nothing is closed."""
    for importer in IMPORTERS.values():
        importlib.import_module(f"core.data.importers.{importer.module}")
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)


@pytest.mark.parametrize("case", [case for case in BROKEN_INPUTS if case.closed], ids=lambda case: case.name)
def test_what_the_user_may_not_read_is_refused(case: BrokenInput) -> None:
    with _as_nobody() as folder:
        chosen = case.write(folder / case.name)
        user = os.geteuid()
        if user == 0:
            os.seteuid(NOBODY)
        try:
            with pytest.raises(UserError) as caught:
                read_utterances(case.format, [Source(chosen)], "broken")
        finally:
            os.seteuid(user)
            (folder / case.name / case.closed).chmod(0o700)
    assert re.search(case.says, str(caught.value), re.DOTALL), str(caught.value)


def test_no_two_are_refused_in_the_same_words(library: Library, tmp_path: Path) -> None:
    told: dict[str, list[str]] = {}
    for case in BROKEN_INPUTS:
        if not case.closed:
            told.setdefault(refusal(library, case, tmp_path), []).append(case.name)
    assert not [names for names in told.values() if len(names) > 1]


def test_there_is_a_broken_input_for_every_importer() -> None:
    assert {case.format for case in BROKEN_INPUTS} >= {*IMPORTERS, None}
    assert len({case.name for case in BROKEN_INPUTS}) == len(BROKEN_INPUTS) >= 60


def test_the_script_writes_them_all(tmp_path: Path) -> None:
    told = subprocess.run(
        [sys.executable, "-m", "tests.data.broken_inputs", str(tmp_path / "new")],
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    assert told.stdout == f"{len(BROKEN_INPUTS)} broken inputs are written.\n"
    assert {path.name for path in (tmp_path / "new").iterdir()} == {case.name for case in BROKEN_INPUTS}
