"""The checkout's `.venv`: whether it is right, making it, filling it with pip."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import shutil
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from core.bootstrap.machine import Machine
from core.bootstrap.pip_output import Progress, explain
from core.bootstrap.system_libraries import Level
from core.errors import UserError

VERSION = 1
"""Raise it when an environment made by an older bootstrap has to be filled anew."""

CPU_WHEELS = "https://download.pytorch.org/whl/cpu"
REACHABLE_WITHIN_S = 3.0

GB = 1_000_000_000
SPACE_NEEDED = 3 * GB
SPACE_NEEDED_WITH_CUDA = 10 * GB
SPACE_NEEDED_TO_UPDATE = 1 * GB


@dataclass(frozen=True)
class Stamp:
    """What an environment was made for and from. inputs: hash of all that pip's outcome depends on."""

    root: str
    python: str
    inputs: str
    level: int

    def serves(self, wanted: Stamp) -> bool:
        return self.level >= wanted.level and dataclasses.replace(self, level=wanted.level) == wanted

    def same_place(self, wanted: Stamp) -> bool:
        """An environment neither moves with its folder nor changes its Python."""
        return (self.root, self.python) == (wanted.root, wanted.python)


class Environment:
    """The virtual environment of one checkout."""

    def __init__(self, machine: Machine) -> None:
        self.machine = machine
        self.folder = machine.root / ".venv"
        windows = machine.platform == "win32"
        self.programs = self.folder / ("Scripts" if windows else "bin")
        suffix = ".exe" if windows else ""
        self.python = self.programs / f"python{suffix}"
        self.spoonful = self.programs / f"spoonful{suffix}"
        self.log = self.folder / "setup.log"
        self._stamp = self.folder / "setup.json"
        # There from before the first file until pip is done: what it lies in is half-finished.
        self._unfinished = self.folder / "setup-unfinished"

    def wanted(self, level: Level) -> Stamp:
        project = tomllib.loads((self.machine.root / "pyproject.toml").read_text(encoding="utf-8"))
        parts = [VERSION, project["build-system"], project["project"]]
        inputs = hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()
        return Stamp(str(self.machine.root), self.machine.python_version, inputs, level)

    def is_ready(self, level: Level) -> bool:
        """Reads two small files; this is all that a second start costs."""
        stamp = self._read_stamp()
        return (
            stamp is not None
            and stamp.serves(self.wanted(level))
            and self.python.exists()
            and not self._unfinished.exists()
        )

    def _read_stamp(self) -> Stamp | None:
        try:
            return Stamp(**json.loads(self._stamp.read_text(encoding="utf-8")))
        except (OSError, ValueError, TypeError):
            return None

    def reason_to_rebuild(self, level: Level) -> str:
        """Why the folder that is there cannot be built upon; empty when it can, or when none is there."""
        if not self.folder.exists():
            return ""
        stamp = self._read_stamp()
        if self._unfinished.exists() or not (self.folder / "pyvenv.cfg").exists():
            return "an earlier setup did not finish"
        if stamp is not None and not stamp.same_place(self.wanted(level)):
            return "this folder was moved, or Python changed"
        question = "import sys, pip; print('%d.%d' % sys.version_info[:2])"
        answer = self.machine.run([str(self.python), "-c", question])
        if answer.code != 0 or answer.output.strip() != self.machine.python_version:
            return "its Python does not work any more, or is another one"
        return ""

    def check_space(self, rebuild: str) -> None:
        """Raises UserError when the disk cannot hold the environment."""
        if self.folder.exists() and not rebuild:
            needed = SPACE_NEEDED_TO_UPDATE
        else:
            needed = SPACE_NEEDED_WITH_CUDA if has_nvidia_gpu(self.machine) else SPACE_NEEDED
        free = self.machine.free_bytes(self.machine.root)
        figures = f"about {needed / GB:.0f} GB needed in {self.folder}, {free / GB:.1f} GB free"
        if free < needed:
            raise UserError(
                f"There is too little disk space: {figures}.",
                remedy="Free some, or move this folder to another disk, then start again.",
            )
        self.machine.say(f"      {figures}")

    def create(self, rebuild: str) -> None:
        """Makes the environment unless a sound one is there. rebuild: the reason to make it anew, or ""."""
        if self.folder.exists() and not rebuild:
            self._unfinished.touch()
            return
        if rebuild:
            self.machine.say(f"      making it anew: {rebuild}")
            shutil.rmtree(self.folder)
        self.folder.mkdir()
        self._unfinished.touch()
        made = self.machine.run([self.machine.python, "-m", "venv", str(self.folder)])
        if made.code != 0:
            raise _venv_failure(made.output, self)

    def fill(self, level: Level) -> None:
        """Installs the checkout (editable: what lies here is what runs) and everything it depends on."""
        scratch = self.folder / "tmp"
        scratch.mkdir(exist_ok=True)
        target = ".[test]" if level == Level.TEST else "."
        command = [
            *(str(self.python), "-m", "pip", "install", "--no-input", "--disable-pip-version-check"),
            *("--progress-bar", "off", "--editable", target, *extra_index(self.machine)),
        ]
        progress = Progress()

        def show(line: str) -> None:
            if words := progress.feed(line):
                self.machine.say(f"      {words}")

        code = self.machine.stream(
            command,
            pip_environ(self.machine.environ, scratch),
            show,
            lambda: self.machine.say(f"      ... still {progress.activity}"),
            shares_lock=True,
        )
        shutil.rmtree(scratch, ignore_errors=True)
        log = self._keep(progress.lines)
        if code != 0:
            raise explain(progress.lines, str(self.folder), log)

    def _keep(self, lines: list[str]) -> str:
        try:
            self.log.write_text("\n".join(lines) + "\n", encoding="utf-8")
        except OSError as error:  # a full disk: the words matter more than the log
            return f"not kept ({error.strerror})"
        return str(self.log)

    def finish(self, level: Level) -> None:
        """Marks the environment as complete."""
        stamp = json.dumps(dataclasses.asdict(self.wanted(level)))
        self._stamp.write_text(stamp, encoding="utf-8")
        self._unfinished.unlink()


