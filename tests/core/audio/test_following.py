"""Hands-free: where speech begins and ends in an open microphone is told by position."""

from __future__ import annotations

import queue
import threading

import numpy as np
import pytest
import soxr

from core.audio.devices import AudioSystem
from core.audio.files import SAMPLE_RATE
from core.audio.following import follow_speech
from core.audio.recorder import READING, Recorder
from core.audio.vad import PRESETS
from tests.core.audio.fake_portaudio import FakePortAudio, device
from tests.core.audio.test_vad import sentence, silence

__all__ = ["sentence"]


@pytest.mark.parametrize("rate", [SAMPLE_RATE, 48_000])
def test_a_take_between_the_positions_told_holds_the_whole_sentence(rate: int, sentence: np.ndarray) -> None:
    audio = AudioSystem(
        lambda: FakePortAudio([device("USB")], accepts=lambda asked, _channels: asked == rate)
    )
    recorder = Recorder(audio, READING, clock=lambda: 0.0)
    recorder.open(audio.microphones()[0])
    (stream,) = audio._streams
    told: queue.Queue[tuple[str, int]] = queue.Queue()
    over = threading.Event()
    stream.deliver(np.full(rate // 10, 1e-4))  # it hears before anyone follows
    before = recorder.position
    listening, heard_by_recorder = threading.Event(), recorder.heard

    def heard_and_told(start: int, end: int) -> np.ndarray:
        listening.set()
        return heard_by_recorder(start, end)

    recorder.heard = heard_and_told  # type: ignore[method-assign]
    follower = threading.Thread(
        target=follow_speech,
        args=(recorder, PRESETS["normal"], lambda event, at: told.put((event, at)), over.is_set),
    )
    follower.start()
    try:
        heard = np.concatenate([silence(1.5), sentence, silence(2.0)])
        at_device = heard if rate == SAMPLE_RATE else soxr.resample(heard, SAMPLE_RATE, rate)
        assert listening.wait(20)
        for start in range(0, at_device.size, rate // 40):
            stream.deliver(at_device[start : start + rate // 40])
        events = [told.get(timeout=20), told.get(timeout=20)]
    finally:
        over.set()
        follower.join()
    assert [event for event, _ in events] == ["start", "end"]
    begun, ended = ((at - before) / rate for _, at in events)
    assert 1.4 < begun < 2.0
    assert begun < ended < 1.5 + sentence.size / SAMPLE_RATE + 0.3
    assert recorder.begin(at=events[0][1])
    pending = recorder.release(at=events[1][1])
    assert pending is not None
    gaps, _ = recorder.wait_for(pending)
    samples = pending.since(pending.start, pending.end)
    assert gaps == 0
    assert samples.size / rate == pytest.approx(ended - begun + READING.pre_s + READING.post_s, abs=0.01)
    recorder.close()
