"""The composition: what the first start shows, how pages pass wishes on, and what stops a start."""

from __future__ import annotations

import sys

import pytest
from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QApplication, QMessageBox, QPushButton
from pytestqt.qtbot import QtBot

import gui.app
from core.errors import UserError
from core.paths import AppPaths
from core.runs import lifecycle
from core.runs.run import RunOutcome
from gui.app import Composition
from gui.context import AppContext
from gui.pages.data import DataPage
from gui.pages.experiment import ExperimentPage
from gui.pages.import_dialog import ImportDialog
from gui.pages.runs import RunsPage
from gui.widgets.welcome import Welcome
from tests.gui.window import utterance


@pytest.fixture
def composition(context: AppContext, qtbot: QtBot) -> Composition:
    result = Composition(context)
    qtbot.addWidget(result.window)
    return result


def open_window(composition: Composition, qtbot: QtBot) -> None:
    with qtbot.waitSignal(composition.window.first_painted):
        composition.window.show()


def wait(context: AppContext, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: not context.background.busy(), timeout=60_000)


def test_the_first_start_welcomes_and_brings_the_demo_data(
    composition: Composition, context: AppContext, qtbot: QtBot
) -> None:
    open_window(composition, qtbot)
    wait(context, qtbot)

    assert composition.window.findChild(Welcome).isVisible()
    assert composition.window.current_page is None
    assert context.open_library().names() == ["demo"]


def test_try_the_demo_starts_it_and_shows_the_run(
    composition: Composition, context: AppContext, qtbot: QtBot
) -> None:
    launched: list[str] = []

    def launch(run_id: str) -> None:
        store = context.run_store()
        moment = lifecycle.begin_launch(store.db, run_id)
        ended = RunOutcome("It was only a test.")
        lifecycle.conclude(store.db, run_id, pid=None, started=moment, state="failed", outcome=ended)
        launched.append(run_id)

    context.supervisor.launch = launch  # type: ignore[assignment, method-assign]
    open_window(composition, qtbot)
    composition.window.findChild(Welcome).demo.click()
    qtbot.waitUntil(lambda: composition.window.current_page == "runs", timeout=60_000)

    assert context.run_store().get(launched[0]).scheme == "curriculum"
    page = composition.window.page("experiment")
    assert isinstance(page, ExperimentPage)
    assert page.draft().scheme == "curriculum"
    wait(context, qtbot)
    assert context.settings.current.welcomed


def test_import_from_the_welcome_opens_the_dialog(
    composition: Composition, context: AppContext, qtbot: QtBot
) -> None:
    open_window(composition, qtbot)
    card = composition.window.findChild(Welcome)
    next(each for each in card.findChildren(QPushButton) if "Import" in each.text()).click()

    assert composition.window.current_page == "data"
    dialog = composition.window.page("data").findChild(ImportDialog)
    assert dialog is not None
    assert dialog.isVisible()
    dialog.reject()
    wait(context, qtbot)


def test_the_second_start_opens_where_the_first_ended(
    context: AppContext, composition: Composition, qtbot: QtBot
) -> None:
    context.settings.update(welcomed=True, page="runs")
    open_window(composition, qtbot)

    assert composition.window.current_page == "runs"
    assert not composition.window.is_built("data")
    wait(context, qtbot)


def test_pages_pass_wishes_on(composition: Composition, context: AppContext, qtbot: QtBot) -> None:
    context.open_library().add_dataset("home", "made", [utterance(n) for n in range(10)])
    window = composition.window
    data = window.page("data")
    assert isinstance(data, DataPage)

    data.use_in_experiment.emit("home")
    experiment = window.page("experiment")
    assert isinstance(experiment, ExperimentPage)
    assert window.current_page == "experiment"
    assert list(experiment.draft().train) == ["home"]

    experiment.run_started.emit("20261123-101500-abcd")
    assert window.current_page == "runs"

    runs = window.page("runs")
    assert isinstance(runs, RunsPage)
    runs.try_run.emit("20261123-101500-abcd")
    assert window.current_page == "try-it"
    window.show_page("data")
    wait(context, qtbot)


def test_every_page_has_its_keys(composition: Composition, context: AppContext, qtbot: QtBot) -> None:
    window = composition.window
    with qtbot.waitActive(window):
        window.show()
        window.activateWindow()
    wait(context, qtbot)
    shown = []
    keys = [Qt.Key[f"Key_{number}"] for number in range(1, 6)]
    for key in (*keys, Qt.Key.Key_Comma):
        qtbot.keyClick(window, key, Qt.KeyboardModifier.ControlModifier)
        shown.append(window.current_page)
    assert shown == ["data", "experiment", "runs", "record", "try-it", "settings"]
    wait(context, qtbot)


def test_unreadable_settings_are_said_at_the_start(
    app_paths: AppPaths, qapp: QApplication, qtbot: QtBot
) -> None:
    (app_paths.home / "window.json").write_text("{", "utf-8")
    context = gui.app.make_context(app_paths)
    composition = Composition(context)
    qtbot.addWidget(composition.window)
    open_window(composition, qtbot)

    assert "window.json" in composition.window.error_bar.text()
    wait(context, qtbot)
    context.close()


def test_an_unwritable_home_is_said_and_ends_the_start(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], qapp: QApplication
) -> None:
    def refuse(_paths: AppPaths) -> AppPaths:
        raise UserError("Spoonful cannot write its data folder.", where="/home/me", remedy="Free some space.")

    monkeypatch.setattr(AppPaths, "create", refuse)
    monkeypatch.setattr(gui.app, "QApplication", _SameApplication)
    monkeypatch.setattr(sys, "argv", ["spoonful"])
    timer = QTimer(qapp, interval=5)
    shown: list[str] = []

    def close_box() -> None:
        box = QApplication.activeModalWidget()
        if isinstance(box, QMessageBox):
            timer.stop()
            shown.append(box.text())
            box.accept()

    timer.timeout.connect(close_box)
    timer.start()

    assert gui.app.main() == 1
    timer.deleteLater()

    assert shown == ["Spoonful cannot write its data folder."]
    assert "/home/me" in capsys.readouterr().err


class _SameApplication:
    """Gives the test's application to code that wants to make one; there can only be one."""

    def __new__(cls, _arguments: list[str]) -> QApplication:  # type: ignore[misc]
        application = QApplication.instance()
        assert isinstance(application, QApplication)
        return application

    instance = staticmethod(QApplication.instance)


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere there is always a screen")
def test_without_a_screen_the_start_says_so(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(QApplication, "instance", lambda: None)

    assert gui.app.main([]) == 1

    assert "no screen" in capsys.readouterr().err


@pytest.mark.expects_log("unexpected error")
def test_an_error_in_a_click_handler_reaches_the_error_bar(
    composition: Composition, context: AppContext
) -> None:
    hook = gui.app._reporting_hook(context.errors)
    error = ValueError("boom")

    hook(ValueError, error, None)

    assert "Something went wrong inside Spoonful" in composition.window.error_bar.text()
