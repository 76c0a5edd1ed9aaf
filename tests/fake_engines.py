"""Speech engines that only pretend: scripts with the command lines of espeak-ng and flite, alone in PATH."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

_ESPEAK_VOICES = """\
Pty Language       Age/Gender VoiceName          File                 Other Languages
 5  cmn             --/M      Chinese_(Mandarin) sit/cmn              (zh-cmn 5)(zh 5)
 2  en-gb           --/M      English_(Great_Britain) gmw/en          (en 2)
 2  en-us           --/M      English_(America)  gmw/en-US            (en 3)
 5  fr-fr           --/M      French_(France)    roa/fr               (fr 5)
 5  yue             --/M      Chinese_(Cantonese) sit/yue             (zh-yue 5)(zh 8)
 5  yue             --/M      Chinese_(Jyutping) sit/yue-Latn-jyutping (zh-yue 5)(zh 8)
"""
_ESPEAK_VARIANTS = """\
Pty Language       Age/Gender VoiceName          File                 Other Languages
 5  variant         --/M      Adam               !v/adam
 5  variant         --/F      female3            !v/f3
 5  variant         --/M      anika_robot        !v/anikaRobot
"""
_FLITE_VOICES = "Voices available: kal awb_time slt someone_new \n"

_SCRIPT = """#!{python}
import math, sys, wave
from array import array
given = sys.argv[1:]
for listing, words in {listings!r}.items():
    if given == [listing]:
        sys.stdout.write(words)
        sys.exit()
def value(option):
    return given[given.index(option) + 1]
espeak = {espeak!r}
text = sys.stdin.read() if espeak else value("-t")
told = value("-v") if espeak else value("-voice")
pace = int(value("-s")) / 175 if espeak else 1 / float(value("--setf").partition("=")[2])
if "broken" in text:
    sys.exit("the voice file is damaged")
sounds = any(letter.isalnum() for letter in text)
pitch = 200 + sum(told.encode()) % 100
rate = 22050 if espeak else 8000
length = int(rate * 0.3 * len(text.split()) / pace)
tone = array("h", (int(sounds * 9000 * math.sin(6.283 * pitch * n / rate)) for n in range(length)))
with wave.open(value("-w" if espeak else "-o"), "wb") as file:
    file.setparams((1, 2, rate, 0, "NONE", ""))
    file.writeframes(tone.tobytes())
"""


def install(folder: Path, monkeypatch: pytest.MonkeyPatch, *names: str) -> None:
    """From now on exactly these engines are installed, of "espeak-ng" and "flite".

    They hum 0.3 s for each word, at a pitch of the voice's own; are silent for a text without letters; and
    fail for one with the word "broken".
    """
    folder.mkdir(exist_ok=True)
    listings = {
        "espeak-ng": {"--voices": _ESPEAK_VOICES, "--voices=variant": _ESPEAK_VARIANTS},
        "flite": {"-lv": _FLITE_VOICES},
    }
    for name in names:
        script = folder / name
        script.write_text(
            _SCRIPT.format(python=sys.executable, listings=listings[name], espeak=name == "espeak-ng")
        )
        script.chmod(0o755)
    monkeypatch.setenv("PATH", str(folder))
