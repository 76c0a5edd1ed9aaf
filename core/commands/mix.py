"""`spoonful mix`: what an experiment would see, before it is run."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import click

from core.commands.output import json_option, print_json, print_table
from core.commands.services import open_services
from core.commands.train import experiment_file
from core.experiment.mix import Mix, mix_of, write_list
from core.experiment.spec import load_experiment


@click.command()
@click.argument("experiment", metavar="EXPERIMENT.toml")
@click.option("--set", "overrides", multiple=True, metavar="KEY=VALUE", help='As with "spoonful train".')
@click.option(
    "--list", "file", type=click.Path(path_type=Path), help="Write what each step sees, in order, as TSV."
)
@json_option
def mix(experiment: str, overrides: tuple[str, ...], file: Path | None, as_json: bool) -> None:
    """Show what each stage of an experiment sees, and what is left out and why.

    EXPERIMENT.toml is an experiment file or the name of a preset. Nothing is trained.
    """
    spec = load_experiment(experiment_file(experiment), overrides)
    with open_services() as services:
        found = mix_of(spec, services.library)
        rows = write_list(spec, services.library, file) if file else 0
    if as_json:
        print_json(asdict(found))
        return
    _print(found)
    if file:
        click.echo(f"{rows} rows written to {file}.")


def _print(found: Mix) -> None:
    print_table(
        ["Stage", "Dataset", "Language", "Modality", "Different", "Examples", "Minutes"],
        [
            [
                part.stage,
                part.dataset,
                part.language or "-",
                part.modality,
                str(part.pairs),
                str(part.examples),
                f"{part.minutes:.1f}" if part.modality == "speech" else "",
            ]
            for part in found.parts
        ],
        right="    >>>",
    )
    click.echo("\n" + "\n".join(found.words))
