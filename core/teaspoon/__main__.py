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


@main.command()
@click.option("--text-minutes", default=14.0, show_default=True, help="The language model on text.")
@click.option("--audio-minutes", default=19.0, show_default=True, help="The encoder on frames.")
@click.option("--joint-minutes", default=30.0, show_default=True, help="Both together.")
def pretrain(text_minutes: float, audio_minutes: float, joint_minutes: float) -> None:
    """Train the embedded model on the synthesised corpus and write resources/teaspoon."""
    from core.teaspoon.pretrain import Minutes
    from core.teaspoon.pretrain import pretrain as run

    run(_WORK, RESOURCES / "teaspoon", Minutes(text_minutes, audio_minutes, joint_minutes))


@main.command()
@click.option("--audio-minutes", default=30.0, show_default=True, help="The encoder on frames.")
@click.option("--joint-minutes", default=60.0, show_default=True, help="Both together.")
def refine(audio_minutes: float, joint_minutes: float) -> None:
    """Train the embedded model in resources/teaspoon further: noise, rooms, other speakers."""
    from core.teaspoon.pretrain import Minutes
    from core.teaspoon.pretrain import refine as run

    run(_WORK, RESOURCES / "teaspoon", Minutes(audio=audio_minutes, joint=joint_minutes))


@main.command()
def evaluate() -> None:
    """Measure the model in resources/teaspoon: hearing, and every scheme on the demo (about 40 minutes)."""
    from core.teaspoon.evaluation import evaluate as measure

    click.echo(measure(_WORK / "evaluation"))


if __name__ == "__main__":
    main()
