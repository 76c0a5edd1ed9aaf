"""A run's result in words and as JSON; the same for `train`, `runs show`, `runs watch` and `runs resume`."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any, get_args

import click

from core.commands.output import duration, moment, percent, print_facts, print_table
from core.commands.services import Services
from core.evaluation.results import (
    METRIC_TITLES,
    EvaluationInput,
    EvaluationResult,
    Interval,
    synthetic_in_words,
)
from core.runs.pace import seconds_of_breaks, seconds_taken
from core.runs.run import Run, RunEvaluation

_HEARING = "hearing_gain_"


def exit_code(run: Run) -> int:
    """0 for a run that is complete or still going, 1 for one that ended without its result."""
    return 0 if run.is_live or run.state == "completed" else 1


def report_as_dict(services: Services, run: Run) -> dict[str, Any]:
    """The run with its final scores, for `--json`."""
    finals = services.runs.final_evaluations(run.id)
    return {
        "run_id": run.id,
        "name": run.name,
        "state": run.state,
        "scheme": run.scheme,
        "base_model": run.base_model,
        "speech_share": run.speech_share,
        "global_step": run.global_step,
        "total_steps": run.total_steps,
        "seconds": _seconds(services, run),
        "created_at": run.created_at,
        "folder": str(services.paths.run(run.id)),
        "scores": [scores_as_dict(evaluation) for evaluation in finals],
        "outcome": None if run.outcome is None else vars(run.outcome),
        "warnings": list(run.warnings),
    }


def scores_as_dict(evaluation: RunEvaluation | EvaluationResult) -> dict[str, Any]:
    """Where and on what it was scored, and metric -> {value, low, high}."""
    return {
        "dataset": evaluation.dataset,
        "split": evaluation.split,
        "input": evaluation.input,
        "n": evaluation.n,
        "synthetic": evaluation.synthetic,
        "metrics": {metric: vars(interval) for metric, interval in evaluation.scores.items()},
    }


def print_report(services: Services, run: Run) -> None:
    """The run, how it ended, and its final scores as a table."""
    steps = f"{run.global_step} of {run.total_steps}" if run.total_steps else ""
    seconds = _seconds(services, run)
    print_facts(
        [
            ("Run", run.id),
            ("Name", run.name),
            ("State", run.state),
            ("Scheme", run.scheme),
            ("Base model", run.base_model),
            ("Speech share", percent(run.speech_share)),
            ("Steps", steps),
            ("Started", moment(run.started_at)),
            ("Took", "" if seconds is None else duration(seconds)),
            ("Folder", str(services.paths.run(run.id))),
        ]
    )
    if run.outcome is not None and run.outcome.what:
        click.echo()
        what_to_do = run.outcome.remedy
        if run.is_resumable:
            what_to_do += f" (spoonful runs resume {run.id})"
        print_facts(
            [("What happened", run.outcome.what), ("Where", run.outcome.where), ("What to do", what_to_do)]
        )
    for warning in run.warnings:
        click.echo(f"\nWarning: {warning}")
    finals = services.runs.final_evaluations(run.id)
    if finals:
        click.echo()
        print_scores(finals)


def print_scores(taken: Sequence[RunEvaluation | EvaluationResult]) -> None:
    """One row per test, one column per metric, each score with its 95 % interval; then the hearing gain."""
    order = get_args(EvaluationInput)
    evaluations = sorted(taken, key=lambda each: order.index(each.input))
    shown = [
        metric
        for metric in METRIC_TITLES
        if not metric.startswith(_HEARING) and any(metric in each.scores for each in evaluations)
    ]
    print_table(
        ["Test", "Input", "n", *(METRIC_TITLES[metric] for metric in shown)],
        [
            [
                f"{each.dataset} / {each.split}",
                each.input,
                str(each.n),
                *(_score(each.scores.get(metric)) for metric in shown),
            ]
            for each in evaluations
        ],
        right="  >" + ">" * len(shown),
    )
    for each in evaluations:
        gains = {metric: gain for metric, gain in each.scores.items() if metric.startswith(_HEARING)}
        for metric, gain in gains.items():
            click.echo(f"{METRIC_TITLES[metric]}: {_gain(gain)}  ({each.dataset} / {each.split})")
        if gains and all(gain.low <= 0 for gain in gains.values()):
            click.echo("The true audio does not help reliably: the model may not hear it.")
    click.echo("In brackets: 95 % confidence interval.")
    for words in dict.fromkeys(
        f"{synthetic_in_words(each.synthetic, each.n)}  ({each.dataset} / {each.split})"
        for each in evaluations
        if each.synthetic
    ):
        click.echo(words)


def loss_gain(evaluation: RunEvaluation) -> str:
    """ "+0.31 [+0.12, +0.50]": what the own audio takes off the loss; "-" where that was not measured."""
    gain = evaluation.scores.get("hearing_loss_gain")
    return "-" if gain is None else f"{gain.value:+.2f} [{gain.low:+.2f}, {gain.high:+.2f}]"


def _score(interval: Interval | None) -> str:
    return "-" if interval is None else str(interval)


def _gain(gain: Interval) -> str:
    return f"{100 * gain.value:+.1f} points [{100 * gain.low:+.1f}, {100 * gain.high:+.1f}]"


def _seconds(services: Services, run: Run) -> float | None:
    """How long it worked: from the first start to the end, or to the last sign of life, without breaks."""
    breaks = seconds_of_breaks(services.runs.steps(run.id), services.runs.evaluations(run.id))
    return seconds_taken(run, run.heartbeat or time.time(), breaks)
