"""What to say of a take right after it was recorded: what is wrong with it, and what to do about it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field

from core.audio.files import SAMPLE_RATE
from core.audio.levels import FLOOR_DBFS, Samples, peak_dbfs
from core.audio.measures import FRAME_S, clipped_samples, frame_levels, mean_level
from core.audio.room import Room, hum_part
from core.audio.vad import CHUNK, CHUNK_S, PRESETS, speech_probabilities, speech_spans

Kind = Literal[
    "interrupted",
    "gaps",
    "silent",
    "no speech",
    "clipped",
    "cut at start",
    "cut at end",
    "quiet",
    "loud",
    "noisy",
    "hum",
    "too short",
    "too long",
    "long silence",
    "not judged",
]
Severity = Literal["bad", "warn"]

_BEGUN_BEFORE_S: Final = 4 * CHUNK_S
"""Speech that is noticed earlier than this was there before the take: the detector needs some chunks to hear
that somebody speaks."""
_GOES_ON_S: Final = 2 * CHUNK_S
"""Speech nearer to the end than this may have gone on."""
_EDGE_FRAMES: Final = 2
"""Of a recording's frames at its very start or end, which tell whether it begins or ends amid a word."""
_FADED_DB: Final = 25.0
"""So much below the speech a word has not begun yet or has faded away."""
_ABOVE_NOISE_DB: Final = 6.0
"""Nearer to the noise it may be nothing but noise."""


class Thresholds(BaseModel):
    """From where on something is said of a take. Levels are in dBFS, 0 being the loudest a file can hold."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    silent_dbfs: float = Field(default=-70.0, ge=-90, le=-40, title="Silent below", description="Peak, in dB")
    quiet_dbfs: float = Field(
        default=-38.0, ge=-60, le=-10, title="Too quiet below", description="Speech, in dB"
    )
    loud_dbfs: float = Field(default=-1.0, ge=-12, le=0, title="Too loud above", description="Peak, in dB")
    clipped: int = Field(
        default=8, ge=1, le=10_000, title="Cut off from", description="Samples at the loudest value"
    )
    snr_db: float = Field(
        default=15.0, ge=0, le=60, title="Noisy below", description="Speech above the room, in dB"
    )
    hum: float = Field(
        default=0.6, ge=0.1, le=1, title="Hum from", description="Part of the noise at the mains"
    )
    fastest: float = Field(default=25.0, ge=5, le=60, title="Fastest speech", description="Letters a second")
    slowest: float = Field(default=4.0, ge=0.5, le=20, title="Slowest speech", description="Letters a second")
    silence_s: float = Field(
        default=2.0, ge=0.5, le=20, title="Long silence", description="Seconds before or behind"
    )


DEFAULT_THRESHOLDS: Final = Thresholds()


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong. words: what, remedy: what to do about it."""

    kind: Kind
    severity: Severity
    words: str
    remedy: str


@dataclass(frozen=True)
class Verdict:
    """findings: the worst first; none for a good take. speech: from and to which second somebody speaks; None
    where nobody does. speech_dbfs: mean level of the speech; snr_db: how much that is above the room or the
    take's own pauses, whichever is louder; None where neither is known."""

    findings: tuple[Finding, ...]
    seconds: float
    peak_dbfs: float
    speech: tuple[float, float] | None = None
    speech_dbfs: float | None = None
    snr_db: float | None = None

    @property
    def grade(self) -> Literal["good", "warn", "bad"]:
        """Of the worst finding."""
        return (
            "bad" if any(f.severity == "bad" for f in self.findings) else "warn" if self.findings else "good"
        )


@dataclass(frozen=True)
class Circumstances:
    """What a take is held against. room: as it was measured. gaps: how often sound was lost. interrupted: the
    microphone went away. probabilities: of speech, by chunk, where they were taken while recording."""

    text: str = ""
    room: Room | None = None
    gaps: int = 0
    interrupted: bool = False
    probabilities: Sequence[float] | None = None


