"""The command line of espeak-ng: many languages, each voice with many timbres."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

from core.data.synthesis.voice import Voice

PROGRAM: Final = "espeak-ng"
LIST_VOICES: Final = ("--voices",)
LIST_VARIANTS: Final = ("--voices=variant",)
_WORDS_PER_MINUTE: Final = 175
_ODD: Final = r".*robo|whisper|croak|demonic|storm|tweaky|fast|anxious|richishay"


def voices(listing: str) -> tuple[Voice, ...]:
    """The voices of `espeak-ng --voices`: columns Pty Language Age/Gender VoiceName File Other Languages.

    A voice is named by its language; a second one of the same by its file.
    """
    found: dict[str, Voice] = {}
    for line in listing.splitlines()[1:]:
        columns = line.split(maxsplit=5)
        if len(columns) < 5:
            continue
        name, title = columns[1], columns[3].replace("_", " ")
        # By the language's name the engine would find it as well, but leave out the timbre without a word.
        file = columns[4]
        if name in found:
            name = file
        others = re.findall(r"\(([\w-]+) \d+\)", columns[5]) if len(columns) > 5 else []
        found[name] = Voice(PROGRAM, name, (columns[1], *others), title, told=file)
    return tuple(found.values())


def variants(listing: str) -> tuple[str, ...]:
    """The timbres of `espeak-ng --voices=variant`, by the names of their files."""
    return tuple(dict.fromkeys(re.findall(r"\s!v/(\S+)", listing)))


def sounds_human(variant: str) -> bool:
    """Whether a timbre is not for fun: robots, whispers, monsters."""
    return re.match(_ODD, variant, re.IGNORECASE) is None


def command(told: str, text: str, pace: float, target: Path) -> tuple[list[str], bytes]:
    """The arguments, and what goes to standard input, to speak `text` into the file `target`."""
    arguments = ["-v", told, "-s", f"{_WORDS_PER_MINUTE * pace:.0f}", "-b", "1", "--stdin", "-w", str(target)]
    # Double brackets would be read as phoneme codes.
    return arguments, text.replace("[[", "[ [").encode("utf-8")
