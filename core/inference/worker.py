"""`python -m core.inference.worker`: the warm process that holds one model and answers utterances.

Reads one JSON request per line on stdin, writes one JSON reply per line on stdout, logs to stderr, and ends
when stdin is closed:

    {"id": 1, "op": "load", "model": "teaspoon" | folder | Hub id | run id, "datasets": ["demo"] | null}
    {"id": 2, "op": "predict", "audio": "/path.wav"}      or "text": "turn on the light"
    {"id": 3, "op": "quit"}
    -> {"id": 1, "progress": "loading the weights"}
    -> {"id": 1, "ok": true, "result": {...}} or {"id": 1, "ok": false, "error": {"what", "where", ...}}
"""

from __future__ import annotations

import json
import logging
import os
import sys
import threading
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import numpy as np

from core.audio.files import SAMPLE_RATE, read_audio
from core.data.library import Library
from core.data.utterance import Ontology
from core.errors import UserError
from core.models.threads import let_waiting_threads_sleep
from core.paths import AppPaths
from core.storage.database import open_database

if TYPE_CHECKING:
    from core.inference.predictor import Predictor

_log = logging.getLogger(__name__)

Tell = Callable[[str], None]

LIFE_EVERY_S = 10.0
"""Well below `core.inference.client.REQUEST_TIMEOUT_S`."""


class Service:
    """One loaded model and the operations on it; each returns the reply's `result`."""

    def __init__(self, paths: AppPaths) -> None:
        self._paths = paths
        self._predictor: Predictor | None = None

    def load(self, tell: Tell, *, model: str, datasets: list[str] | None = None) -> dict[str, Any]:
        """Load a base model or a run, then answer one utterance of silence so that the first real one
        does not pay for start-up."""
        started = time.perf_counter()
        self._predictor = None
        ontology = None if datasets is None else self._ontology(datasets)
        tell("starting the engine")
        from core.inference.predictor import Predictor

        tell("loading the weights")
        run = self._paths.run(model)
        predictor = Predictor.load(run if run.is_dir() else model, ontology)
        tell("warming up")
        predictor.predict([np.zeros(2 * SAMPLE_RATE, dtype=np.float32)])
        self._predictor = predictor
        known = predictor.grammar.ontology
        return {
            "model": model,
            "intents": list(known.intents),
            "slot_types": list(known.slot_types),
            "window_s": predictor.family.window_s,
            "seconds": time.perf_counter() - started,
        }

    def predict(self, tell: Tell, *, audio: str | None = None, text: str | None = None) -> dict[str, Any]:  # noqa: ARG002
        """Answer one utterance; `duration_s` is the recording's length (null for a text)."""
        if self._predictor is None:
            raise UserError("No model is loaded yet.", remedy="Choose a model first.")
        if (audio is None) == (text is None):
            raise UserError("Give either a recording or a text.")
        started = time.perf_counter()
        item = read_audio(Path(audio)) if audio is not None else str(text)
        reading_ms = 1000 * (time.perf_counter() - started)
        try:
            (prediction,) = self._predictor.predict([item])
        except UserError as error:
            error.where = error.where or audio or ""
            raise
        result = prediction.as_dict()
        result["timings_ms"]["reading"] = reading_ms
        result["duration_s"] = None if isinstance(item, str) else len(item) / SAMPLE_RATE
        return result

    def _ontology(self, datasets: list[str]) -> Ontology:
        db = open_database(self._paths.database)
        try:
            return Library(db, self._paths).ontology(datasets)
        finally:
            db.close()


def serve(service: Service, requests: IO[str], replies: IO[str]) -> None:
    """Work on requests until `quit` or the end of the input. A failed request never ends the process."""
    for line in requests:
        request = json.loads(line)
        if request["op"] == "quit":
            return
        _answer(service, request, replies)


def _answer(service: Service, request: dict[str, Any], replies: IO[str]) -> None:
    request_id, op = request.pop("id", None), request.pop("op")
    operations: dict[str, Callable[..., dict[str, Any]]] = {"load": service.load, "predict": service.predict}

    writing = threading.Lock()

    def reply(**content: object) -> None:
        with writing:
            replies.write(json.dumps({"id": request_id, **content}, ensure_ascii=False) + "\n")
            replies.flush()

    try:
        with _SignsOfLife(lambda words: reply(progress=words), repeated=op == "load") as tell:
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
