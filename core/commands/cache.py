"""`spoonful cache`: what trained runs remember of recordings, so as not to hear them twice."""

from __future__ import annotations

import click

from core.commands.output import json_option, print_facts, print_json
from core.models.cache_folder import LIMIT_BYTES, cache_size, clear_cache
from core.paths import AppPaths
from core.storage.files import worded_disk_errors


@click.group()
def cache() -> None:
    """The feature cache: what base models heard in recordings, kept so that it is computed once.

    It is made from recordings, also from those of datasets that were deleted since. It may be removed at any
    time; the next run makes what it needs again.
    """


@cache.command()
@json_option
def show(as_json: bool) -> None:
    """How much is kept, and where."""
    folder = AppPaths.default().features
    found = cache_size(folder)
    if as_json:
        print_json({"folder": str(folder), **vars(found), "limit": LIMIT_BYTES})
        return
    print_facts(
        [
            ("Folder", str(folder)),
            ("Recordings", str(found.entries)),
            ("Size", f"{found.size / 1e6:.1f} MB"),
            ("Limit", f"{LIMIT_BYTES / 1e9:.0f} GB, then what was not used for longest is removed"),
        ]
    )


@cache.command()
@json_option
def clear(as_json: bool) -> None:
    """Remove all of it."""
    folder = AppPaths.default().features
    with worded_disk_errors(folder):
        removed = clear_cache(folder)
    if as_json:
        print_json({"folder": str(folder), **vars(removed)})
    else:
        click.echo(f"Removed {removed.size / 1e6:.1f} MB (recordings: {removed.entries}).")
