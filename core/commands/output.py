"""What the command line prints: aligned tables, one JSON object, or an error in three lines."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

import click

from core.data.utterance import Label
from core.errors import UserError

Command = TypeVar("Command", bound=Callable[..., Any])

GAP = "  "


def json_option(command: Command) -> Command:
    """Adds `--json` to a command, as the parameter `as_json`."""
    help_text = "Print one JSON object, for programs."
    return click.option("--json", "as_json", is_flag=True, help=help_text)(command)


def print_json(content: object) -> None:
    """One JSON object on one line of standard output."""
    click.echo(json.dumps(content, ensure_ascii=False, default=_plain, allow_nan=False))


def print_table(titles: Sequence[str], rows: Sequence[Sequence[str]], right: str = "") -> None:
    """Columns aligned by width. right: one character per column, ">" = aligned to the right."""
    lines = [list(titles), *(list(row) for row in rows)]
    widths = [max(_width(line[column]) for line in lines) for column in range(len(titles))]
    sides = right.ljust(len(titles))
    for line in lines:
        cells = [_padded(*cell) for cell in zip(line, widths, sides, strict=True)]
        click.echo(GAP.join(cells).rstrip())


def print_facts(facts: Sequence[tuple[str, str]]) -> None:
    """Name and value, one pair a line, values aligned; pairs without a value are left out."""
    shown = [(name, value) for name, value in facts if value]
    width = max((_width(name) for name, _ in shown), default=0)
    for name, value in shown:
        click.echo(f"{_padded(name, width, ' ')}{GAP}{value}")


def print_error(error: UserError, *, as_json: bool) -> None:
    """What, where and what to do, on standard error; with `--json` also as an object on standard output."""
    click.echo(f"Error: {error.what}", err=True)
    if error.where:
        click.echo(f"Where: {error.where}", err=True)
    if error.remedy:
        click.echo(f"What to do: {error.remedy}", err=True)
    if as_json:
        print_json({"error": error.as_dict()})


def percent(share: float, digits: int = 1) -> str:
    """0.0525 -> "5.3 %"."""
    return f"{100 * share:.{digits}f} %"


def duration(seconds: float) -> str:
    """Seconds in the two largest units that matter: "8 s", "3 min 10 s", "2 h 5 min"."""
    minutes, rest = divmod(max(0, round(seconds)), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours} h {minutes} min"
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"


def moment(seconds: float | None) -> str:
    """Seconds since the Unix epoch as local date and time; empty for None."""
    return "" if seconds is None else f"{datetime.fromtimestamp(seconds).astimezone():%Y-%m-%d %H:%M}"


def label_as_dict(label: Label | None) -> dict[str, Any] | None:
    """A label for JSON: slots as objects of one type and filler, since a type may repeat."""
    if label is None:
        return None
    return {"intent": label.intent, "slots": [{slot.type: slot.filler} for slot in label.slots]}


def _plain(value: object) -> str:
    if isinstance(value, Path):
        return str(value)
    raise TypeError(f"{type(value).__name__} has no JSON form")


def _width(text: str) -> int:
    """Columns on the terminal: East Asian characters take two, combining marks none."""
    return sum(
        0 if unicodedata.combining(char) else 2 if unicodedata.east_asian_width(char) in "WF" else 1
        for char in text
    )


def _padded(text: str, width: int, side: str) -> str:
    space = " " * (width - _width(text))
    return space + text if side == ">" else text + space
