"""What a room sounds like while nobody speaks: what a microphone test tells, and takes are held against."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

import numpy as np

from core.audio.files import SAMPLE_RATE
from core.audio.levels import Samples, rms_dbfs
from core.audio.measures import FRAME_S, frame_levels, usual_level
from core.audio.vad import CHUNK_S, speech_probabilities

SHORTEST_S: Final = 1.0
"""Of less, one passing car would be the room."""
QUIET_DBFS: Final = -55.0
NOISY_DBFS: Final = -42.0
DEAD_DBFS: Final = -85.0
"""No room is so quiet, and no live microphone."""
_SPOKEN: Final = 0.5
_HUMS: Final = 0.5
"""Part of the power below 1 kHz that stands at the mains' harmonics of a room that hums."""
_HARMONICS: Final = 8
_MAINS_HZ: Final = (50.0, 60.0)


@dataclass(frozen=True)
class Room:
    """noise_dbfs: the mean level while nobody speaks. hum: part of the power below 1 kHz, 0 to 1, at the
    harmonics of 50 or 60 Hz. spoken_s: seconds in which somebody spoke, which were left out."""

    noise_dbfs: float
    hum: float
    spoken_s: float

    @property
    def grade(self) -> Literal["good", "warn", "bad"]:
        """How fit it is for recording."""
        if self.noise_dbfs >= NOISY_DBFS:
            return "bad"
        quiet = DEAD_DBFS < self.noise_dbfs < QUIET_DBFS
        return "good" if quiet and not self.hums else "warn"

    @property
    def hums(self) -> bool:
        """Whether the mains are heard."""
        return self.hum >= _HUMS and self.noise_dbfs > QUIET_DBFS - 10

    @property
    def words(self) -> str:
        """What it is like, and what to do about it."""
        level = f"{self.noise_dbfs:.0f} dB".replace("-", "\N{MINUS SIGN}")
        if self.noise_dbfs <= DEAD_DBFS:
            return "Nothing at all is heard: is the microphone muted, or another one meant?"
        if self.grade == "bad":
            return (
                f"The room is too noisy ({level}): close the window, switch off fans, or move closer to the"
                " microphone and turn it down; then test again."
            )
        if self.hums:
            return f"The mains hum ({level}): use another socket or cable, or move away from chargers."
        if self.grade == "warn":
            return f"The room is usable ({level}); a quieter one makes better recordings."
        return f"The room is quiet ({level})."


def measure_room(samples: Samples) -> Room | None:
    """The room in `samples` [n] at 16 kHz; None where fewer than SHORTEST_S are without speech."""
    probabilities = np.array(speech_probabilities(samples))
    silent = np.repeat(probabilities < _SPOKEN, round(CHUNK_S * SAMPLE_RATE))[: samples.size]
    quiet = samples[silent]
    if quiet.size < SHORTEST_S * SAMPLE_RATE:
        return None
    noise_dbfs = usual_level(frame_levels(quiet, SAMPLE_RATE))
    return Room(noise_dbfs, hum_part(quiet), float((samples.size - quiet.size) / SAMPLE_RATE))


def hum_part(samples: Samples) -> float:
    """Part of the power from 20 Hz to 1 kHz, 0 to 1, that stands within 2 Hz of the mains' harmonics."""
    if samples.size < FRAME_S * SAMPLE_RATE * 10 or rms_dbfs(samples) <= -89.0:
        return 0.0
    window = np.hanning(samples.size)
    power = np.abs(np.fft.rfft((samples - samples.mean()) * window)) ** 2
    hertz = np.fft.rfftfreq(samples.size, 1 / SAMPLE_RATE)
    low = (hertz >= 20) & (hertz <= 1000)
    total = float(power[low].sum())
    if total <= 0:
        return 0.0
    parts = []
    for mains in _MAINS_HZ:
        nearest = np.round(hertz / mains)
        harmonic = low & (np.abs(hertz - nearest * mains) <= 2.0) & (nearest >= 1) & (nearest <= _HARMONICS)
        parts.append(float(power[harmonic].sum()) / total)
    return max(parts)
