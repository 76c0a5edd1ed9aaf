"""Speech engines that are installed on this computer, reached through their command lines only."""

from __future__ import annotations

import difflib
import shutil
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType, ModuleType
from typing import Final

import numpy as np
from numpy.typing import NDArray

from core.audio.files import SAMPLE_RATE, SHORTEST_S, read_audio
from core.data.seeding import permutation
from core.data.synthesis import espeak_ng, flite
from core.data.synthesis.voice import Engine, Voice
from core.errors import UserError
from core.storage.files import worded_disk_errors

ENGINES: Final[Mapping[str, ModuleType]] = MappingProxyType(
    {module.PROGRAM: module for module in (espeak_ng, flite)}
)
"""By the name of the program; each module tells how its command line is spoken to."""

INSTALL: Final = (
    "Install espeak-ng (over 100 languages) or flite (English). On Debian and Ubuntu:"
    " sudo apt install espeak-ng flite; on macOS: brew install espeak-ng; on Windows: the installer of"
    " espeak-ng, whose folder must be in PATH."
)
LONGEST_S: Final = 120
"""Seconds after which an engine that says one text is taken for stuck."""
# Different uses of one seed must not be correlated.
_TIMBRES: Final = 24
_WAV_HEADER: Final = 44
_SILENT: Final = 0.02
"""Peak of the breath that some voices draw for a text of no words; that of a whisper is ten times as high."""


def engines() -> list[Engine]:
    """The engines that are installed, with their voices; none when there is none.

    Raises UserError when one of them is there but cannot say what voices it has.
    """
    found = []
    for name, module in ENGINES.items():
        program = shutil.which(name)
        if program is None:
            continue
        listed = _listing(program, module.LIST_VOICES)
        variants = module.variants(_listing(program, module.LIST_VARIANTS) if module.LIST_VARIANTS else "")
        human = tuple(variant for variant in variants if module.sounds_human(variant))
        found.append(Engine(name, module.voices(listed), variants, human))
    return found


def require_engines() -> list[Engine]:
    """As `engines`. Raises UserError that says what to install when there is none."""
    found = engines()
    if not found:
        raise UserError("No speech engine is installed: there is nothing to speak with.", remedy=INSTALL)
    return found


def find_engine(name: str) -> Engine:
    """The engine of this name. Raises UserError when it is not installed, or not one that is known."""
    found = {engine.name: engine for engine in require_engines()}
    if name not in found:
        what = "is not installed" if name in ENGINES else "is no speech engine that Spoonful knows"
        raise UserError(
            f"{name} {what}.",
            where=name,
            remedy=f"Use {' or '.join(found)}." + (f" {INSTALL}" if name in ENGINES else ""),
        )
    return found[name]


def find_voice(engine: Engine, name: str) -> Voice:
    """The engine's voice of this name, which may have a timbre behind a plus ("en-gb+Alex").

    Raises UserError naming the nearest ones when there is no such voice or timbre.
    """
    base, plus, variant = name.partition("+")
    voice = next((voice for voice in engine.voices if voice.name == base), None)
    if voice is None:
        raise _unknown(f"{engine.name} has no voice {base}.", base, [each.name for each in engine.voices])
    if not plus:
        return voice
    # Engines speak with another timbre rather than complain.
    if variant not in engine.variants:
        raise _unknown(f"{engine.name} has no timbre {variant}.", variant, engine.variants)
    told = f"{voice.told}+{variant}"
    return Voice(engine.name, name, voice.languages, f"{voice.title}, {variant}", told)


def with_timbres(engine: Engine, voices: Sequence[Voice], each: int, seed: int = 17) -> tuple[Voice, ...]:
    """Each of the voices as it is and, picked by seed, in more timbres that sound like people: `each` in all,
    or as many as the engine has. A voice with a timbre already stays the only one of its kind."""
    order = [engine.human[position] for position in permutation(len(engine.human), seed, _TIMBRES)]
    return tuple(
        found
        for voice in voices
        for found in (
            voice,
            *(
                find_voice(engine, f"{voice.name}+{variant}")
                for variant in order[: each - 1]
                if "+" not in voice.name
            ),
        )
    )


def speak(voice: Voice, text: str, pace: float = 1.0) -> NDArray[np.float32]:
    """`text` in this voice: float32 [samples], 16 kHz, mono; empty when the engine has no sound for it.

    pace: how many times as fast as usual. Raises UserError when the engine is gone, fails or is stuck.
    """
    program = shutil.which(voice.engine)
    if program is None:
        raise UserError(f"{voice.engine} is not installed.", where=voice.engine, remedy=INSTALL)
    with worded_disk_errors(Path(tempfile.gettempdir())), tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / "speech.wav"
        arguments, given = ENGINES[voice.engine].command(voice.told, text, pace, target)
        _run([program, *arguments], given)
        if not target.exists() or target.stat().st_size <= _WAV_HEADER:
            return np.zeros(0, np.float32)
        samples = read_audio(target)
    audible = len(samples) >= SHORTEST_S * SAMPLE_RATE and float(np.abs(samples).max()) > _SILENT
    return samples if audible else np.zeros(0, np.float32)


def _listing(program: str, arguments: Sequence[str]) -> str:
    return _run([program, *arguments], b"").decode("utf-8", errors="replace")


def _run(command: Sequence[str], given: bytes) -> bytes:
    """Standard output of the engine. Raises UserError when it cannot be run, fails, or does not end."""
    name = Path(command[0]).name
    remedy = f"Try {name} in a terminal; install it again if it fails there too, or use another engine."
    try:
        done = subprocess.run(command, input=given, capture_output=True, check=False, timeout=LONGEST_S)
    except subprocess.TimeoutExpired as error:
        what = f"{name} did not end within {LONGEST_S} seconds."
        raise UserError(what, where=command[0], remedy=remedy, details=repr(error)) from error
    except OSError as error:
        what = f"{name} cannot be run ({error.strerror or error})."
        raise UserError(what, where=command[0], remedy=remedy, details=repr(error)) from error
    if done.returncode:
        said = done.stderr.decode("utf-8", errors="replace").strip()
        raise UserError(
            f"{name} failed" + (f": {said.splitlines()[-1]}" if said else f" (exit code {done.returncode})."),
            where=command[0],
            remedy=remedy,
            details=said,
        )
    return done.stdout


def _unknown(what: str, name: str, known: Sequence[str]) -> UserError:
    near = difflib.get_close_matches(name, known, n=5, cutoff=0.4) or known[:5]
    return UserError(
        what, where=name, remedy=f"The nearest: {', '.join(near)}. All: spoonful datasets voices"
    )
