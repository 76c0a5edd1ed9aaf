"""`spoonful bench`: reproducible speed measurements, as ratios from one run."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from core.commands.output import json_option, print_json

if TYPE_CHECKING:
    from core.bench.sides import Comparison

_manifests = click.option(
    "--manifest",
    "manifests",
    multiple=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="JSONL manifests to take texts and recordings from. Without one, recordings are noise.",
)
_repeats = click.option(
    "--repeats", default=3, show_default=True, type=click.IntRange(1), help="Measurements of each."
)


@click.group()
def bench() -> None:
    """How fast the engine is, on a model of random weights with the geometry of Qwen2-Audio.

    Each measurement runs a plain script of the libraries (tests/benchmarks/plain_*.py) and Spoonful in turns
    on the same work. Only the ratio of the two says something; close other programs first.
    """


@bench.command()
@_manifests
@_repeats
@click.option("--epochs", multiple=True, default=(1, 3), show_default=True, type=click.IntRange(1))
@json_option
def training(manifests: tuple[Path, ...], repeats: int, epochs: tuple[int, ...], as_json: bool) -> None:
    """A plain Trainer with PEFT, and a run's loop: speech only, and 5 % speech."""
    from core.bench.measurements import measure_training

    _show(measure_training(manifests, epochs=epochs, repeats=repeats, tell=_tell), as_json)


@bench.command()
@_manifests
@_repeats
@json_option
def inference(manifests: tuple[Path, ...], repeats: int, as_json: bool) -> None:
    """`generate` one recording at a time, and an evaluation's batches."""
    from core.bench.measurements import measure_inference

    _show([measure_inference(manifests, repeats=repeats, tell=_tell)], as_json)


@bench.command()
@_manifests
@json_option
def cache(manifests: tuple[Path, ...], as_json: bool) -> None:
    """The audio tower, and the feature cache in its place."""
    from core.bench.measurements import measure_cache

    found = measure_cache(manifests)
    if as_json:
        print_json(vars(found))
    else:
        click.echo(
            f"{found.recordings} recordings: {found.empty:.2f} s heard anew, {found.full:.2f} s from the"
            f" cache, {found.empty / found.full:.1f} x"
        )


def _tell(what: str) -> None:
    click.echo(what, err=True)


def _show(found: list[Comparison], as_json: bool) -> None:
    if as_json:
        print_json([{**vars(each), "ratios": each.ratios, "ratio": each.ratio} for each in found])
        return
    click.echo(f"{'':24}{'plain':>18}{'Spoonful':>18}{'ratio (each repeat)':>28}{'peak MB':>16}")
    for each in found:
        ratios = ", ".join(f"{ratio:.2f}" for ratio in each.ratios)
        click.echo(
            f"{each.what:24}{_rates(each.plain):>18}{_rates(each.spoonful):>18}"
            f"{f'{each.ratio:.2f} ({ratios})':>28}{f'{each.plain_mb:.0f} / {each.spoonful_mb:.0f}':>16}"
        )


def _rates(rates: list[float]) -> str:
    return " ".join(f"{rate:.1f}" for rate in rates) + "/s"
