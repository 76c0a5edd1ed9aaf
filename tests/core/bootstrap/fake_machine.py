"""A computer that exists only in a test: any platform, any set of packages, a pip that does as it is told."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from core.bootstrap.machine import Finished, Machine

PYPROJECT = '[build-system]\nrequires = []\n[project]\nname = "spoonful"\ndependencies = ["torch"]\n'


class Became(Exception):
    """The bootstrap handed over to another program."""

    def __init__(self, command: Sequence[str], environ: Mapping[str, str]) -> None:
        super().__init__(" ".join(command))
        self.command = list(command)
        self.environ = dict(environ)


class FakeMachine(Machine):
    def __init__(self, root: Path, platform: str = "linux") -> None:
        super().__init__(root)
        root.mkdir(parents=True, exist_ok=True)
        if not (root / "pyproject.toml").exists():
            (root / "pyproject.toml").write_text(PYPROJECT)
        self.platform = platform
        self.python = "/usr/bin/python3"
        self.python_version = "3.11"
        self.environ = {"PATH": "/usr/bin"}
        self.root_user = False
        self.free = 50_000_000_000
        self.programs: set[str] = {"dpkg-query", "apt-get"} if platform == "linux" else set()
        self.packages: set[str] = set()
        self.libraries: set[str] = set()
        self.files: set[str] = set()
        self.modules = {"ensurepip"}
        self.sudo_without_password = False
        self.reachable: set[str] = set()
        self.venv_says = Finished(0, "")
        self.venv_python_works = True
        self.pip: Callable[[], tuple[int, list[str]]] = lambda: (0, ["Successfully installed torch"])
        self.apt_update_works = True
        self.apt_install: tuple[int, list[str]] | None = None
        self.commands: list[list[str]] = []
        self.pip_environ: Mapping[str, str] = {}
        self.screen: list[str] = []

    @property
    def text(self) -> str:
        return "\n".join(self.screen)

    def ran(self, *words: str) -> list[list[str]]:
        """The commands in which all of `words` stand."""
        return [command for command in self.commands if set(words) <= set(command)]

    def say(self, line: str) -> None:
        self.screen.append(line)

    def complain(self, words: str) -> None:
        self.screen.append(words)

    def is_root(self) -> bool:
        return self.root_user

    def free_bytes(self, folder: Path) -> int:
        return self.free

    def which(self, program: str) -> str | None:
        return f"/usr/bin/{program}" if program in self.programs else None

    def exists(self, path: str) -> bool:
        return path in self.files

    def has_module(self, name: str) -> bool:
        return name in self.modules

    def can_load(self, library: str) -> bool:
        return library in self.libraries

    def answers(self, url: str, within_s: float) -> bool:
        return any(url.startswith(good) for good in self.reachable)

    def run(self, command: Sequence[str]) -> Finished:
        self.commands.append(list(command))
        if command[0] == "dpkg-query":
            known = [f"{name} installed" for name in command if name in self.packages]
            return Finished(1, "\n".join([*known, "dpkg-query: no packages found matching others"]))
        if command[0] == "sudo":
            return Finished(0 if self.sudo_without_password else 1, "")
        if command[1:3] == ["-m", "venv"]:
            return self._make_venv(Path(command[3]))
        if command[1] == "-c":
            return Finished(0 if self.venv_python_works else 127, self.python_version + "\n")
        raise AssertionError(f"an unexpected command: {command}")

    def _make_venv(self, folder: Path) -> Finished:
        if self.venv_says.code == 0:
            programs = folder / ("Scripts" if self.platform == "win32" else "bin")
            programs.mkdir()
            (programs / ("python.exe" if self.platform == "win32" else "python")).touch()
            (folder / "pyvenv.cfg").touch()
        return self.venv_says

    def stream(
        self,
        command: Sequence[str],
        environ: Mapping[str, str],
        on_line: Callable[[str], None],
        on_silence: Callable[[], None],
        *,
        shares_lock: bool = False,
    ) -> int:
        self.commands.append(list(command))
        if "apt-get" in command:
            code, lines = self._apt(command)
        else:
            self.pip_environ = environ
            code, lines = self.pip()
        on_silence()
        for line in lines:
            on_line(line)
            on_silence()
        return code

    def _apt(self, command: Sequence[str]) -> tuple[int, list[str]]:
        if "update" in command:
            return (0, []) if self.apt_update_works else (100, ["E: Failed to fetch a third-party source"])
        if self.apt_install is not None:
            return self.apt_install
        if any(word.endswith("-venv") for word in command):
            self.modules.add("ensurepip")
        self.packages |= set(command)
        return 0, ["Setting up things"]

    def become(self, command: Sequence[str], environ: Mapping[str, str]) -> int:
        raise Became(command, environ)

    @contextlib.contextmanager
    def only_one(self, lock: Path) -> Iterator[None]:
        yield
