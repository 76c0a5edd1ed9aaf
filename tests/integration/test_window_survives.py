"""Kill the window in mid-run: the run goes on, and the next window shows all of it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from core.data.importers import import_dataset
from core.errors import UserError
from core.experiment.data import DataSpec, SpeechSpec
from core.experiment.spec import EvaluationSpec, ExperimentSpec, TrainingSpec, dump_experiment
from core.experiment.stages import StageSpec
from core.experiment.weights import LoraSpec
from core.paths import AppPaths
from core.runs.run import Run
from gui.app import Composition, make_context
from gui.context import AppContext
from gui.widgets.metric_plot import MetricPlot
from tests.conftest import WavMaker
from tests.core.models.tiny import build_tiny_model

TIMEOUT_S = 240.0
ROOT = Path(__file__).resolve().parents[2]
TEXTS = ("turn on the kitchen lights", "set an alarm for eight", "play some jazz")
INTENTS = ("lights_on", "alarm_set", "music_play")
SHOWN_BEFORE_THE_KILL = 5


@pytest.fixture
def services(qapp: QApplication, app_paths: AppPaths) -> Iterator[AppContext]:
    """The services of the window that is opened after the kill; also the test's own view of the home."""
    context = make_context(app_paths)
    context.theme.apply(qapp, "light")
    yield context
    context.close()


@pytest.fixture
def experiment(services: AppContext, tmp_path: Path, wav_file: WavMaker) -> Path:
    """Two stages of 100 short steps each, on a model of random weights."""
    lines = []
    for index in range(24):
        split = "train" if index < 16 else "validation" if index < 20 else "test"
        line = {"text": f"{TEXTS[index % 3]} {index}", "intent": INTENTS[index % 3], "split": split}
        if index % 4 == 0:
            line["audio"] = str(wav_file(f"{index}.wav", seconds=0.3, kind="noise"))
        lines.append(json.dumps(line))
    manifest = tmp_path / "home.jsonl"
    manifest.write_text("\n".join(lines))
    import_dataset(services.open_library(), "jsonl", [manifest], "home")
    spec = ExperimentSpec(
        schema_version=1,
        name="survives the window",
        base_model=str(build_tiny_model(tmp_path / "tiny")),
        scheme="curriculum",
        data=DataSpec(train=["home"], test=["home"], speech=SpeechSpec(share=1.0)),
        stage=[
            StageSpec(name="text", epochs=25, learning_rate=1e-3),
            StageSpec(name="both", epochs=20, learning_rate=1e-3, speech=True),
        ],
        lora=LoraSpec(rank=2, alpha=4),
        training=TrainingSpec(batch_size=4, precision="float32", checkpoint_steps=1000),
        evaluation=EvaluationSpec(every_steps=50, validation_limit=4, hearing=False),
    )
    path = tmp_path / "experiment.toml"
    path.write_text(dump_experiment(spec))
    return path


@pytest.fixture
def window(experiment: Path) -> Iterator[subprocess.Popen[str]]:
    """A window in its own process that starts the experiment."""
    process = subprocess.Popen(
        [
            sys.executable,
            "-m",
            "tests.integration.window_with_a_run",
            str(experiment),
            str(SHOWN_BEFORE_THE_KILL),
        ],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )
    yield process
    process.kill()
    process.communicate()


def until(context: AppContext, run_id: str, wanted: Callable[[Run], bool]) -> Run:
    deadline = time.monotonic() + TIMEOUT_S
    while True:
        run = context.supervisor.poll(run_id)
        if wanted(run):
            return run
        assert time.monotonic() < deadline, f"the run stands at {run}"
        time.sleep(0.1)


@pytest.mark.slow
def test_a_run_outlives_its_window_and_the_next_window_shows_it_whole(
    window: subprocess.Popen[str], services: AppContext, qtbot: QtBot
) -> None:
    assert window.stdout is not None
    run_id = window.stdout.readline().strip()
    worker = services.supervisor.poll(run_id).pid
    assert worker is not None
    window.send_signal(signal.SIGKILL)
    assert window.wait() == -signal.SIGKILL
    try:
        at_the_kill = services.supervisor.poll(run_id)
        assert at_the_kill.is_live
        assert os.getsid(worker) == worker, "the worker shares the window's session"
        until(services, run_id, lambda run: run.global_step > at_the_kill.global_step + 10)

        services.remember(welcomed=True, page="runs")
        composition = Composition(services)
        qtbot.addWidget(composition.window)
        composition.window.show()
        qtbot.waitUntil(lambda: composition.window.is_built("runs"), timeout=20_000)
        run = until_shown(composition, services, run_id, qtbot)
    finally:
        end(services, run_id, worker)
    assert run.state == "completed", run.outcome
    assert run.total_steps == 200
    assert plot(composition, "Loss").curve_points("loss_text") == 200
    # The plots are drawn one after the other, each in a turn of its own.
    rate, scores = plot(composition, "Learning rate"), plot(composition, "Scores on validation speech")
    qtbot.waitUntil(lambda: rate.curve_points("learning_rate") == 200, timeout=20_000)
    qtbot.waitUntil(lambda: scores.curve_points("exact_match") >= 4, timeout=20_000)
    composition.window.hide()


def plot(composition: Composition, title: str) -> MetricPlot:
    plots = composition.window.page("runs").findChildren(MetricPlot)
    return next(each for each in plots if each.accessibleName() == title)


def until_shown(composition: Composition, context: AppContext, run_id: str, qtbot: QtBot) -> Run:
    """Wait, with the window alive, until the run has ended and its last step is on the screen."""

    def shown() -> bool:
        run = context.run_store().get(run_id)
        return not run.is_live and plot(composition, "Loss").curve_points("loss_text") == run.total_steps

    qtbot.waitUntil(shown, timeout=int(TIMEOUT_S * 1000))
    return context.run_store().get(run_id)


def end(context: AppContext, run_id: str, worker: int) -> None:
    """Leave no worker behind when something above failed; it is nobody's child any more."""
    try:
        context.supervisor.kill(run_id)
    except UserError:
        return  # it ended by itself, as it should
    psutil.wait_procs([psutil.Process(worker)] if psutil.pid_exists(worker) else [], timeout=10)
