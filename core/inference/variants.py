"""What can be tried of a run besides its result: the weights that each curriculum stage ended with."""

from __future__ import annotations

from pathlib import Path
from typing import Final, NamedTuple

STAGES: Final = "stages"
EXPERIMENT_FILE: Final = "experiment.toml"


class StageModel(NamedTuple):
    """stage: from 1. folder: what `core.inference.predictor.Predictor.load` takes."""

    stage: int
    folder: Path


def stage_models(run: Path) -> list[StageModel]:
    """Those kept, in the order of the stages; never the last stage, which is the run's result."""
    folders = [path.parent for path in (run / STAGES).glob("*/adapter")]
    return sorted(StageModel(int(folder.name), folder) for folder in folders if folder.name.isdigit())


def run_of(folder: Path) -> Path:
    """The run that a folder of weights belongs to: itself, or the one whose stage it is."""
    return folder.parent.parent if folder.parent.name == STAGES else folder
