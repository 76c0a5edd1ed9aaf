"""From an experiment to a run: the last questions, then the start, off the UI thread."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from core.experiment.spec import ExperimentSpec
from core.runs.start import checked, open_errors
from gui.background import Task
from gui.context import AppContext
from gui.widgets.data_errors_question import DataErrorsQuestion


class RunLauncher(QObject):
    """started: with the run's id. look_at_data: somebody would rather see this dataset's errors first. idle:
    the next start is possible, whatever became of this one."""

    started = Signal(str)
    look_at_data = Signal(str)
    idle = Signal()

    def __init__(self, context: AppContext, parent: QWidget) -> None:
        super().__init__(parent)
        self._context = context
        self._page = parent

    def start(self, spec: ExperimentSpec) -> None:
        """Start a run, after a question where the last check of its data found errors."""
        self._context.background.run(
            lambda _task: open_errors(spec, self._context.open_library()),
            success=lambda errors: self._ask(errors, spec),
            failure=self._fail,
            owner=self,
        )

    def _ask(self, errors: Mapping[str, Sequence[str]], spec: ExperimentSpec) -> None:
        if not errors:
            self._launch(spec)
            return
        box = DataErrorsQuestion(errors, self._page)
        box.start.clicked.connect(lambda: self._launch(spec))
        box.look.clicked.connect(lambda: self.look_at_data.emit(next(iter(errors))))
        box.given_up.connect(self.idle)
        box.open()

    def _launch(self, spec: ExperimentSpec) -> None:
        def launch(_task: Task) -> str:
            run_id = self._context.run_store().create(checked(spec, self._context.open_library()))
            self._context.supervisor.launch(run_id)
            return run_id

        self._context.background.run(launch, success=self._succeed, failure=self._fail, owner=self)

    def _succeed(self, run_id: str) -> None:
        self.idle.emit()
        self.started.emit(run_id)

    def _fail(self, error: Exception) -> None:
        self.idle.emit()
        self._context.errors.report(error)
