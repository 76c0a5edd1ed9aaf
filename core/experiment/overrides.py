"""`key=value` changes on top of an experiment file, as `spoonful train --set` takes them."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from typing import Any

from core.errors import UserError

Location = tuple[str | int, ...]


def apply_overrides(values: dict[str, Any], overrides: Sequence[str]) -> dict[Location, str]:
    """Change `values` in place; returns where each override went, so that errors can name it.

    A path goes through tables by name and through stages by number from 0: "stage.0.epochs". Raises
    UserError for a malformed override or a stage that does not exist.
    """
    changed: dict[Location, str] = {}
    for override in overrides:
        path, equals, text = override.partition("=")
        if not equals or not path.strip():
            raise _malformed(override, "It needs the form key=value.")
        changed[_put(values, path.strip().split("."), _toml_value(text.strip()), override)] = override
    return changed


def _put(values: dict[str, Any], path: list[str], value: object, override: str) -> Location:
    here: Any = values
    location: list[str | int] = []
    for depth, part in enumerate(path):
        last = depth == len(path) - 1
        if isinstance(here, list):
            if not part.isdecimal() or int(part) >= len(here):
                raise _malformed(override, f'"{part}" is not one of 0 to {len(here) - 1}.')
            key: str | int = int(part)
        elif isinstance(here, dict):
            key = part
            if not last:
                here.setdefault(part, {})
        else:
            raise _malformed(override, f'"{".".join(path[:depth])}" is a single value, not a table.')
        location.append(key)
        if last:
            here[key] = value
        here = here[key]
    return tuple(location)


def _toml_value(text: str) -> object:
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except ValueError:
        # A shell eats quotes: base_model=teaspoon means the text. (A number of thousands of digits ends up
        # here too, and then as text where a number is asked for.)
        return text


def _malformed(override: str, why: str) -> UserError:
    return UserError(
        why,
        where=f"--set {override}",
        remedy="Examples: --set data.speech.share=0.02, --set stage.0.epochs=1.",
    )
