"""Which models are offered for trying, and what they are called."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.experiment.data import DataSpec
from core.experiment.spec import ExperimentSpec
from core.experiment.stages import StageSpec
from core.runs.reporter import RunReporter
from core.runs.run import RunState
from gui.context import AppContext
from gui.model_choices import ModelChoice, list_choices
from tests.gui.window import utterance


def spec(dataset: str) -> ExperimentSpec:
    return ExperimentSpec(
        schema_version=1,
        name="orders, 5 % speech",
        base_model="teaspoon",
        scheme="text-only",
        data=DataSpec(train=[dataset], test=[dataset]),
        stage=[StageSpec(name="text", epochs=1, learning_rate=1e-4)],
    )


def add_run(context: AppContext, state: RunState, *, dataset: str = "cafe", adapter: bool = True) -> str:
    """A run that ended in `state`."""
    store = context.run_store()
    run_id = store.create(spec(dataset))
    reporter = RunReporter(store, run_id)
    if state != "running":
        reporter.finish(state)
    if adapter:
        Path(context.paths.run(run_id), "adapter").mkdir()
    return run_id


def choices(context: AppContext) -> list[ModelChoice]:
    return list_choices(context.open_library(), context.run_store(), context.paths)


@pytest.fixture
def cafe(context: AppContext) -> None:
    sentences = [("a latte please", "order"), ("two lattes please", "order"), ("cancel that", "cancel")]
    context.open_library().add_dataset(
        "cafe",
        "test",
        [utterance(n, text=text, intent=intent, split="test") for n, (text, intent) in enumerate(sentences)],
    )


def test_without_data_there_is_nothing_to_try(context: AppContext) -> None:
    assert choices(context) == []


@pytest.mark.usefixtures("cafe")
def test_the_base_model_answers_with_a_datasets_labels_and_gives_examples(context: AppContext) -> None:
    (base,) = choices(context)
    assert (base.model, base.datasets) == ("teaspoon", ("cafe",))
    assert "cafe" in base.title
    assert base.examples == ("a latte please", "cancel that")


@pytest.mark.usefixtures("cafe")
def test_runs_with_an_adapter_come_first(context: AppContext) -> None:
    add_run(context, "running")
    add_run(context, "failed")
    add_run(context, "completed", adapter=False)
    stopped = add_run(context, "stopped")
    completed = add_run(context, "completed")
    offered = [choice for choice in choices(context) if not choice.step_of]
    assert {choice.model for choice in offered[:2]} == {stopped, completed}
    assert [choice.model for choice in offered[2:]] == ["teaspoon"]
    run = next(choice for choice in offered if choice.model == completed)
    assert run.datasets is None
    assert run.title.startswith("orders, 5 % speech (")
    assert run.examples == ("a latte please", "cancel that")
    assert "stopped at step 0" in next(choice for choice in offered if choice.model == stopped).title


@pytest.mark.usefixtures("cafe")
def test_a_run_whose_dataset_is_gone_can_still_be_tried(context: AppContext) -> None:
    add_run(context, "completed", dataset="deleted")
    assert choices(context)[0].examples == ()


@pytest.mark.usefixtures("cafe")
def test_the_steps_on_the_way_to_a_run_can_be_compared(context: AppContext) -> None:
    run_id = add_run(context, "completed")
    (context.paths.run(run_id) / "stages" / "1" / "adapter").mkdir(parents=True)
    steps = [choice for choice in choices(context) if choice.step_of == run_id]
    assert [(step.title, step.model, step.datasets) for step in steps] == [
        ("Before training: orders, 5 % speech", "teaspoon", ("cafe",)),
        ("After stage 1, text: orders, 5 % speech", f"{run_id}/stages/1", None),
    ]
