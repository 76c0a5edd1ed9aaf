"""`spoonful datasets speak` and `spoonful datasets voices`: recordings that a speech engine makes."""

from __future__ import annotations

import click

from core.commands.live import LiveLine
from core.commands.output import json_option, print_facts, print_json, print_table
from core.commands.services import open_services
from core.data.synthesis import default_name, make_speech
from core.data.synthesis.choosing import SpeechPlan
from core.data.synthesis.engines import find_engine, find_voice, require_engines, with_timbres
from core.data.utterance import SPLITS, Split

MACHINE_MADE = "Made by a machine: fine to learn from, no measure of people's voices."


@click.command()
@click.option("--language", metavar="CODE", default="", help="Only voices that speak it, for instance fr.")
@click.option("--engine", "engine_name", metavar="ENGINE", help="Only this one.  [default: all]")
@json_option
def voices(language: str, engine_name: str | None, as_json: bool) -> None:
    """List the voices of the speech engines that are installed."""
    found = [find_engine(engine_name)] if engine_name else require_engines()
    if as_json:
        print_json(
            {
                "engines": [
                    {
                        "engine": engine.name,
                        "voices": [vars(voice) for voice in engine.voices if voice.fits(language)],
                        "variants": engine.variants,
                    }
                    for engine in found
                ]
            }
        )
        return
    print_table(
        ["Engine", "Voice", "Languages", "Name"],
        [
            [engine.name, voice.name, ", ".join(voice.languages), voice.title]
            for engine in found
            for voice in engine.voices
            if voice.fits(language)
        ],
    )
    for engine in found:
        if engine.variants:
            click.echo(
                f"\nEvery voice of {engine.name} also in these timbres, as in"
                f" {engine.voices[0].name}+{engine.variants[0]}: {', '.join(engine.variants)}"
            )


@click.command()
@click.argument("name")
@click.option("--engine", "engine_name", required=True, metavar="ENGINE", help="espeak-ng or flite.")
@click.option(
    "--voice",
    "voice_names",
    required=True,
    multiple=True,
    metavar="VOICE",
    help="Of the engine; several share the texts, each being a speaker.",
)
@click.option(
    "--split",
    "splits",
    multiple=True,
    default=("train",),
    show_default=True,
    type=click.Choice(SPLITS),
    help="Speak texts of this split; may be given several times.",
)
@click.option(
    "--share", type=float, default=1.0, show_default=True, help="Speak this part of the texts, up to 1."
)
@click.option("--count", type=int, help="Speak so many texts, instead of a share.")
@click.option(
    "--timbres",
    type=click.IntRange(min=1),
    default=1,
    show_default=True,
    metavar="N",
    help="Use each voice in N timbres, each a speaker; espeak-ng only.",
)
@click.option("--vary-pace", is_flag=True, help="Speak each a little faster or slower.")
@click.option(
    "--seed",
    type=click.IntRange(min=0),
    default=17,
    show_default=True,
    help="Decides which texts are spoken, and by which voice.",
)
@click.option("--to", "target", metavar="NEWNAME", help="The new dataset.  [default: NAME spoken]")
@json_option
def speak(
    name: str,
    engine_name: str,
    voice_names: tuple[str, ...],
    splits: tuple[Split, ...],
    target: str | None,
    timbres: int,
    as_json: bool,
    **numbers: object,
) -> None:
    """Make recordings of texts that have none, with a speech engine, as a new dataset.

    The new dataset holds copies of the utterances, each with its recording, marked as synthetic for ever:
    fine to learn from, no measure of people's voices.
    """
    line = LiveLine()
    engine = find_engine(engine_name)
    named = [find_voice(engine, voice) for voice in dict.fromkeys(voice_names)]
    chosen = with_timbres(engine, named, timbres)
    plan = SpeechPlan(name, chosen, tuple(dict.fromkeys(splits)), **numbers)  # type: ignore[arg-type]
    with open_services() as services:
        made = make_speech(
            services.library,
            services.paths,
            plan,
            target or default_name(name),
            progress=lambda done, total: line.show(f"speaking {done} / {total}", topic="speaking"),
        )
    line.clear()
    if as_json:
        print_json(vars(made))
        return
    click.echo(f"Made {made.recordings} recordings ({made.minutes:.1f} minutes) as {made.dataset}:")
    print_facts([(speaker, str(number)) for speaker, number in sorted(made.voices.items())])
    for note in made.notes:
        click.echo(f"Note: {note}")
    click.echo(MACHINE_MADE)
