"""The window: pages by mouse and keyboard, errors in a bar, memory between starts, leaving during a run."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QApplication, QComboBox, QLabel, QMessageBox, QPlainTextEdit, QPushButton
from pytestqt.qtbot import QtBot

from core.errors import UserError
from core.experiment.presets import load_preset
from core.runs import lifecycle
from core.runs.run import RunOutcome
from gui.context import AppContext
from gui.main_window import MainWindow, PageEntry
from gui.widgets.navigation import Destination
from gui.widgets.page_frame import PageFrame
from tests.gui.window import answer_question


class Page(PageFrame):
    """A page that counts how often it came to the front."""

    def __init__(self, title: str) -> None:
        super().__init__(title)
        self.activations = 0

    def activated(self) -> None:
        self.activations += 1


@pytest.fixture
def live_run(context: AppContext) -> str:
    """A run that the database believes live."""
    return context.run_store().create(load_preset("demo-text-only"))


def end_runs(context: AppContext) -> None:
    """So that closing the window at the end of a test asks nothing."""
    store = context.run_store()
    for run in store.list():
        moment = lifecycle.begin_launch(store.db, run.id)
        lifecycle.conclude(store.db, run.id, pid=None, started=moment, state="stopped", outcome=RunOutcome())


@pytest.fixture
def window(context: AppContext, qtbot: QtBot) -> MainWindow:
    return make_window(context, qtbot)


def make_window(context: AppContext, qtbot: QtBot) -> MainWindow:
    def entry(key: str, title: str, shortcut: str, *, at_foot: bool = False) -> PageEntry:
        build: Callable[[], PageFrame] = lambda: Page(title)  # noqa: E731
        return PageEntry(Destination(key, title, "data", shortcut, at_foot), build)

    entries = [
        entry("one", "One", "Ctrl+1"),
        entry("two", "Two", "Ctrl+2"),
        entry("aside", "Aside", "Ctrl+,", at_foot=True),
    ]
    result = MainWindow(context, entries)
    qtbot.addWidget(result, before_close_func=lambda _window: end_runs(context))
    return result


def test_a_page_is_built_when_first_shown_and_told_each_time(window: MainWindow) -> None:
    assert not window.is_built("one")

    window.show_page("one")
    window.show_page("two")
    window.show_page("one")

    page = window.page("one")
    assert isinstance(page, Page)
    assert page.activations == 2
    assert window.current_page == "one"


def test_pages_are_chosen_by_click_and_by_key(window: MainWindow, qtbot: QtBot) -> None:
    with qtbot.waitActive(window):
        window.show()
        window.activateWindow()

    window.navigation.button("two").click()
    assert window.current_page == "two"
    assert window.navigation.button("two").isChecked()

    qtbot.keyClick(window, Qt.Key.Key_1, Qt.KeyboardModifier.ControlModifier)
    assert window.current_page == "one"
    assert not window.navigation.button("two").isChecked()

    qtbot.keyClick(window, Qt.Key.Key_Comma, Qt.KeyboardModifier.ControlModifier)
    assert window.current_page == "aside"


def test_a_page_at_the_foot_stands_below_the_others_just_above_the_theme(window: MainWindow) -> None:
    window.show()
    navigation = window.navigation
    themes = navigation.findChild(QComboBox)
    assert themes is not None
    first, last, foot = (navigation.button(key).geometry() for key in ("one", "two", "aside"))
    gap = last.top() - first.bottom()

    assert foot.top() - last.bottom() > 5 * gap
    assert 0 < themes.geometry().top() - foot.bottom() < 5 * gap


def test_an_error_shows_in_a_bar_with_details_on_demand(
    window: MainWindow, context: AppContext, qtbot: QtBot
) -> None:
    with qtbot.waitActive(window):
        window.show()
        window.activateWindow()
    context.errors.report(
        UserError("The disk is full.", where="/home/me", remedy="Free some space.", details="errno 28")
    )
    bar = window.error_bar
    details = bar.findChild(QPlainTextEdit)

    assert bar.isVisible()
    assert bar.text() == "The disk is full. Free some space. /home/me"
    assert details is not None
    assert not details.isVisible()
    next(each for each in bar.findChildren(QPushButton) if each.text() == "Details").click()
    assert details.isVisible()
    assert details.toPlainText() == "errno 28"

    qtbot.keyClick(window, Qt.Key.Key_Escape)
    assert not bar.isVisible()


@pytest.mark.expects_log("unexpected error")
def test_an_unexpected_error_is_worded_and_its_trace_kept_behind_details(
    window: MainWindow, context: AppContext, qtbot: QtBot
) -> None:
    context.background.run(lambda _task: int("seventeen"))
    qtbot.waitUntil(lambda: bool(window.error_bar.text()))

    assert "Something went wrong inside Spoonful" in window.error_bar.text()
    details = window.error_bar.findChild(QPlainTextEdit)
    assert details is not None
    assert "test_main_window" in details.toPlainText()


def test_theme_and_place_are_remembered(context: AppContext, qtbot: QtBot) -> None:
    first = make_window(context, qtbot)
    first.resize(700, 500)
    first.show()
    box = first.navigation.findChild(QComboBox)
    assert box is not None
    box.setCurrentIndex(box.findData("dark"))
    box.activated.emit(box.currentIndex())
    first.close()

    second = make_window(context, qtbot)

    assert context.settings.current.theme == "dark"
    assert context.theme.name == "dark"
    assert (second.width(), second.height()) == (700, 500)


def test_a_window_is_never_larger_than_its_screen_and_what_it_cannot_show_scrolls(
    window: MainWindow, qtbot: QtBot
) -> None:
    window.show()
    available = window.screen().availableSize()
    assert window.width() <= available.width()
    assert window.height() <= available.height()
    window.resize(640, 420)
    window.show_page("one")
    qtbot.wait(20)
    assert (window.width(), window.height()) == (640, 420)


def test_an_error_is_not_carried_to_another_page(window: MainWindow, context: AppContext) -> None:
    window.show()
    window.show_page("one")
    context.errors.report(UserError("The sound output cannot be opened."))
    assert window.error_bar.isVisible()
    window.show_page("two")
    assert not window.error_bar.isVisible()


def test_the_last_page_is_remembered_unless_it_is_gone(window: MainWindow, context: AppContext) -> None:
    window.show_page("two")
    assert window.remembered_page() == "two"

    context.remember(page="removed in this version")
    assert window.remembered_page() == "one"


def test_a_card_is_shown_instead_of_a_page_until_one_is_chosen(window: MainWindow) -> None:
    window.show_page("one")
    window.show_card(QLabel("Welcome"))
    assert window.current_page is None
    assert not window.navigation.button("one").isChecked()

    window.navigation.button("one").click()
    assert window.current_page == "one"


def test_no_run_no_question(window: MainWindow) -> None:
    window.show()

    assert window.close()


@pytest.mark.parametrize(
    ("answer", "closes", "asked_for"),
    [("Leave it running", True, None), ("Stop it (saved)", True, "stop"), ("Cancel", False, None)],
)
def test_closing_during_a_run_asks(
    window: MainWindow, context: AppContext, live_run: str, answer: str, closes: bool, asked_for: str | None
) -> None:
    window.show()
    asked = answer_question(answer)

    assert window.close() is closes

    assert "still going" in asked[0]
    run = context.run_store().get(live_run)
    assert run.request == asked_for
    assert run.is_live


def test_leaving_it_running_is_the_default(window: MainWindow, live_run: str, qtbot: QtBot) -> None:
    window.show()
    defaults: list[str] = []

    def press_enter() -> None:
        box = QApplication.activeModalWidget()
        if isinstance(box, QMessageBox):
            timer.stop()
            defaults.append(box.defaultButton().text())
            qtbot.keyClick(box, Qt.Key.Key_Return)

    timer = QTimer(window, interval=5)
    timer.timeout.connect(press_enter)
    timer.start()

    assert window.close()
    assert defaults == ["Leave it running"]


def test_every_control_of_the_frame_has_a_name(window: MainWindow) -> None:
    controls = [*window.findChildren(QPushButton), *window.findChildren(QComboBox)]

    assert controls
    assert all(control.accessibleName() for control in controls)
