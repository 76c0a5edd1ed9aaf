"""Real workers to kill: an experiment made for it, and what a killed run must have in common with another."""

from __future__ import annotations

import json
import os
import random
import signal
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from core.audio.files import SAMPLE_RATE, write_wav
from core.data.importers import import_dataset
from core.data.library import Library
from core.experiment.data import DataSpec, SpeechSpec
from core.experiment.spec import EvaluationSpec, ExperimentSpec, TrainingSpec
from core.experiment.stages import StageSpec
from core.experiment.weights import LoraSpec
from core.paths import AppPaths
from core.runs.run import Run
from core.runs.store import RunStore
from core.runs.supervisor import Supervisor
from tests.core.models.tiny import build_tiny_model

TIMEOUT_S = 120.0
STEPS = 16
"""Optimizer steps of `experiment_to_kill`."""
_TEXTS = ("turn on the kitchen lights", "set an alarm for eight", "play some jazz")
_INTENTS = ("lights_on", "alarm_set", "music_play")
_COMPARED = ("loss", "loss_text", "loss_speech", "learning_rate")
_ALIKE = 1e-6


def experiment_to_kill(store: RunStore, paths: AppPaths, folder: Path) -> ExperimentSpec:
    """Two stages with accumulated gradients on a model of random weights and a handful of noises, which are
    put into `folder` and the library."""
    noise, lines = np.random.default_rng(17), []
    for index in range(36):
        split = "train" if index < 24 else "validation" if index < 28 else "test"
        line = {"text": f"{_TEXTS[index % 3]} {index}", "intent": _INTENTS[index % 3], "split": split}
        if index % 4 == 0:
            line["audio"] = str(folder / f"{index}.wav")
            samples = 0.1 * noise.standard_normal(round((0.3 + 0.01 * index) * SAMPLE_RATE))
            write_wav(folder / f"{index}.wav", samples.astype(np.float32))
        lines.append(json.dumps(line))
    manifest = folder / "home.jsonl"
    manifest.write_text("\n".join(lines))
    import_dataset(Library(store.db, paths), "jsonl", [manifest], "home")
    return ExperimentSpec(
        schema_version=1,
        name="survives",
        base_model=str(build_tiny_model(folder / "tiny")),
        scheme="custom",
        data=DataSpec(train=["home"], test=["home"], speech=SpeechSpec(share=1.0)),
        stage=[
            StageSpec(name="text", epochs=2, learning_rate=1e-3, pseudo_audio=0.5),
            StageSpec(name="both", epochs=2, learning_rate=1e-3, speech=True, speech_part=0.5),
        ],
        lora=LoraSpec(rank=2, alpha=4, dropout=0.1),
        training=TrainingSpec(batch_size=3, gradient_accumulation=2, precision="float32", checkpoint_steps=4),
        evaluation=EvaluationSpec(every_steps=6, validation_limit=4, hearing=False),
    )


def until(supervisor: Supervisor, run_id: str, wanted: Callable[[Run], bool]) -> Run:
    """Wait for it; the run must be live as long as it is not so."""
    deadline = time.monotonic() + TIMEOUT_S
    while True:
        run = supervisor.poll(run_id)
        if wanted(run):
            return run
        assert run.is_live, f"{run.state}: {run.outcome}"
        assert time.monotonic() < deadline, f"still {run.state} at step {run.global_step}"
        time.sleep(0.01)


def run_to_the_end(supervisor: Supervisor, run_id: str) -> None:
    supervisor.launch(run_id)
    until(supervisor, run_id, lambda run: run.state == "completed")


def run_killed(paths: AppPaths, run_id: str, steps: Sequence[int], delay_s: float = 0.0) -> int:
    """Launch the run, kill it a moment after each of these steps, resume it, and wait for its end.

    delay_s: the longest such moment. Returns how often it was killed before it was through.
    """
    supervisor, killed = Supervisor(paths), 0
    supervisor.launch(run_id)
    for step in steps:
        run = until(supervisor, run_id, lambda run, step=step: run.global_step >= step)  # type: ignore[misc]
        time.sleep(random.uniform(0, delay_s))
        assert run.pid is not None
        if not supervisor.poll(run_id).is_live:
            break
        os.kill(run.pid, signal.SIGKILL)
        run = until(supervisor, run_id, lambda run: not run.is_live)
        assert run.state in {"crashed", "completed"}
        if run.state == "crashed":
            killed += 1
            assert run.outcome is not None
            assert "signal 9" in run.outcome.what
            # Another program that looks now sees the same and may resume it just as well.
            supervisor = Supervisor(paths)
            assert supervisor.poll(run_id).state == "crashed"
            supervisor.resume(run_id)
    until(supervisor, run_id, lambda run: run.state == "completed")
    return killed


def differences(store: RunStore, one: str, other: str) -> list[str]:
    """What two runs do not have in common: losses, learning rates, scores; empty when they are the same."""
    expected, found = store.steps(one), store.steps(other)
    if found.global_step.tolist() != expected.global_step.tolist():
        return [f"steps {found.global_step.tolist()}"]
    told = [
        f"{column} at step {step}"
        for column in _COMPARED
        for step, same in zip(
            expected.global_step,
            np.isclose(
                getattr(found, column), getattr(expected, column), rtol=0, atol=_ALIKE, equal_nan=True
            ),
            strict=True,
        )
        if not same
    ]
    scores = [
        [(each.global_step, each.input, each.final, each.scores) for each in store.evaluations(run_id)]
        for run_id in (one, other)
    ]
    return told if scores[0] == scores[1] else [*told, "scores"]
