from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable

import psutil
import pytest

from core.errors import UserError
from core.paths import RESOURCES
from core.runs import lifecycle
from core.runs import supervisor as supervisor_module
from core.runs.process import is_alive
from core.runs.run import RunOutcome
from core.runs.store import LOG_FILE, RunStore
from core.runs.supervisor import LAUNCH_GRACE_S, Supervisor
from tests.core.runs.conftest import FAKE_WORKER, SPEC, Launcher, until


def test_a_run_that_completes_says_so_and_keeps_its_curve(launched: Launcher, store: RunStore) -> None:
    supervisor, run_id = launched("complete")
    run = until(supervisor, run_id, lambda run: not run.is_live)
    assert (run.state, run.global_step, run.total_steps) == ("completed", 3, 3)
    assert run.progress == 1
    assert run.ended_at is not None
    assert store.steps(run_id).global_step.tolist() == [1, 2, 3]


def test_stop_lets_the_worker_leave_in_order_and_resume_goes_on(launched: Launcher, store: RunStore) -> None:
    supervisor, run_id = launched("train")
    until(supervisor, run_id, lambda run: run.global_step > 0)
    assert supervisor.stop(run_id).state == "stopping"
    stopped = until(supervisor, run_id, lambda run: not run.is_live)
    assert stopped.state == "stopped"

    supervisor.resume(run_id)
    again = until(supervisor, run_id, lambda run: run.global_step > stopped.global_step)
    assert again.state == "running"
    assert again.started_at == stopped.started_at


def test_a_killed_worker_is_seen_as_crashed_with_its_signal(launched: Launcher, store: RunStore) -> None:
    supervisor, run_id = launched("train")
    run = until(supervisor, run_id, lambda run: run.state == "running" and run.global_step > 0)
    assert run.pid is not None
    os.kill(run.pid, signal.SIGKILL)
    run = until(supervisor, run_id, lambda run: not run.is_live)
    assert run.state == "crashed"
    assert run.outcome is not None
    assert "signal 9" in run.outcome.what
    assert "Resume" in run.outcome.remedy


def test_another_viewer_calls_it_lost_until_the_launcher_tells_the_signal(
    launched: Launcher, supervisor_of: Callable[[str], Supervisor]
) -> None:
    launcher, run_id = launched("train")
    run = until(launcher, run_id, lambda run: run.state == "running")
    assert run.pid is not None
    os.kill(run.pid, signal.SIGKILL)
    viewer = supervisor_of("train")
    # The worker stays a zombie until its launcher looks: it must count as dead.
    assert until(viewer, run_id, lambda run: not run.is_live).state == "lost"
    assert launcher.poll(run_id).state == "crashed"
    assert viewer.poll(run_id).state == "crashed"


def test_a_crash_inside_a_library_leaves_its_trace_in_the_details(launched: Launcher) -> None:
    supervisor, run_id = launched("crash")
    run = until(supervisor, run_id, lambda run: not run.is_live)
    assert run.state == "crashed"
    assert run.outcome is not None
    assert "signal 11" in run.outcome.what
    assert "Segmentation fault" in run.outcome.details


def test_a_worker_that_never_takes_its_run_is_reported_with_its_log(launched: Launcher) -> None:
    supervisor, run_id = launched("refuse")
    run = until(supervisor, run_id, lambda run: not run.is_live)
    assert run.state == "crashed"
    assert run.outcome is not None
    assert "exit code 3" in run.outcome.what
    assert "no module named torch" in run.outcome.details
    assert run.outcome.where.endswith("log.txt")


def test_a_new_program_finds_the_live_run_and_can_stop_it(
    launched: Launcher, supervisor_of: Callable[[str], Supervisor]
) -> None:
    first, run_id = launched("train")
    until(first, run_id, lambda run: run.state == "running")
    newcomer = supervisor_of("train")
    assert [run.id for run in newcomer.reattach()] == [run_id]
    newcomer.stop(run_id)
    assert until(first, run_id, lambda run: not run.is_live).state == "stopped"
    assert newcomer.reattach() == []


