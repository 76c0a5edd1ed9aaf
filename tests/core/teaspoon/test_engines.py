"""The speech engines, where they are installed: sound, and word times that cover the sentence in order."""

from __future__ import annotations

import ctypes.util
import shutil
from random import Random

import numpy as np
import pytest

from core.teaspoon.voices import FESTIVAL_VOICES, FLITE_VOICES, Speakers, Voice, speed

_TEXT = "don't turn on the kitchen light at seven o'clock"


def _needed() -> bool:
    programs = all(shutil.which(program) for program in ("flite", "festival"))
    return programs and ctypes.util.find_library("espeak-ng") is not None


pytestmark = pytest.mark.skipif(not _needed(), reason="espeak-ng, flite or festival is not installed")


@pytest.mark.parametrize(
    "voice",
    [Voice("espeak", "gmw/en-US+f3"), FLITE_VOICES[3], FESTIVAL_VOICES[0]],
    ids=lambda voice: voice.speaker,
)
def test_words_are_timed_in_order(voice: Voice) -> None:
    (speech,) = Speakers().say_all(voice, [_TEXT], Random(1))
    seconds = len(speech.samples) / 16_000
    assert 1.5 < seconds < 6.0
    assert speech.samples.dtype == np.float32
    assert speech.words[0].first == 0
    assert speech.words[-1].last == len(_TEXT)
    times = [time for word in speech.words for time in (word.start, word.end)]
    assert times == sorted(times)
    assert times[-1] <= seconds
    faster = speed(speech, 1.25)
    assert len(faster.samples) == pytest.approx(len(speech.samples) / 1.25, abs=2)


def test_an_unknown_accent_is_refused() -> None:
    with pytest.raises(ValueError, match="no voice"):
        next(Speakers().say_all(Voice("espeak", "gmw/en-XX"), ["hello"], Random(0)))
