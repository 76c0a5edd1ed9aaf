"""The processes beside the worker that help to train its run: how they are started, watched and ended.

The worker starts them once it has prepared the run, and tells them what to work on: they read neither the
database nor the data, and write nothing but a log of their own. They live no longer than the worker.
"""

from __future__ import annotations

import logging
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final

import psutil
import torch
from torch import distributed
from torch.distributed import TCPStore  # type: ignore[attr-defined]

from core.data.utterance import Ontology, Utterance
from core.errors import Cancelled, UserError
from core.experiment.schedule import Schedule
from core.experiment.spec import ExperimentSpec
from core.models.family import LalmFamily
from core.storage.files import worded_disk_errors
from core.training.parallel import ALONE, Disconnected, Ranks
from core.training.precision import training_device
from core.training.preparation import load_base_model
from core.training.recipe import Job, train

if TYPE_CHECKING:
    from core.evaluation.results import EvaluationResult
    from core.training.reporter import StepMetrics

_log = logging.getLogger(__name__)

_HOST: Final = "127.0.0.1"
_PATIENCE: Final = timedelta(days=20)
"""How long a process waits for the others, which may be hours, while the first one scores. Nobody waits for a
dead one: its connection breaks, and it is watched. More milliseconds may not fit into 32 bits."""
_LOOK_EVERY_S: Final = 1.0
_NOTICE_S: Final = 30.0
"""The worker notices by itself that a companion is gone as soon as it next needs it, unless it is busy or a
graphics card waits for ever; then it is ended after this long."""
_LEAVE_S: Final = 10.0
_LOG_TAIL_BYTES: Final = 4_000


@dataclass(frozen=True)
class _Task:
    """What a companion is told of the worker's job; it loads the base model itself."""

    spec: ExperimentSpec
    schedule: Schedule
    utterances: dict[int, Utterance]
    ontology: Ontology


@dataclass(frozen=True)
class _Companion:
    process: subprocess.Popen[bytes]
    log: Path

    def words(self, count: int) -> UserError:
        """For one that ended by itself before the run did."""
        code = self.process.returncode
        how = f"signal {-code}" if code < 0 else f"exit code {code}"
        advice = " Signal 9 often means that memory ran out." if code == -signal.SIGKILL else ""
        with self.log.open("rb") as file:
            file.seek(max(0, self.log.stat().st_size - _LOG_TAIL_BYTES))
            tail = file.read().decode("utf-8", errors="replace").strip()
        return UserError(
            f"One of the {count} processes that train this run ended unexpectedly ({how}).",
            where=str(self.log),
            remedy=f"Resume the run: it goes on from the last checkpoint.{advice}",
            details=tail,
        )


@contextmanager
def companions(job: Job, run: Path, count: int, give_up: Callable[[UserError], None]) -> Iterator[Ranks]:
    """Start count - 1 processes that train the job together with this one, and end them afterwards.

    give_up: ends this process with these words, from another thread; called when a companion died and this
    process does not notice. Raises UserError when one cannot be started or died.
    """
    if count == 1:
        yield ALONE
        return
    store = meeting_place()
    started: list[_Companion] = []
    ending = threading.Event()
    try:
        # One by one: should one not start, those before it are ended.
        started.extend(_start(run, rank, count, store.port) for rank in range(1, count))
        watch = threading.Thread(target=_watch, args=(started, ending, give_up), daemon=True)
        watch.start()
        ranks = join(store, 0, count)
        ranks.told(_Task(job.spec, job.schedule, job.utterances, job.ontology))
        ranks.together(lambda: None)  # until all have loaded the base model
        yield ranks
        distributed.destroy_process_group()
    except Disconnected as error:
        raise (_dead(started, _LEAVE_S) or _out_of_touch(run)) from error
    except RuntimeError as error:
        # A divided model's passes break off when a companion dies in their midst.
        dead = _dead(started, _LEAVE_S)
        if dead is None:
            raise
        raise dead from error
    finally:
        ending.set()
        _end(started)


def follow(run: Path, rank: int, features: Path) -> int:
    """Be the companion `rank` of the run's worker, from beginning to end; returns the exit code."""
    _end_with_worker()
    # Who ends the run tells the worker, which then tells its companions.
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    count, port = int(os.environ["WORLD_SIZE"]), int(os.environ["MASTER_PORT"])
    ranks = join(meeting_place(port), rank, count)
    try:
        job = _received(ranks, run, features)
        train(job, Mute(), ranks)
    except Cancelled:
        pass
    except (Disconnected, UserError) as error:
        _log.error("%r", error)
        return 1
    distributed.destroy_process_group()
    return 0


def _received(ranks: Ranks, run: Path, features: Path) -> Job:
    """The job that the worker prepared, with a base model of this process's own."""
    task: _Task | None = None
    task = ranks.told(task)
    assert task is not None  # noqa: S101 - the worker tells it first of all
    spec = task.spec
    card = torch.device("cuda", ranks.rank) if torch.cuda.is_available() else None
    loaded: list[LalmFamily] = []
    ranks.together(lambda: loaded.append(load_base_model(spec, card or training_device(), features)))
    return Job(
        spec=spec,
        schedule=task.schedule,
        family=loaded[0],
        utterances=task.utterances,
        ontology=task.ontology,
        validation=(),
        checkpoints=run / "checkpoints",
    )


