"""A tiny world to train in: a dataset of beeps and words, an experiment on it, and a reporter that notes."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from core.audio.files import SAMPLE_RATE, write_wav
from core.data.library import Library
from core.data.utterance import Label, Slot, Split, Utterance
from core.evaluation.results import EvaluationResult
from core.experiment.spec import ExperimentSpec, parse_experiment
from core.paths import AppPaths
from core.storage.database import open_database
from core.training.reporter import StepMetrics

LABELS = (
    Label("lights_on", (Slot("room", "kitchen"),)),
    Label("alarm_set", (Slot("time", "eight"),)),
    Label("music_play"),
)
TEXTS = ("turn on the kitchen lights", "set an alarm for eight o'clock", "play some jazz")
COUNTS: dict[Split, int] = {"train": 24, "validation": 3, "test": 6}


def add_dataset(paths: AppPaths, name: str = "beeps") -> None:
    """Store a dataset in which each label has its own pitch; all utterances have text and audio."""
    folder = paths.home / "beeps"
    folder.mkdir(exist_ok=True)
    utterances = []
    for split, count in COUNTS.items():
        for index in range(count):
            kind = index % len(LABELS)
            file = folder / f"{split}-{index}.wav"
            times = np.arange(SAMPLE_RATE // 2 + 400 * index) / SAMPLE_RATE
            write_wav(file, (0.3 * np.sin(2 * np.pi * 300 * (kind + 1) * times)).astype(np.float32))
            utterances.append(
                Utterance(
                    id=0,
                    dataset="",
                    key=f"{split}-{index}",
                    split=split,
                    label=LABELS[kind],
                    text=f"{TEXTS[kind]} {index}",
                    audio=file,
                    duration_s=len(times) / SAMPLE_RATE,
                )
            )
    db = open_database(paths.database)
    try:
        Library(db, paths).add_dataset(name, "test", utterances)
    finally:
        db.close()


def experiment(base_model: Path, *overrides: str) -> ExperimentSpec:
    """Curriculum in two stages: 6 steps of text, then 6 of text and speech, with dropout; no rehearsal, which
    would take as long again."""
    text = f"""
schema_version = 1
name = "tiny"
base_model = '{base_model}'
scheme = "curriculum"
[data]
train = ["beeps"]
test = ["beeps"]
[data.speech]
share = 0.5
[[stage]]
name = "text"
epochs = 2
learning_rate = 5e-3
warmup_ratio = 0.1
[[stage]]
name = "text + speech"
epochs = 2
speech = true
speech_part = 0.75
learning_rate = 5e-3
[lora]
rank = 4
alpha = 8
dropout = 0.1
[training]
batch_size = 8
checkpoint_steps = 4
rehearsal = false
[evaluation]
every_steps = 5
validation_limit = 3
"""
    return parse_experiment(text, "test", overrides)


@dataclass
class Notes:
    """A Reporter that keeps everything told, and asks to stop after the step `stop_after`."""

    stop_after: int | None = None
    steps: dict[int, StepMetrics] = field(default_factory=dict)
    evaluations: list[tuple[int, bool, EvaluationResult]] = field(default_factory=list)
    stages: list[tuple[int, str]] = field(default_factory=list)
    activities: list[str] = field(default_factory=list)
    warnings: dict[str, str] = field(default_factory=dict)

    def stage(self, index: int, name: str) -> None:
        self.stages.append((index, name))

    def activity(self, text: str) -> None:
        self.activities.append(text)

    def step(self, metrics: StepMetrics) -> None:
        self.steps[metrics.global_step] = metrics

    def evaluation(self, result: EvaluationResult, *, stage: int, global_step: int, final: bool) -> None:
        self.evaluations.append((global_step, final, result))

    def warning(self, about: str, words: str) -> None:
        self.warnings[about] = words

    def rewind(self, global_step: int) -> None:
        self.steps = {number: step for number, step in self.steps.items() if number <= global_step}
        self.evaluations = [entry for entry in self.evaluations if entry[0] <= global_step]

    def heartbeat(self) -> None:
        """Nobody watches."""

    def flush(self) -> None:
        """Nothing is held back."""

    def should_stop(self) -> bool:
        return self.stop_after is not None and max(self.steps, default=0) >= self.stop_after

    @property
    def losses(self) -> list[float]:
        return [self.steps[number].loss for number in sorted(self.steps)]
