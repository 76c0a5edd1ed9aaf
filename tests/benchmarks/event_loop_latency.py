"""Does the window freeze? A 16 ms timer in the real window, on the Runs page, while the demo trains.

    python -m tests.benchmarks.event_loop_latency [--seconds 120] [--preset demo-curriculum]

Needs a screen; `xvfb-run -s "-screen 0 1400x900x24"` before it will do. Prints JSON. A gap is the time from
one tick of the timer to the next, in milliseconds: 16 when nothing is in the way.
"""

from __future__ import annotations

import argparse
import json
import os
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import cast

import numpy as np
import psutil
from PySide6.QtCore import QObject, Qt, QTimer
from PySide6.QtWidgets import QApplication

from core.errors import UserError
from core.experiment.presets import load_preset
from core.paths import AppPaths
from gui.app import Composition, make_context, stay_responsive
from gui.context import AppContext
from gui.run_watcher import RunWatcher, Snapshot
from tests.event_loop import spin

TICK_MS = 16
START_S = 300.0


class Ticks(QObject):
    """The moments at which a `TICK_MS` timer's turn came, in seconds."""

    def __init__(self) -> None:
        super().__init__()
        self.moments: list[float] = []
        self.timer = QTimer(self, interval=TICK_MS, timerType=Qt.TimerType.PreciseTimer)
        self.timer.timeout.connect(lambda: self.moments.append(time.perf_counter()))

    def gaps_ms(self) -> np.ndarray:
        return 1000 * np.diff(self.moments)


class Watched(QObject):
    """What the Runs page was told last."""

    def __init__(self, composition: Composition) -> None:
        super().__init__()
        self.steps = 0
        self.updates = 0
        watcher = composition.window.page("runs").findChild(RunWatcher)
        cast("RunWatcher", watcher).changed.connect(self._seen)

    def _seen(self, snapshot: Snapshot) -> None:
        if snapshot.details is not None:
            self.updates += 1
            self.steps = len(snapshot.details.steps.global_step)


def measure(paths: AppPaths, preset: str, seconds: float) -> dict[str, object]:
    """Train `preset` and tick beside it."""
    app = QApplication([])
    context = make_context(paths)
    context.theme.apply(app, "light")
    context.open_library().ensure_demo()
    context.remember(welcomed=True, page="runs")
    run_id = context.run_store().create(load_preset(preset))
    context.supervisor.launch(run_id)
    composition = Composition(context)
    stay_responsive()
    composition.window.show()
    try:
        return {"preset": preset, **_tick(composition, seconds)}
    finally:
        _end_run(context, run_id)
        composition.window.close()
        context.close()


def _tick(composition: Composition, seconds: float) -> dict[str, object]:
    _wait(lambda: composition.window.is_built("runs"), "the page")
    watched, ticks = Watched(composition), Ticks()
    _wait(lambda: watched.steps > 0, "the first step of the run")
    before, updates = watched.steps, watched.updates
    own_time = psutil.Process().cpu_times()
    ticks.timer.start()
    spin(round(1000 * seconds))
    ticks.timer.stop()
    after = psutil.Process().cpu_times()
    gaps = ticks.gaps_ms()
    return {
        "seconds": seconds,
        "ticks": len(gaps),
        "gap_p50_ms": round(float(np.percentile(gaps, 50)), 1),
        "gap_p99_ms": round(float(np.percentile(gaps, 99)), 1),
        "gap_max_ms": round(float(gaps.max()), 1),
        "gaps_over_33_ms": int((gaps > 33).sum()),
        "gaps_over_100_ms": int((gaps > 100).sum()),
        "steps_plotted": [before, watched.steps],
        "updates": watched.updates - updates,
        "window_cpu_percent": round(
            100 * (after.user + after.system - own_time.user - own_time.system) / seconds, 1
        ),
        "platform": QApplication.platformName(),
        "processors": os.cpu_count(),
        "load": [round(load, 1) for load in os.getloadavg()],
    }


def _wait(reached: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + START_S
    while not reached():
        if time.monotonic() > deadline:
            raise SystemExit(f"{what} did not come within {START_S:.0f} s")
        spin(50)


def _end_run(context: AppContext, run_id: str) -> None:
    try:
        context.supervisor.kill(run_id)
    except UserError:
        return  # it has ended by itself


def main() -> None:
    parser = argparse.ArgumentParser(description="Event-loop latency of the window while the demo trains.")
    parser.add_argument("--seconds", type=float, default=120.0)
    parser.add_argument("--preset", default="demo-curriculum")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        figures = measure(AppPaths(Path(folder)).create(), chosen.preset, chosen.seconds)
    print(json.dumps(figures, indent=2))


if __name__ == "__main__":
    main()