def _start(run: Path, rank: int, count: int, port: int) -> _Companion:
    """A process of this rank; its input is a pipe that breaks when this process ends."""
    log = run / f"log-{rank}.txt"
    with worded_disk_errors(log), log.open("ab") as file:
        process = subprocess.Popen(
            [sys.executable, "-m", "core.training.worker", str(run), "--rank", str(rank)],
            stdin=subprocess.PIPE,
            stdout=file,
            stderr=subprocess.STDOUT,
            env={**os.environ, "WORLD_SIZE": str(count), "MASTER_ADDR": _HOST, "MASTER_PORT": str(port)},
        )
    return _Companion(process, log)


def meeting_place(port: int | None = None) -> TCPStore:
    """Where the processes of a run find each other: opened by the worker, and found by its port.

    Only processes of this computer can come there.
    """
    if port is not None:
        return TCPStore(_HOST, port, is_master=False, timeout=_PATIENCE)
    # By itself it would listen to every computer. The store closes the socket.
    socket_ = socket.create_server((_HOST, 0))
    port = socket_.getsockname()[1]
    listener = socket_.detach()
    return TCPStore(
        _HOST, port, is_master=True, wait_for_workers=False, timeout=_PATIENCE, master_listen_fd=listener
    )


def join(store: TCPStore, rank: int, count: int) -> Ranks:
    """Meet the other processes; accelerate finds the group that is made here, and its place in it."""
    place = {"RANK": rank, "LOCAL_RANK": rank, "WORLD_SIZE": count, "LOCAL_WORLD_SIZE": count}
    os.environ.update({name: str(value) for name, value in place.items()})
    os.environ.setdefault("GLOO_SOCKET_IFNAME", _loopback())
    backend = "gloo"
    if torch.cuda.is_available():
        torch.cuda.set_device(rank)
        # What is no gradient is told by the processors: a card that waits would be kept busy by it.
        backend = "cpu:gloo,cuda:nccl"
    try:
        distributed.init_process_group(backend, store=store, rank=rank, world_size=count, timeout=_PATIENCE)
    except RuntimeError as error:
        raise Disconnected from error
    return Ranks(rank, count)


def _loopback() -> str:
    """The name of the network interface that leads nowhere but to this computer."""
    interfaces = psutil.net_if_addrs().items()
    return next(
        str(name) for name, addresses in interfaces if any(each.address == _HOST for each in addresses)
    )


def _watch(
    started: Sequence[_Companion], ending: threading.Event, give_up: Callable[[UserError], None]
) -> None:
    while not ending.wait(_LOOK_EVERY_S):
        dead = _dead(started)
        if dead is not None and not ending.wait(_NOTICE_S):
            give_up(dead)
            return


def _dead(started: Sequence[_Companion], wait_s: float = 0.0) -> UserError | None:
    """The words for the first companion that ended with an error, if one did; looked for so many seconds."""
    deadline = time.monotonic() + wait_s
    while True:
        for companion in started:
            if companion.process.poll():
                return companion.words(len(started) + 1)
        if time.monotonic() >= deadline:
            return None
        time.sleep(0.1)


def _out_of_touch(run: Path) -> UserError:
    return UserError(
        "The processes that train this run lost touch with each other.",
        where=str(run),
        remedy="Resume the run: it goes on from the last checkpoint.",
    )


def _end(started: Sequence[_Companion]) -> None:
    """See that no companion is left: there is nothing more for them to do."""
    for companion in started:
        assert companion.process.stdin is not None  # noqa: S101 - it was made as a pipe
        companion.process.stdin.close()
    for companion in started:
        try:
            companion.process.wait(_LEAVE_S)
        except subprocess.TimeoutExpired:
            companion.process.kill()
            companion.process.wait()


def _end_with_worker() -> None:
    """End this process as soon as its input breaks, which is when the worker has ended, however it did."""

    def wait() -> None:
        sys.stdin.buffer.read()
        os._exit(1)

    threading.Thread(target=wait, name="end with the worker", daemon=True).start()


class Mute:
    """The reporter of a companion: the worker tells all there is to tell."""

    def stage(self, index: int, name: str) -> None:
        """Nothing is told."""

    def activity(self, text: str) -> None:
        """Nothing is told."""

    def step(self, metrics: StepMetrics) -> None:
        """Nothing is told."""

    def evaluation(self, result: EvaluationResult, *, stage: int, global_step: int, final: bool) -> None:
        """Nothing is told."""

    def warning(self, about: str, words: str) -> None:
        """Nothing is told."""

    def rewind(self, global_step: int) -> None:
        """Nothing was told."""

    def heartbeat(self) -> None:
        """Nothing is told."""

    def flush(self) -> None:
        """Nothing was told."""

    def should_stop(self) -> bool:
        """The worker decides."""
        return False
