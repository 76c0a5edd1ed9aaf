"""What is wrong with an experiment, in plain words and with the line it stands on."""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from core.errors import UserError
from core.experiment.overrides import Location

_SHOWN = 20


@dataclass(frozen=True)
class FieldProblem:
    """One wrong field. location: ("stage", 0, "epochs"); line: from 1, or None when it is in no file."""

    location: Location
    what: str
    remedy: str
    line: int | None


class ExperimentError(UserError):
    """A UserError that also lists its problems field by field, for inline messages."""

    def __init__(self, problems: list[FieldProblem], source: str) -> None:
        self.problems = problems
        first = problems[0]
        if len(problems) == 1:
            super().__init__(first.what, where=_place(source, first.line), remedy=first.remedy)
            return
        lines = [
            f"  {f'line {problem.line}: ' if problem.line else ''}{problem.what} {problem.remedy}".rstrip()
            for problem in problems[:_SHOWN]
        ]
        if len(problems) > _SHOWN:
            lines.append(f"  and {len(problems) - _SHOWN} more.")
        super().__init__(
            f"The experiment has {len(problems)} problems:\n" + "\n".join(lines), where=source, remedy=""
        )


def describe_problems(
    error: ValidationError,
    model: type[BaseModel],
    text: str,
    source: str,
    overrides: Mapping[Location, str],
) -> ExperimentError:
    """The worded form of pydantic's findings about `text` (empty when the values are from no file)."""
    problems = []
    for found in error.errors(include_url=False):
        location: Location = tuple(found["loc"])
        what, remedy = _word(found, location, model)
        override = next((said for at, said in overrides.items() if at[: len(location)] == location), None)
        if override is not None:
            what = f"--set {override}: {what}"
        line = _line_of(text, location) if text and override is None else None
        problems.append(FieldProblem(location, what, remedy, line))
    return ExperimentError(problems, source)


def _place(source: str, line: int | None) -> str:
    return f"{source}, line {line}" if line else source


def _word(found: ErrorDetails, location: Location, model: type[BaseModel]) -> tuple[str, str]:
    key = f'"{_spell(location)}"'
    kind, context, given = found["type"], found.get("ctx", {}), found["input"]
    if kind == "extra_forbidden":
        return f"Spoonful knows no {key}.", _nearest_key(location, model)
    if kind == "missing":
        return f"{key} is missing.", "Add it."
    if kind == "value_error":
        where = f"{_spell(location)}: " if location else ""
        return f"{where}{context['error']}", ""
    if kind == "literal_error":
        return f"{key} may not be {given!r}.", f"Write one of: {context['expected']}."
    what = f"{key} {_EXPECTED.get(kind, found['msg']).format(**context)}, not {_shown(given)}."
    if context.get("le", context.get("lt")) == 1 and 1 < given <= 100:
        # A percentage where a part of 1 belongs.
        return what, f"Write parts of 1: {given:g} % is {given / 100:g}."
    return what, ""


_EXPECTED: Mapping[str, str] = {
    "int_type": "must be a whole number",
    "float_type": "must be a number",
    "finite_number": "must be a finite number",
    "bool_type": "must be true or false",
    "string_type": 'must be text in "quotes"',
    "string_too_short": "must not be empty",
    "string_too_long": "must have at most {max_length} characters",
    "list_type": "must be a list in [brackets]",
    "too_short": "must name at least one",
    "model_type": "must be a table",
    "greater_than": "must be greater than {gt}",
    "greater_than_equal": "must be at least {ge}",
    "less_than": "must be less than {lt}",
    "less_than_equal": "must be at most {le}",
}


def _shown(given: object) -> str:
    shown = repr(given) if not isinstance(given, bool) else str(given).lower()
    return shown if len(shown) <= 60 else f"{shown[:57]}..."


def _spell(location: Location) -> str:
    return ".".join(str(part) for part in location)


def _nearest_key(location: Location, model: type[BaseModel]) -> str:
    unknown = str(location[-1])
    siblings = list(_model_at(location[:-1], model).model_fields)
    near = difflib.get_close_matches(unknown, siblings, n=1, cutoff=0.5)
    if near:
        return f'Did you mean "{near[0]}"?'
    elsewhere = [path for path in _all_keys(model) if path.rsplit(".", 1)[-1] == unknown]
    if elsewhere:
        return f'It belongs elsewhere: "{elsewhere[0]}".'
    return f"Valid keys here: {', '.join(siblings)}."


def _model_at(location: Location, model: type[BaseModel]) -> type[BaseModel]:
    for part in location:
        # A name of a table of tables, such as a language's, is no field.
        if isinstance(part, str) and part in model.model_fields:
            model = _table_of(model.model_fields[part].annotation) or model
    return model


def _table_of(annotation: Any) -> type[BaseModel] | None:
    """The table a field holds: itself a model, or a list of one."""
    for candidate in (annotation, *get_args(annotation)):
        if isinstance(candidate, type) and issubclass(candidate, BaseModel):
            return candidate
    return None


def _all_keys(model: type[BaseModel], prefix: str = "") -> Iterator[str]:
    for name, field in model.model_fields.items():
        yield prefix + name
        table = _table_of(field.annotation)
        if table is not None:
            yield from _all_keys(table, f"{prefix}{name}.")


def _line_of(text: str, location: Location) -> int | None:
    """The line where the value at `location`, or the table it is missing from, begins.

    tomllib tells no positions, so its own answer on growing beginnings of the file is used: the statement
    that first makes the location exist is the one. Only errors pay for it, and files are short.
    """
    lines = text.splitlines(keepends=True)
    begin, wanted = 1, location
    while wanted:
        for number in range(1, len(lines) + 1):
            try:
                values = tomllib.loads("".join(lines[:number]))
            except tomllib.TOMLDecodeError:
                continue  # in the middle of a value of several lines
            if _exists(values, wanted):
                return begin
            begin = number + 1
        begin, wanted = 1, wanted[:-1]
    return None


def _exists(values: Any, location: Location) -> bool:
    for part in location:
        if isinstance(values, dict):
            if part not in values:
                return False
        elif not isinstance(values, list) or not isinstance(part, int) or part >= len(values):
            return False
        values = values[part]
    return True
