"""What a recording session loses that is killed at random instants: nothing.

    python -m tests.benchmarks.recording_kills [--kills 50]

Kills a scripted session (see `tests.integration.recording_killing`) while it records, writes a take, or goes
on to the next prompt, in turns; looks at what is there afterwards, and lets it go on. Prints a table, a line
for each phase in which a kill fell, and ends with an error if anything was lost. Takes some two minutes.
"""

from __future__ import annotations

import argparse
import itertools
import sys
import tempfile
from collections import defaultdict
from pathlib import Path

from core.paths import AppPaths
from core.recording.recovery import WORTH_S
from core.recording.store import RecordingStore
from core.storage.database import open_database
from tests.integration.recording_killing import LONGEST_S, Found, Said, restart, run_and_kill, session_to_kill


def kill(wanted: int, home: Path) -> tuple[dict[str, list[Found]], int]:
    """What was found after each kill, by what the script had said last; and how many takes were accepted."""
    paths = AppPaths(home).create()
    with open_database(paths.database) as db:
        session = session_to_kill(RecordingStore(db, paths))
    said, found = Said(), defaultdict(list)
    for number, phase in zip(range(wanted), itertools.cycle(LONGEST_S)):
        run_and_kill(paths, session, phase, said)
        last = "recording" if said.phase == "captured" else said.phase
        found[last].append(restart(paths, session, said, keep=number % 2 == 0))
    return found, len(said.accepted)


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    arguments.add_argument("--kills", type=int, default=50)
    wanted = arguments.parse_args().kills
    with tempfile.TemporaryDirectory() as folder:
        found, accepted = kill(wanted, Path(folder))
    print("| killed after saying | kills | lost | orphans | wrong | in progress, 0.5 s or more | offered |")
    print("|---|---|---|---|---|---|---|")
    for last, looks in sorted(found.items()):
        counts = [
            len(looks),
            sum(len(look.lost) for look in looks),
            sum(len(look.orphans) for look in looks),
            sum(len(look.wrong) for look in looks),
            sum(look.in_progress >= WORTH_S for look in looks),
            sum(look.offered >= WORTH_S for look in looks),
        ]
        print(f"| {last} | {' | '.join(map(str, counts))} |")
    bad = [(last, look) for last, looks in found.items() for look in looks if not look.is_right]
    print(f"{wanted} kills, {accepted} takes accepted, {len(bad)} of the restarts not right.")
    if bad:
        sys.exit("\n".join(map(str, bad)))


if __name__ == "__main__":
    main()
