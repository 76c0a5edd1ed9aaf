"""Takes: nothing said is lost, whatever the device does."""

from __future__ import annotations

import threading
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import soundfile

from core.audio.devices import AudioSystem
from core.audio.recorder import READING, TALKING, Recorder, RingBuffer, Take, save_take
from core.errors import UserError
from tests.core.audio.fake_portaudio import FakePortAudio, FakeStream, device

RATE = 16_000
PRE_ROLL = round(TALKING.pre_s * RATE)
TAIL = round(TALKING.post_s * RATE)


class Clock:
    """Time that only the test moves."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def ramp(start: int, count: int) -> np.ndarray:
    """Samples that tell their own position."""
    return (np.arange(start, start + count) % 30_000).astype(np.float32) / 30_000


def opened(fake: FakePortAudio, clock: Clock | None = None) -> tuple[Recorder, FakeStream]:
    audio = AudioSystem(lambda: fake)
    recorder = Recorder(audio, clock=clock or Clock())
    recorder.open(audio.microphones()[0])
    return recorder, fake.streams[-1]


@pytest.fixture
def fake() -> FakePortAudio:
    return FakePortAudio([device("USB", inputs=2)])


def test_the_ring_gives_back_the_newest_samples_across_its_seam() -> None:
    ring = RingBuffer(10)
    for start in range(0, 28, 7):
        ring.write(np.arange(start, start + 7, dtype=np.float32))
    assert ring.written == 28
    assert ring.read(20, 28).tolist() == [20, 21, 22, 23, 24, 25, 26, 27]


def test_the_ring_gives_only_what_it_still_holds() -> None:
    ring = RingBuffer(10)
    assert ring.read(0, 5).size == 0
    ring.write(np.arange(10, dtype=np.float32))
    ring.write(np.arange(10, 15, dtype=np.float32))
    assert ring.read(0, 100).tolist() == list(range(5, 15))
    assert ring.read(14, 12).size == 0


def test_a_take_holds_what_was_said_before_the_press_and_after_the_release(fake: FakePortAudio) -> None:
    recorder, stream = opened(fake)
    stream.deliver(ramp(0, RATE))
    assert recorder.begin()
    stream.deliver(ramp(RATE, RATE))
    assert recorder.elapsed_s == pytest.approx(1.0)
    samples, rate = recorder.so_far()
    assert (samples.size, rate) == (PRE_ROLL + RATE, RATE)
    pending = recorder.release()
    assert pending is not None
    stream.deliver(ramp(2 * RATE, RATE))
    take = recorder.collect(pending)
    assert take.samples.tolist() == ramp(RATE - PRE_ROLL, PRE_ROLL + RATE + TAIL).tolist()
    assert (take.gaps, take.interrupted, take.pressed_s) == (0, False, TALKING.pre_s)
    assert take.duration_s == pytest.approx(TALKING.pre_s + 1.0 + TALKING.post_s)


def test_a_take_may_begin_and_end_at_positions_that_were_heard_before(fake: FakePortAudio) -> None:
    audio = AudioSystem(lambda: fake)
    recorder = Recorder(audio, READING, Clock())
    recorder.open(audio.microphones()[0])
    stream = fake.streams[-1]
    stream.deliver(ramp(0, 2 * RATE))
    # As a detector finds them: some time later.
    assert recorder.begin(at=RATE)
    assert recorder.take is not None
    assert recorder.take.start == RATE - round(READING.pre_s * RATE)
    stream.deliver(ramp(2 * RATE, RATE))
    assert recorder.heard(2 * RATE, 2 * RATE + 3).tolist() == ramp(2 * RATE, 3).tolist()
    pending = recorder.release(at=2 * RATE)
    assert pending is not None
    gaps, interrupted = recorder.wait_for(pending)
    samples = pending.since(pending.start, pending.end)
    assert samples.tolist() == ramp(RATE // 2, 3 * RATE // 2 + round(READING.post_s * RATE)).tolist()
    assert (gaps, interrupted) == (0, False)


def test_no_peak_between_two_looks_goes_unseen(fake: FakePortAudio) -> None:
    recorder, stream = opened(fake)
    stream.deliver(np.zeros(RATE, np.float32))
    assert recorder.level().peak == -90
    knock = np.zeros(RATE // 2, np.float32)
    knock[10] = 1.0
    stream.deliver(knock)
    assert recorder.level().peak == 0
    assert recorder.level().peak == -90


def test_a_peak_of_one_channel_is_seen_though_the_other_is_silent(fake: FakePortAudio) -> None:
    fake.accepts = lambda _rate, channels: channels == 2
    recorder, stream = opened(fake)
    block = np.zeros((400, 2), np.float32)
    block[7, 0] = -1.0
    stream.options["callback"](block, 400, None, SimpleNamespace(input_overflow=False))
    assert recorder.level().peak == 0
    assert recorder.level().peak == pytest.approx(-6, abs=0.1)
    stream.deliver(np.zeros(RATE))
    assert recorder.level().peak == -90


def test_what_is_released_too_late_to_be_held_counts_as_lost_sound(fake: FakePortAudio) -> None:
    recorder, stream = opened(fake)
    stream.deliver(ramp(0, RATE))
    recorder.begin()
    for second in range(1, 40):  # a window that was not answering
        stream.deliver(ramp(second * RATE, RATE))
    pending = recorder.release()
    assert pending is not None
    stream.deliver(ramp(40 * RATE, TAIL))
    take = recorder.collect(pending)
    assert take.gaps == 1
    assert take.samples[-1] == ramp(40 * RATE, TAIL)[-1]


def test_a_begin_before_all_that_is_held_takes_what_there_is(fake: FakePortAudio) -> None:
    recorder, stream = opened(fake)
    stream.deliver(ramp(0, 200))
    for second in range(40):
        stream.deliver(ramp(200 + second * RATE, RATE))
    assert recorder.begin(at=100)
    pending = recorder.release(at=150)
    assert pending is not None
    assert recorder.collect(pending).gaps == 0
    assert recorder.begin(at=10**9)  # nothing begins in the future
    assert recorder.elapsed_s == 0


def test_collecting_waits_for_the_last_samples(fake: FakePortAudio) -> None:
    clock = Clock()
    recorder, stream = opened(fake, clock)
    stream.deliver(ramp(0, RATE))
    recorder.begin()
    pending = recorder.release()
    assert pending is not None
    takes: list[Take] = []
    collector = threading.Thread(target=lambda: takes.append(recorder.collect(pending)))
    collector.start()
    stream.deliver(ramp(RATE, TAIL))
    collector.join()
    assert takes[0].samples.size == PRE_ROLL + TAIL


def test_a_press_before_the_first_sound_records_nothing(fake: FakePortAudio) -> None:
    recorder, _stream = opened(fake)
    assert not recorder.begin()
    assert recorder.release() is None
    assert not recorder.recording


def test_a_press_right_after_the_start_takes_what_there_is(fake: FakePortAudio) -> None:
    recorder, stream = opened(fake)
    stream.deliver(ramp(0, 100))
    assert recorder.begin()
    pending = recorder.release()
    assert pending is not None
    stream.deliver(ramp(100, TAIL))
    take = recorder.collect(pending)
    assert take.samples.size == 100 + TAIL
    assert take.pressed_s == 100 / RATE


def test_sound_lost_during_the_take_is_counted(fake: FakePortAudio) -> None:
    recorder, stream = opened(fake)
    stream.deliver(ramp(0, RATE), overflow=True)
    recorder.begin()
    stream.deliver(ramp(RATE, RATE), overflow=True)
    stream.deliver(ramp(2 * RATE, RATE))
    pending = recorder.release()
    assert pending is not None
    stream.deliver(ramp(3 * RATE, RATE))
    assert recorder.collect(pending).gaps == 1


def test_a_stereo_48_khz_device_gives_16_khz_mono(fake: FakePortAudio) -> None:
    fake.accepts = lambda rate, channels: (rate, channels) == (48_000, 2)
    recorder, stream = opened(fake)
    tone = 0.5 * np.sin(2 * np.pi * 440 * np.arange(48_000) / 48_000)
    stream.deliver(np.zeros(48_000))
    recorder.begin()
    stream.deliver(tone)
    pending = recorder.release()
    assert pending is not None
    stream.deliver(np.zeros(48_000))
    take = recorder.collect(pending)
    assert take.duration_s == pytest.approx(TALKING.pre_s + 1.0 + TALKING.post_s, abs=0.001)
    expected = 0.5 * np.sin(2 * np.pi * 440 * np.arange(RATE) / RATE)
    heard = take.samples[PRE_ROLL : PRE_ROLL + RATE]
    assert np.corrcoef(heard, expected)[0, 1] > 0.999


def test_an_unplugged_microphone_is_named_and_the_take_so_far_kept(fake: FakePortAudio) -> None:
    recorder, stream = opened(fake)
    stream.deliver(ramp(0, RATE))
    recorder.begin()
    stream.deliver(ramp(RATE, RATE))
    assert recorder.problem() is None
    stream.end()
    problem = recorder.problem()
    assert problem is not None
    assert "disconnected" in problem.what
    assert problem.where == "USB"
    pending = recorder.release()
    assert pending is not None
    take = recorder.collect(pending)
    assert take.interrupted
    assert take.samples.size == PRE_ROLL + RATE
    assert not recorder.listening
    assert not recorder.begin()


def test_a_device_that_falls_silent_without_a_word_is_lost_too(fake: FakePortAudio) -> None:
    clock = Clock()
    recorder, stream = opened(fake, clock)
    stream.deliver(ramp(0, 400))
    clock.now += 1.0
    assert recorder.problem() is None
    clock.now += 1.0
    problem = recorder.problem()
    assert problem is not None
    assert "disconnected" in problem.what


def test_a_device_that_never_sends_sound_is_told_from_a_slow_one(fake: FakePortAudio) -> None:
    clock = Clock()
    recorder, _stream = opened(fake, clock)
    clock.now += 5.0
    assert recorder.problem() is None
    clock.now += 5.0
    problem = recorder.problem()
    assert problem is not None
    assert "sends no sound" in problem.what


def test_the_level_follows_the_last_moment(fake: FakePortAudio) -> None:
    recorder, stream = opened(fake)
    assert recorder.level().peak == -90.0
    stream.deliver(np.full(RATE, 0.5))
    assert recorder.level().peak == pytest.approx(-6.02, abs=0.01)
    stream.deliver(np.zeros(RATE))
    assert recorder.level().rms == -90.0
    recorder.close()
    assert recorder.level().peak == -90.0


def test_changing_the_microphone_frees_the_old_one_but_not_its_released_take(fake: FakePortAudio) -> None:
    recorder, stream = opened(fake)
    stream.deliver(ramp(0, RATE))
    recorder.begin()
    stream.deliver(ramp(RATE, RATE))
    pending = recorder.release()
    assert pending is not None
    stream.deliver(ramp(2 * RATE, RATE))
    recorder.open(AudioSystem(lambda: fake).microphones()[0])
    assert stream.closed
    assert recorder.collect(pending).samples.size == PRE_ROLL + RATE + TAIL
    recorder.close()
    assert recorder.problem() is None


def test_a_take_is_saved_as_a_sound_file_of_its_own(tmp_path: Path) -> None:
    take = Take(ramp(0, RATE), pressed_s=0.0, gaps=0, interrupted=False)
    first, second = (save_take(take, tmp_path / "takes") for _ in range(2))
    assert first != second
    samples, rate = soundfile.read(first, dtype="float32")
    assert rate == RATE
    assert np.abs(samples - take.samples).max() < 1e-4
    assert {path.name for path in first.parent.iterdir()} == {first.name, second.name}


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "takes").write_text("a file in the way")
    with pytest.raises(UserError, match="takes"):
        save_take(Take(ramp(0, 10), pressed_s=0.0, gaps=0, interrupted=False), tmp_path / "takes")
