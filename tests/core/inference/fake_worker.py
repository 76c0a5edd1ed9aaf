"""Plays the inference process for the client's tests; a request's `model` or `audio` tells what to do."""

from __future__ import annotations

import json
import os
import signal
import sys
import time

PREDICTION = {
    "intent": "light_on",
    "slots": [["room", "kitchen"]],
    "raw": '{"intent": "light_on", "slots": [{"room": "kitchen"}]}',
    "confidence": 0.9,
    "slot_confidence": [0.8],
    "runner_up": [["light_off", 0.1]],
    "timings_ms": {"features": 1.0, "encoder": 2.0, "decoding": 3.0},
    "transcript": None,
}


def say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def main() -> None:
    loaded = None
    for line in sys.stdin:
        request = json.loads(line)
        wish = request.get("model") or request.get("audio") or ""
        reply = {"id": request["id"]}
        if request["op"] == "load":
            say(json.dumps({**reply, "progress": "loading the weights"}))
            loaded = request["model"]
        if "die" in wish:
            sys.stderr.write("last words")
            sys.stderr.flush()
            os.kill(os.getpid(), signal.SIGKILL)
        if "babble" in wish:
            say("a library says hello")
        if "hang" in wish:
            time.sleep(600)
        if "refuse" in wish:
            error = {"what": "Too long.", "where": wish, "remedy": "Say less.", "details": ""}
            say(json.dumps({**reply, "ok": False, "error": error}))
            continue
        results = {
            "load": {"model": loaded, "intents": ["light_off", "light_on"], "window_s": 15.0},
            "predict": PREDICTION,
            "state": {"loaded": loaded, "pid": os.getpid()},
        }
        say(json.dumps({**reply, "ok": True, "result": results[request["op"]]}))


if __name__ == "__main__":
    main()
