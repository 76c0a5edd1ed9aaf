from __future__ import annotations

from pathlib import Path

import pytest

from core.bootstrap.command import main
from core.bootstrap.environment import CPU_WHEELS, Environment
from core.bootstrap.machine import Finished
from tests.core.bootstrap.fake_machine import PYPROJECT, Became, FakeMachine


@pytest.fixture
def ready(machine: FakeMachine) -> FakeMachine:
    """A machine on which the window was set up before."""
    assert main(["setup"], machine) == 0
    machine.commands.clear()
    machine.screen.clear()
    return machine


def test_a_new_dependency_is_installed_into_the_environment_that_is_there(ready: FakeMachine) -> None:
    (ready.root / "pyproject.toml").write_text(PYPROJECT.replace("torch", "jax"))
    assert main(["setup"], ready) == 0
    assert len(ready.ran("pip", "install")) == 1
    assert not ready.ran("venv")


def test_a_change_of_the_linters_settings_installs_nothing(ready: FakeMachine) -> None:
    (ready.root / "pyproject.toml").write_text(PYPROJECT + "[tool.ruff]\nline-length = 110\n")
    assert main(["setup"], ready) == 0
    assert ready.commands == []


def test_a_moved_checkout_gets_a_new_environment(ready: FakeMachine, tmp_path: Path) -> None:
    moved = ready.root.rename(tmp_path / "elsewhere")
    ready.root = moved
    assert main(["setup"], ready) == 0
    assert "this folder was moved" in ready.text
    assert ready.ran("venv")


def test_another_python_gets_a_new_environment(ready: FakeMachine) -> None:
    ready.python_version = "3.13"
    assert main(["setup"], ready) == 0
    assert ready.ran("venv")


def test_an_environment_whose_python_was_removed_is_made_anew(ready: FakeMachine) -> None:
    (ready.root / ".venv/bin/python").unlink()
    ready.venv_python_works = False
    assert main(["setup"], ready) == 0
    assert "its Python does not work any more" in ready.text
    assert (ready.root / ".venv/bin/python").exists()


def test_a_sound_environment_made_by_hand_is_kept_and_filled(machine: FakeMachine) -> None:
    folder = machine.root / ".venv"
    (folder / "bin").mkdir(parents=True)
    for name in ("bin/python", "pyvenv.cfg", "mine"):
        (folder / name).touch()
    assert main(["setup"], machine) == 0
    assert (folder / "mine").exists()
    assert machine.ran("pip", "install")


def test_an_unreadable_stamp_only_costs_another_installation(ready: FakeMachine) -> None:
    (ready.root / ".venv/setup.json").write_text("{")
    assert main(["setup"], ready) == 0
    assert len(ready.ran("pip", "install")) == 1
    assert not ready.ran("venv")


@pytest.mark.parametrize(("gpu", "gigabytes"), [(False, "3 GB"), (True, "10 GB")])
def test_too_little_space_stops_before_anything_is_made(
    machine: FakeMachine, gpu: bool, gigabytes: str
) -> None:
    machine.free = 1_500_000_000
    machine.files = {"/proc/driver/nvidia/version"} if gpu else set()
    assert main(["setup"], machine) == 1
    assert f"about {gigabytes} needed in {machine.root / '.venv'}, 1.5 GB free" in machine.text
    assert not (machine.root / ".venv").exists()


def test_an_update_asks_for_little_space(ready: FakeMachine) -> None:
    (ready.root / "pyproject.toml").write_text(PYPROJECT.replace("torch", "jax"))
    ready.free = 1_500_000_000
    assert main(["setup"], ready) == 0


def test_the_cpu_build_of_torch_is_offered_where_no_gpu_could_use_the_other(machine: FakeMachine) -> None:
    machine.reachable = {CPU_WHEELS}
    assert main(["setup"], machine) == 0
    (pip,) = machine.ran("pip", "install")
    assert pip[-2:] == ["--extra-index-url", CPU_WHEELS]


@pytest.mark.parametrize(
    ("platform", "gpu_program", "reachable"),
    [("linux", True, True), ("linux", False, False), ("darwin", False, True), ("win32", False, True)],
)
def test_elsewhere_pips_own_configuration_decides(
    machine: FakeMachine, platform: str, gpu_program: bool, reachable: bool
) -> None:
    machine.platform = platform
    machine.programs |= {"nvidia-smi"} if gpu_program else set()
    machine.reachable = {CPU_WHEELS} if reachable else set()
    assert main(["setup"], machine) == 0
    (pip,) = machine.ran("pip", "install")
    assert "--extra-index-url" not in pip


def test_other_programs_settings_do_not_steer_pip(machine: FakeMachine) -> None:
    machine.environ = {
        "PIP_TARGET": "/x",
        "PIP_USER": "1",
        "PYTHONHOME": "/y",
        "PYTHONPATH": "/ros",
        "HTTPS_PROXY": "http://proxy",
        "PIP_INDEX_URL": "https://mirror",
    }
    assert main(["setup"], machine) == 0
    assert not {"PIP_TARGET", "PYTHONPATH", "PYTHONHOME"} & set(machine.pip_environ)
    assert machine.pip_environ["PIP_USER"] == "0"
    assert machine.pip_environ["HTTPS_PROXY"] == "http://proxy"
    assert machine.pip_environ["PIP_INDEX_URL"] == "https://mirror"


def test_wheels_are_unpacked_beside_the_environment_and_cleared_away(machine: FakeMachine) -> None:
    assert main(["setup"], machine) == 0
    scratch = Path(machine.pip_environ["TMPDIR"])
    assert scratch.parent == machine.root / ".venv"
    assert not scratch.exists()


def test_all_that_pip_said_is_kept(machine: FakeMachine) -> None:
    machine.pip = lambda: (1, ["Collecting torch", "ERROR: something new"])
    assert main(["setup"], machine) == 1
    log = machine.root / ".venv/setup.log"
    assert str(log) in machine.text
    assert log.read_text() == "Collecting torch\nERROR: something new\n"


def test_a_failing_venv_is_reported_with_its_words(machine: FakeMachine) -> None:
    machine.venv_says = Finished(1, "Error: [Errno 13] Permission denied: '/mnt/stick'")
    assert main(["setup"], machine) == 1
    assert "Permission denied: '/mnt/stick'" in machine.text


def test_a_venv_module_without_ensurepip_names_the_package(machine: FakeMachine) -> None:
    machine.venv_says = Finished(1, "Error: Command '... -m ensurepip' returned non-zero exit status 1.")
    assert main(["setup"], machine) == 1
    assert "sudo apt-get install -y python3.11-venv" in machine.text


@pytest.mark.parametrize("platform", ["win32", "darwin"])
def test_windows_and_macos_need_nothing_but_the_wheels(tmp_path: Path, platform: str) -> None:
    machine = FakeMachine(tmp_path / "checkout", platform)
    python = ".venv/Scripts/python.exe" if platform == "win32" else ".venv/bin/python"
    with pytest.raises(Became) as became:
        main([], machine)
    assert became.value.command == [str(machine.root / python), "-m", "gui"]
    assert {command[2] for command in machine.commands} == {"venv", "pip"}


def test_windows_programs_have_their_suffix(tmp_path: Path) -> None:
    environment = Environment(FakeMachine(tmp_path, "win32"))
    assert environment.spoonful == tmp_path / ".venv/Scripts/spoonful.exe"
