"""Datasets of the Hugging Face Hub by their id, "owner/name": what Hugging Face's library loads as tables."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from core.data.importers.gathering import Gathering
from core.data.importers.parquet import gather_tables, stored_tables
from core.data.importers.source import NO_OPTIONS, Options, Source
from core.data.progress import Cancel, Progress, never
from core.data.splits import Entry
from core.errors import UserError

_ID: Final = re.compile(r"\w[\w.-]*/\w[\w.-]*")


def recognises(path: Path) -> bool:  # noqa: ARG001 - as all importers
    """Never: a mistyped path would be asked for on the network."""
    return False


def read(
    sources: Sequence[Source],
    options: Options = NO_OPTIONS,
    progress: Progress | None = None,
    cancelled: Cancel = never,
) -> tuple[list[Entry], list[str]]:
    """One utterance for each row of all splits, of all languages or those of the options. A source's path is
    an id, or a folder that the library can load; `options.configuration` says which part of several.

    Recordings that are inside are written below `options.audio`, or into a folder NAME-audio: beside a
    folder, or for an id in the current folder. Raises UserError when it cannot be loaded, or with the first
    20 problems, each with its row; Cancelled.
    """
    return gather_tables(
        Gathering("dataset", progress, cancelled, options.leave_out),
        sources,
        options,
        lambda path, _notes: stored_tables(_loaded(path, options.configuration), path),
        lambda path: (path.parent if path.is_dir() else Path()) / f"{path.name}-audio",
    )


def _loaded(path: Path, configuration: str) -> Any:
    """What the library loads. Raises UserError."""
    if not path.is_dir() and (path.exists() or not _ID.fullmatch(path.as_posix())):
        raise UserError(
            "This is no dataset of the Hugging Face Hub.",
            where=str(path),
            remedy="Give its id, owner/name as in its address; for files of yours, leave out the format.",
        )
    from datasets import load_dataset
    from datasets.exceptions import DatasetNotFoundError, DatasetsError

    try:
        return load_dataset(str(path), configuration or None)
    except DatasetNotFoundError as error:
        raise UserError(
            "There is no such dataset on the Hugging Face Hub, or it asks for a login.",
            where=str(path),
            remedy="Check its id. If its page asks you to accept a licence, do so, then run: hf auth login",
            details=str(error),
        ) from error
    except ConnectionError as error:
        raise UserError(
            "The Hugging Face Hub cannot be reached, and the dataset is not on this computer yet.",
            where=str(path),
            remedy="Connect to the network and try again, or import files that were downloaded elsewhere.",
            details=str(error),
        ) from error
    except (DatasetsError, OSError, ValueError, RuntimeError) as error:
        if isinstance(error.__cause__, ImportError):
            raise UserError(
                f"Hugging Face's library lacks a package to load the dataset ({error.__cause__}).",
                where=str(path),
                remedy="Install it; or download the dataset's files and import their folder.",
                details=str(error),
            ) from error
        raise UserError(
            f"The dataset cannot be loaded ({str(error).partition(chr(10))[0]}).",
            where=f"{path}, configuration {configuration}" if configuration else str(path),
            remedy="If it has several configurations, name one: on the command line, --configuration NAME.",
            details=str(error),
        ) from error
