"""`python -m core.inference.worker`: the warm process that holds models and answers utterances.

Reads one JSON request per line on stdin, writes one JSON reply per line on stdout, logs to stderr, and ends
when stdin is closed. A MODEL is "model": "teaspoon" | folder | Hub id | run id, "datasets": ["demo"] | null;
an ITEM is {"audio": "/path.wav"}, {"text": "turn it on"} or {"samples": base64 of float32 at 16 kHz}:

    {"id": 1, "op": "load", MODEL}
    {"id": 2, "op": "predict", MODEL, "items": [ITEM, ...], "constrained": true}
    {"id": 3, "op": "transcribe", MODEL, "item": ITEM}
    {"id": 4, "op": "prepare"}       imports only
    {"id": 5, "op": "quit"}
    -> {"id": 1, "progress": "loading the weights"}
    -> {"id": 1, "ok": true, "result": {...}} or {"id": 1, "ok": false, "error": {"what", "where", ...}}

A model that is asked and not held is loaded first.
"""

from __future__ import annotations

import base64
import json
import logging
import os
import sys
import threading
import time
import traceback
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, TypeVar

import numpy as np

from core.audio.files import SAMPLE_RATE, read_audio
from core.audio.levels import Samples
from core.errors import UserError
from core.inference.kept_models import KeptModels, ModelName
from core.inference.prediction import Prediction
from core.models.threads import let_waiting_threads_sleep
from core.paths import AppPaths

if TYPE_CHECKING:
    from core.inference.predictor import Predictor

_log = logging.getLogger(__name__)

A = TypeVar("A")
R = TypeVar("R")

Tell = Callable[[str], None]

_NICENESS = 5
"""Of a process that gets ready while another one answers somebody."""

LIFE_EVERY_S = 10.0
"""Well below `core.inference.client.REQUEST_TIMEOUT_S`."""


class Service:
    """The kept models and the operations on them; each returns the reply's `result`."""

    def __init__(self, paths: AppPaths) -> None:
        self._models = KeptModels(paths)

    def holds(self, request: dict[str, Any]) -> bool:
        """Whether the model that a request names is there, so that an answer cannot take minutes."""
        return self._models.holds(_name(request.get("model", ""), request.get("datasets")))

    def prepare(self, tell: Tell) -> dict[str, Any]:
        """Import what every model needs, which takes seconds: a process that stands by has done so."""
        tell("starting the engine")
        if hasattr(os, "nice"):
            os.nice(_NICENESS)
        import core.inference.predictor  # noqa: F401

        return {}

    def load(self, tell: Tell, *, model: str, datasets: list[str] | None = None) -> dict[str, Any]:
        """Load a base model or a run, then answer one utterance of silence so that the first real one
        does not pay for start-up."""
        started = time.perf_counter()
        predictor, is_new = self._models.get(_name(model, datasets), tell, look_again=True)
        if is_new:
            tell("warming up")
            predictor.predict([np.zeros(2 * SAMPLE_RATE, dtype=np.float32)])
        known = predictor.grammar.ontology
        return {
            "model": model,
            "intents": list(known.intents),
            "slot_types": list(known.slot_types),
            "window_s": predictor.family.window_s,
            "seconds": time.perf_counter() - started,
        }

    def predict(
        self,
        tell: Tell,
        *,
        model: str,
        items: list[dict[str, str]],
        datasets: list[str] | None = None,
        constrained: bool = True,
    ) -> dict[str, Any]:
        """Answer utterances; an error stands in the place of one that cannot be read or heard."""
        predictor, _ = self._models.get(_name(model, datasets), tell)
        read: list[tuple[Samples | str | UserError, float]] = []
        for item in items:
            started = time.perf_counter()
            read.append((_or_error(_read, item), 1000 * (time.perf_counter() - started)))
        questions = [item for item, _ in read if not isinstance(item, UserError)]
        answers = iter(_answered(predictor, questions, constrained=constrained))
        results: list[dict[str, Any]] = []
        for item, (heard, reading_ms) in zip(items, read, strict=True):
            answer = heard if isinstance(heard, UserError) else next(answers)
            if isinstance(answer, UserError):
                answer.where = answer.where or item.get("audio", "")
                results.append({"error": answer.as_dict()})
                continue
            written = answer.as_dict()
            written["timings_ms"]["reading"] = reading_ms
            results.append(written)
        return {"answers": results}

    def transcribe(
        self, tell: Tell, *, model: str, item: dict[str, str], datasets: list[str] | None = None
    ) -> dict[str, Any]:
        """What the model's base weights write down of a recording."""
        heard = _read(item)
        if isinstance(heard, str):
            raise UserError("A text needs no transcript.")
        (text,) = self._models.base_of(_name(model, datasets), tell).transcribe([heard])
        return {"text": text}


