"""`python -m core.bench.training_side WORK.json`: Spoonful's training, in a process of its own."""

from __future__ import annotations

import json
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from core.bench.material import read_pairs
from core.bench.memory import peak_mb
from core.data.utterance import Candidate, Ontology, Utterance
from core.evaluation.results import EvaluationResult
from core.experiment.schedule import build_schedule
from core.experiment.spec import ExperimentSpec, validate_experiment
from core.models.loading import load_family
from core.models.threads import let_waiting_threads_sleep
from core.training.precision import training_device, weights_dtype
from core.training.recipe import Job, train
from core.training.reporter import StepMetrics


@dataclass
class _Watch:
    """A Reporter that notes when the steps were taken."""

    steps: list[StepMetrics] = field(default_factory=list)

    def step(self, metrics: StepMetrics) -> None:
        self.steps.append(metrics)

    def stage(self, index: int, name: str) -> None: ...
    def activity(self, text: str) -> None: ...
    def evaluation(self, result: EvaluationResult, *, stage: int, global_step: int, final: bool) -> None: ...
    def rewind(self, global_step: int) -> None: ...
    def heartbeat(self) -> None: ...
    def warning(self, about: str, words: str) -> None: ...

    def flush(self) -> None: ...

    def should_stop(self) -> bool:
        return False


def measure(work: dict[str, Any]) -> dict[str, object]:
    """Train as a run does and tell how fast; see `core.bench.sides.Work` for what is in `work`."""
    folder = Path(work["folder"])
    utterances = read_pairs(folder / "pairs.jsonl")
    spec = _experiment(work, utterances)
    family = load_family(str(folder / "model"), dtype=weights_dtype("auto"), device=training_device())
    family.remember_features(Path(work["scratch"]) / "features")
    job = Job(
        spec=spec,
        schedule=build_schedule(spec, [_candidate(utterance) for utterance in utterances]),
        family=family,
        utterances={utterance.id: utterance for utterance in utterances},
        ontology=Ontology((), ()),
        validation=(),
        checkpoints=Path(work["scratch"]) / "checkpoints",
    )
    watch = _Watch()
    started = time.time()
    train(job, watch)
    # Not what comes behind the last step: the plain trainer saves nothing either.
    seconds = watch.steps[-1].time - started
    return {
        "seconds": seconds,
        "utterances": len(utterances) * work["epochs"],
        "first_loss": watch.steps[0].loss,
        "peak_mb": peak_mb(),
    }


def _experiment(work: dict[str, Any], utterances: list[Utterance]) -> ExperimentSpec:
    stage = {
        "name": "bench",
        "epochs": work["epochs"],
        "text": float(any(utterance.has("text") for utterance in utterances)),
        "speech": any(utterance.has("speech") for utterance in utterances),
        "learning_rate": work["learning_rate"],
        "schedule": "constant",
    }
    return validate_experiment(
        {
            "schema_version": 1,
            "name": "bench",
            "base_model": str(Path(work["folder"]) / "model"),
            "data": {"train": ["bench"], "test": ["bench"], "speech": {"share": 1.0}},
            "stage": [stage],
            "lora": {"rank": work["rank"], "alpha": 2 * work["rank"]},
            "training": {
                "batch_size": work["batch_size"],
                "checkpoint_steps": 1_000_000,
                # Its steps are no part of the work that both sides do.
                "rehearsal": False,
            },
            "evaluation": {"every_steps": 0},
        }
    )


def _candidate(utterance: Utterance) -> Candidate:
    return Candidate(
        utterance.id, utterance.label.intent, utterance.has("text"), utterance.has("speech"), 0.0, ""
    )


if __name__ == "__main__":
    let_waiting_threads_sleep()
    sys.stdout.write(json.dumps(measure(json.loads(Path(sys.argv[1]).read_text(encoding="utf-8")))))
