"""How exactly a killed run goes on, and how whole a killed writer leaves the feature cache.

    python -m tests.benchmarks.kill_points [--runs 50] [--cache 100]

Kills real training workers at random instants, `--runs` times in all, resumes them, and compares every
loss and score with those of a run that was never killed; also kills processes that write to the cache.
Prints a line of JSON for each of the two; nothing may differ or be corrupt. Takes about a quarter of an hour
on an idle computer.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import tempfile
from pathlib import Path

from core.paths import AppPaths
from core.runs.store import RunStore
from core.runs.supervisor import Supervisor
from core.storage.database import open_database
from tests.core.models.cache_writer import kill_a_writer
from tests.integration.killing import STEPS, differences, experiment_to_kill, run_killed, run_to_the_end

_KILLS_PER_RUN = 5
_DELAY_S = 0.3
"""Longer than any step here: a kill may fall into a step, a score or the writing of a checkpoint."""


def kill_runs(wanted: int, folder: Path) -> dict[str, object]:
    """Kill runs until `wanted` kills are done."""
    paths = AppPaths(folder / "home").create()
    db = open_database(paths.database)
    store = RunStore(db, paths)
    spec = experiment_to_kill(store, paths, folder)
    untouched, kills, told = store.create(spec), 0, []
    runs = 0
    run_to_the_end(Supervisor(paths), untouched)
    while kills < wanted:
        run_id = store.create(spec)
        steps = sorted(random.sample(range(1, STEPS), min(_KILLS_PER_RUN, wanted - kills)))
        kills += run_killed(paths, run_id, steps, _DELAY_S)
        told += [f"{run_id}: {difference}" for difference in differences(store, untouched, run_id)]
        runs += 1
    db.close()
    return {"kills": kills, "runs": runs, "steps compared": runs * STEPS, "differences": told}


def kill_writers(count: int, folder: Path) -> dict[str, int]:
    """Kill `count` processes in the midst of writing to one cache."""
    found = [kill_a_writer(folder) for _ in range(count)]
    return {
        "kills": count,
        "read": sum(each.read for each in found),
        "corrupt": sum(each.corrupt for each in found),
    }


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    arguments.add_argument("--runs", type=int, default=50, help="kills of training workers")
    arguments.add_argument("--cache", type=int, default=100, help="kills of cache writers")
    asked = arguments.parse_args()
    os.environ["OMP_NUM_THREADS"] = "1"
    with tempfile.TemporaryDirectory() as folder:
        print(json.dumps({"cache": kill_writers(asked.cache, Path(folder) / "cache")}), flush=True)
        print(json.dumps({"runs": kill_runs(asked.runs, Path(folder))}))


if __name__ == "__main__":
    main()
