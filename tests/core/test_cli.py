from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from core import cli
from core.data.library import Library
from tests.core.commands.conftest import Spoonful, spoonful  # noqa: F401 - a fixture

ROOT = Path(cli.__file__).parents[1]
COMMANDS = (
    (),
    ("datasets",),
    ("datasets", "list"),
    ("datasets", "show"),
    ("datasets", "check"),
    ("datasets", "import"),
    ("train",),
    ("runs",),
    ("runs", "list"),
    ("runs", "show"),
    ("runs", "watch"),
    ("runs", "stop"),
    ("runs", "resume"),
    ("runs", "delete"),
    ("evaluate",),
    ("predict",),
)


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_every_command_explains_itself(spoonful: Spoonful, command: tuple[str, ...]) -> None:  # noqa: F811
    done = spoonful(*command, "-h")
    assert done.code == 0
    assert "Usage: spoonful" in done.out
    assert len(done.out.splitlines()) > 4


def test_a_mistyped_command_or_option_is_bad_input(spoonful: Spoonful) -> None:  # noqa: F811
    for arguments in (("trian",), ("train",), ("runs", "list", "--jsn"), ("evaluate", "x", "--limit", "0")):
        done = spoonful(*arguments)
        assert done.code == 2
        assert "What to do: See: spoonful" in done.err
    assert spoonful("train", "--json").json["error"]["where"] == "spoonful train"


@pytest.mark.parametrize("group", ["runs", "datasets"])
def test_a_group_without_a_command_shows_its_help(spoonful: Spoonful, group: str) -> None:  # noqa: F811
    done = spoonful(group)
    assert done.code == 2
    assert done.err.startswith(f"Usage: spoonful {group}")
    assert "Error:" not in done.err


def test_other_peoples_future_warnings_stay_off_the_terminal_and_ours_do_not() -> None:
    code = (
        "import sys, warnings\n"
        "from core import cli\n"
        "def warn(_):\n"
        "    for name in ('transformers.generation', 'core.inference', 'corelib'):\n"
        "        warnings.warn_explicit('soon gone in ' + name, FutureWarning, 'file', 1, module=name)\n"
        "    warnings.warn_explicit('odd', UserWarning, 'file', 1, module='transformers')\n"
        "cli.run = warn\n"
        "cli.main()\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=60, check=True
    )
    assert "soon gone in core.inference" in done.stderr
    assert "odd" in done.stderr
    assert "transformers.generation" not in done.stderr
    assert "corelib" not in done.stderr


def test_an_unexpected_error_is_worded_and_kept_in_the_log(
    spoonful: Spoonful,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def explode(self: Library) -> None:
        raise RuntimeError("a bug")

    monkeypatch.setattr(Library, "datasets", explode)
    done = spoonful("datasets", "list")
    assert done.code == 1
    assert "Traceback" not in done.err
    log = Path(os.environ["SPOONFUL_HOME"]) / cli.LOG_NAME
    assert str(log) in done.err
    assert "a bug" in log.read_text()


def test_a_home_that_cannot_be_written_is_named(
    spoonful: Spoonful,  # noqa: F811
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    file = tmp_path / "file"
    file.touch()
    monkeypatch.setenv("SPOONFUL_HOME", str(file / "home"))
    done = spoonful("datasets", "list", "--json")
    assert done.code == 2
    assert "SPOONFUL_HOME" in done.json["error"]["remedy"]
    assert str(file) in done.err


def test_a_closed_pipe_is_no_error() -> None:
    reader, writer = os.pipe()
    os.close(reader)
    done = subprocess.run(
        [sys.executable, "-c", "from core.cli import main; main()", "runs", "list", "-h"],
        cwd=ROOT,
        stdout=writer,
        stderr=subprocess.PIPE,
        timeout=60,
        check=False,
    )
    os.close(writer)
    assert done.stderr == b""


def test_the_command_line_starts_without_torch_or_qt() -> None:
    code = (
        "import sys, core.cli\n"
        "print([name for name in ('torch', 'transformers', 'peft', 'PySide6') if name in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=60, check=True
    )
    assert done.stdout.strip() == "[]"


def test_without_a_command_the_window_opens(
    spoonful: Spoonful,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    opened: list[str] = []

    def run_module(name: str, *, run_name: str, alter_sys: bool) -> None:
        opened.append(f"{name} as {run_name}")

    monkeypatch.setattr("runpy.run_module", run_module)
    assert spoonful().code == 0
    assert opened == ["gui as __main__"]
