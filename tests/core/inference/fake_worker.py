"""Plays the inference process for the client's tests; a request's `model` or `audio` tells what to do."""

from __future__ import annotations

import json
import os
import signal
import sys
import time
from pathlib import Path

PREDICTION = {
    "intent": "light_on",
    "slots": [["room", "kitchen"]],
    "raw": '{"intent": "light_on", "slots": [{"room": "kitchen"}]}',
    "confidence": 0.9,
    "slot_confidence": [0.8],
    "runner_up": [["light_off", 0.1]],
    "timings_ms": {"features": 1.0, "encoder": 2.0, "decoding": 3.0},
    "transcript": None,
    "raw_confidence": 0.9,
}


def say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def main() -> None:
    loaded = None
    for line in sys.stdin:
        request = json.loads(line)
        audio = [item.get("audio", "") for item in request.get("items", [])]
        wish = " ".join([request.get("model") or "", *audio])
        reply = {"id": request["id"]}
        if request["op"] == "load":
            say(json.dumps({**reply, "progress": "loading the weights"}))
            loaded = request["model"]
        if "once" in wish:
            # The first process that gets it dies, the next one answers.
            mark = Path(os.environ["SPOONFUL_HOME"]) / "died-once"
            if not mark.exists():
                mark.touch()
                os.kill(os.getpid(), signal.SIGKILL)
        if "die" in wish:
            sys.stderr.write("last words")
            sys.stderr.flush()
            os.kill(os.getpid(), signal.SIGKILL)
        if "babble" in wish:
            say("a library says hello")
        if "hang" in wish:
            time.sleep(600)
        if "refuse" in wish:
            error = {"what": "Too long.", "remedy": "Say less.", "details": ""}
            answers = [
                {"error": {**error, "where": each}} if "refuse" in each else PREDICTION for each in audio
            ]
            say(json.dumps({**reply, "ok": True, "result": {"answers": answers}}))
            continue
        results = {
            "load": {
                "model": loaded,
                "intents": ["light_off", "light_on"],
                "slot_types": ["room"],
                "window_s": 15.0,
            },
            "prepare": {},
            "transcribe": {"text": "turn on the light"},
            "predict": {
                "answers": [{**PREDICTION, "raw": json.dumps(request)} for _ in request.get("items", [])]
            },
            "state": {"loaded": loaded, "pid": os.getpid()},
        }
        say(json.dumps({**reply, "ok": True, "result": results[request["op"]]}))


if __name__ == "__main__":
    main()
