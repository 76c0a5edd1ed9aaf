"""`spoonful train`."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import click

from core.commands.live import follow
from core.commands.output import json_option, print_json
from core.commands.run_report import exit_code, print_report, report_as_dict
from core.commands.services import Services, open_services
from core.errors import UserError
from core.experiment.presets import PRESETS
from core.experiment.spec import load_experiment
from core.models.loading import base_model_facts
from core.models.pseudo_audio import UNFAMILIAR
from core.runs.start import checked, open_errors

LONGEST_NAME = 200


@click.command()
@click.argument("experiment", metavar="EXPERIMENT.toml")
@click.option(
    "--set",
    "overrides",
    multiple=True,
    metavar="KEY=VALUE",
    help="Change one setting of the file for this run, for instance --set data.speech.share=0.02 or"
    " --set stage.0.epochs=1. May be given several times.",
)
@click.option("--despite-errors", is_flag=True, help="Do not ask about errors that a check found.")
@click.option("--detach", is_flag=True, help="Return at once; the run goes on in the background.")
@json_option
def train(
    experiment: str, overrides: tuple[str, ...], despite_errors: bool, detach: bool, as_json: bool
) -> int:
    """Train a model as an experiment file says, and test it.

    EXPERIMENT.toml is an experiment file or the name of a preset, such as demo-curriculum. Progress is shown
    while it trains; at the end come the run's id and its scores on the test data, on speech and on text.

    Ctrl-C asks the run to save a checkpoint and stop; "spoonful runs resume" goes on from there. Closing the
    terminal does not stop a run. Exit code: 0 complete, 1 ended without a result, 2 unusable input.
    """
    spec = load_experiment(experiment_file(experiment), overrides)
    spec = spec.model_copy(update={"name": _honest_name(spec.name, overrides)})
    with open_services() as services:
        spec = checked(spec, services.library)
        if spec.writes_pseudo_audio and not base_model_facts(spec.base_model).knows_pseudo_audio:
            click.echo(f"Note: {UNFAMILIAR}", err=True)
        if not despite_errors:
            _ask_about_errors(open_errors(spec, services.library))
        run_id = services.runs.create(spec)
        services.supervisor.launch(run_id)
        return attend(services, run_id, detach=detach, as_json=as_json)


def _ask_about_errors(errors: Mapping[str, Sequence[str]]) -> None:
    """Raises UserError unless there are none, or somebody says at the terminal that they shall be so."""
    if not errors:
        return
    name, words = next(iter(errors.items()))
    number = sum(map(len, errors.values()))
    what = f"The last check of the data found {number} error{'s' * (number != 1)}: {words[0]}"
    if sys.stdin.isatty() and click.confirm(f"{what}\nStart all the same?", err=True):
        return
    raise UserError(
        what,
        where=", ".join(errors),
        remedy=f'See "spoonful datasets check {name}" and mend them or set them aside, or start with'
        " --despite-errors.",
        details="\n".join(line for lines in errors.values() for line in lines),
    )


def attend(services: Services, run_id: str, *, detach: bool, as_json: bool) -> int:
    """Follow a run that was just launched, unless detached, and print how it ended; the exit code."""
    if detach:
        run = services.supervisor.poll(run_id)
    else:
        click.echo(f"Run {run_id}", err=True)
        run = follow(services, run_id, stop_on_interrupt=True)
    if as_json:
        print_json(report_as_dict(services, run))
    elif detach:
        click.echo(run_id)
    else:
        print_report(services, run)
    return exit_code(run)


def _honest_name(name: str, overrides: Sequence[str]) -> str:
    """The name with what was changed in brackets: it may say "5 % speech" where there are 2 % now."""
    changes = ", ".join(override.strip() for override in overrides)
    room = LONGEST_NAME - len(name) - len(" ()")
    if not changes or room < 1 or any(each.partition("=")[0].strip() == "name" for each in overrides):
        return name
    if len(changes) > room:
        changes = f"{changes[: room - 1]}…"
    return f"{name} ({changes})"


def experiment_file(name: str) -> Path:
    """The file of an experiment, which may be given as a preset's name."""
    preset = PRESETS / f"{name}.toml"
    return preset if preset.is_file() and not Path(name).exists() else Path(name)
