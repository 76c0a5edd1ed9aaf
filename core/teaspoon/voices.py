"""The voices: which speak in training, which are kept unseen, and how to make any of them speak."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from random import Random

import soxr

from core.teaspoon.espeak import Espeak
from core.teaspoon.festival import say_all
from core.teaspoon.flite import Flite
from core.teaspoon.speech import SAMPLE_RATE, Phone, Speech, Word

ACCENTS = (
    "gmw/en-US", "gmw/en", "gmw/en-GB-x-rp", "gmw/en-GB-scotland", "gmw/en-GB-x-gbclan",
    "gmw/en-GB-x-gbcwmd", "gmw/en-029", "gmw/en-US-nyc",
)  # fmt: skip

TRAIN_VARIANTS = (
    "Alex", "Andrea", "Andy", "Annie", "Denis", "Diogo", "Gene", "Henrique", "Hugo", "Jacky", "Lee", "Marco",
    "Mario", "Mike", "Mr", "Nguyen", "adam", "anika", "announcer", "antonio", "aunty", "belinda", "benjamin",
    "boris", "caleb", "david", "ed", "edward", "f1", "f3", "f5", "grandma", "grandpa", "gustave", "iven",
    "iven3", "john", "kaukovalta", "klatt", "klatt2", "klatt4", "m1", "m2", "m3", "m4", "m6", "m8",
    "marcelo", "miguel", "norbert", "pablo", "pedro", "quincy", "rob", "robert", "sandro", "shelby",
    "travis", "victor", "zac",
)  # fmt: skip
VALIDATION_VARIANTS = ("f2", "m7", "linda", "paul")
TEST_VARIANTS = ("f4", "m5", "Alicia", "Michael", "steph", "max")


@dataclass(frozen=True)
class Voice:
    """engine: "espeak", "flite" or "festival"; name: as the engine spells it."""

    engine: str
    name: str

    @property
    def speaker(self) -> str:
        """A short unique name for manifests, e.g. "espeak-en-US+f3"."""
        return f"{self.engine}-{self.name.removeprefix('gmw/')}"

    @property
    def synthetic(self) -> str:
        """How its recordings are marked, e.g. "espeak-ng: en-US+f3"."""
        return f"{'espeak-ng' if self.engine == 'espeak' else self.engine}: {self.name.removeprefix('gmw/')}"


FLITE_VOICES = tuple(Voice("flite", name) for name in ("slt", "rms", "awb", "kal16"))
FESTIVAL_VOICES = tuple(Voice("festival", name) for name in ("kal_diphone", "cmu_us_slt_arctic_hts"))
UNSEEN_ENGINE_VOICE = Voice("festival", "ked_diphone")


def espeak_voices(variants: Sequence[str]) -> tuple[Voice, ...]:
    """Every accent with every variant."""
    return tuple(Voice("espeak", f"{accent}+{variant}") for accent in ACCENTS for variant in variants)


def speed(speech: Speech, factor: float) -> Speech:
    """Played `factor` times as fast: shorter, and higher in pitch and timbre, like another speaker."""
    samples = soxr.resample(speech.samples, SAMPLE_RATE * factor, SAMPLE_RATE, quality="MQ")
    return Speech(
        samples,
        tuple(Phone(phone.symbol, phone.start / factor) for phone in speech.phones),
        tuple(Word(w.first, w.last, w.start / factor, w.end / factor) for w in speech.words),
    )


class Speakers:
    """All engines behind one call; keep one per process."""

    def __init__(self) -> None:
        self._espeak = Espeak()
        self._flite = Flite()

    def say_all(self, voice: Voice, texts: Sequence[str], rng: Random) -> Iterator[Speech]:
        """Every text by `voice`, in order, each at a tempo and pitch drawn from `rng`."""
        if voice.engine == "festival":
            stretches = [rng.uniform(0.8, 1.15) for _ in texts]
            yield from say_all(texts, voice.name, stretches)
            return
        for text in texts:
            if voice.engine == "flite":
                yield self._flite.say(text, voice.name, stretch=rng.uniform(0.8, 1.15))
            else:
                rate, pitch, span = rng.randint(140, 200), rng.randint(30, 70), rng.randint(30, 70)
                yield self._espeak.say(text, voice.name, rate=rate, pitch=pitch, span=span)
