"""A take spoken to a model: listened to while it is recorded, so that what was said is known at its end."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from core.audio.files import SAMPLE_RATE, to_16_khz
from core.audio.levels import Samples, peak_dbfs
from core.audio.recorder import LONGEST_TAKE_S, PendingTake, Recorder, Take
from core.audio.vad import PRESETS, SpeechProbability, speech_probabilities, speech_spans

UNMUTED_DBFS: Final = -70.0
"""A live microphone hisses louder than this; below, it is muted or its cable is loose."""

SHORTEST_HOLD_S: Final = 0.2
LEAST_HELD_SPEECH_S: Final = 0.06
"""The pre-roll saves a first syllable, but what was heard only before the press was not meant for the model:
the end of another sentence, or of the playback."""

_LOOK_S: Final = 0.03
_LONGEST_S: Final = LONGEST_TAKE_S + 5.0
"""Seconds that a take ends by itself after; the window ends it before."""


@dataclass(frozen=True)
class Spoken:
    """take: the sound. silent: why it deserves no guess, as headline and reason; None when it does."""

    take: Take
    silent: tuple[str, str] | None


class SpokenTake:
    """One take that a recorder has begun. `run` belongs to a thread of its own, the rest to the window's.

    hands_free: a detector has heard the speech that began it, so it is not looked for again.
    """

    def __init__(self, take: PendingTake, *, hands_free: bool = False) -> None:
        self._take = take
        self._hands_free = hands_free
        self._released: PendingTake | None = None
        self._ended = threading.Event()

    def release(self, take: PendingTake | None) -> None:
        """The take has ended in the recorder; None when that had forgotten it, as when the microphone was
        opened anew: what was heard until then counts."""
        self._released = take
        self._ended.set()

    def run(self) -> Spoken:
        """Listen until the take ends. One that nobody ends does so when its microphone is gone or it is too
        long."""
        start, detector, probabilities = self._take.start, SpeechProbability(self._take.rate), list[float]()
        at = start
        while not (self._ended.wait(_LOOK_S) or self._take.lost or self._take.heard_s > _LONGEST_S):
            heard = self._take.since(at)
            at += heard.size
            probabilities += [] if self._hands_free else detector.hear(heard)
        ended = self._released or self._take.ended_now()
        gaps, interrupted = Recorder.wait_for(ended)
        samples = ended.since(start, ended.end)
        take = Take(
            to_16_khz(samples, ended.rate),
            (ended.pressed - start) / ended.rate,
            gaps,
            interrupted or self._released is None,
        )
        if take.interrupted or self._hands_free:
            return Spoken(take, _went_away() if take.interrupted else None)
        # The detector may have heard more than the take has: what is behind the release is not meant.
        probabilities += detector.hear(samples[at - start :]) + detector.finish()
        spans = speech_spans(probabilities, PRESETS["normal"])
        return Spoken(take, _why_not_meant(take, spans))


def why_silent(samples: Samples) -> tuple[str, str] | None:
    """Why a recording [n] of 16 kHz deserves no guess, as headline and reason; None when it does."""
    if speech_spans(speech_probabilities(samples), PRESETS["normal"]):
        return None
    return _nothing_said(samples)


def _why_not_meant(take: Take, spans: Sequence[tuple[float, float]]) -> tuple[str, str] | None:
    """Why a take that a hand began deserves no guess. spans: seconds from and to of what was said in it."""
    if take.duration_s - take.pressed_s < SHORTEST_HOLD_S:
        return "No speech heard", "Hold the button as long as you speak, then let go."
    if not spans:
        return _nothing_said(take.samples)
    held_s = sum(max(0.0, to - max(start, take.pressed_s)) for start, to in spans)
    if held_s < LEAST_HELD_SPEECH_S:
        return "No speech heard", "Nothing was said while the button was held."
    return None


def _went_away() -> tuple[str, str]:
    return (
        "The microphone went away",
        "What it heard until then can be played, but the sentence may be cut off.",
    )


def _nothing_said(samples: Samples) -> tuple[str, str]:
    if peak_dbfs(samples) < UNMUTED_DBFS:
        return "No speech heard", "The recording is silent. Is the microphone muted, or the wrong one chosen?"
    if samples.size < SAMPLE_RATE * SHORTEST_HOLD_S:
        return "No speech heard", "It was too short to hold a word."
    return (
        "No speech heard",
        "There was sound, but no words in it. Speak closer to the microphone, or louder.",
    )
