"""A working day at the studio, hastened: sound comes as fast as it is taken.

    python -m tests.benchmarks.recording_soak [--hours 2]

The real Record page over a sound card that is made up, with a thread of its own as sound cards have: for each
prompt the keys are pressed, a sentence of the demo is heard, the take is judged, kept and accepted. One block
in a thousand is told to have overflown. Prints one object of JSON: takes, hours of sound, memory before and
behind, waits of the window's event loop, and how many overflows were told and counted.
"""

from __future__ import annotations

import argparse
import gc
import json
import os
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from itertools import count

import numpy as np
import psutil
from PySide6.QtCore import QEventLoop, Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from core.audio.devices import AudioSystem
from core.audio.files import read_audio
from core.audio.recorder import Recorder
from core.data.utterance import Label
from core.paths import AppPaths
from core.recording.session import Prompt, SessionPlan, Speaker
from gui.app import GC_THRESHOLDS, SWITCH_INTERVAL_S, make_context
from gui.pages.record import RecordPage
from gui.widgets import microphone_bar
from tests.core.audio.fake_portaudio import FakePortAudio, FakeStream, device
from tests.integration.reading import sentences

BLOCK = 400
OVERFLOWS_EVERY = 1000
SETTLED = 100
"""Takes after which memory is compared: by then everything is loaded."""


class Clock:
    """The event loop's waits, in ms."""

    def __init__(self) -> None:
        self.waits: list[float] = []
        self._last = time.perf_counter()
        self._timer = QTimer(interval=5)
        self._timer.timeout.connect(self._tick)
        self._timer.start()

    def _tick(self) -> None:
        now = time.perf_counter()
        self.waits.append(1000 * (now - self._last))
        self._last = now


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--hours", type=float, default=2.0)
    hours = parser.parse_args().hours
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    app = QApplication([])
    # As the program does.
    sys.setswitchinterval(SWITCH_INTERVAL_S)
    gc.set_threshold(*GC_THRESHOLDS)
    with tempfile.TemporaryDirectory() as home:
        os.environ["SPOONFUL_HOME"] = home
        print(json.dumps(soak(app, hours)), flush=True)


class Day:
    """The studio in front, over a sound card that is made up."""

    def __init__(self, app: QApplication, takes: int) -> None:
        self._app = app
        self._sound = FakePortAudio([device("USB")])
        self._blocks = count(1)
        self.overflows = 0
        # Sound comes in bursts, so no silence is too long.
        microphone_bar.Recorder = lambda audio, rolls: Recorder(audio, rolls, lambda: 0.0)  # type: ignore[misc,assignment]
        self.context = make_context(AppPaths.default().create())
        self.context.theme.apply(app, "light")
        self.context.audio = AudioSystem(lambda: self._sound)
        self._spoken = [read_audio(path) for _, path in sentences(20)]
        self._quiet = np.random.default_rng(17).standard_normal(16_000).astype(np.float32) * 0.0005
        prompts = [Prompt(0, 0, f"prompt number {number}", Label("read")) for number in range(takes)]
        self.session = self.context.recordings().begin(SessionPlan("day", Speaker("ann")), prompts)
        self.page = RecordPage(self.context)
        self.page.resize(1200, 800)
        self.page.show()
        self.page.activated()
        self.page.open_session(self.session)
        self.until(lambda: bool(self._sound.streams) and self._sound.streams[-1].active)
        self._hear(self._quiet)
        self.until(
            lambda: bool(self.page.studio.text.text()) and self.page.studio.microphone.recorder.listening
        )

    def until(self, reached: Callable[[], bool]) -> None:
        deadline = time.monotonic() + 60
        while not reached():
            assert time.monotonic() < deadline
            self._app.processEvents(QEventLoop.ProcessEventsFlag.WaitForMoreEvents, 20)

    def read(self, number: int) -> float:
        """Record and accept a take; returns its seconds."""
        studio, text = self.page.studio, self.page.studio.text.text()
        QTest.keyClick(studio, Qt.Key.Key_Space)
        parts = (self._quiet[:8000], self._spoken[number % len(self._spoken)], self._quiet)
        for part in parts:
            self._hear(part)
        QTest.keyClick(studio, Qt.Key.Key_Space)
        self._hear(self._quiet)
        self.until(lambda: bool(studio.verdict.text()) and not studio.takes.keeping)
        QTest.keyClick(studio, Qt.Key.Key_Return)
        self.until(lambda: studio.text.text() != text)
        return (sum(map(len, parts)) + 16_000) / 16_000

    def close(self) -> None:
        self.page.hide()
        self.until(lambda: not self.context.background.busy())
        self.context.close()

    def _hear(self, samples: np.ndarray) -> None:
        card = threading.Thread(target=self._deliver, args=(samples,))
        card.start()
        self.until(lambda: not card.is_alive())
        card.join()

    def _deliver(self, samples: np.ndarray) -> None:
        for start in range(0, len(samples), BLOCK):
            overflow = next(self._blocks) % OVERFLOWS_EVERY == 0
            self.overflows += overflow
            stream(self._sound).deliver(samples[start : start + BLOCK], overflow=overflow)


def soak(app: QApplication, hours: float) -> dict[str, float]:
    number = round(hours * 1200)
    day, clock = Day(app, number), Clock()
    process, before, heard_s, begun = psutil.Process(), 0.0, 0.0, time.perf_counter()
    for take in range(number):
        if take == SETTLED:
            before = process.memory_info().rss / 1e6
            clock.waits.clear()
        heard_s += day.read(take)
    after = process.memory_info().rss / 1e6
    takes = day.context.recordings().takes_of_session(day.session.id)
    day.close()
    waits = np.array(clock.waits)
    return {
        "takes": len(takes),
        "hours_of_sound": heard_s / 3600,
        "real_minutes": (time.perf_counter() - begun) / 60,
        "memory_mb_settled": before,
        "memory_mb_end": after,
        "wait_ms_p50": float(np.median(waits)),
        "wait_ms_p99": float(np.percentile(waits, 99)),
        "wait_ms_longest": float(waits.max()),
        "overflows_told": day.overflows,
        "overflows_in_takes": sum(take.gaps for take in takes),
        "accepted": sum(take.state == "accepted" for take in takes),
    }


def stream(sound: FakePortAudio) -> FakeStream:
    return next(each for each in reversed(sound.streams) if each.active and "device" in each.options)


if __name__ == "__main__":
    main()
