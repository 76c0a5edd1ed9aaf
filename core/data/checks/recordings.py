"""What is wrong with recordings: each by itself, and among each other."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from statistics import median
from typing import Final

from core.audio.files import SAMPLE_RATE, SHORTEST_S
from core.audio.measures import Measures, measure
from core.data.checks.splits import real_path
from core.data.problem import Problem, Severity
from core.data.progress import Cancel, Progress
from core.data.utterance import Utterance
from core.errors import Cancelled, UserError

_SILENT_DBFS: Final = -60.0
"""Peak below which there is nothing to hear."""
_QUIET_DBFS: Final = -40.0
"""Speech below it is 20 dB softer than recordings usually are, and nearer to the noise of the converter."""
_NOISY_DB: Final = 10.0
"""Speech less than that above the noise is hard for models trained on clean speech."""
_PAUSE_S: Final = 2.0
"""Silence before or behind the words that costs more than it is good for: each second is 25 audio tokens."""
_CLIPPED_SAMPLES: Final = 10
_COMPARED: Final = 20
"""Recordings from which on their usual length means something."""
_UNUSUAL: Final = 4.0
"""Times longer or shorter for its text than is usual in the dataset."""


def recording_problems(
    utterances: Sequence[Utterance], window_s: float, progress: Progress | None, cancelled: Cancel
) -> Iterator[Problem]:
    """Decodes every recording. window_s: seconds that the base model hears. Raises Cancelled."""
    spoken = [(utterance, utterance.audio) for utterance in utterances if utterance.audio is not None]
    measured: dict[Path, Measures] = {}
    for done, (utterance, audio) in enumerate(spoken, 1):
        if cancelled():
            raise Cancelled
        try:
            found = measured[audio] = measure(audio)
        except UserError as error:
            yield _problem(utterance, "error", "unreadable recording", error.what, error.remedy)
        else:
            yield from _of_one(utterance, found, window_s)
        if progress:
            progress(done, len(spoken))
    heard = [utterance for utterance, audio in spoken if audio in measured]
    yield from _unusual_lengths(heard, measured)
    yield from _same_sound(heard, measured)


def _problem(utterance: Utterance, severity: Severity, kind: str, what: str, remedy: str) -> Problem:
    return Problem(severity, kind, what, str(utterance.audio), remedy, (utterance.key,))


def _of_one(utterance: Utterance, found: Measures, window_s: float) -> Iterator[Problem]:
    again = "Record it again, or leave it out."
    if found.seconds < SHORTEST_S:
        needed = f"{1000 * found.seconds:.0f} ms; {1000 * SHORTEST_S:.0f} ms are needed"
        yield _problem(utterance, "error", "too short", f"The recording lasts only {needed}.", again)
    elif found.peak_dbfs < _SILENT_DBFS and not found.channels_cancel:
        yield _problem(utterance, "warning", "silent", "The recording is silent.", again)
    else:
        for kind, what, remedy in (*_levels(found), *_pauses(found)):
            yield _problem(utterance, "warning", kind, what, remedy)
    if found.seconds > window_s:
        what = f"The recording lasts {found.seconds:.1f} s; the base model hears {window_s:g} s."
        remedy = "Cut it, leave it out, or use a base model with a longer window."
        yield _problem(utterance, "error", "too long", what, remedy)


def _levels(found: Measures) -> Iterator[tuple[str, str, str]]:
    """Kind, sentence and remedy of what is wrong with how it was recorded."""
    if found.channels_cancel:
        what = "Its channels cancel each other: their mean, which is heard, is nearly silent."
        yield "channels", what, "Save one of its channels alone."
        return
    if found.sample_rate < SAMPLE_RATE:
        what = f"It has {found.sample_rate} samples a second: nothing above {found.sample_rate / 2000:g} kHz."
        yield "low sample rate", what, "Record at 16 000 Hz or more, unless calls are what you test."
    if found.clipped >= _CLIPPED_SAMPLES:
        what = f"It is clipped: {found.clipped} samples are cut off at the loudest value."
        yield "clipped", what, "Record it again with less gain or farther away."
    if found.speech_dbfs < _QUIET_DBFS:
        what = f"It is very quiet: its speech is at {found.speech_dbfs:.0f} dBFS."
        yield "too quiet", what, "Record it again with more gain or nearer."
    if found.snr_db is not None and found.snr_db < _NOISY_DB:
        what = f"Its speech is only about {max(0, found.snr_db):.0f} dB above the noise."
        yield "noisy", what, "Leave it if such noise is what you test; else record it again."


def _pauses(found: Measures) -> Iterator[tuple[str, str, str]]:
    remedy = "Cut it: it costs time and memory in training and in answering."
    if found.leading_s > _PAUSE_S:
        yield "silence before", f"There are {found.leading_s:.1f} s before the first word.", remedy
    if found.trailing_s > _PAUSE_S:
        yield "silence behind", f"There are {found.trailing_s:.1f} s behind the last word.", remedy


def _unusual_lengths(heard: Sequence[Utterance], measured: Mapping[Path, Measures]) -> Iterator[Problem]:
    """Recordings whose speech is much longer or shorter than usual for as much text."""
    paces = {
        utterance.key: (utterance, _speech_s(utterance, measured) / len(utterance.text))
        for utterance in heard
        if utterance.text
    }
    if len(paces) < _COMPARED:
        return
    usual = median(pace for _, pace in paces.values())
    for utterance, pace in paces.values():
        if not usual / _UNUSUAL <= pace <= usual * _UNUSUAL:
            times, how = (pace / usual, "long") if pace > usual else (usual / pace, "short")
            yield _problem(
                utterance,
                "warning",
                "unusual length",
                f'Its speech is {times:.1f} times as {how} as usual for a text like "{utterance.text}".',
                "Listen whether the text belongs to it.",
            )


def _speech_s(utterance: Utterance, measured: Mapping[Path, Measures]) -> float:
    assert utterance.audio is not None  # noqa: S101 - only those with a recording were measured
    found = measured[utterance.audio]
    return max(0.01, found.seconds - found.leading_s - found.trailing_s)


def _same_sound(heard: Sequence[Utterance], measured: Mapping[Path, Measures]) -> Iterator[Problem]:
    """Files with other names and the same sound; the same file twice is told elsewhere when it matters."""
    files: dict[str, dict[str, Utterance]] = defaultdict(dict)
    for utterance in heard:
        assert utterance.audio is not None  # noqa: S101 - only those with a recording were measured
        files[measured[utterance.audio].digest].setdefault(real_path(utterance), utterance)
    for first, *others in (list(found.values()) for found in files.values()):
        for other in others:
            leaks = first.split != other.split
            consequence = f" One is for {first.split}, one for {other.split}." if leaks else ""
            yield Problem(
                "error" if leaks else "warning",
                "same sound twice",
                f"It holds the same sound as {first.audio}.{consequence}",
                str(other.audio),
                "Leave one of them out.",
                (other.key if first.split == "test" or not leaks else first.key,),
            )