def judge(
    samples: Samples, circumstances: Circumstances, thresholds: Thresholds = DEFAULT_THRESHOLDS
) -> Verdict:
    """The verdict on a take, `samples` [n] at 16 kHz, n at least 1."""
    seconds, peak = samples.size / SAMPLE_RATE, peak_dbfs(samples)
    findings = _of_recording(circumstances)
    if peak < thresholds.silent_dbfs:
        remedy = (
            "Is the microphone muted, another one meant, or recording not allowed in the system's settings?"
        )
        findings.append(Finding("silent", "bad", "The recording is silent.", remedy))
        return Verdict(tuple(findings), seconds, peak)
    probabilities = circumstances.probabilities
    if probabilities is None:
        probabilities = speech_probabilities(samples)
    # Who listens while it is recorded hears on until the end is known.
    spans = speech_spans(probabilities[: math.ceil(samples.size / CHUNK)], PRESETS["normal"])
    clipped = clipped_samples(samples)
    if clipped >= thresholds.clipped:
        words = f"The sound is cut off at its loudest ({clipped} samples)."
        remedy = "Move back a little or turn the microphone down, and record again."
        findings.append(Finding("clipped", "bad", words, remedy))
    elif peak > thresholds.loud_dbfs:
        words = "It is very loud: a little more and it will be cut off."
        findings.append(Finding("loud", "warn", words, "Move back a little or turn the microphone down."))
    if not spans:
        remedy = "Record again and speak closer to the microphone; check that the right one is chosen."
        findings.append(Finding("no speech", "bad", "No speech is heard.", remedy))
        return Verdict(_sorted(findings), seconds, peak)
    speech = spans[0][0], min(spans[-1][1], seconds)
    levels = frame_levels(samples, SAMPLE_RATE)
    level, noise = _levels(levels, spans)
    # The room as it was, or as it is now should a truck pass.
    if circumstances.room is not None:
        noise = max(circumstances.room.noise_dbfs, FLOOR_DBFS if noise is None else noise)
    snr = None if noise is None else level - noise
    amid = level - _FADED_DB if noise is None else max(level - _FADED_DB, noise + _ABOVE_NOISE_DB)
    findings += _of_edges(levels, speech, amid)
    findings += _of_silence(speech, seconds, thresholds)
    findings += _of_level(level, snr, thresholds)
    findings += _of_hum(samples, spans, thresholds)
    findings += _of_length(sum(end - start for start, end in spans), circumstances.text, thresholds)
    return Verdict(_sorted(findings), seconds, peak, speech, level, snr)


def not_judged(samples: Samples) -> Verdict:
    """The verdict on a take [n] at 16 kHz when judging it failed."""
    finding = Finding("not judged", "warn", "The take could not be judged.", "Listen to it yourself.")
    return Verdict((finding,), samples.size / SAMPLE_RATE, peak_dbfs(samples))


def _sorted(findings: Sequence[Finding]) -> tuple[Finding, ...]:
    return tuple(sorted(findings, key=lambda finding: finding.severity != "bad"))


def _of_recording(circumstances: Circumstances) -> list[Finding]:
    found = []
    if circumstances.interrupted:
        words, remedy = "The microphone went away before the end.", "Plug it in again and record again."
        found.append(Finding("interrupted", "bad", words, remedy))
    if circumstances.gaps:
        times = "once" if circumstances.gaps == 1 else f"{circumstances.gaps} times"
        words = f"Sound was lost {times}, because the computer was busy."
        found.append(Finding("gaps", "bad", words, "Close other programs and record again."))
    return found


def _of_edges(levels: NDArray[np.float64], speech: tuple[float, float], amid: float) -> list[Finding]:
    """speech: where the detector hears it, to which it comes a little late. amid: the level, in dBFS, that is
    exceeded amid a word."""
    seconds = levels.size * FRAME_S
    found = []
    if speech[0] < _BEGUN_BEFORE_S and levels[:_EDGE_FRAMES].max() > amid:
        remedy = "Record again: press first, then speak."
        found.append(Finding("cut at start", "bad", "The first word may be cut off.", remedy))
    if speech[1] > seconds - _GOES_ON_S and levels[-_EDGE_FRAMES:].max() > amid:
        remedy = "Record again: speak to the end, then stop."
        found.append(Finding("cut at end", "bad", "The last word may be cut off.", remedy))
    return found


