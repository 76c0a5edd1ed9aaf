from __future__ import annotations

import pytest

from core.bootstrap.command import main
from core.bootstrap.system_libraries import NEEDS, Level
from tests.core.bootstrap.fake_machine import FakeMachine


def libraries() -> set[str]:
    return {need.file for need in NEEDS if need.level <= Level.WINDOW}


def test_nothing_is_asked_of_apt_when_all_is_there(machine: FakeMachine) -> None:
    assert main(["setup"], machine) == 0
    assert not machine.ran("apt-get")


def test_root_gets_only_what_is_missing(machine: FakeMachine) -> None:
    machine.root_user = True
    machine.packages -= {"libegl1", "libportaudio2"}
    assert main(["setup"], machine) == 0
    (install,) = machine.ran("apt-get", "install")
    assert install[-2:] == ["libegl1", "libportaudio2"]
    assert "sudo" not in install
    assert "DEBIAN_FRONTEND=noninteractive" in install


def test_names_of_the_64_bit_time_transition_count_as_there(machine: FakeMachine) -> None:
    machine.packages = (machine.packages - {"libglib2.0-0"}) | {"libglib2.0-0t64"}
    assert main(["setup"], machine) == 0
    assert not machine.ran("apt-get")


def test_sudo_without_a_password_is_used(machine: FakeMachine) -> None:
    machine.programs.add("sudo")
    machine.sudo_without_password = True
    machine.packages.remove("libgl1")
    assert main(["setup"], machine) == 0
    (install,) = machine.ran("apt-get", "install")
    assert install[:2] == ["sudo", "-n"]


@pytest.mark.parametrize("sudo", [True, False])
def test_without_rights_the_one_command_is_named_before_minutes_are_spent(
    machine: FakeMachine, sudo: bool
) -> None:
    machine.programs |= {"sudo"} if sudo else set()
    machine.packages -= {"libgl1", "libxcb-cursor0"}
    assert main(["setup"], machine) == 1
    assert "sudo apt-get update && sudo apt-get install -y libgl1 libxcb-cursor0\n" in machine.text
    assert "--command-line" in machine.text
    assert not (machine.root / ".venv").exists()


def test_the_command_line_needs_no_system_library_and_the_window_asks_later(machine: FakeMachine) -> None:
    machine.packages = set()
    assert main(["setup", "--command-line"], machine) == 0
    assert main(["setup"], machine) == 1
    assert "libxcb-cursor0" in machine.text


def test_tests_also_need_a_sound_server(machine: FakeMachine) -> None:
    assert main(["test"], machine) == 1
    assert "apt-get install -y pulseaudio pulseaudio-utils libasound2-plugins\n" in machine.text


def test_a_missing_venv_module_is_installed_along(machine: FakeMachine) -> None:
    machine.root_user = True
    machine.modules = set()
    assert main(["setup"], machine) == 0
    (install,) = machine.ran("apt-get", "install")
    assert install[-1] == "python3.11-venv"


def test_a_missing_venv_module_is_named_to_an_ordinary_user(machine: FakeMachine) -> None:
    machine.modules = set()
    assert main(["setup"], machine) == 1
    assert machine.text.endswith("sudo apt-get install -y python3.11-venv")
    assert "--command-line" not in machine.text, "no way around a missing part of Python"


def test_a_broken_package_source_does_not_stop_an_installation_that_works(machine: FakeMachine) -> None:
    machine.root_user = True
    machine.packages.remove("libgl1")
    machine.apt_update_works = False
    assert main(["setup"], machine) == 0


def test_apts_last_words_are_shown_when_it_fails(machine: FakeMachine) -> None:
    machine.root_user = True
    machine.packages.remove("libgl1")
    machine.apt_install = (100, ["Reading package lists...", "E: Unable to locate package libgl1"])
    assert main(["setup"], machine) == 1
    assert "E: Unable to locate package libgl1" in machine.text
    assert "... E: Unable to locate package libgl1" in machine.text, "a silent apt shows where it stands"


@pytest.mark.parametrize(
    ("program", "command"),
    [
        ("dnf", "sudo dnf install libglvnd-egl portaudio"),
        ("pacman", "sudo pacman -S --needed libglvnd portaudio"),
        ("zypper", "the packages that hold libEGL.so.1, libportaudio.so.2"),
    ],
)
def test_other_distributions_are_told_their_own_command(
    machine: FakeMachine, program: str, command: str
) -> None:
    machine.programs = {program}
    machine.libraries = libraries() - {"libEGL.so.1", "libportaudio.so.2"}
    assert main(["setup"], machine) == 1
    assert command in machine.text


def test_other_distributions_with_all_libraries_go_on(machine: FakeMachine) -> None:
    machine.programs = {"dnf"}
    machine.libraries = libraries()
    assert main(["setup"], machine) == 0


def test_other_distributions_without_venv_are_told(machine: FakeMachine) -> None:
    machine.programs = {"dnf"}
    machine.modules = set()
    assert main(["setup"], machine) == 1
    assert "cannot make virtual environments" in machine.text