def has_nvidia_gpu(machine: Machine) -> bool:
    return machine.which("nvidia-smi") is not None or machine.exists("/proc/driver/nvidia/version")


def extra_index(machine: Machine) -> list[str]:
    """Where pip finds torch without gigabytes of CUDA on a Linux computer that has no use for them.

    Its versions end in `+cpu`, which sorts above the plain one. Elsewhere, or when that index cannot be
    reached (a company's or a classroom's own mirror), pip's own configuration decides.
    """
    if machine.platform != "linux" or has_nvidia_gpu(machine):
        return []
    if not machine.answers(f"{CPU_WHEELS}/torch/", REACHABLE_WITHIN_S):
        return []
    return ["--extra-index-url", CPU_WHEELS]


def pip_environ(environ: Mapping[str, str], scratch: Path) -> dict[str, str]:
    """Settings of other programs must not steer the installation: a user or target folder, a module path.

    Wheels are unpacked beside the environment, for /tmp is often a small memory disk.
    """
    steering = {"PYTHONHOME", "PYTHONPATH", "PIP_USER", "PIP_TARGET", "PIP_PREFIX"}
    kept = {name: value for name, value in environ.items() if name not in steering}
    return {**kept, "PIP_USER": "0", "PYTHONUNBUFFERED": "1", "TMPDIR": str(scratch), "TEMP": str(scratch)}


def _venv_failure(said: str, environment: Environment) -> UserError:
    if "ensurepip" in said:
        version = environment.machine.python_version
        return UserError(
            "This Python cannot make virtual environments (its module ensurepip is missing).",
            where=environment.machine.python,
            remedy="On Debian and Ubuntu run this, then start again:\n"
            f"  sudo apt-get install -y python{version}-venv",
        )
    return UserError(
        f"The virtual environment could not be made. Python said:\n{said.strip()[-800:]}",
        where=str(environment.folder),
        remedy="Free some disk space or try another Python 3.11 or newer, then start again.",
    )
