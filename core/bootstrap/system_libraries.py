"""Libraries no wheel brings: what Qt and PortAudio load from a Linux system, and how each distribution
calls it. Found by running the window in bare Debian 12; Windows and macOS wheels bring everything."""

from __future__ import annotations

import enum
import shlex
from collections.abc import Sequence
from dataclasses import dataclass

from core.bootstrap.machine import Machine
from core.errors import UserError


class Level(enum.IntEnum):
    """How much an environment can do; each level includes those below."""

    COMMAND_LINE = 0
    WINDOW = 1
    TEST = 2


@dataclass(frozen=True)
class Need:
    """A shared library (or, for tests, a program) and the packages that hold it."""

    file: str
    debian: str
    fedora: str
    arch: str
    level: Level = Level.WINDOW


NEEDS = (
    Need("libGL.so.1", "libgl1", "libglvnd-glx", "libglvnd"),
    Need("libEGL.so.1", "libegl1", "libglvnd-egl", "libglvnd"),
    Need("libxkbcommon.so.0", "libxkbcommon0", "libxkbcommon", "libxkbcommon"),
    Need("libfontconfig.so.1", "libfontconfig1", "fontconfig", "fontconfig"),
    Need("libglib-2.0.so.0", "libglib2.0-0", "glib2", "glib2"),
    Need("libdbus-1.so.3", "libdbus-1-3", "dbus-libs", "dbus"),
    Need("libxcb-cursor.so.0", "libxcb-cursor0", "xcb-util-cursor", "xcb-util-cursor"),
    Need("libxcb-icccm.so.4", "libxcb-icccm4", "xcb-util-wm", "xcb-util-wm"),
    Need("libxcb-keysyms.so.1", "libxcb-keysyms1", "xcb-util-keysyms", "xcb-util-keysyms"),
    Need("libxkbcommon-x11.so.0", "libxkbcommon-x11-0", "libxkbcommon-x11", "libxkbcommon-x11"),
    Need("libxcb-shape.so.0", "libxcb-shape0", "libxcb", "libxcb"),
    Need("libportaudio.so.2", "libportaudio2", "portaudio", "portaudio"),
    Need("pulseaudio", "pulseaudio", "pulseaudio", "pulseaudio", Level.TEST),
    Need("paplay", "pulseaudio-utils", "pulseaudio-utils", "libpulse", Level.TEST),
    Need("libasound.so.2", "libasound2-plugins", "alsa-plugins-pulseaudio", "alsa-plugins", Level.TEST),
)

APT_INSTALL = ("apt-get", "install", "-y", "--no-install-recommends", "-o", "DPkg::Lock::Timeout=120")
COMMAND_LINE_ONLY = (
    "On a machine without a screen, `python3 -m core.bootstrap setup --command-line` does without them."
)


def install_system_libraries(machine: Machine, level: Level) -> None:
    """Makes sure that all libraries for `level` are there; raises UserError with the one command to run
    when they are not and cannot be installed from here."""
    if machine.platform != "linux":
        return
    debian = machine.which("dpkg-query") is not None and machine.which("apt-get") is not None
    if debian:
        _install_with_apt(machine, _missing_debian_packages(machine, level))
        return
    if not machine.has_module("ensurepip"):
        raise UserError(
            "This Python cannot make virtual environments (its module ensurepip is missing).",
            where=machine.python,
            remedy="Install your distribution's package for it, often called python3-venv or python3-pip.",
        )
    missing = [need for need in NEEDS if need.level <= level and not _is_there(machine, need)]
    if missing:
        raise UserError(
            f"System libraries are missing: {', '.join(need.file for need in missing)}.",
            remedy="Install them, then start again:\n  "
            f"{_other_command(machine, missing)}\n{COMMAND_LINE_ONLY}",
        )


def _is_there(machine: Machine, need: Need) -> bool:
    is_library = ".so." in need.file
    return machine.can_load(need.file) if is_library else machine.which(need.file) is not None


def _other_command(machine: Machine, missing: Sequence[Need]) -> str:
    for program, command, names in (
        ("dnf", "sudo dnf install", [need.fedora for need in missing]),
        ("pacman", "sudo pacman -S --needed", [need.arch for need in missing]),
    ):
        if machine.which(program):
            return f"{command} {' '.join(dict.fromkeys(names))}"
    return "(with your package manager) the packages that hold " + ", ".join(need.file for need in missing)


def _missing_debian_packages(machine: Machine, level: Level) -> list[str]:
    wanted = [need.debian for need in NEEDS if need.level <= level]
    # Debian 13 and Ubuntu 24.04 renamed some libraries (64-bit time); the old name still installs the new.
    names = [name for package in wanted for name in (package, f"{package}t64")]
    listing = machine.run(["dpkg-query", "-W", "-f", "${Package} ${db:Status-Status}\n", *names]).output
    present = [line.split()[0] for line in listing.splitlines() if line.endswith(" installed")]
    installed = {name.removesuffix("t64") for name in present}
    missing = [package for package in wanted if package not in installed]
    if not machine.has_module("ensurepip"):
        # Debian splits this part off its python3.
        missing.append(f"python{machine.python_version}-venv")
    return missing


def _install_with_apt(machine: Machine, missing: list[str]) -> None:
    if not missing:
        return
    by_hand = "sudo apt-get update && sudo apt-get install -y " + " ".join(missing)
    prefix = _root_prefix(machine)
    if prefix is None:
        raise UserError(
            f"System packages are missing, and installing them needs an administrator: {', '.join(missing)}.",
            remedy=f"Run this once, then start again:\n  {by_hand}" + _way_around(missing),
        )
    machine.say(f"      installing through apt: {' '.join(missing)}")
    # One broken third-party source fails the update but rarely the installation, which has the last word.
    _apt(machine, [*prefix, "apt-get", "update"])
    code, last_words = _apt(machine, [*prefix, *APT_INSTALL, *missing])
    if code != 0:
        raise UserError(
            "apt could not install the system packages. It said:\n" + "\n".join(last_words),
            where=shlex.join(["apt-get", "install", *missing]),
            remedy=f"Check the network and the package sources, or run this yourself:\n  {by_hand}",
        )


def _way_around(missing: list[str]) -> str:
    """Libraries can be done without on a computer that has no screen; a part of Python cannot."""
    return "" if any(package.endswith("-venv") for package in missing) else f"\n{COMMAND_LINE_ONLY}"


def _root_prefix(machine: Machine) -> list[str] | None:
    """What to put before a command to run it as root; None when that needs a password."""
    quiet = ["env", "DEBIAN_FRONTEND=noninteractive"]
    if machine.is_root():
        return quiet
    if machine.which("sudo") and machine.run(["sudo", "-n", "true"]).code == 0:
        return ["sudo", "-n", *quiet]
    return None


def _apt(machine: Machine, command: list[str]) -> tuple[int, list[str]]:
    """Runs apt with a sign of life; gives its exit code and last words."""
    lines: list[str] = []

    def note(line: str) -> None:
        lines.append(line)

    def still_working() -> None:
        machine.say(f"      ... {lines[-1][:90] if lines else 'waiting for apt'}")

    code = machine.stream(command, machine.environ, note, still_working)
    return code, lines[-6:]
