"""The README's commands, read from top to bottom: set up what is missing, then open, test, or say how."""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from pathlib import Path

from core.bootstrap.environment import Environment
from core.bootstrap.machine import Machine
from core.bootstrap.system_libraries import Level, install_system_libraries
from core.errors import UserError

ROOT = Path(__file__).resolve().parents[2]

USAGE = """\
python3 -m core.bootstrap                        set up what is missing, then open Spoonful
python3 -m core.bootstrap setup                  set up only
python3 -m core.bootstrap setup --command-line   set up without what only the window needs
python3 -m core.bootstrap test [PYTEST OPTIONS]  set up for tests, then run them"""

OK, FAILED, BAD_INPUT, INTERRUPTED = 0, 1, 2, 130

SIDE_BY_SIDE = ("-n", "logical", "--maxprocesses", "4", "--dist", "worksteal")
"""How tests run: a process for each processor, of which each takes about 1 GB."""


def main(arguments: Sequence[str], machine: Machine | None = None) -> int:
    """Runs one of the commands of USAGE and gives its exit code."""
    machine = machine or Machine(ROOT)
    word, rest = (arguments[0], list(arguments[1:])) if arguments else ("", [])
    try:
        if word in {"-h", "--help", "help"}:
            machine.say(USAGE)
            return OK
        if word == "setup":
            return _setup(machine, rest)
        if word == "test":
            return _test(machine, rest)
        return _open(machine, list(arguments))
    except UserError as error:
        place = f" [{error.where}]" if error.where else ""
        machine.complain(f"\nSetup stopped: {error.what}{place}\n{error.remedy}")
        return FAILED
    except OSError as error:
        machine.complain(
            f"\nSetup stopped: {error.strerror} [{error.filename}]\n"
            "Make sure that this folder may be written to, that the disk has space, and that no other "
            "program uses these files; then start again."
        )
        return FAILED
    except KeyboardInterrupt:
        machine.complain("\nSetup was interrupted; the same command goes on with it.")
        return INTERRUPTED


def _setup(machine: Machine, options: list[str]) -> int:
    if options not in ([], ["--command-line"]):
        machine.complain(f"setup does not know {' '.join(options)}.\n{USAGE}")
        return BAD_INPUT
    environment = make_ready(machine, Level.COMMAND_LINE if options else Level.WINDOW)
    if options:
        machine.say(f"Ready. `{environment.spoonful} --help` lists the commands.")
    else:
        machine.say(f"Ready. Start: python3 -m core.bootstrap, or {environment.spoonful}")
    return OK


def _test(machine: Machine, options: list[str]) -> int:
    environment = make_ready(machine, Level.TEST)
    environ = {"QT_QPA_PLATFORM": "offscreen", **machine.environ}
    os.chdir(machine.root)
    return machine.become([str(environment.python), "-m", "pytest", *SIDE_BY_SIDE, *options], environ)


def _open(machine: Machine, options: list[str]) -> int:
    environment = make_ready(machine, Level.WINDOW)
    return machine.become([str(environment.python), "-m", "gui", *options], machine.environ)


def make_ready(machine: Machine, level: Level) -> Environment:
    """Sets up whatever is missing for `level`; returns at once when nothing is."""
    environment = Environment(machine)
    if environment.is_ready(level):
        return environment
    with machine.only_one(machine.root / ".bootstrap.lock"):
        if not environment.is_ready(level):  # another setup may have finished while this one waited
            _make(machine, environment, level)
    return environment


def _make(machine: Machine, environment: Environment, level: Level) -> None:
    started = time.monotonic()
    machine.say(f"Setting up Spoonful in {machine.root} with Python {machine.python_version}")
    rebuild = environment.reason_to_rebuild(level)
    machine.say("[1/4] disk space")
    environment.check_space(rebuild)
    machine.say("[2/4] system libraries")
    install_system_libraries(machine, level)
    machine.say("[3/4] virtual environment")
    environment.create(rebuild)
    machine.say("[4/4] packages")
    environment.fill(level)
    environment.finish(level)
    minutes, seconds = divmod(round(time.monotonic() - started), 60)
    machine.say(f"Set up in {minutes} min {seconds} s.")
