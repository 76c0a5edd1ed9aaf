"""The composition root: makes the services, the theme and the window, and wires the pages to each other."""

from __future__ import annotations

import gc
import logging
import os
import signal
import sys
from collections.abc import Callable, Sequence
from logging.handlers import RotatingFileHandler
from types import TracebackType
from typing import TYPE_CHECKING, cast

from PySide6.QtCore import QObject, Slot
from PySide6.QtWidgets import QApplication, QMessageBox

from core.audio.devices import AudioSystem
from core.audio.player import Player
from core.errors import UserError
from core.inference.client import InferenceClient
from core.paths import AppPaths
from core.runs.supervisor import Supervisor
from gui.background import Background, Task
from gui.context import AppContext
from gui.error_reporting import ErrorReporter
from gui.main_window import MainWindow, PageEntry
from gui.settings import SettingsStore
from gui.single_instance import SingleInstance
from gui.theme import Theme
from gui.widgets.navigation import Destination
from gui.widgets.page_frame import PageFrame
from gui.widgets.welcome import Welcome

if TYPE_CHECKING:
    from gui.pages.data import DataPage
    from gui.pages.experiment import ExperimentPage
    from gui.pages.runs import RunsPage
    from gui.pages.try_it import TryItPage

DEMO_PRESET = "demo-curriculum"
GC_THRESHOLDS = (50_000, 20, 50)
SWITCH_INTERVAL_S = 0.000_5
_LOG_BYTES = 1_000_000
RECORDERS = 4
"""Threads for takes: one that is recorded, one that is still being kept, and who listens for speech."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Open the window and stay until it is closed. Returns the process's exit code."""
    try:
        _require_screen()
        paths = AppPaths.default()
        app = QApplication([sys.argv[0], *(sys.argv[1:] if arguments is None else arguments)])
        app.setApplicationName("Spoonful")
        app.setDesktopFileName("spoonful")
        return _run(app, paths)
    except UserError as error:
        sys.stderr.write(f"{error}\n")
        if QApplication.instance() is not None:
            _show_fatal(error)
        return 1


def make_context(paths: AppPaths) -> AppContext:
    """The services of one window. Nothing is started and nothing slow happens here."""
    errors = ErrorReporter()
    audio = AudioSystem()
    return AppContext(
        paths=paths,
        settings=SettingsStore(paths.home / "window.json"),
        theme=Theme(),
        errors=errors,
        background=Background(errors),
        recording=Background(errors, RECORDERS),
        supervisor=Supervisor(paths),
        inference=InferenceClient(paths),
        audio=audio,
        player=Player(audio),
    )


