"""The process that runs the model, killed amid answers: how long until the answer is there all the same.

    python -m tests.benchmarks.inference_kills [--kills 20] [--home FOLDER --model RUN]

Asks about demo test recordings; a moment after each question the process is killed with SIGKILL. Prints JSON:
seconds from the kill to the answer, and how many answers differ from those of a process that lives.
"""

from __future__ import annotations

import argparse
import json
import random
import tempfile
import threading
import time
from pathlib import Path

import numpy as np
import psutil

from core.data.library import Library
from core.inference.client import InferenceClient
from core.paths import AppPaths
from core.storage.database import open_database
from tests.integration.talking import demo_speech

SEED = 17
STANDBY_S = 12.0
"""Until a process that stands by has imported everything, on a slow machine."""


def measure(paths: AppPaths, model: str, kills: int) -> dict[str, object]:
    """Ask, kill, wait for the answer, over and over."""
    rng = random.Random(SEED)
    spoken = rng.sample(demo_speech(), kills)
    client = InferenceClient(paths)
    base, _, dataset = model.partition("@")
    loaded = client.load(base, [dataset] if dataset else None)
    whole = [client.predict(each.audio, of=loaded) for each in spoken]
    waits, differing, lost = [], 0, 0
    for each, expected in zip(spoken, whole, strict=True):
        client.request("prepare")  # one that was killed behind its answer is replaced now
        time.sleep(STANDBY_S)
        process = client._process
        assert process is not None
        victim = psutil.Process(process.pid)
        killed_at: list[float] = []

        def kill(victim: psutil.Process = victim, killed_at: list[float] = killed_at) -> None:
            time.sleep(rng.uniform(0.0, 0.06))
            victim.kill()
            killed_at.append(time.perf_counter())

        killer = threading.Thread(target=kill)
        killer.start()
        answer = client.predict(each.audio, of=loaded)
        killer.join()
        differing += answer.label != expected.label
        lost += answer.label is None
        if time.perf_counter() - killed_at[0] > 0.005:  # else it had answered before
            waits.append(time.perf_counter() - killed_at[0])
    memory = [each.memory_full_info().uss / 1e6 for each in psutil.Process().children()]
    client.close()
    return {
        "kills": kills,
        "amid an answer": len(waits),
        "seconds_p50": round(float(np.median(waits)), 2),
        "seconds_max": round(max(waits), 2),
        "answers_that_differ": differing,
        "answers_lost": lost,
        "memory_mb_of_each_process": [round(each) for each in memory],
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--home", type=Path)
    parser.add_argument("--model", default="teaspoon@demo", help="a run id, or teaspoon@DATASET")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        paths = AppPaths(chosen.home or Path(scratch)).create()
        db = open_database(paths.database)
        Library(db, paths).ensure_demo()
        db.close()
        print(json.dumps(measure(paths, chosen.model, chosen.kills), indent=1))


if __name__ == "__main__":
    main()
