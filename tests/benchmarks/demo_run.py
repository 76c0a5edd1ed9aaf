"""A trained run and the demo's test speech, whose voices no model has heard."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from core.data.library import Library
from core.data.utterance import Utterance
from core.errors import UserError
from core.models.threads import let_waiting_threads_sleep
from core.paths import AppPaths
from core.storage.database import open_database

if TYPE_CHECKING:
    from core.inference.predictor import Predictor


def arguments(description: str | None) -> argparse.ArgumentParser:
    """A parser that knows --home and --model."""
    parser = argparse.ArgumentParser(
        description=description, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--home", type=Path, required=True, help="a home of Spoonful that holds the run")
    parser.add_argument("--model", required=True, help="the run's id")
    return parser


def load(home: Path, model: str) -> tuple[Predictor, list[Utterance]]:
    """The run's predictor and the demo's test utterances that have audio.

    Raises UserError when the home has no such run, or no demo.
    """
    paths = AppPaths(home)
    if not paths.run(model).is_dir():  # before a wrong home gets a database of its own
        raise UserError(
            "There is no such run.", where=str(paths.run(model)), remedy="See spoonful runs list."
        )
    db = open_database(paths.database)
    try:
        test = [each for each in Library(db, paths).utterances(["demo"], ["test"]) if each.has("speech")]
    finally:
        db.close()
    if not test:
        raise UserError("The demo's test speech is missing.", where=str(home), remedy="Open the window once.")
    let_waiting_threads_sleep()
    from core.inference.predictor import Predictor

    return Predictor.load(paths.run(model)), test
