"""How a large dataset is imported and looked at.

    python -m tests.benchmarks.library_scale [--rows 1000000]

Writes a manifest of so many texts, imports it with the command line, and opens the Data page on it (drawn
off screen). Prints one object of JSON: rows a second, the import's peak memory, how long the page takes until
it shows the first rows, a search's, the last row and all in another order, the longest wait of its event
loop, and the window's memory.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import psutil

_INTENTS = 60
_ROOMS = 40


def write_manifest(path: Path, rows: int) -> None:
    """Different texts, all with one slot, in three splits."""
    splits = ("train", *["train"] * 7, "validation", "test")
    with path.open("w", encoding="utf-8") as file:
        for number in range(rows):
            room = f"room {number % _ROOMS}"
            line = {
                "text": f"please do number {number} in {room}",
                "intent": f"intent_{number % _INTENTS}",
                "slots": {"room": room},
                "split": splits[number % len(splits)],
            }
            file.write(json.dumps(line) + "\n")


def imported(manifest: Path, rows: int) -> dict[str, float]:
    """Seconds and peak memory of `spoonful datasets import`."""
    begun = time.perf_counter()
    program = [sys.executable, "-c", "from core.cli import main; main()"]
    command = [*program, "datasets", "import", "--name", "large", str(manifest), "--json"]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    seconds = time.perf_counter() - begun
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1e3
    return {"rows_per_s": rows / seconds, "import_peak_mb": peak}


def looked_at(rows: int) -> dict[str, float]:
    """The Data page on the library, in this process."""
    from PySide6.QtCore import QEventLoop, Qt, QTimer
    from PySide6.QtWidgets import QApplication

    from core.paths import AppPaths
    from gui.app import Composition, make_context
    from gui.formatting import counted
    from gui.item_models.utterances import Column

    app = QApplication([])
    context = make_context(AppPaths.default())
    context.theme.apply(app, "light")
    context.remember(welcomed=True)
    window = Composition(context).window
    window.show()
    waits: list[float] = []
    resets: list[int] = []
    last = time.perf_counter()

    def tick() -> None:
        nonlocal last
        now = time.perf_counter()
        waits.append(now - last)
        last = now

    timer = QTimer(interval=5)
    timer.timeout.connect(tick)
    timer.start()

    def until(ready: Callable[[], bool]) -> float:
        begun = time.perf_counter()
        while not ready():
            app.processEvents(QEventLoop.ProcessEventsFlag.AllEvents, 20)
        return time.perf_counter() - begun

    window.show_page("data")
    page = window.page("data")
    page.select("large")
    shown = until(lambda: page.browser.count.text() == counted(rows, "utterance"))
    model = page.browser.model
    model.modelReset.connect(lambda: resets.append(1))

    def until_shown() -> float:
        before = len(resets)
        return until(lambda: len(resets) > before)

    page.browser.filters.search.setText(f"number {rows - 1}")
    found = until_shown()
    page.browser.filters.search.clear()
    until_shown()
    page.browser.table.scrollToBottom()
    scrolled = until(lambda: model.utterance(rows - 1) is not None)
    page.browser.table.sortByColumn(Column.UTTERANCE, Qt.SortOrder.DescendingOrder)
    in_order = until_shown()
    window.close()
    return {
        "page_s": shown,
        "search_s": found,
        "scroll_to_the_end_s": scrolled,
        "sort_s": in_order,
        "longest_wait_ms": 1000 * max(waits),
        "window_mb": psutil.Process().memory_info().rss / 1e6,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--rows", type=int, default=1_000_000)
    rows = parser.parse_args().rows
    with tempfile.TemporaryDirectory() as folder:
        os.environ["SPOONFUL_HOME"] = str(Path(folder) / "home")
        os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
        manifest = Path(folder) / "large.jsonl"
        write_manifest(manifest, rows)
        found = imported(manifest, rows)
        print(json.dumps({**found, **looked_at(rows)}), flush=True)


if __name__ == "__main__":
    main()
