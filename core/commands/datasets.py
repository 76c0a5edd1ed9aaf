"""`spoonful datasets ...`"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from core.commands.import_options import import_options, placed
from core.commands.live import LiveLine
from core.commands.output import json_option, print_facts, print_json, print_table
from core.commands.services import open_services
from core.data.checks import check_dataset
from core.data.exporters import EXPORTERS, export_utterances
from core.data.importers import IMPORTERS, import_dataset
from core.data.importers.source import Options
from core.data.search import UtteranceQuery
from core.data.summary import DatasetSummary
from core.data.utterance import SPLITS, Modality, Split
from core.errors import UserError


@click.group()
def datasets() -> None:
    """List, inspect, check and import datasets."""


@datasets.command("list")
@json_option
def list_datasets(as_json: bool) -> None:
    """List all datasets of the library."""
    with open_services() as services:
        found = services.library.datasets()
    if as_json:
        print_json({"datasets": [_as_dict(summary) for summary in found]})
        return
    print_table(
        ["Dataset", "Utterances", "Text (train/val./test)", "Speech (train/val./test)", "Minutes", "Intents"],
        [
            [
                summary.name,
                str(summary.utterances),
                _per_split(summary.counts, "text"),
                _per_split(summary.counts, "speech") + _of_them_synthetic(summary),
                f"{summary.minutes:.1f}",
                str(len(summary.intents)),
            ]
            for summary in found
        ],
        right=" >>>>>",
    )


@datasets.command()
@click.argument("name")
@json_option
def show(name: str, as_json: bool) -> None:
    """Show one dataset: counts, labels, and how often each intent occurs."""
    with open_services() as services:
        summary = services.library.dataset(name)
    if as_json:
        print_json(_as_dict(summary))
        return
    print_facts(
        [
            ("Dataset", summary.name),
            ("Source", summary.source),
            ("Utterances", str(summary.utterances)),
            ("Quarantined", str(summary.quarantined)),
            *[
                (split.capitalize(), f"text {counts['text']}, recordings {counts['speech']}")
                for split, counts in summary.counts.items()
            ],
            ("Recorded", f"{summary.minutes:.1f} minutes"),
            ("Synthetic", f"{summary.synthetic} of the recordings" if summary.synthetic else ""),
            ("Languages", ", ".join(summary.languages)),
            ("Speakers", str(len(summary.speakers))),
            ("Slot types", ", ".join(summary.slot_types)),
        ]
    )
    click.echo()
    print_table(
        ["Intent", "Texts", "Recordings"],
        [[intent, str(text), str(speech)] for intent, text, speech in summary.distribution],
        right=" >>",
    )


@datasets.command()
@click.argument("name")
@json_option
def check(name: str, as_json: bool) -> int:
    """Look for what would spoil a run or make its scores wrong.

    Every recording is read. Exit code: 0 no error (there may be warnings), 1 errors found, 2 no such dataset.
    """
    line = LiveLine()
    with open_services() as services:
        problems = check_dataset(
            services.library,
            name,
            progress=lambda done, total: line.show(f"checking recording {done} / {total}", topic="checking"),
        )
    line.clear()
    errors = sum(problem.severity == "error" for problem in problems)
    if as_json:
        print_json({"dataset": name, "errors": errors, "problems": [vars(problem) for problem in problems]})
    else:
        for problem in problems:
            print_facts(
                [
                    (problem.severity.capitalize(), problem.what),
                    ("Where", problem.where),
                    ("What to do", problem.remedy),
                ]
            )
            click.echo()
        click.echo(f"{name}: {errors} errors, {len(problems) - errors} warnings.")
    return 1 if errors else 0


@datasets.command()
@click.argument("name")
@click.option("--to", "folder", required=True, type=click.Path(path_type=Path), help="A new or empty folder.")
@click.option(
    "--format",
    "format_name",
    default="jsonl",
    show_default=True,
    metavar="FORMAT",
    help=f"One of {', '.join(EXPORTERS)}.",
)
@json_option
def export(name: str, folder: Path, format_name: str, as_json: bool) -> None:
    """Write a dataset for another program, without what is quarantined."""
    line = LiveLine()
    with open_services() as services:
        found = list(services.library.utterances([services.library.dataset(name).name]))
        notes = export_utterances(
            found,
            format_name,
            folder,
            lambda done, total: line.show(
                f"writing {done}" + (f" / {total}" if total else ""), topic="writing"
            ),
        )
    line.clear()
    if as_json:
        print_json({"utterances": len(found), "folder": str(folder), "notes": notes})
        return
    click.echo(f"Wrote {len(found)} utterances to {folder} as {EXPORTERS[format_name].title}.")
    for note in notes:
        click.echo(f"Note: {note}")


@datasets.command()
@click.argument("name")
@click.option("--problem", "kinds", multiple=True, metavar="KIND", help="What a check calls it: clipped, ...")
@click.option("--key", "keys", multiple=True, help="One utterance.")
@json_option
def quarantine(name: str, kinds: tuple[str, ...], keys: tuple[str, ...], as_json: bool) -> None:
    """Set utterances aside: they stay, but nothing learns from them and nothing is scored on them."""
    with open_services() as services:
        reasons: dict[str, list[str]] = {"by hand": list(keys)}
        problems = check_dataset(services.library, name) if kinds else []
        for problem in problems:
            if problem.kind in kinds:
                reasons.setdefault(problem.kind, []).extend(problem.keys)
        missing = [kind for kind in kinds if kind not in reasons]
        if missing:
            found = sorted({problem.kind for problem in problems})
            raise UserError(
                f"The check finds no problem of this kind: {', '.join(missing)}.",
                where=name,
                remedy=f"It finds: {', '.join(found) or 'none'}.",
            )
        done = [key for why, of in reasons.items() for key in services.library.quarantine(name, of, why)]
    _tell_moved(done, "quarantined", as_json)


@datasets.command()
@click.argument("name")
@click.option("--key", "keys", multiple=True, help="One utterance.  [default: all that are quarantined]")
@json_option
def release(name: str, keys: tuple[str, ...], as_json: bool) -> None:
    """End the quarantine of utterances."""
    with open_services() as services:
        query = UtteranceQuery(name, quarantined=True)
        found = services.library.by_ids(services.library.find(query)).values()
        done = services.library.release(name, keys or [utterance.key for utterance in found])
    _tell_moved(done, "released", as_json)


def _tell_moved(keys: Sequence[str], how: str, as_json: bool) -> None:
    if as_json:
        print_json({how: keys})
    else:
        click.echo(f"{len(keys)} utterances {how}.")


@datasets.command("import")
@click.argument("paths", nargs=-1, required=True, metavar="PATH...", type=click.Path(path_type=Path))
@click.option(
    "--format",
    "format_name",
    metavar="FORMAT",
    help=f"The files' format: {', '.join(IMPORTERS)}.  [default: found out]",
)
@click.option("--name", required=True, help="What to call the dataset.")
@click.option(
    "--split",
    "placements",
    multiple=True,
    metavar="[FILE=]SPLIT",
    help="Where lines belong that name no split of their own: train, validation or test, for all files or,"
    " as in text.jsonl=train, for one. Without it they are divided, and no voice is in two splits.",
)
@import_options
@click.option("--replace", is_flag=True, help="Put it in the place of a dataset of the same name.")
@json_option
def import_(
    paths: tuple[Path, ...],
    format_name: str | None,
    name: str,
    placements: tuple[str, ...],
    options: Options,
    replace: bool,
    as_json: bool,
) -> None:
    """Import files as one dataset: wholly or, when anything is wrong, not at all.

    A JSONL file has one utterance per line, for example

    \b
        {"text": "turn on the lamp", "audio": "a/1.wav", "intent": "lamp_on",
         "slots": {"room": "kitchen"}, "speaker": "anna", "split": "train"}

    with text or audio or both. Audio paths are relative to the file; the recordings stay where they are.
    """
    files = placed(paths, placements)
    line = LiveLine()

    def progress(done: int, total: int | None) -> None:
        line.show(f"reading {done}" + (f" / {total}" if total else ""), topic="reading")

    with open_services() as services:
        summary = import_dataset(
            services.library,
            format_name,
            files,
            name,
            options=options,
            replace=replace,
            progress=progress,
        )
    line.clear()
    if as_json:
        print_json(vars(summary))
        return
    click.echo(
        f"Imported {summary.utterances} utterances ({summary.minutes:.1f} minutes) as {name},"
        f" read as {IMPORTERS[summary.format].title}:"
    )
    print_table(
        ["Split", "Texts", "Recordings"],
        [[each, str(counts["text"]), str(counts["speech"])] for each, counts in summary.counts.items()],
        right=" >>",
    )
    for note in summary.notes:
        click.echo(f"Note: {note}")
    click.echo(f"Look for problems: spoonful datasets check {name}")


def _as_dict(summary: DatasetSummary) -> dict[str, Any]:
    return {**vars(summary), "distribution": [count._asdict() for count in summary.distribution]}


def _of_them_synthetic(summary: DatasetSummary) -> str:
    return f", of them {summary.synthetic} synthetic" if summary.synthetic else ""


def _per_split(counts: dict[Split, dict[Modality, int]], modality: Modality) -> str:
    return " / ".join(str(counts[split][modality]) for split in SPLITS)
