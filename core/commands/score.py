"""`spoonful score`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click

from core.commands.output import json_option, percent, print_json, print_table
from core.evaluation.slurp import score_slurp

_TITLES = {
    "scenario": "Scenario",
    "action": "Action",
    "intent": "Intent (scenario and action)",
    "entities": "Entities",
    "word": "Entities, distance of words",
    "char": "Entities, distance of characters",
    "slu": "SLU-F1",
}
_SHOWN = 5


@click.command()
@click.option(
    "--format", "form", type=click.Choice(["slurp"]), default="slurp", show_default=True, help="Whose scorer."
)
@click.option(
    "--gold",
    required=True,
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="SLURP's annotations, JSONL.",
)
@click.option(
    "--predictions",
    required=True,
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Predictions, JSONL.",
)
@click.option(
    "--load-gold", is_flag=True, help="The predictions are of written sentences: they name a slurp_id."
)
@json_option
def score(form: str, gold: Path, predictions: Path, load_gold: bool, as_json: bool) -> None:  # noqa: ARG001
    """Score a file of predictions as the official script of a public dataset does.

    What has no prediction is passed over, as in the official script, and told.
    """
    found = score_slurp(gold, predictions, by_sentence=load_gold)
    if as_json:
        print_json(
            {
                "scored": found.scored,
                "missing": list(found.missing),
                "unknown": list(found.unknown),
                "repeated": list(found.repeated),
                "scores": {
                    name: {
                        "precision": counts.precision,
                        "recall": counts.recall,
                        "f1": counts.f1,
                        "true_positives": counts.found,
                        "false_positives": counts.wrong,
                        "false_negatives": counts.missed,
                    }
                    for name, counts in found.scores.items()
                },
            }
        )
        return
    rows = [
        (_TITLES[name], percent(counts.precision, 2), percent(counts.recall, 2), percent(counts.f1, 2))
        for name, counts in found.scores.items()
    ]
    print_table(("", "Precision", "Recall", "F1"), rows, right=" >>>")
    click.echo(f"{found.scored} examples scored.")
    _tell("have no prediction and are passed over", found.missing)
    _tell("are predicted that the gold file does not have", found.unknown)
    _tell("are predicted more than once; the last counts", found.repeated)


def _tell(what: str, names: Sequence[str]) -> None:
    if names:
        more = " ..." if len(names) > _SHOWN else ""
        click.echo(f"{len(names)} {what}: {', '.join(names[:_SHOWN])}{more}")
