"""A process that writes to a feature cache until it is killed, and what it leaves to read."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import NamedTuple

import torch

from core.models.feature_cache import FeatureCache

_ENTRIES = 40
_WRITER = """
import sys, torch
from pathlib import Path
from core.models.feature_cache import FeatureCache
cache = FeatureCache(Path(sys.argv[1]), "a tower")
print("ready", flush=True)
number = 0
while True:
    cache.put(f"{number % 40:04d}", torch.full((500, 64), float(number % 40)))
    number += 1
"""


class Found(NamedTuple):
    """Entries that were read after a kill, and those of them that were not as written."""

    read: int
    corrupt: int


def kill_a_writer(folder: Path) -> Found:
    """Let a process write to the cache in `folder`, kill it in the midst, and read everything. A damaged
    entry that the cache itself finds is logged as a warning and counts as corrupt here, too."""
    with subprocess.Popen([sys.executable, "-c", _WRITER, str(folder)], stdout=subprocess.PIPE) as writer:
        assert writer.stdout is not None
        writer.stdout.readline()
        time.sleep(random.uniform(0.02, 0.2))
        writer.send_signal(signal.SIGKILL)
    reader, read, corrupt = FeatureCache(folder, "a tower"), 0, 0
    for number in range(_ENTRIES):
        key = f"{number:04d}"
        was_there = (folder / key[:2] / f"{key}.features").exists()
        found = reader.get(key)
        read += was_there
        corrupt += was_there and (
            found is None or not torch.equal(found, torch.full((500, 64), float(number)))
        )
    return Found(read, corrupt)
