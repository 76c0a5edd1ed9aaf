"""A microphone that hears what a test plays: a PulseAudio of its own, seen by PortAudio like any other."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import time
from pathlib import Path
from types import TracebackType
from typing import Self

DEVICE = "pulse"
"""What PortAudio calls it."""

_SINK = "vmic"
_SOURCE = "vmic_mic"
_START_S = 15.0

MODULES = (
    "module-native-protocol-unix auth-anonymous=1",
    f"module-null-sink sink_name={_SINK} rate=48000",
    f"module-remap-source master={_SINK}.monitor source_name={_SOURCE}",
)


def is_installed() -> bool:
    """Whether this machine can have one."""
    return all(shutil.which(program) for program in ("pulseaudio", "paplay", "pactl"))


class VirtualMicrophone:
    """While it is entered, PortAudio of this process finds it. `start_playing` is heard; `unplug` ends it."""

    def __init__(self) -> None:
        # Short and outside pytest's folders: the name of a socket may have 107 characters at most.
        self._folder = Path(tempfile.mkdtemp(prefix="vmic-"))
        self._server: subprocess.Popen[bytes] | None = None
        self._environment = {**os.environ, "XDG_RUNTIME_DIR": str(self._folder)}
        self._changes = {"XDG_RUNTIME_DIR": str(self._folder), "PULSE_SOURCE": _SOURCE, "PULSE_SINK": _SINK}
        self._former: dict[str, str | None] = {}

    def __enter__(self) -> Self:
        self._former = {name: os.environ.get(name) for name in self._changes}
        os.environ.update(self._changes)
        self.plug_in()
        return self

    def __exit__(
        self, _type: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self.unplug()
        for name, value in self._former.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value
        shutil.rmtree(self._folder)

    def plug_in(self) -> None:
        """Start the sound server and wait until it has the microphone."""
        loads = [part for module in MODULES for part in ("-L", module)]
        options = ["-n", "--daemonize=no", "--exit-idle-time=-1", "--disallow-exit", "--use-pid-file=no"]
        log = self._folder / "log.txt"
        with log.open("wb") as file:
            self._server = subprocess.Popen(
                ["pulseaudio", *options, *loads],
                stdout=file,
                stderr=file,
                env=self._environment,
                start_new_session=True,
            )
        deadline = time.monotonic() + _START_S
        while _SOURCE not in self._sources():
            assert time.monotonic() < deadline, f"PulseAudio does not start: {log.read_text()}"
            time.sleep(0.05)

    def unplug(self) -> None:
        """Kill the sound server: what a recording program sees when the cable is pulled."""
        if self._server is not None:
            self._server.kill()
            self._server.wait()
            self._server = None

    def start_playing(self, path: Path) -> subprocess.Popen[bytes]:
        """Let it hear a sound file. The process ends when the last sample was played."""
        return subprocess.Popen(["paplay", f"--device={_SINK}", str(path)], env=self._environment)

    def _sources(self) -> str:
        listed = subprocess.run(
            ["pactl", "list", "short", "sources"],
            env=self._environment,
            capture_output=True,
            text=True,
            check=False,
        )
        return listed.stdout