def _name(model: str, datasets: list[str] | None) -> ModelName:
    return ModelName(model, None if datasets is None else tuple(datasets))


def _read(item: dict[str, str]) -> Samples | str:
    if "text" in item:
        return item["text"]
    if "audio" in item:
        return read_audio(Path(item["audio"]))
    return np.frombuffer(base64.b64decode(item["samples"]), "<f4").astype(np.float32)


def _answered(
    predictor: Predictor, questions: Sequence[Samples | str], *, constrained: bool
) -> list[Prediction | UserError]:
    """All at once where that works; one by one where one of them is too short or too long."""
    try:
        return list(predictor.predict(questions, constrained)) if questions else []
    except UserError as error:
        if len(questions) == 1:
            return [error]
        return [_or_error(lambda each: predictor.predict([each], constrained)[0], each) for each in questions]


def _or_error(op: Callable[[A], R], argument: A) -> R | UserError:
    try:
        return op(argument)
    except UserError as error:
        return error


def serve(service: Service, requests: IO[str], replies: IO[str]) -> None:
    """Work on requests until `quit` or the end of the input. A failed request never ends the process."""
    for line in requests:
        request = json.loads(line)
        if request["op"] == "quit":
            return
        _answer(service, request, replies)


def _answer(service: Service, request: dict[str, Any], replies: IO[str]) -> None:
    request_id, op = request.pop("id", None), request.pop("op")
    operations: dict[str, Callable[..., dict[str, Any]]] = {
        "prepare": service.prepare,
        "load": service.load,
        "predict": service.predict,
        "transcribe": service.transcribe,
    }
    writing = threading.Lock()

    def reply(**content: object) -> None:
        with writing:
            replies.write(json.dumps({"id": request_id, **content}, ensure_ascii=False) + "\n")
            replies.flush()

    try:
        loads = op in {"load", "transcribe"} or not service.holds(request)
        with _SignsOfLife(lambda words: reply(progress=words), repeated=loads) as tell:
            result = operations[op](tell, **request)
    except UserError as error:
        reply(ok=False, error=error.as_dict())
    except Exception as error:  # noqa: BLE001 - the process must answer, whatever went wrong
        _log.exception("%s failed", op)
        unexpected = UserError(
            f"The model could not answer ({type(error).__name__}).",
            remedy="Try again; if it happens again, choose another model.",
            details=traceback.format_exc(),
        )
        reply(ok=False, error=unexpected.as_dict())
    else:
        reply(ok=True, result=result)


class _SignsOfLife:
    """Hands on what an operation tells; `repeated` says it again every LIFE_EVERY_S seconds.

    Reading a large model from a slow disk, or downloading it, may take many minutes within one call.
    """

    def __init__(self, tell: Tell, *, repeated: bool) -> None:
        self._tell = tell
        self._words = "working"
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._repeat, daemon=True) if repeated else None

    def __enter__(self) -> Tell:
        if self._thread is not None:
            self._thread.start()
        return self._say

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        if self._thread is not None:
            self._thread.join()

    def _say(self, words: str) -> None:
        self._words = words
        self._tell(words)

    def _repeat(self) -> None:
        while not self._ended.wait(LIFE_EVERY_S):
            self._tell(self._words)


def main() -> None:
    logging.basicConfig(level=logging.INFO)
    let_waiting_threads_sleep()
    # What a library prints must not get among the replies: they alone have the real standard output.
    replies = os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    sys.stdin.reconfigure(encoding="utf-8")  # type: ignore[union-attr]  # a TextIOWrapper in a real process
    with replies:
        serve(Service(AppPaths.default()), sys.stdin, replies)


if __name__ == "__main__":
    main()
