"""The real window in a process of its own, which starts a run as a person would and shows it.

`window_with_a_run.py EXPERIMENT.toml STEPS`: prints the run's id once the Runs page shows that many steps,
then stays open until it is killed.
"""

from __future__ import annotations

import sys
from typing import cast

from PySide6.QtCore import Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QPushButton

from core.paths import AppPaths
from gui.app import Composition, make_context
from gui.context import AppContext
from gui.pages.experiment import ExperimentPage
from gui.run_watcher import RunWatcher, Snapshot

LIMIT_MS = 180_000
"""A window in which the run never appears ends by itself, so that nobody waits for its words for ever."""


class StartsARun:
    """Opens the experiment, presses Start as soon as it may, and follows the run on the Runs page."""

    def __init__(self, context: AppContext, experiment: str, steps: int) -> None:
        self._composition = Composition(context)
        self._window = self._composition.window
        self._experiment, self._steps = experiment, steps
        self._window.page_shown.connect(self._page_shown)
        self._poll = QTimer(interval=50)
        self._poll.timeout.connect(self._press_start)
        self._window.show()

    def _page_shown(self, key: str) -> None:
        if key == "experiment":
            page = cast("ExperimentPage", self._window.page("experiment"))
            page.open_file(self._experiment)
            self._poll.start()
        if key == "runs":
            watcher = self._window.page("runs").findChild(RunWatcher)
            cast("RunWatcher", watcher).changed.connect(self._seen)

    def _press_start(self) -> None:
        page = cast("ExperimentPage", self._window.page("experiment"))
        opened = page.draft().name == "survives the window"
        start = next(each for each in page.findChildren(QPushButton) if each.text() == "Start")
        if opened and start.isEnabled():
            self._poll.stop()
            QTest.mouseClick(start, Qt.MouseButton.LeftButton)

    def _seen(self, snapshot: Snapshot) -> None:
        details = snapshot.details
        if details is not None and len(details.steps.global_step) >= self._steps:
            print(details.run.id, flush=True)  # noqa: T201 - the test reads it


def main(experiment: str, steps: int) -> int:
    app = QApplication([])
    context = make_context(AppPaths.default().create())
    context.theme.apply(app, "light")
    context.remember(welcomed=True, page="experiment")
    starts = StartsARun(context, experiment, steps)
    QTimer.singleShot(LIMIT_MS, lambda: app.exit(1))
    code = app.exec()
    del starts
    context.close()
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], int(sys.argv[2])))
