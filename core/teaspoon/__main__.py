"""`python -m core.teaspoon STEP`: make the demo dataset and the embedded base model from nothing."""

from __future__ import annotations

from pathlib import Path

import click

from core.paths import RESOURCES

_WORK = Path(".work/teaspoon")


@click.group()
def main() -> None:
    """The recipe, step by step; each step goes on where it was stopped."""


@main.command()
def demo() -> None:
    """Make the demo dataset (resources/demo)."""
    from core.teaspoon.demo import build_demo

    build_demo(RESOURCES / "demo")


@main.command()
@click.option("--scale", default=1.0, show_default=True, help="Size of the training corpus.")
def speech(scale: float) -> None:
    """Synthesise the pretraining corpus."""
    from core.teaspoon.corpus import synthesise

    synthesise(_WORK / "speech", scale=scale)


if __name__ == "__main__":
    main()
