"""A voice of a speech engine, and which texts it may speak."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Voice:
    """One voice of an engine. name: unique in the engine. languages: codes of what it speaks, its own first
    ("en-gb", "en"). title: for people. told: what the engine is told to get it."""

    engine: str
    name: str
    languages: tuple[str, ...]
    title: str
    told: str

    @property
    def speaker(self) -> str:
        """What recordings of this voice are marked with, as speaker and as synthetic: "espeak-ng: en-gb"."""
        return f"{self.engine}: {self.name}"

    @property
    def language(self) -> str:
        return self.languages[0]

    def fits(self, language: str) -> bool:
        """Whether texts of this language are its to speak. Regions do not matter ("en-US" and "en-gb" fit);
        a text of unknown language ("") fits every voice."""
        return not language or main_language(language) in {main_language(own) for own in self.languages}


@dataclass(frozen=True)
class Engine:
    """A speech engine that is installed. variants: timbres, each of which any voice may take on
    ("en-gb+Alex"); empty where the engine has none. human: those of them that sound like people."""

    name: str
    voices: tuple[Voice, ...]
    variants: tuple[str, ...] = ()
    human: tuple[str, ...] = ()


def usual_voices(voices: Sequence[Voice], languages: Sequence[str]) -> list[Voice]:
    """For each language the voice that one would try first, of those that fit: of the very region if there is
    one, else of the land that the language is named after, else the one of the shortest name."""
    usual: dict[str, Voice] = {}
    for language in languages:
        main = main_language(language)

        def strangeness(voice: Voice, wanted: str = language, main: str = main) -> tuple[bool, bool, int]:
            own = voice.language.lower()
            return own != wanted.replace("_", "-").lower(), own != f"{main}-{main}", len(voice.name)

        fitting = [voice for voice in voices if language and voice.fits(language)]
        if fitting and main not in usual:
            usual[main] = min(fitting, key=strangeness)
    return list(dict.fromkeys(usual.values()))


def main_language(code: str) -> str:
    """The part of a language code before the region, in lower case: "en-US" -> "en"."""
    return code.replace("_", "-").partition("-")[0].lower()