def _of_silence(speech: tuple[float, float], seconds: float, thresholds: Thresholds) -> list[Finding]:
    places = {"before the first word": speech[0], "behind the last word": seconds - speech[1]}
    long = [f"{silence:.1f} {place}" for place, silence in places.items() if silence > thresholds.silence_s]
    if not long:
        return []
    words = f"{' and '.join(long)}.".replace(" ", " seconds of silence are ", 1)
    return [Finding("long silence", "warn", words, "It is no harm, but takes time: press closer to it.")]


def _levels(levels: NDArray[np.float64], spans: Sequence[tuple[float, float]]) -> tuple[float, float | None]:
    """The mean level of the speech, and of what is well outside of it where there is enough."""
    times = (np.arange(levels.size) + 0.5) * FRAME_S
    spoken = np.zeros(levels.size, bool)
    near = np.zeros(levels.size, bool)
    for start, end in spans:
        spoken |= (times >= start) & (times < end)
        near |= (times >= start - 0.1) & (times < end + 0.2)
    loud = levels[spoken] if spoken.any() else levels
    # Between words a span is silent, too; the level is that of the words.
    speech = mean_level(loud[loud >= np.percentile(loud, 50)])
    quiet = levels[~near]
    # The middle one: of a short pause, the last word's echo may be a good part.
    return speech, float(np.median(quiet)) if quiet.size * FRAME_S >= 0.2 else None


def _of_level(level: float, snr: float | None, thresholds: Thresholds) -> list[Finding]:
    found = []
    if level < thresholds.quiet_dbfs:
        words = f"It is too quiet ({level:.0f} dB).".replace("-", "\N{MINUS SIGN}")
        remedy = "Move closer to the microphone or turn it up, and record again."
        found.append(Finding("quiet", "bad", words, remedy))
    if snr is not None and snr < thresholds.snr_db:
        words = f"The noise is too near to the voice ({snr:.0f} dB).".replace("-", "\N{MINUS SIGN}")
        remedy = "Wait until it is quiet, or move closer to the microphone, and record again."
        found.append(Finding("noisy", "bad" if snr < thresholds.snr_db - 7 else "warn", words, remedy))
    return found


def _of_hum(samples: Samples, spans: Sequence[tuple[float, float]], thresholds: Thresholds) -> list[Finding]:
    # Where nobody speaks: a voice has harmonics of its own.
    first = samples[: round(spans[0][0] * SAMPLE_RATE)]
    last = samples[round(spans[-1][1] * SAMPLE_RATE) :]
    quiet = max(first, last, key=len)
    if quiet.size < 0.25 * SAMPLE_RATE or mean_level(frame_levels(quiet, SAMPLE_RATE)) < -60.0:
        return []
    if hum_part(quiet) < thresholds.hum:
        return []
    remedy = "Use another socket or cable, and keep chargers away from the microphone."
    return [Finding("hum", "warn", "The mains hum in the recording.", remedy)]


def _of_length(spoken_s: float, text: str, thresholds: Thresholds) -> list[Finding]:
    letters = sum(character.isalnum() for character in text)
    if not letters or not spoken_s:
        return []
    if letters / spoken_s > thresholds.fastest:
        words = f"{spoken_s:.1f} seconds are short for these words."
        return [Finding("too short", "bad", words, "Were all of them said? If not, record again.")]
    # A second of thought is no other text.
    if spoken_s > 1.0 and letters / (spoken_s - 1.0) < thresholds.slowest:
        words = f"{spoken_s:.1f} seconds are long for these words."
        return [Finding("too long", "warn", words, "Was something else said, too? If so, record again.")]
    return []
