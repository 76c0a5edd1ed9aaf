"""`spoonful runs ...`"""

from __future__ import annotations

import sys

import click

from core.commands.live import follow
from core.commands.output import json_option, moment, percent, print_json, print_table
from core.commands.run_report import exit_code, loss_gain, print_report, report_as_dict, scores_as_dict
from core.commands.services import Services, open_services
from core.commands.train import attend
from core.errors import UserError
from core.evaluation.results import METRIC_TITLES
from core.runs.run import Run

RUN_HELP = 'A RUN is given by its id, by the beginning or end of its id, or as "latest".'


@click.group(epilog=RUN_HELP)
def runs() -> None:
    """List, watch, stop, resume and delete runs."""


@runs.command("list")
@json_option
def list_runs(as_json: bool) -> None:
    """List all runs, the newest first."""
    with open_services() as services:
        services.supervisor.reattach()
        found = services.runs.list()
        if as_json:
            print_json({"runs": [report_as_dict(services, run) for run in found]})
        elif not found:
            click.echo("There is no run yet. Start one: spoonful train demo-curriculum")
        else:
            print_table(
                ["Run", "State", "Name", "Scheme", "Speech", "Steps", "Exact match (speech)", "Created"],
                [_row(services, run) for run in found],
                right="    >>>",
            )


@runs.command(epilog=RUN_HELP)
@click.argument("run")
@json_option
def show(run: str, as_json: bool) -> None:
    """Show one run: its settings, how it ended, all its scores."""
    with open_services() as services:
        found = services.supervisor.poll(services.runs.find(run).id)
        evaluations = services.runs.evaluations(found.id)
        if as_json:
            report = report_as_dict(services, found)
            report["evaluations"] = [
                {**scores_as_dict(each), "global_step": each.global_step, "final": each.final}
                for each in evaluations
            ]
            print_json({**report, "experiment": found.experiment})
            return
        print_report(services, found)
        earlier = [each for each in evaluations if not each.final]
        if earlier:
            click.echo()
            print_table(
                [
                    "Step",
                    "Test",
                    "Input",
                    "n",
                    METRIC_TITLES["exact_match"],
                    METRIC_TITLES["intent_accuracy"],
                    METRIC_TITLES["hearing_loss_gain"],
                ],
                [
                    [
                        str(each.global_step),
                        f"{each.dataset} / {each.split}",
                        each.input,
                        str(each.n),
                        *(str(each.scores.get(metric, "-")) for metric in ("exact_match", "intent_accuracy")),
                        loss_gain(each),
                    ]
                    for each in earlier
                ],
                right=">  >>>>",
            )


@runs.command(epilog=RUN_HELP)
@click.argument("run")
@json_option
def watch(run: str, as_json: bool) -> int:
    """Show a run's progress until it ends, whoever started it. Ctrl-C stops watching; the run goes on."""
    with open_services() as services:
        found = follow(services, services.runs.find(run).id, stop_on_interrupt=False)
        if as_json:
            print_json(report_as_dict(services, found))
        else:
            print_report(services, found)
        return exit_code(found)


@runs.command(epilog=RUN_HELP)
@click.argument("run")
@click.option(
    "--force", is_flag=True, help="End the process at once; what it did since its last checkpoint is lost."
)
@json_option
def stop(run: str, force: bool, as_json: bool) -> None:
    """Ask a run to save a checkpoint and stop. It can be resumed later."""
    with open_services() as services:
        run_id = services.runs.find(run).id
        found = services.supervisor.kill(run_id) if force else services.supervisor.stop(run_id)
        if as_json:
            print_json(report_as_dict(services, found))
        elif force:
            click.echo(f"{run_id} was ended.")
        else:
            click.echo(f"{run_id} saves a checkpoint and stops. Watch it: spoonful runs watch {run_id}")


@runs.command(epilog=RUN_HELP)
@click.argument("run")
@click.option("--detach", is_flag=True, help="Return at once; the run goes on in the background.")
@json_option
def resume(run: str, detach: bool, as_json: bool) -> int:
    """Go on with a run that was stopped, failed, crashed or lost, from its last checkpoint."""
    with open_services() as services:
        run_id = services.runs.find(run).id
        services.supervisor.resume(run_id)
        return attend(services, run_id, detach=detach, as_json=as_json)


@runs.command(epilog=RUN_HELP)
@click.argument("run", nargs=-1, required=True)
@click.option("--yes", is_flag=True, help="Do not ask.")
@json_option
def delete(run: tuple[str, ...], yes: bool, as_json: bool) -> None:
    """Delete runs with their trained weights, checkpoints and scores. This cannot be undone."""
    with open_services() as services:
        services.supervisor.reattach()
        found = [services.runs.find(name) for name in run]
        names = ", ".join(each.id for each in found)
        if not yes:
            _confirm(names)
        for each in found:
            services.runs.delete(each.id)
        if as_json:
            print_json({"deleted": [each.id for each in found]})
        else:
            click.echo(f"Deleted {names}.")


def _confirm(names: str) -> None:
    if not sys.stdin.isatty():
        raise UserError(f"Deleting {names} needs your yes.", remedy="Add --yes.")
    click.confirm(f"Delete {names} for good?", abort=True, err=True)


def _row(services: Services, run: Run) -> list[str]:
    finals = services.runs.final_evaluations(run.id)
    speech = [
        str(each.scores["exact_match"]) + (", synthetic" if each.synthetic else "")
        for each in finals
        if each.input == "speech"
    ]
    return [
        run.id,
        run.state,
        run.name,
        run.scheme,
        percent(run.speech_share),
        f"{run.global_step}/{run.total_steps}" if run.total_steps else "",
        speech[0] if speech else "",
        moment(run.created_at),
    ]
