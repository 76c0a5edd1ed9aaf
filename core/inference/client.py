"""The window's side of the warm inference process: asks it for answers, and starts it anew when it dies.

The process (`core.inference.worker`) holds the models; this module never imports torch. They exchange one
JSON object per line: requests {"id", "op", ...}, replies {"id", "ok", "result" | "error"} and, while a
request is worked on, {"id", "progress": words}. The process ends when its input is closed, so it cannot
outlive the window, however the window ends.
"""

from __future__ import annotations

import base64
import queue
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import psutil

from core.audio.levels import Samples
from core.errors import Cancelled, UserError
from core.inference.prediction import Prediction
from core.inference.process import WorkerProcess
from core.paths import AppPaths

LOG_NAME: Final = "inference.log"

WORKER_COMMAND = (sys.executable, "-m", "core.inference.worker")

REQUEST_TIMEOUT_S = 120.0
"""Longest silence of the process during a request; progress counts as a sign of life."""

CHUNK: Final = 8
"""Items of a batch that are asked at once: a question from the microphone waits no longer than for these."""

ROOM_FOR_STANDBY: Final = 2_000_000_000
"""Bytes of memory that must be free for a second process, which takes 0.3 GB."""

Item = Path | str | Samples
"""A sound file, a text, or a recording [n] of 16 kHz, which then never touches the disk."""

Tell = Callable[[str], None]


@dataclass(frozen=True)
class LoadedModel:
    """A model the process answers with. model, datasets: as it was asked for. intents, slot_types: what it
    may answer with. window_s: the longest recording it can hear, None when there is no limit."""

    model: str
    datasets: tuple[str, ...] | None
    intents: tuple[str, ...]
    slot_types: tuple[str, ...]
    window_s: float | None

    @property
    def name(self) -> dict[str, Any]:
        """How a request names it."""
        return {"model": self.model, "datasets": None if self.datasets is None else list(self.datasets)}


