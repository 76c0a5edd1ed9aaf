"""The real computer under the bootstrap: commands, waiting, locking, handing over."""

from __future__ import annotations

import http.server
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from core.bootstrap import machine as machine_module
from core.bootstrap.__main__ import turned_away
from core.bootstrap.machine import Machine

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def here(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


def ignore(*anything: object) -> None:
    """For lines and silences that a test does not look at."""


def test_a_long_command_is_followed_line_by_line_in_the_checkout(here: Machine, tmp_path: Path) -> None:
    lines: list[str] = []
    code = "import os, sys; print(os.getcwd()); print(os.environ['COLOUR'], file=sys.stderr); sys.exit(3)"
    environ = {**os.environ, "COLOUR": "red", "PYTHONUNBUFFERED": "1"}
    assert here.stream([sys.executable, "-c", code], environ, lines.append, ignore) == 3
    assert lines == [str(tmp_path), "red"]


def test_a_silent_command_gives_signs_of_life(here: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine_module, "HEARTBEAT_S", 0.01)
    silences: list[int] = []
    command = [sys.executable, "-c", "import time; time.sleep(0.3)"]
    here.stream(command, os.environ, ignore, lambda: silences.append(1))
    assert silences


def test_an_interrupted_setup_leaves_no_pip_behind(here: Machine) -> None:
    def interrupt(line: str) -> None:
        raise KeyboardInterrupt

    command = [sys.executable, "-uc", "print('working'); import time; time.sleep(60)"]
    started = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        here.stream(command, os.environ, interrupt, ignore)
    assert time.monotonic() - started < 30


def test_a_program_that_is_not_there_is_an_exit_code(here: Machine) -> None:
    assert here.run(["/no/such/program"]).code == 127


def test_a_library_that_is_not_there_is_noticed(here: Machine) -> None:
    assert not here.can_load("libspoonful-does-not-exist.so.7")


@pytest.mark.parametrize("platform", [sys.platform, "win32"])
def test_the_exit_code_of_the_program_is_the_commands_exit_code(platform: str) -> None:
    code = (
        "import os, sys; from pathlib import Path; from core.bootstrap.machine import Machine\n"
        f"machine = Machine(Path()); machine.platform = {platform!r}\n"
        "sys.exit(machine.become([sys.executable, '-c', 'import sys; sys.exit(7)'], os.environ))"
    )
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == 7


def test_a_second_setup_waits_for_the_first_and_says_so(here: Machine, tmp_path: Path) -> None:
    lock = tmp_path / "lock"
    first_has_it, first_may_end, said = threading.Event(), threading.Event(), threading.Event()
    order: list[str] = []

    class Second(Machine):
        def say(self, line: str) -> None:
            order.append(line)
            said.set()

    def first() -> None:
        with here.only_one(lock):
            first_has_it.set()
            first_may_end.wait(10)
            order.append("first ends")

    def second() -> None:
        with Second(tmp_path).only_one(lock):
            order.append("second begins")

    threads = [threading.Thread(target=first), threading.Thread(target=second)]
    threads[0].start()
    assert first_has_it.wait(10)
    threads[1].start()
    assert said.wait(10)
    first_may_end.set()
    for thread in threads:
        thread.join(10)
    assert order == [
        f"Another setup of this folder is at work (process {os.getpid()}); waiting for it.",
        "first ends",
        "second begins",
    ]


def test_the_lock_of_a_setup_that_was_killed_is_free(here: Machine, tmp_path: Path) -> None:
    code = (
        "import os; from pathlib import Path; from core.bootstrap.machine import Machine\n"
        f"Machine(Path()).only_one(Path({str(tmp_path / 'lock')!r})).__enter__(); os._exit(9)"
    )
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False)
    with here.only_one(tmp_path / "lock"):
        assert (tmp_path / "lock").read_text() == str(os.getpid())


@pytest.mark.skipif(sys.platform == "win32", reason="Windows cannot hand on the lock")
def test_a_pip_that_outlives_its_killed_setup_keeps_the_lock(here: Machine, tmp_path: Path) -> None:
    lock, pid_file = tmp_path / "lock", tmp_path / "pid"
    pip = (
        f"import os, time; open({str(pid_file)!r}, 'w').write(str(os.getpid())); print('on'); time.sleep(60)"
    )
    code = (
        "import os, sys; from pathlib import Path; from core.bootstrap.machine import Machine\n"
        f"machine = Machine(Path({str(tmp_path)!r}))\n"
        f"with machine.only_one(Path({str(lock)!r})):\n"
        f"    machine.stream([sys.executable, '-uc', {pip!r}], os.environ, lambda line: os._exit(9), print,\n"
        "        shares_lock=True)"
    )
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False)
    with lock.open("a+b") as file:
        assert not machine_module._try_lock(file)
    os.kill(int(pid_file.read_text()), signal.SIGTERM)
    with here.only_one(lock):
        """Free as soon as the last writer is gone."""


class _Quiet(http.server.BaseHTTPRequestHandler):
    def do_HEAD(self) -> None:
        self.send_response(200 if self.path == "/good" else 404)
        self.end_headers()

    def log_message(self, *arguments: object) -> None:
        """Says nothing on the test's screen."""


@pytest.fixture
def without_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("no_proxy", "127.0.0.1")


@pytest.mark.usefixtures("without_proxy")
def test_an_answering_server_is_told_from_a_refusing_one(here: Machine) -> None:
    with http.server.HTTPServer(("127.0.0.1", 0), _Quiet) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        url = f"http://127.0.0.1:{server.server_port}"
        try:
            assert here.answers(f"{url}/good", 5)
            assert not here.answers(f"{url}/bad", 5)
        finally:
            server.shutdown()
            thread.join()
    assert not here.answers(f"{url}/good", 5)


@pytest.mark.usefixtures("without_proxy")
def test_a_server_that_hangs_is_given_up_in_time(here: Machine) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        started = time.monotonic()
        assert not here.answers(f"http://127.0.0.1:{silent.getsockname()[1]}/", 0.2)
        assert time.monotonic() - started < 2


def only(*names: str) -> Callable[[str], str | None]:
    return lambda name: f"/usr/bin/{name}" if name in names else None


def test_an_old_python_is_turned_away_with_the_newer_one_that_is_there(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("core.bootstrap.__main__.shutil.which", only("python3.12", "python3.11"))
    words = turned_away((3, 10), "/usr/bin/python3", ["test", "-x"])
    assert "needs Python 3.11 or newer; this is Python 3.10 (/usr/bin/python3)" in words
    assert words.endswith("python3.12 -m core.bootstrap test -x")


def test_an_old_python_alone_is_told_to_get_another(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("core.bootstrap.__main__.shutil.which", only())
    assert "Install a newer Python" in turned_away((3, 6), "python3", [])


def test_a_new_python_is_welcome() -> None:
    assert turned_away((3, 11), "python3", []) == ""