class Composition(QObject):
    """Builds pages when they are first shown and carries wishes from one page to another.

    The pages' modules are imported with them: plotting alone would cost a third of a second of the start.
    """

    def __init__(self, context: AppContext) -> None:
        super().__init__()
        self._context = context
        self._opened = False
        self.window = MainWindow(
            context,
            [
                PageEntry(Destination("data", "Data", "data", "Ctrl+1"), self._build_data),
                PageEntry(
                    Destination("experiment", "Experiment", "experiment", "Ctrl+2"), self._build_experiment
                ),
                PageEntry(Destination("runs", "Runs", "runs", "Ctrl+3"), self._build_runs),
                PageEntry(Destination("record", "Record", "record", "Ctrl+4"), self._build_record),
                PageEntry(Destination("try-it", "Try it", "try-it", "Ctrl+5"), self._build_try_it),
                PageEntry(
                    Destination("settings", "Settings", "settings", "Ctrl+,", at_foot=True),
                    self._build_settings,
                ),
            ],
        )
        self.window.first_painted.connect(self.open)

    @Slot()
    def open(self) -> None:
        """Show the first page and look after data and runs; called by itself after the first paint."""
        if self._opened:
            return
        self._opened = True
        if self._context.settings.current.welcomed:
            self.window.show_page(self.window.remembered_page())
        else:
            self._welcome()
        trouble = self._context.settings.trouble
        if trouble is not None:
            self._context.errors.report(trouble)
        self._context.background.run(self._look_after_runs, owner=self)
        self._context.background.run(self._look_after_data, success=self._demo_ready, owner=self)

    def _welcome(self) -> None:
        card = Welcome(self._context.theme)
        card.demo_chosen.connect(self._try_demo)
        card.import_chosen.connect(self._import_data)
        self.window.show_card(card)
        self.window.page_shown.connect(lambda _key: self._context.remember(welcomed=True))

    def _look_after_runs(self, _task: Task) -> None:
        self._context.supervisor.reattach()

    def _look_after_data(self, _task: Task) -> None:
        from core.data.synthesis import sweep

        library = self._context.open_library()
        library.ensure_demo()
        sweep(library, self._context.paths)

    def _demo_ready(self, _nothing: None) -> None:
        if self.window.is_built("data"):
            cast("DataPage", self.window.page("data")).refresh()

    def _build_data(self) -> PageFrame:
        from gui.pages.data import DataPage

        page = DataPage(self._context)
        page.use_in_experiment.connect(self._use_dataset)
        return page

    def _build_experiment(self) -> PageFrame:
        from gui.pages.experiment import ExperimentPage

        page = ExperimentPage(self._context)
        page.run_started.connect(self._show_run)
        page.look_at_data.connect(self._check_dataset)
        return page

    def _build_runs(self) -> PageFrame:
        from gui.pages.runs import RunsPage

        page = RunsPage(self._context)
        page.try_run.connect(self._try_run)
        return page

    def _build_record(self) -> PageFrame:
        from gui.pages.record import RecordPage

        return RecordPage(self._context)

    def _build_try_it(self) -> PageFrame:
        from gui.pages.try_it import TryItPage

        page = TryItPage(self._context)
        page.train_wanted.connect(self._train_on)
        return page

    def _build_settings(self) -> PageFrame:
        from gui.pages.settings import SettingsPage

        return SettingsPage(self._context)

    @Slot()
    def _try_demo(self) -> None:
        def show(_nothing: None) -> None:
            page = cast("ExperimentPage", self._shown("experiment"))
            page.load_preset(DEMO_PRESET)
            page.start()

        # Again, because the one at the start may still be on its way; it does nothing the second time.
        self._context.background.run(self._look_after_data, success=show, owner=self)

    @Slot()
    def _import_data(self) -> None:
        cast("DataPage", self._shown("data")).open_import()

    @Slot(str)
    def _use_dataset(self, dataset: str) -> None:
        cast("ExperimentPage", self._shown("experiment")).use_dataset(dataset)

    @Slot(object)
    def _train_on(self, datasets: list[str]) -> None:
        cast("ExperimentPage", self._shown("experiment")).learn_from(datasets)

    @Slot(str)
    def _check_dataset(self, dataset: str) -> None:
        cast("DataPage", self._shown("data")).show_problems(dataset)

    @Slot(str)
    def _show_run(self, run_id: str) -> None:
        cast("RunsPage", self._shown("runs")).select_run(run_id)

    @Slot(str)
    def _try_run(self, run_id: str) -> None:
        cast("TryItPage", self._shown("try-it")).use_run(run_id)

    def _shown(self, key: str) -> PageFrame:
        self.window.show_page(key)
        return self.window.page(key)


def _run(app: QApplication, paths: AppPaths) -> int:
    paths.create()
    instance = SingleInstance(paths.home)
    if not instance.claim():
        if instance.ask_to_raise():
            return 0
        raise UserError(
            "Spoonful is already open, but its window does not answer.",
            where=str(paths.home),
            remedy="Wait a moment and start it again, or end the process that hangs.",
        )
    _log_to_file(paths)
    context = make_context(paths)
    sys.excepthook = _reporting_hook(context.errors)
    context.theme.apply(app, context.settings.current.theme)
    composition = Composition(context)
    instance.raise_asked.connect(composition.window.come_forward)
    stay_responsive()
    # Python's own handler would wait for the next Python code to run; runs are separate processes anyway.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    composition.window.show()
    try:
        return app.exec()
    finally:
        context.close()
        instance.release()


def stay_responsive() -> None:
    """Settings of this process that keep background work from stopping the window. Call once, at the start.

    Measured while 100 000 lines were read for an import on two busy cores: the longest stop fell from 0.6 s
    and more to 0.09 s (median of seven).
    """
    # Full collections stop every thread for tenths of a second once many objects are held; what the start
    # made never becomes garbage, and the window makes few cycles.
    gc.freeze()
    gc.set_threshold(*GC_THRESHOLDS)
    # How long a busy Python thread may keep the window's thread waiting, each time that needs its turn.
    sys.setswitchinterval(SWITCH_INTERVAL_S)


def _log_to_file(paths: AppPaths) -> None:
    handler = RotatingFileHandler(
        paths.home / "window.log", maxBytes=_LOG_BYTES, backupCount=1, encoding="utf-8"
    )
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    logging.getLogger().addHandler(handler)


def _reporting_hook(
    errors: ErrorReporter,
) -> Callable[[type[BaseException], BaseException, TracebackType | None], None]:
    def report(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        if issubclass(kind, KeyboardInterrupt):
            sys.__excepthook__(kind, error, trace)
        else:
            errors.report(error)

    return report


def _require_screen() -> None:
    chosen = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
    if sys.platform == "linux" and not any(os.environ.get(name) for name in chosen):
        raise UserError(
            "There is no screen to open the window on.",
            remedy="Start it in a desktop session, or use the command line: spoonful --help",
        )


def _show_fatal(error: UserError) -> None:
    box = QMessageBox(QMessageBox.Icon.Critical, "Spoonful", error.what)
    box.setInformativeText(f"{error.remedy}\n\n{error.where}".strip())
    box.setDetailedText(error.details)
    box.exec()
