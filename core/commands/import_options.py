"""What the command line says of files to import that they do not say themselves."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final

import click

from core.data.importers.source import Options, Source
from core.data.splits import DEFAULT_DIVISION, Division
from core.data.utterance import SPLITS, Split
from core.errors import UserError

_OPTIONS: Final = (
    click.option(
        "--fractions",
        metavar="TRAIN,VALIDATION,TEST",
        help="The parts when lines are divided, adding up to 1.  [default: 0.8,0.1,0.1]",
    ),
    click.option(
        "--seed",
        type=click.IntRange(min=0),
        default=DEFAULT_DIVISION.seed,
        show_default=True,
        help="Decides how lines without a split are divided.",
    ),
    click.option(
        "--audio",
        metavar="FOLDER",
        type=click.Path(path_type=Path, exists=True, file_okay=False),
        help="Where the recordings are, if not where the format has them.",
    ),
    click.option("--language", "languages", multiple=True, metavar="CODE", help="Take only these languages."),
    click.option(
        "--column",
        "columns",
        multiple=True,
        metavar="FIELD=COLUMN",
        help="Of a table: which column holds text, audio, intent, a slot (slot:TYPE=COLUMN), ...",
    ),
    click.option(
        "--configuration",
        default="",
        metavar="NAME",
        help="Of a dataset of the Hugging Face Hub (--format hub OWNER/NAME) that has several: which one.",
    ),
    click.option(
        "--leave-out-broken",
        "leave_out",
        is_flag=True,
        help="Import the rest where lines are broken, and tell which those are.",
    ),
)


def import_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """The command with the options that `Options` is made of, as its one argument `options`."""

    @functools.wraps(command)
    def filled(
        *,
        fractions: str | None,
        seed: int,
        audio: Path | None,
        languages: tuple[str, ...],
        columns: tuple[str, ...],
        configuration: str,
        leave_out: bool,
        **others: Any,
    ) -> Any:
        parts = DEFAULT_DIVISION.fractions if fractions is None else _fractions(fractions)
        options = Options(
            Division(parts, seed),
            audio,
            languages,
            _columns(columns),
            configuration=configuration,
            leave_out=leave_out,
        )
        return command(options=options, **others)

    for option in reversed(_OPTIONS):
        filled = option(filled)
    return filled


def placed(paths: Sequence[Path], placements: Sequence[str]) -> list[Source]:
    """The files, each with the split that `--split` gives it; one named by itself goes before all."""
    general: Split | None = None
    of_file: dict[Path, Split] = {}
    for placement in placements:
        name, _, word = placement.rpartition("=")
        split = next((split for split in SPLITS if split == word), None)
        if split is None:
            raise _bad_placement(f'"{word}" is not one of {", ".join(SPLITS)}.', placement)
        if not name:
            general = split
            continue
        named = [path for path in paths if name in (str(path), path.name)]
        if len(named) != 1:
            count = "none" if not named else f"{len(named)}"
            raise _bad_placement(f'Of the files to import, {count} is called "{name}".', placement)
        of_file[named[0]] = split
    return [Source(path, of_file.get(path, general)) for path in paths]


def _bad_placement(what: str, placement: str) -> UserError:
    return UserError(
        what,
        where=f"--split {placement}",
        remedy="Write for instance --split test, or --split text.jsonl=train.",
    )


def _columns(given: Sequence[str]) -> dict[str, str]:
    columns = {}
    for each in given:
        name, equals, column = each.partition("=")
        if not (name and equals and column):
            raise UserError(
                "A column is not told in the form FIELD=COLUMN.",
                where=f"--column {each}",
                remedy="Write for instance --column intent=Label.",
            )
        columns[name] = column
    return columns


def _fractions(text: str) -> tuple[float, float, float]:
    try:
        train, validation, test = map(float, text.split(","))
    except ValueError:
        raise UserError(
            "The fractions are not three numbers.",
            where=f"--fractions {text}",
            remedy="Write the parts for train, validation and test, for instance 0.8,0.1,0.1.",
        ) from None
    return train, validation, test
