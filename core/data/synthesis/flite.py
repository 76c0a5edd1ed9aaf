"""The command line of flite: a few English voices."""

from __future__ import annotations

from pathlib import Path
from types import MappingProxyType
from typing import Final

from core.data.synthesis.voice import Voice

PROGRAM: Final = "flite"
LIST_VOICES: Final = ("-lv",)
LIST_VARIANTS: Final[tuple[str, ...]] = ()
_KNOWN: Final = MappingProxyType(
    {
        "kal": ("en-us", "American, man, 8 kHz"),
        "kal16": ("en-us", "American, man"),
        "awb": ("en-gb", "Scottish, man"),
        "rms": ("en-us", "American, man"),
        "slt": ("en-us", "American, woman"),
    }
)


def voices(listing: str) -> tuple[Voice, ...]:
    """The voices of `flite -lv`: "Voices available: kal awb_time ...".

    flite does not say what a voice speaks, so one that is not known here is left out, and so is awb_time,
    which has words for the time of day only.
    """
    names = dict.fromkeys(listing.partition(":")[2].split())
    return tuple(
        Voice(PROGRAM, name, (language, "en"), title, told=name)
        for name, (language, title) in ((name, _KNOWN.get(name, ("", ""))) for name in names)
        if language
    )


def variants(_listing: str) -> tuple[str, ...]:
    """None: a voice of flite has one timbre."""
    return ()


def sounds_human(_variant: str) -> bool:
    """Of no timbre: there are none."""
    return False


def command(told: str, text: str, pace: float, target: Path) -> tuple[list[str], bytes]:
    """The arguments, and what goes to standard input, to speak `text` into the file `target`."""
    stretch = f"duration_stretch={1 / pace:.3f}"
    return ["-voice", told, "--setf", stretch, "-t", text, "-o", str(target)], b""
