"""Where somebody speaks: real speech is found, noise and clicks are not."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
import soxr

from core.audio.files import SAMPLE_RATE, read_audio
from core.audio.levels import Samples
from core.audio.vad import (
    CHUNK_S,
    PRESETS,
    Endpointer,
    PresetName,
    SpeechProbability,
    speech_probabilities,
    speech_spans,
)
from core.paths import RESOURCES

SPOKEN = sorted(path for path in (RESOURCES / "demo" / "audio").rglob("*") if path.is_file())[:3]


def silence(seconds: float, dbfs: float = -70.0) -> Samples:
    noise = np.random.default_rng(17).standard_normal(round(seconds * SAMPLE_RATE))
    return (noise * 10 ** (dbfs / 20)).astype(np.float32)


@pytest.fixture(scope="module")
def sentence() -> Samples:
    return read_audio(SPOKEN[0])


def test_a_sentence_is_found_where_it_is(sentence: Samples) -> None:
    take = np.concatenate([silence(1.0), sentence, silence(1.5)])
    spans = speech_spans(speech_probabilities(take), PRESETS["normal"])
    assert len(spans) == 1
    (start, end) = spans[0]
    assert 0.9 < start < 1.5
    assert 0.6 * len(sentence) / SAMPLE_RATE < end - start < len(sentence) / SAMPLE_RATE + 0.2


@pytest.mark.parametrize("preset", PRESETS)
def test_noise_and_clicks_are_no_speech(preset: PresetName) -> None:
    noise = silence(3.0, -40.0)
    noise[::8000] = 0.9
    assert speech_spans(speech_probabilities(noise), PRESETS[preset]) == []


def test_a_stream_of_any_rate_in_any_pieces_is_heard_alike(sentence: Samples) -> None:
    whole = speech_probabilities(np.concatenate([silence(0.5), sentence]))
    fast = soxr.resample(np.concatenate([silence(0.5), sentence]), SAMPLE_RATE, 48_000).astype(np.float32)
    stream, heard = SpeechProbability(48_000), list[float]()
    cuts = [*range(0, len(fast), 1777), len(fast)]
    for start, end in pairwise(cuts):
        heard += stream.hear(fast[start:end])
    assert len(whole) - 3 <= len(heard) <= len(whole)
    heard += stream.finish()
    assert len(heard) == len(whole)
    spans = [speech_spans(each, PRESETS["normal"]) for each in (whole, heard)]
    assert spans[0][0] == pytest.approx(spans[1][0], abs=3 * CHUNK_S)


def events(probabilities: list[float], preset: PresetName = "normal") -> list[tuple[str, int]]:
    endpointer = Endpointer(PRESETS[preset])
    return [event for event in map(endpointer.hear, probabilities) if event is not None]


def test_a_start_is_told_late_and_means_the_first_chunk() -> None:
    assert events([0.0] * 5 + [0.9] * 10 + [0.0] * 60) == [("start", 5), ("end", 15)]


def test_a_pause_within_the_hold_goes_on_and_a_weak_chunk_is_no_pause() -> None:
    assert events([0.9] * 10 + [0.0] * 20 + [0.9] * 10 + [0.4] * 5 + [0.0] * 60) == [
        ("start", 0),
        ("end", 45),
    ]
    assert events([0.9] * 3 + [0.0] * 10 + [0.9] * 3) == []
