"""Runs: what the database says is on the screen, soon and off the UI thread; nothing while hidden."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QLabel,
    QMessageBox,
    QPlainTextEdit,
    QPushButton,
    QScrollArea,
    QTableView,
    QWidget,
)
from pytestqt.qtbot import QtBot

from core.evaluation.results import Interval
from core.runs.run import RunOutcome, StepSeries
from core.runs.store import LOG_FILE, RunStore
from gui.context import AppContext
from gui.formatting import moment
from gui.item_models.runs import begun_at
from gui.pages.runs import RunsPage
from gui.run_watcher import LIVE_MS
from gui.widgets.final_scores import DEAF
from gui.widgets.metric_plot import MetricPlot
from gui.widgets.run_table import RunTable
from tests.gui.made_runs import MadeRun, answer
from tests.gui.window import utterance

WAIT_MS = 20_000


@pytest.fixture
def page(context: AppContext, qtbot: QtBot) -> Iterator[RunsPage]:
    """The page, not shown yet; hidden at the end so that it stops looking."""
    page = RunsPage(context)
    qtbot.addWidget(page)
    page.resize(1100, 1400)
    yield page
    page.hide()


def open_page(page: RunsPage, qtbot: QtBot, ready: Callable[[], bool]) -> None:
    with qtbot.waitExposed(page):
        page.show()
    qtbot.waitUntil(ready, timeout=WAIT_MS)


def says(page: QWidget, words: str) -> bool:
    return any(words in each.text() for each in page.findChildren(QLabel) if each.isVisible())


def plot(page: RunsPage, title: str) -> MetricPlot:
    return next(each for each in page.findChildren(MetricPlot) if each.accessibleName() == title)


def button(page: RunsPage, words: str) -> QPushButton:
    return next(each for each in page.findChildren(QPushButton) if each.text() == words)


def test_without_runs_it_says_what_to_do(page: RunsPage, qtbot: QtBot) -> None:
    open_page(page, qtbot, lambda: says(page, "No runs yet"))
    assert not button(page, "Try it").isEnabled()


def test_a_live_run_grows_before_ones_eyes(page: RunsPage, context: AppContext, qtbot: QtBot) -> None:
    made = MadeRun(context)
    made.train(5)
    open_page(page, qtbot, lambda: says(page, "Step 5 of 100, stage 1 of 2: text. Training."))
    made.train(3, stage=1, activity="scoring validation speech")
    qtbot.waitUntil(lambda: says(page, "Step 8 of 100, stage 2 of 2: text + speech."), timeout=WAIT_MS)
    assert says(page, "About 2 min of training left.")
    loss = plot(page, "Loss")
    qtbot.waitUntil(lambda: loss.curve_points("loss_speech") == 3, timeout=WAIT_MS)
    assert loss.curve_points("loss_text") == 8
    assert button(page, "Stop").isEnabled()
    assert not button(page, "Delete...").isEnabled()
    assert "Stop the run" in button(page, "Delete...").toolTip()
    made.end("stopped")


def test_a_resumed_run_shows_the_new_steps_not_the_old(
    page: RunsPage, context: AppContext, qtbot: QtBot
) -> None:
    made = MadeRun(context)
    made.train(20)
    open_page(page, qtbot, lambda: plot(page, "Loss").curve_points("loss_text") == 20)
    made.rewind(10)
    made.train(10, clock=5000.0)
    made.train(1, stage=1, clock=5000.0)
    qtbot.waitUntil(lambda: plot(page, "Loss").curve_points("loss_text") == 21, timeout=WAIT_MS)
    times = page._shown.steps.time if page._shown else []
    assert list(times[8:12]) == [1009.0, 1010.0, 5011.0, 5012.0]
    made.end("stopped")


def test_only_new_steps_are_read(
    page: RunsPage, context: AppContext, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = MadeRun(context)
    made.train(20)
    asked: list[int] = []
    threads: set[int] = set()
    read = RunStore.steps

    def spy(store: RunStore, run_id: str, after_step: int = -1) -> StepSeries:
        asked.append(after_step)
        threads.add(threading.get_ident())
        return read(store, run_id, after_step)

    monkeypatch.setattr(RunStore, "steps", spy)
    open_page(page, qtbot, lambda: plot(page, "Loss").curve_points("loss_text") == 20)
    made.train(5)
    qtbot.waitUntil(lambda: plot(page, "Loss").curve_points("loss_text") == 25, timeout=WAIT_MS)
    assert asked[0] == -1
    assert set(asked[1:]) <= {19, 24}
    assert threading.get_ident() not in threads
    made.end("stopped")


def test_answers_show_what_was_said_and_what_came_back(
    page: RunsPage, context: AppContext, qtbot: QtBot
) -> None:
    library = context.open_library()
    library.add_dataset(
        "demo",
        "test",
        [
            utterance(1, text="light on please", split="validation"),
            utterance(2, text="hm", split="validation"),
        ],
    )
    first, second = (each.id for each in library.utterances(["demo"]))
    made = MadeRun(context)
    made.train(1)
    made.evaluate(
        {"exact_match": Interval(0.5, 0.4, 0.6)},
        answers=[answer(first, "light_on", "light_on"), answer(second, "light_on", None)],
    )
    open_page(page, qtbot, lambda: says(page, "light on please"))
    assert says(page, "answered light_on")
    assert says(page, "Wrong")
    assert says(page, "no label: (nothing)")
    assert says(page, "expected light_on")
    scores = plot(page, "Scores on validation speech")
    qtbot.waitUntil(lambda: scores.curve_points("exact_match") == 1, timeout=WAIT_MS)
    made.end("stopped")


@pytest.mark.parametrize(
    ("whole", "intent", "deaf"),
    [
        (Interval(0.45, 0.4, 0.5), Interval(0.6, 0.5, 0.7), False),
        (Interval(0.01, -0.02, 0.04), Interval(0.3, 0.2, 0.4), False),
        (Interval(0.01, -0.02, 0.04), Interval(-0.01, -0.05, 0.03), True),
    ],
)
@pytest.mark.parametrize("fillers", [None, Interval(0.18, 0.12, 0.24), Interval(0.02, -0.01, 0.05)])
def test_final_scores_and_whether_it_hears(
    whole: Interval,
    intent: Interval,
    fillers: Interval | None,
    deaf: bool,
    page: RunsPage,
    context: AppContext,
    qtbot: QtBot,
) -> None:
    made = MadeRun(context)
    made.train(1)
    gains = {"hearing_gain_exact_match": whole, "hearing_gain_intent_accuracy": intent}
    if fillers is not None:
        gains["hearing_gain_slot_f1"] = fillers
        deaf = deaf and fillers.low <= 0
    made.evaluate({"exact_match": Interval(0.842, 0.801, 0.88), **gains}, final=True)
    made.evaluate({"exact_match": Interval(0.95, 0.93, 0.97)}, given="text", final=True)
    made.end("completed")
    open_page(page, qtbot, lambda: says(page, "84.2 % [80.1, 88.0]"))
    assert says(page, "95.0 % [93.0, 97.0]")
    assert says(page, f"{100 * whole.value:+.1f} points of exact match [")
    assert says(page, f"{100 * intent.value:+.1f} points of intent accuracy [")
    assert says(page, DEAF) == deaf
    with qtbot.waitSignal(page.try_run) as tried:
        QTest.mouseClick(button(page, "Try it"), Qt.MouseButton.LeftButton)
    assert tried.args == [made.id]


def test_a_handful_of_recordings_says_nothing_about_hearing(
    page: RunsPage, context: AppContext, qtbot: QtBot
) -> None:
    made = MadeRun(context)
    made.train(1)
    gain = Interval(0.25, -0.25, 0.75)
    scores = {"exact_match": gain, "hearing_gain_exact_match": gain}
    made.evaluate(scores, final=True, n=4)
    made.end("completed")
    open_page(page, qtbot, lambda: says(page, "4 recordings are too few to tell"))
    assert not says(page, DEAF)


def test_a_cascade_has_its_own_column_only_where_it_was_measured(
    page: RunsPage, context: AppContext, qtbot: QtBot
) -> None:
    plain, cascade = MadeRun(context, name="plain"), MadeRun(context, name="with a cascade")
    for made in (plain, cascade):
        made.train(1)
        made.evaluate({"exact_match": Interval(0.842, 0.801, 0.88)}, final=True)
    scores = {"exact_match": Interval(0.61, 0.55, 0.67), "word_error_rate": Interval(0.35, 0.3, 0.4)}
    cascade.evaluate(scores, given="cascade", final=True)
    for made in (plain, cascade):
        made.end("completed")
    open_page(page, qtbot, lambda: says(page, "Through a transcript"))
    assert says(page, "61.0 % [55.0, 67.0]")
    assert says(page, "Word error rate")
    assert says(page, "35.0 % [30.0, 40.0]")
    page.select_run(plain.id)
    qtbot.waitUntil(lambda: not says(page, "Through a transcript"), timeout=WAIT_MS)
    assert says(page, "84.2 % [80.1, 88.0]")
    assert not says(page, "Word error rate")


def test_what_is_doubtful_about_a_run_is_said_until_it_is_taken_back(
    page: RunsPage, context: AppContext, qtbot: QtBot
) -> None:
    made = MadeRun(context)
    made.train(1)
    made.warn("hearing", "The model hears nothing yet.")
    open_page(page, qtbot, lambda: says(page, "hears nothing yet"))
    made.warn("hearing", "")
    qtbot.waitUntil(lambda: not says(page, "hears nothing yet"), timeout=WAIT_MS)
    made.end("stopped")


def test_a_crash_is_worded_and_can_be_resumed(page: RunsPage, context: AppContext, qtbot: QtBot) -> None:
    made = MadeRun(context)
    made.train(1)
    made.end("failed", RunOutcome("The disk is full.", remedy="Free some space, then resume."))
    context.paths.run(made.id).joinpath(LOG_FILE).write_text("the last line\n")
    open_page(page, qtbot, lambda: says(page, "The disk is full. Free some space, then resume."))
    resumed: list[str] = []
    context.supervisor.resume = resumed.append  # type: ignore[assignment, method-assign]
    QTest.mouseClick(button(page, "Resume"), Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: resumed == [made.id], timeout=WAIT_MS)
    QTest.mouseClick(button(page, "Open log"), Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: bool(page.findChildren(QPlainTextEdit)), timeout=WAIT_MS)
    assert "the last line" in page.findChildren(QPlainTextEdit)[0].toPlainText()


def test_stopping_asks_the_supervisor(page: RunsPage, context: AppContext, qtbot: QtBot) -> None:
    made = MadeRun(context)
    made.train(1)
    open_page(page, qtbot, lambda: button(page, "Stop").isEnabled())
    button(page, "Stop").setFocus()
    QTest.keyClick(button(page, "Stop"), Qt.Key.Key_Space)
    # The keyboard stays with the run instead of wandering to the navigation.
    assert page.findChild(RunTable).hasFocus()  # type: ignore[union-attr]
    qtbot.waitUntil(lambda: says(page, "Stopping"), timeout=WAIT_MS)
    assert not button(page, "Stop").isEnabled()
    made.end("stopped")


@pytest.mark.parametrize(("answer_text", "left"), [("Keep", 1), ("Delete", 0)])
def test_deleting_asks_first(
    answer_text: str, left: int, page: RunsPage, context: AppContext, qtbot: QtBot
) -> None:
    made = MadeRun(context, name="old")
    made.end("completed")
    open_page(page, qtbot, lambda: button(page, "Delete...").isEnabled())
    QTest.mouseClick(button(page, "Delete..."), Qt.MouseButton.LeftButton)
    box = page.findChild(QMessageBox)
    assert isinstance(box, QMessageBox)
    run = context.run_store().get(made.id)
    assert box.text() == f"Delete the run “old” of {moment(begun_at(run))}?"
    assert made.id in box.informativeText()
    next(each for each in box.buttons() if each.text() == answer_text).click()
    qtbot.waitUntil(lambda: len(context.run_store().list()) == left, timeout=WAIT_MS)
    if not left:
        qtbot.waitUntil(lambda: says(page, "No runs yet"), timeout=WAIT_MS)


def test_the_time_of_a_resumed_run_leaves_its_break_out(
    page: RunsPage, context: AppContext, qtbot: QtBot
) -> None:
    made = MadeRun(context)
    made.train(20)
    made.train(20, clock=4980.0)
    made.end("completed")
    context.run_store().db["runs"].update(made.id, {"started_at": 1000.0, "ended_at": 5030.0})
    newer = MadeRun(context, name="newer")
    newer.train(1)
    newer.end("completed")
    open_page(page, qtbot, lambda: says(page, "newer"))
    model = page.findChildren(QTableView)[0].model()
    assert model.index(1, 6).data() == "50 s"
    page.select_run(made.id)
    qtbot.waitUntil(lambda: says(page, "Step 40 of 100 in 50 s."), timeout=WAIT_MS)


def test_another_run_is_shown_from_its_top(page: RunsPage, context: AppContext, qtbot: QtBot) -> None:
    old, new = MadeRun(context, name="old"), MadeRun(context, name="new")
    for made in (old, new):
        made.train(3)
        made.end("completed")
    page.resize(1000, 500)
    open_page(page, qtbot, lambda: says(page, "new"))
    bar = next(each for each in page.findChildren(QScrollArea) if each.isAncestorOf(plot(page, "Loss")))
    scroll = bar.verticalScrollBar()
    qtbot.waitUntil(lambda: scroll.maximum() > 0, timeout=WAIT_MS)
    scroll.setValue(scroll.maximum())
    page.select_run(old.id)
    qtbot.waitUntil(lambda: scroll.value() == 0, timeout=WAIT_MS)


def test_a_run_started_this_instant_is_selected(page: RunsPage, context: AppContext, qtbot: QtBot) -> None:
    old = MadeRun(context, name="old")
    old.end("completed")
    open_page(page, qtbot, lambda: says(page, "old"))
    new = MadeRun(context, name="brand new")
    page.select_run(new.id)
    qtbot.waitUntil(lambda: says(page, "brand new"), timeout=WAIT_MS)
    new.end("stopped")


def test_a_hidden_page_reads_nothing(
    page: RunsPage, context: AppContext, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = MadeRun(context)
    made.train(1)
    open_page(page, qtbot, lambda: says(page, "Step 1 of 100"))
    page.hide()
    qtbot.waitUntil(lambda: not context.background.busy(), timeout=WAIT_MS)
    looks: list[RunStore] = []
    monkeypatch.setattr(RunStore, "list", lambda store: looks.append(store) or [])
    qtbot.wait(3 * LIVE_MS)
    assert not looks
    made.end("stopped")
