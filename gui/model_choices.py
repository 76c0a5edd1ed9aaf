"""Which models can be tried: every run with trained weights, and the untuned base model for comparison."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from core.data.library import Library
from core.data.search import UtteranceQuery
from core.errors import UserError
from core.experiment.spec import parse_experiment
from core.inference.variants import STAGES, stage_models
from core.paths import AppPaths
from core.runs.run import Run
from core.runs.store import RunStore

BASE_MODEL = "teaspoon"
TRIABLE = frozenset({"completed", "stopped"})
EXAMPLES = 3


@dataclass(frozen=True)
class ModelChoice:
    """key: what the settings remember. model, datasets: what the inference process is asked to load.
    examples: sentences it was made for. step_of: the run whose base model, or state after a stage, it is;
    such steps are for comparing."""

    key: str
    title: str
    model: str
    datasets: tuple[str, ...] | None
    examples: tuple[str, ...]
    step_of: str = ""


def list_choices(library: Library, runs: RunStore, paths: AppPaths) -> list[ModelChoice]:
    """Runs first, the newest on top, each behind its steps; then the base model once per dataset, whose
    labels it answers with."""
    datasets = library.names()
    tried = [run for run in runs.list() if run.state in TRIABLE and (paths.run(run.id) / "adapter").is_dir()]
    return [
        *(
            choice
            for run in tried
            for choice in (*_steps(run, paths.run(run.id), set(datasets)), _of_run(library, run))
        ),
        *(
            ModelChoice(
                key=f"{BASE_MODEL}@{name}",
                title=f"Teaspoon, untuned ({name})",
                model=BASE_MODEL,
                datasets=(name,),
                examples=_examples(library, [name]),
            )
            for name in datasets
        ),
    ]


def _of_run(library: Library, run: Run) -> ModelChoice:
    return ModelChoice(run.id, _run_title(run), run.id, None, _run_examples(library, run))


def _steps(run: Run, folder: Path, datasets: set[str]) -> list[ModelChoice]:
    """The base model that a run began with, answering with the labels it learned from, and the run as it was
    after each stage but the last."""
    try:
        spec = parse_experiment(run.experiment, run.id)
    except UserError:
        return []
    steps = []
    learned = tuple(name for name in spec.data.train if name in datasets)
    if learned:
        title = f"Before training: {run.name}"
        steps.append(ModelChoice(f"{run.id}@base", title, spec.base_model, learned, (), run.id))
    for number, _ in stage_models(folder):
        name = spec.stage[number - 1].name if number <= len(spec.stage) else "?"
        title = f"After stage {number}, {name}: {run.name}"
        steps.append(
            ModelChoice(f"{run.id}/{STAGES}/{number}", title, f"{run.id}/{STAGES}/{number}", None, (), run.id)
        )
    return steps


def _run_title(run: Run) -> str:
    when = datetime.fromtimestamp(run.created_at).astimezone()
    early = f", stopped at step {run.global_step}" if run.state == "stopped" else ""
    return f"{run.name} ({when:%d %b %H:%M}{early})"


def _run_examples(library: Library, run: Run) -> tuple[str, ...]:
    try:
        trained_on = parse_experiment(run.experiment, run.id).data.train
    except UserError:
        return ()  # written by another version; the run can be tried all the same
    return _examples(library, trained_on)


def _examples(library: Library, datasets: Sequence[str]) -> tuple[str, ...]:
    """Short test sentences of different intents."""
    known = set(library.names())
    found: dict[str, str] = {}
    for name in datasets:
        if name in known:
            query = UtteranceQuery(name, split="test", modality="text")
            for utterance in library.by_ids(library.find(query, 60)).values():
                if utterance.text is not None and len(utterance.text) <= 40:
                    found.setdefault(utterance.label.intent, utterance.text)
    return tuple(found.values())[:EXAMPLES]