def test_only_one_of_many_launches_starts_a_worker(
    store: RunStore, supervisor_of: Callable[[str], Supervisor]
) -> None:
    run_id, ready = store.create(SPEC), threading.Barrier(8)
    outcomes: list[Supervisor | UserError] = []

    def launch() -> None:
        supervisor = supervisor_of("train")
        ready.wait()
        try:
            supervisor.launch(run_id)
        except UserError as refusal:
            outcomes.append(refusal)
        else:
            outcomes.append(supervisor)

    threads = [threading.Thread(target=launch) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    workers = [child for child in psutil.Process().children() if str(FAKE_WORKER) in child.cmdline()]
    winners = [each for each in outcomes if isinstance(each, Supervisor)]
    for winner in winners:
        with pytest.raises(UserError, match="already going"):
            winner.resume(run_id)
        winner.kill(run_id)
    assert len(workers) == len(winners) == 1
    assert {each.what for each in outcomes if isinstance(each, UserError)} == {"This run is already going."}


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere a start is a time of day")
def test_a_step_of_the_clock_does_not_lose_a_live_run(
    launched: Launcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    supervisor, run_id = launched("train")
    until(supervisor, run_id, lambda run: run.state == "running")
    honest = psutil.Process.create_time
    monkeypatch.setattr(psutil.Process, "create_time", lambda self: honest(self) + 3600)
    assert supervisor.poll(run_id).state == "running"
    with pytest.raises(UserError, match="already going"):
        supervisor.resume(run_id)


def test_a_worker_given_up_too_early_leaves_its_run_to_the_next(launched: Launcher, store: RunStore) -> None:
    supervisor, run_id = launched("train")
    first = until(supervisor, run_id, lambda run: run.global_step > 0)
    assert first.pid is not None
    assert first.process_started is not None
    lifecycle.conclude(
        store.db,
        run_id,
        pid=first.pid,
        started=first.process_started,
        state="crashed",
        outcome=RunOutcome("a mistake"),
    )
    second = supervisor.resume(run_id)
    assert second.pid != first.pid
    psutil.wait_procs([psutil.Process(first.pid)], timeout=20)
    assert not is_alive(first.pid, first.process_started)
    assert "Another process took over this run." in (store.paths.run(run_id) / LOG_FILE).read_text()
    now = until(supervisor, run_id, lambda run: run.state == "running")
    assert now.pid == second.pid
    until(supervisor, run_id, lambda run: run.global_step > now.global_step)


def test_a_completed_run_is_not_resumed(launched: Launcher) -> None:
    supervisor, run_id = launched("complete")
    until(supervisor, run_id, lambda run: not run.is_live)
    with pytest.raises(UserError, match="nothing left"):
        supervisor.resume(run_id)
    with pytest.raises(UserError, match="ended already"):
        supervisor.stop(run_id)


def test_stop_before_the_worker_is_up_is_not_forgotten(launched: Launcher) -> None:
    supervisor, run_id = launched("train")
    supervisor.stop(run_id)
    assert until(supervisor, run_id, lambda run: not run.is_live).state == "stopped"


def test_kill_ends_the_process_at_once(launched: Launcher) -> None:
    supervisor, run_id = launched("train")
    run = until(supervisor, run_id, lambda run: run.global_step > 0)
    assert run.pid is not None
    assert run.process_started is not None
    killed = supervisor.kill(run_id)
    assert killed.state == "stopped"
    assert not is_alive(run.pid, run.process_started)
    assert not psutil.pid_exists(run.pid)  # collected, no zombie left
    with pytest.raises(UserError, match="no process"):
        supervisor.kill(run_id)


@pytest.mark.parametrize("viewer_is_launcher", [True, False])
def test_a_viewer_who_sees_the_death_before_the_killer_tells_calls_it_no_crash(
    launched: Launcher,
    supervisor_of: Callable[[str], Supervisor],
    monkeypatch: pytest.MonkeyPatch,
    viewer_is_launcher: bool,
) -> None:
    supervisor, run_id = launched("train")
    until(supervisor, run_id, lambda run: run.global_step > 0)
    viewer = supervisor if viewer_is_launcher else supervisor_of("train")
    kill, seen = supervisor_module._kill, []

    def kill_and_look(pid: int, started: float) -> None:
        kill(pid, started)
        seen.append(viewer.poll(run_id))

    monkeypatch.setattr(supervisor_module, "_kill", kill_and_look)
    killed = supervisor.kill(run_id)
    assert [run.state for run in seen] == ["stopped"]
    assert killed == seen[0]
    assert killed.outcome is not None
    assert "as you asked" in killed.outcome.what
    assert killed.request is None


def test_a_worker_that_ends_while_it_is_being_killed_is_no_error(
    launched: Launcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    supervisor, run_id = launched("train")
    until(supervisor, run_id, lambda run: run.global_step > 0)

    def too_late(process: psutil.Process) -> None:
        os.kill(process.pid, signal.SIGKILL)
        raise psutil.NoSuchProcess(process.pid)

    with monkeypatch.context() as patch:
        patch.setattr(psutil.Process, "kill", too_late)
        assert supervisor.kill(run_id).state == "stopped"


def test_a_worker_that_ended_just_before_it_is_killed_is_no_error(monkeypatch: pytest.MonkeyPatch) -> None:
    with subprocess.Popen([sys.executable, "-c", ""]) as child:
        child.wait()
    monkeypatch.setattr(supervisor_module, "is_alive", lambda *_: True)
    supervisor_module._kill(child.pid, 1.0)


def test_a_launcher_that_died_in_the_act_loses_the_run_after_a_while(
    store: RunStore, supervisor_of: Callable[[str], Supervisor]
) -> None:
    run_id = store.create(SPEC)
    moment = lifecycle.begin_launch(store.db, run_id)
    assert moment is not None
    supervisor = supervisor_of("complete")
    assert supervisor.poll(run_id).state == "starting"
    store.db.conn.execute("UPDATE runs SET process_started = ?", (moment - LAUNCH_GRACE_S,))
    assert supervisor.poll(run_id).state == "lost"
    supervisor.resume(run_id)
    assert until(supervisor, run_id, lambda run: not run.is_live).state == "completed"


def test_a_reused_process_id_is_not_taken_for_the_worker(
    store: RunStore, supervisor_of: Callable[[str], Supervisor]
) -> None:
    run_id = store.create(SPEC)
    moment = lifecycle.begin_launch(store.db, run_id)
    assert moment is not None
    # This test's own process has the id, but began at another time than the worker did.
    lifecycle.name_worker(store.db, run_id, moment, os.getpid(), 1_000_000_000.0)
    assert supervisor_of("train").poll(run_id).state == "lost"


def test_a_worker_that_cannot_start_fails_the_run_in_words(store: RunStore) -> None:
    run_id = store.create(SPEC)
    supervisor = Supervisor(store.paths, worker=("/no/such/python",))
    with pytest.raises(UserError):
        supervisor.launch(run_id)
    run = store.get(run_id)
    assert run.state == "failed"
    assert run.outcome is not None
    assert run.outcome.what


LAUNCHER = """
import sys
from core.paths import AppPaths
from core.runs.supervisor import Supervisor
worker, run_id = sys.argv[1], sys.argv[2]
Supervisor(AppPaths.default(), worker=(sys.executable, worker, "train")).launch(run_id)
print("launched", flush=True)
sys.stdin.read()
"""


def test_a_run_outlives_its_killed_launcher_and_is_lost_only_when_it_dies_itself(
    store: RunStore, supervisor_of: Callable[[str], Supervisor]
) -> None:
    run_id = store.create(SPEC)
    launcher = subprocess.Popen(
        [sys.executable, "-c", LAUNCHER, str(FAKE_WORKER), run_id],
        cwd=RESOURCES.parent,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    with launcher:
        assert launcher.stdout is not None
        assert launcher.stdout.readline() == b"launched\n"
        launcher.kill()
    newcomer = supervisor_of("train")
    before = until(newcomer, run_id, lambda run: run.state == "running")
    run = until(newcomer, run_id, lambda run: run.global_step > before.global_step)
    assert run.pid is not None
    os.kill(run.pid, signal.SIGKILL)
    run = until(newcomer, run_id, lambda run: not run.is_live)
    assert run.state == "lost"
    assert run.outcome is not None
    assert "Resume" in run.outcome.remedy
    newcomer.resume(run_id)
    until(newcomer, run_id, lambda run: run.state == "running")
    newcomer.kill(run_id)
