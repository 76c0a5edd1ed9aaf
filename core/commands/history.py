"""`spoonful datasets history`: changes made by hand."""

from __future__ import annotations

from dataclasses import asdict

import click

from core.commands.output import json_option, print_json, print_table
from core.commands.services import open_services
from core.data.utterance import Label


@click.command()
@click.argument("name")
@click.option("--key", help="Of one utterance only.")
@json_option
def history(name: str, key: str | None, as_json: bool) -> None:
    """Show who changed which text or label of a dataset by hand, the newest change first.

    Also of a dataset that was deleted or replaced since.
    """
    with open_services() as services:
        edits = services.library.edits.history(name, key)
    if as_json:
        print_json({"dataset": name, "changes": [asdict(edit) for edit in edits]})
        return
    print_table(
        ["When", "Who", "Utterance", "What", "Before", "After"],
        [[e.time, e.author, e.key, e.field, _words(e.before), _words(e.after)] for e in edits],
    )


def _words(value: str | Label | None) -> str:
    return value.words if isinstance(value, Label) else value or "-"
