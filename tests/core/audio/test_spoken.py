"""What deserves a guess: speech while the button was held, and nothing else."""

from __future__ import annotations

import threading

import numpy as np
import pytest

from core.audio.devices import AudioSystem
from core.audio.files import SAMPLE_RATE, read_audio
from core.audio.levels import Samples
from core.audio.recorder import Recorder
from core.audio.spoken import Spoken, SpokenTake, why_silent
from core.paths import RESOURCES
from tests.core.audio.fake_portaudio import FakePortAudio, FakeStream, device

SPEECH = read_audio(RESOURCES / "demo" / "audio" / "test-espeak-en-US-f4-000.ogg")
SILENCE = np.zeros(SAMPLE_RATE, np.float32)
NOISE = (0.02 * np.random.default_rng(17).standard_normal(2 * SAMPLE_RATE)).astype(np.float32)


@pytest.fixture
def recorder() -> tuple[Recorder, FakeStream]:
    sound = FakePortAudio([device("USB")])
    audio = AudioSystem(lambda: sound)
    recorder = Recorder(audio, clock=lambda: 0.0)
    recorder.open(audio.microphones()[0])
    stream = sound.streams[-1]
    stream.deliver(SILENCE)
    return recorder, stream


def spoken(
    recorder: tuple[Recorder, FakeStream],
    held: Samples,
    *,
    before: Samples = SILENCE,
    hands_free: bool = False,
) -> Spoken:
    """Hear `before`, press, hear `held`, let go, hear silence."""
    microphone, stream = recorder
    stream.deliver(before)
    assert microphone.begin()
    assert microphone.take is not None
    taking = SpokenTake(microphone.take, hands_free=hands_free)
    results: list[Spoken] = []
    thread = threading.Thread(target=lambda: results.append(taking.run()))
    thread.start()
    stream.deliver(held)
    taking.release(microphone.release())
    stream.deliver(SILENCE)
    thread.join(20)
    return results[0]


def test_speech_deserves_a_guess_and_comes_whole(recorder: tuple[Recorder, FakeStream]) -> None:
    found = spoken(recorder, SPEECH)
    assert found.silent is None
    start = round(found.take.pressed_s * SAMPLE_RATE)
    assert np.array_equal(found.take.samples[start : start + SPEECH.size], SPEECH)


@pytest.mark.parametrize(
    ("held", "before", "reason"),
    [
        (SILENCE, SILENCE, "muted"),
        (NOISE, SILENCE, "no words"),
        (SILENCE, SPEECH, "while the button was held"),
        (SPEECH[:800], SILENCE, "as long as you speak"),
    ],
)
def test_what_is_no_speech_gets_none(
    recorder: tuple[Recorder, FakeStream], held: Samples, before: Samples, reason: str
) -> None:
    found = spoken(recorder, held, before=before)
    assert found.silent is not None
    assert reason in found.silent[1]


def test_what_a_detector_began_is_not_doubted(recorder: tuple[Recorder, FakeStream]) -> None:
    assert spoken(recorder, SPEECH[:4000], hands_free=True).silent is None


def test_a_take_whose_microphone_went_away_is_no_question(recorder: tuple[Recorder, FakeStream]) -> None:
    microphone, stream = recorder
    assert microphone.begin()
    assert microphone.take is not None
    taking = SpokenTake(microphone.take)
    stream.deliver(SPEECH)
    stream.end()
    found = taking.run()  # ends by itself
    assert found.silent is not None
    assert "went away" in found.silent[0]
    assert found.take.samples.size >= SPEECH.size


@pytest.mark.parametrize(
    ("samples", "reason"), [(SILENCE, "muted"), (NOISE, "no words"), (NOISE[:1000], "too short")]
)
def test_files_without_speech_get_none(samples: Samples, reason: str) -> None:
    found = why_silent(samples)
    assert found is not None
    assert reason in found[1]


def test_files_with_speech_do() -> None:
    assert why_silent(SPEECH) is None
