"""Whatever is broken is refused in words of its own, that name the place and the remedy; nothing comes in."""

from __future__ import annotations

import importlib
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path

import pytest

from core.data.importers import IMPORTERS, import_dataset, read_utterances
from core.data.importers.gathering import BrokenLines, counted
from core.data.importers.source import Options, Source
from core.data.library import Library
from core.errors import UserError
from tests.data.broken_case import BrokenInput
from tests.data.broken_inputs import BROKEN_INPUTS

NOBODY = 65534
"""The number of a user to whom closed is closed; to the administrator, who may run these tests, it is not."""


def refusal(case: BrokenInput, folder: Path, read: Callable[[Path], object] | None = None) -> str:
    """What the user is told, without the folder that the test has made. read: what reads the path; by default
    the importers, without a library."""
    chosen = case.write(folder / case.name)
    reader = _as_nobody(folder / case.name / case.closed) if case.closed else nullcontext()
    with reader, pytest.raises(UserError) as caught:
        read(chosen) if read else read_utterances(case.format, [Source(chosen)], "broken")
    assert caught.value.remedy
    return str(caught.value).replace(f"{folder / case.name}/", "")


@contextmanager
def _as_nobody(closed: Path) -> Iterator[None]:
    for importer in IMPORTERS.values():
        importlib.import_module(f"core.data.importers.{importer.module}")
    user = os.geteuid()
    if user == 0:
        os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(user)
        closed.chmod(0o700)


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that everybody may enter: that of a test is its user's alone."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)


@pytest.mark.parametrize(
    "case", [case for case in BROKEN_INPUTS if not case.closed], ids=lambda case: case.name
)
def test_a_broken_input_is_refused_with_place_and_remedy(
    library: Library, tmp_path: Path, case: BrokenInput
) -> None:
    said = refusal(case, tmp_path, lambda path: import_dataset(library, case.format, [path], "broken"))
    assert re.search(case.says, said, re.DOTALL), said
    assert all(line.isprintable() for line in said.split("\n")), said
    assert library.names() == []


@pytest.mark.parametrize("case", [case for case in BROKEN_INPUTS if case.closed], ids=lambda case: case.name)
def test_what_the_user_may_not_read_is_refused(open_folder: Path, case: BrokenInput) -> None:
    said = refusal(case, open_folder)
    assert re.search(case.says, said, re.DOTALL), said


def test_what_is_broken_is_left_out_where_somebody_says_so_and_told(tmp_path: Path) -> None:
    without_broken, rest = Options(leave_out=True), 0
    for case in (each for each in BROKEN_INPUTS if not each.closed):
        source = [Source(case.write(tmp_path / case.name))]
        with pytest.raises(UserError) as caught:
            read_utterances(case.format, source, "broken")
        if isinstance(caught.value, BrokenLines):
            found, summary = read_utterances(case.format, source, "broken", without_broken)
            told = next(note for note in summary.notes if "left out for what is wrong" in note)
            assert told.startswith(f"{counted(caught.value.lines, 'line')} left out"), case.name
            assert told.split("\n")[1] in str(caught.value), case.name
            rest += bool(found)
        else:
            with pytest.raises(UserError):
                read_utterances(case.format, source, "broken", without_broken)
    assert rest > 30


def test_no_two_are_refused_in_the_same_words(open_folder: Path) -> None:
    told: dict[str, list[str]] = {}
    for case in BROKEN_INPUTS:
        told.setdefault(refusal(case, open_folder), []).append(case.name)
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
