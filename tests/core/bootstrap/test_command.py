from __future__ import annotations

import contextlib
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from core.bootstrap.command import main
from tests.core.bootstrap.fake_machine import Became, FakeMachine

ROOT = Path(__file__).resolve().parents[3]


def test_the_first_start_sets_up_and_opens_the_window_with_what_was_passed_on(machine: FakeMachine) -> None:
    with pytest.raises(Became) as became:
        main(["take.wav", "--dark"], machine)
    assert became.value.command == [
        str(machine.root / ".venv/bin/python"), "-m", "gui", "take.wav", "--dark",
    ]  # fmt: skip
    (pip,) = machine.ran("pip", "install")
    assert pip[pip.index("--editable") + 1] == "."


def test_the_second_start_runs_no_command_at_all(machine: FakeMachine) -> None:
    assert main(["setup"], machine) == 0
    machine.commands.clear()
    with pytest.raises(Became):
        main([], machine)
    assert machine.commands == []


def test_setup_only_says_how_to_start(machine: FakeMachine) -> None:
    assert main(["setup"], machine) == 0
    assert str(machine.root / ".venv/bin/spoonful") in machine.screen[-1]
    assert "python3 -m core.bootstrap" in machine.screen[-1]


def test_tests_run_offscreen_with_their_options(
    machine: FakeMachine, monkeypatch: pytest.MonkeyPatch
) -> None:
    machine.root_user = True
    monkeypatch.chdir("/")
    with pytest.raises(Became) as became:
        main(["test", "-k", "slurp"], machine)
    assert became.value.command[1:3] == ["-m", "pytest"]
    assert became.value.command[-2:] == ["-k", "slurp"]
    assert became.value.environ["QT_QPA_PLATFORM"] == "offscreen"
    assert Path.cwd() == machine.root
    (pip,) = machine.ran("pip", "install")
    assert pip[pip.index("--editable") + 1] == ".[test]"


def test_a_platform_chosen_for_the_tests_is_kept(
    machine: FakeMachine, monkeypatch: pytest.MonkeyPatch
) -> None:
    machine.root_user = True
    machine.environ = {**machine.environ, "QT_QPA_PLATFORM": "xcb"}
    monkeypatch.chdir("/")
    with pytest.raises(Became) as became:
        main(["test"], machine)
    assert became.value.environ["QT_QPA_PLATFORM"] == "xcb"


def test_an_environment_for_tests_also_opens_the_window_but_not_the_other_way_round(
    machine: FakeMachine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir("/")
    machine.root_user = True
    for arguments, installs in (["setup"], 1), (["test"], 2), (["setup"], 2):
        with contextlib.suppress(Became):
            main(arguments, machine)
        assert len(machine.ran("pip", "install")) == installs


def test_an_unknown_option_of_setup_is_bad_input(machine: FakeMachine) -> None:
    assert main(["setup", "--quick"], machine) == 2
    assert "--quick" in machine.text
    assert machine.commands == []


def test_help_explains_and_does_nothing(machine: FakeMachine) -> None:
    assert main(["--help"], machine) == 0
    assert "core.bootstrap test" in machine.text
    assert machine.commands == []


def test_a_setup_that_was_interrupted_is_begun_anew(machine: FakeMachine) -> None:
    def interrupted() -> tuple[int, list[str]]:
        raise KeyboardInterrupt

    working, machine.pip = machine.pip, interrupted
    assert main(["setup"], machine) == 130
    half_unpacked = machine.root / ".venv/lib/half-unpacked"
    half_unpacked.parent.mkdir()
    half_unpacked.touch()

    machine.pip = working
    assert main(["setup"], machine) == 0
    assert "an earlier setup did not finish" in machine.text
    assert not half_unpacked.exists()
    machine.commands.clear()
    assert main(["setup"], machine) == 0
    assert machine.commands == []


def test_failures_end_with_plain_words_and_exit_code_one(machine: FakeMachine) -> None:
    machine.pip = lambda: (1, ["ERROR: Could not install packages: [Errno 28] No space left on device"])
    assert main(["setup"], machine) == 1
    assert "The disk is full" in machine.text
    assert "Traceback" not in machine.text


def test_a_folder_that_may_not_be_written_is_said(
    machine: FakeMachine, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(lock: Path) -> None:
        raise OSError(30, "Read-only file system", str(lock))

    monkeypatch.setattr(machine, "only_one", refuse)
    assert main(["setup"], machine) == 1
    assert "Read-only file system" in machine.text
    assert "may be written to" in machine.text


def test_a_second_start_costs_less_than_two_seconds(tmp_path: Path) -> None:
    """The real command in a checkout whose environment is complete."""
    root = (tmp_path / "checkout").resolve()
    for part in ("core/bootstrap", "core/__init__.py", "core/errors.py", "pyproject.toml"):
        copy = shutil.copytree if (ROOT / part).is_dir() else shutil.copy
        (root / part).parent.mkdir(parents=True, exist_ok=True)
        copy(ROOT / part, root / part)
    fake = FakeMachine(root, platform="darwin")
    fake.python_version = f"{sys.version_info.major}.{sys.version_info.minor}"
    assert main(["setup"], fake) == 0

    started = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-m", "core.bootstrap", "setup"],
        cwd=root,
        capture_output=True,
        text=True,
        check=True,
    )
    assert time.monotonic() - started < 2
    assert done.stdout.startswith("Ready.")