class InferenceClient:
    """One inference process, started at the first request. Thread-safe: one request is worked on at a time.

    Each question names its model, so a process that dies amid one is replaced by another, which is asked the
    same; only when that one dies, too, is it an error. A second process stands by with the libraries
    imported: they take six seconds, and an audience would wait for them.
    """

    def __init__(
        self,
        paths: AppPaths,
        command: Sequence[str] = WORKER_COMMAND,
        timeout_s: float = REQUEST_TIMEOUT_S,
    ) -> None:
        self._paths = paths
        self._command = tuple(command)
        self._timeout_s = timeout_s
        self._turns = _Turns()
        self._process: WorkerProcess | None = None
        self._standby: WorkerProcess | None = None
        self._changing = threading.Lock()
        self._loaded: LoadedModel | None = None
        self._closed = False
        self._next_id = 0
        self._started = 0

    @property
    def running(self) -> bool:
        """Whether the process is there."""
        process = self._process
        return process is not None and process.running

    def load(
        self, model: str, datasets: Sequence[str] | None = None, progress: Tell | None = None
    ) -> LoadedModel:
        """Load a base model, which answers with the labels of `datasets`, or a run, which knows its own.
        Those loaded before are kept as long as there is room."""
        names = None if datasets is None else tuple(datasets)
        fields: dict[str, Any] = {"model": model, "datasets": None if names is None else list(names)}
        result = self.request("load", progress=progress, again=False, **fields)
        self._loaded = LoadedModel(
            model, names, tuple(result["intents"]), tuple(result["slot_types"]), result["window_s"]
        )
        return self._loaded

    def predict(
        self, item: Item, *, of: LoadedModel | None = None, progress: Tell | None = None
    ) -> Prediction:
        """The label of one item, by the model loaded last or by another one."""
        fields = {**self._model(of), "items": [_sent(item)]}
        (answer,) = self.request("predict", progress=progress, **fields)["answers"]
        return Prediction.from_dict(_good(answer))

    def predict_batch(
        self, items: Sequence[Item], *, of: LoadedModel | None = None, constrained: bool = True
    ) -> list[Prediction | UserError]:
        """One answer per item, in order; an error stands for an item that cannot be understood. Questions
        from other threads get in between."""
        answers: list[Prediction | UserError] = []
        model = self._model(of)
        for start in range(0, len(items), CHUNK):
            sent = [_sent(item) for item in items[start : start + CHUNK]]
            result = self.request("predict", patient=True, items=sent, constrained=constrained, **model)
            answers += [
                _worded(answer["error"]) if "error" in answer else Prediction.from_dict(answer)
                for answer in result["answers"]
            ]
        return answers

    def transcribe(self, item: Path | Samples, *, of: LoadedModel | None = None) -> str:
        """What the model's base weights write down of a recording: what learned labels may have forgotten
        how to transcribe."""
        fields = {**self._model(of), "item": _sent(item)}
        return str(self.request("transcribe", patient=True, **fields)["text"])

    def request(
        self,
        op: str,
        *,
        progress: Tell | None = None,
        again: bool = True,
        patient: bool = False,
        **fields: Any,
    ) -> dict[str, Any]:
        """Ask the process to do `op`; blocks until it replies and returns the reply's `result`.

        progress: gets words about what it is doing. again: ask once more when it dies. patient: others go
        first. Raises UserError: the process's own, or that it died or stopped answering; Cancelled when the
        client is closed meanwhile.
        """
        tell = progress or _ignore
        with self._turns.turn(patient=patient):
            try:
                result = self._ask(self._ensure_process(), op, fields, tell)
            except _Died as death:
                if not again:
                    raise self._worded(death) from None
                tell("the model stopped; it is started again")
                result = self._ask_once_more(op, fields, tell)
            self._stand_by()
            return result

    def close(self) -> None:
        """End the processes, also in the midst of a request, which then raises Cancelled. Harmless twice."""
        with self._changing:
            self._closed = True
            processes = (self._process, self._standby)
        for process in processes:
            if process is not None:
                process.end()

    def _ask_once_more(self, op: str, fields: dict[str, Any], tell: Tell) -> dict[str, Any]:
        try:
            return self._ask(self._ensure_process(), op, fields, tell)
        except _Died as death:
            raise self._worded(death) from None

    def _model(self, of: LoadedModel | None) -> dict[str, Any]:
        model = of or self._loaded
        if model is None:
            raise UserError("No model is loaded yet.", remedy="Choose a model first.")
        return model.name

    def _ensure_process(self) -> WorkerProcess:
        process = self._process
        if process is not None and process.running and not self._closed:
            return process
        if process is not None:
            process.end()
        with self._changing:
            if self._closed:
                raise Cancelled
            ready = self._standby if self._standby is not None and self._standby.running else None
            self._standby = None
            self._process = ready or self._start()
            return self._process

    def _stand_by(self) -> None:
        """Have a second process ready where there is room. One that ended by itself is not started again: it
        would do so each time."""
        with self._changing:
            crowded = psutil.virtual_memory().available < ROOM_FOR_STANDBY
            if self._closed or self._standby is not None or crowded:
                return
            with suppress(UserError):  # nobody waits for it
                self._standby = self._start()
                self._standby.send({"id": 0, "op": "prepare"})

    def _start(self) -> WorkerProcess:
        # Two files in turn, so that what the process that died said last can still be read.
        self._started += 1
        log = self._paths.home / (LOG_NAME if self._started % 2 else f"other-{LOG_NAME}")
        return WorkerProcess(self._command, self._paths, log)

    def _ask(self, process: WorkerProcess, op: str, fields: dict[str, Any], tell: Tell) -> dict[str, Any]:
        self._next_id += 1
        request_id = self._next_id
        if not process.send({"id": request_id, "op": op, **fields}):
            raise self._death(process)
        while True:
            try:
                reply = process.replies.get(timeout=self._timeout_s)
            except queue.Empty:
                process.end()
                raise UserError(
                    f"The model gave no answer for {self._timeout_s:.0f} seconds, so it was stopped.",
                    remedy="Try again; it is loaded anew. A smaller base model answers sooner.",
                    details=process.log_tail(),
                ) from None
            if reply is None:
                raise self._death(process)
            if reply.get("id") != request_id:
                continue
            if "progress" in reply:
                tell(str(reply["progress"]))
            elif reply["ok"]:
                result: dict[str, Any] = reply["result"]
                return result
            else:
                raise _worded(reply["error"])

    def _death(self, process: WorkerProcess) -> Exception:
        # Its pipes close a moment before the system calls it dead; it must not be taken for alive then.
        process.end()
        return Cancelled() if self._closed else _Died(process)

    def _worded(self, death: _Died) -> Exception:
        if self._closed:
            return Cancelled()
        return UserError(
            f"The process that runs the model ended unexpectedly ({death.process.how_it_ended()}).",
            remedy="Try again; it is started anew. If memory is short, close other programs or stop a run.",
            details=death.process.log_tail(),
        )


class _Died(Exception):
    """The process ended amid a request."""

    def __init__(self, process: WorkerProcess) -> None:
        super().__init__()
        self.process = process


class _Turns:
    """One at a time may talk to the process; who is patient lets all others go first."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._busy = False
        self._others = 0

    @contextmanager
    def turn(self, *, patient: bool) -> Iterator[None]:
        with self._changed:
            self._others += not patient
            self._changed.wait_for(lambda: not self._busy and not (patient and self._others))
            self._others -= not patient
            self._busy = True
        try:
            yield
        finally:
            with self._changed:
                self._busy = False
                self._changed.notify_all()


def _sent(item: Item) -> dict[str, str]:
    """An item as a request holds it; of samples all bits are kept."""
    if isinstance(item, Path):
        return {"audio": str(item)}
    if isinstance(item, str):
        return {"text": item}
    return {"samples": base64.b64encode(np.ascontiguousarray(item, "<f4").tobytes()).decode("ascii")}


def _good(answer: dict[str, Any]) -> dict[str, Any]:
    if "error" in answer:
        raise _worded(answer["error"])
    return answer


def _worded(error: dict[str, str]) -> UserError:
    return UserError(error["what"], where=error["where"], remedy=error["remedy"], details=error["details"])


def _ignore(_words: str) -> None:
    """Progress nobody asked for."""
