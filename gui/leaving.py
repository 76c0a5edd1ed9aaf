"""Closing the window while the program trains: training goes on unless the user says otherwise."""

from __future__ import annotations

import logging
from collections.abc import Sequence

from PySide6.QtWidgets import QMessageBox, QWidget

from core.errors import UserError
from core.runs.run import Run
from gui.context import AppContext

_log = logging.getLogger(__name__)


def may_leave(context: AppContext, parent: QWidget) -> bool:
    """Whether the window may close now; asks when a run is live, and stops it when told to."""
    try:
        live = [run for run in context.run_store().list() if run.is_live]
    except UserError as error:
        # Leaving must always be possible; runs that cannot be read go on by themselves.
        context.errors.report(error)
        return True
    if not live:
        return True
    question, leave, stop = _question(live, parent)
    question.exec()
    answer = question.clickedButton()
    question.deleteLater()
    if answer is stop:
        for run in live:
            _stop(context, run.id)
    return answer in (leave, stop)


def _stop(context: AppContext, run_id: str) -> None:
    try:
        context.supervisor.stop(run_id)
    except UserError as error:
        # It ended while the question was open, so there is nothing left to stop.
        _log.info("%s", error)


def _question(live: Sequence[Run], parent: QWidget) -> tuple[QMessageBox, QWidget, QWidget]:
    box = QMessageBox(parent)
    box.setIcon(QMessageBox.Icon.Question)
    box.setWindowTitle("Close Spoonful")
    names = ", ".join(run.name for run in live)
    one = len(live) == 1
    box.setText(f"{'A run is' if one else f'{len(live)} runs are'} still going: {names}")
    box.setInformativeText(
        "Training does not need the window. Left running, it goes on, and the window finds it again "
        "at the next start. Stopped, it is saved and can be resumed."
    )
    leave = box.addButton(
        "Leave it running" if one else "Leave them running", QMessageBox.ButtonRole.AcceptRole
    )
    stop = box.addButton(
        "Stop it (saved)" if one else "Stop them (saved)", QMessageBox.ButtonRole.DestructiveRole
    )
    cancel = box.addButton("Cancel", QMessageBox.ButtonRole.RejectRole)
    box.setDefaultButton(leave)
    box.setEscapeButton(cancel)
    return box, leave, stop
