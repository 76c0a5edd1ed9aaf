"""Five hundred utterances in a row at Try it: what that does to memory and to the window.

    python -m tests.benchmarks.try_it_soak [--utterances 500] [--home FOLDER --model RUN]

Demo test speech, hands-free, through the real page over a sound card that is made up and ten times as fast as
life, everything kept and compared with a second model. Prints JSON: answers, memory of the window and of the
inference processes when everything had been used once and at the end, and the waits of the event loop in ms.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import tempfile
from pathlib import Path

import numpy as np
import psutil
from PySide6.QtWidgets import QApplication

from core.paths import AppPaths
from tests.benchmarks.hands_free import SEED, Room, conversation, pink_noise
from tests.benchmarks.recording_soak import Clock
from tests.integration.talking import demo_speech

SETTLED = 50
"""Utterances after which memory is compared."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--utterances", type=int, default=500)
    parser.add_argument("--home", type=Path)
    parser.add_argument("--model", default="teaspoon@demo")
    chosen = parser.parse_args()
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    app = QApplication([])
    with tempfile.TemporaryDirectory() as scratch:
        paths = AppPaths(chosen.home or Path(scratch)).create()
        print(json.dumps(soak(app, paths, chosen.model, chosen.utterances), indent=1), flush=True)


def soak(app: QApplication, paths: AppPaths, model: str, utterances: int) -> dict[str, object]:
    """Talk, and look at memory on the way."""
    speech, rng = demo_speech(), random.Random(SEED)
    spoken = [rng.choice(speech) for _ in range(utterances)]
    room = Room(app, paths, model, "normal", keep_nothing=False, compared=("teaspoon@demo",))
    clock, window, memory = Clock(), psutil.Process(), list[dict[str, float]]()
    for start in range(0, utterances, SETTLED):
        stream, _ = conversation(spoken[start : start + SETTLED], pink_noise(10), None)
        room.hear(stream)
        memory.append(
            {
                "window": window.memory_info().rss / 1e6,
                "model": sum(each.memory_info().rss for each in window.children()) / 1e6,
            }
        )
        if not start:
            clock.waits.clear()
    answered, still = len(room.answers), room.page.conversation.talk.recording
    takes, failures = len(room.takes), [str(error) for error in room.failures]
    room.close()
    waits = np.array(clock.waits)
    return {
        "utterances": utterances,
        "takes": takes,
        "answered": answered,
        "failures": failures,
        "still recording": still,
        "memory_mb_settled": memory[0],
        "memory_mb_half_way": memory[len(memory) // 2],
        "memory_mb_end": memory[-1],
        "wait_ms_p99": round(float(np.percentile(waits, 99)), 1),
        "wait_ms_longest": round(float(waits.max()), 1),
        "waits_over_100_ms": int((waits > 100).sum()),
    }


if __name__ == "__main__":
    main()
