"""Recording takes from an open microphone.

The stream stays open while a page wants to record, and everything heard goes round a ring buffer. So a
take starts a little *before* the button is pressed: the first syllable is never lost to a stream that
still has to start (0.05 to 2 s), and the level meter moves before anyone records.

Positions in a recording are sample counts since the stream was opened, so what belongs to a take is fixed
at the instants of press and release, whichever thread fetches it later.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import numpy as np

from core.audio.devices import AudioSystem, Microphone, OpenStream
from core.audio.files import SAMPLE_RATE, to_16_khz, write_wav
from core.audio.levels import FLOOR_DBFS, Samples, peak_dbfs, rms_dbfs
from core.errors import UserError
from core.storage.files import worded_disk_errors

LONGEST_TAKE_S = 30.0
"""Without the rolls."""

_SILENT_DEVICE_S = 1.5
"""Blocks come every 25 ms; a device this late is gone."""

_STARTING_DEVICE_S = 8.0
"""A sound server may take two seconds for the first block."""

_FULL_SCALE = 0.999
"""A sample that large may have been larger."""

_COLLECT_WAIT_S = 1.0
_LEVEL_WINDOW_S = 0.05
_RING_MARGIN_S = 2.0


@dataclass(frozen=True)
class Rolls:
    """Seconds that belong to a take. pre_s: from before the press. post_s: behind the release, what the
    device was still holding back and the last consonant of whoever lets go early."""

    pre_s: float
    post_s: float


TALKING: Final = Rolls(0.4, 0.1)
"""Somebody waits for the label: the end is short."""
READING: Final = Rolls(0.5, 0.3)
"""Takes to keep; also for the room that a verdict on their ends needs."""


class RingBuffer:
    """The last `capacity` samples of one writer, readable from another thread without a lock.

    `written` counts all samples ever written and grows only after they are in place; it is a Python int,
    so reading it is atomic.
    """

    def __init__(self, capacity: int) -> None:
        self._data = np.zeros(capacity, np.float32)
        self.written = 0

    @property
    def oldest(self) -> int:
        """The position of the first sample still held."""
        return max(0, self.written - self._data.size)

    def write(self, block: Samples) -> None:
        """Append `block` [n], n <= capacity. No allocation, no lock: it runs on the audio thread."""
        at = self.written % self._data.size
        head = min(block.size, self._data.size - at)
        self._data[at : at + head] = block[:head]
        self._data[: block.size - head] = block[head:]
        self.written += block.size

    def read(self, start: int, end: int) -> Samples:
        """A copy of samples `start` to `end`, as far as they are still held and already written."""
        end = min(end, self.written)
        start = min(max(start, self.oldest), end)
        at = start % self._data.size
        head = self._data[at : at + end - start]
        return np.concatenate([head, self._data[: end - start - head.size]])


@dataclass(frozen=True)
class Level:
    """What the microphone hears right now, in dBFS."""

    rms: float
    peak: float


@dataclass(frozen=True)
class Take:
    """One recording. samples: mono, 16 kHz, [n]. pressed_s: where in it the button was pressed, in seconds.
    gaps: how often sound was lost because the computer was too busy. interrupted: the microphone went away
    before the release."""

    samples: Samples
    pressed_s: float
    gaps: int
    interrupted: bool

    @property
    def duration_s(self) -> float:
        return self.samples.size / SAMPLE_RATE


class _Capture:
    """One opened stream and the sound it brought."""

    def __init__(self, microphone: Microphone, rolls: Rolls, clock: Callable[[], float]) -> None:
        self.microphone = microphone
        self._rolls = rolls
        self._clock = clock
        self._opened_at = clock()
        self._last_block_at = math.nan
        self._scratch = np.zeros(0, np.float32)
        self.ring = RingBuffer(1)
        self.rate = 0
        self.gaps = 0
        self.clipped = 0
        self.ended = False
        self.closed = False

    def prepare(self, stream: OpenStream) -> None:
        """Allocate all memory before the first block arrives."""
        self.rate = stream.rate
        seconds = self._rolls.pre_s + LONGEST_TAKE_S + self._rolls.post_s + _RING_MARGIN_S
        self.ring = RingBuffer(round(seconds * stream.rate))
        self._scratch = np.zeros(stream.rate, np.float32)

    def receive(self, block: Any, frames: int, _time: Any, status: Any) -> None:
        """PortAudio's callback; `block` [frames, channels]."""
        if status.input_overflow:
            self.gaps += 1
        # Of each channel: the mean of two stays far below the limit where only one of them is cut off.
        if block.max() >= _FULL_SCALE or block.min() <= -_FULL_SCALE:
            self.clipped += 1
        mono = np.mean(block, axis=1, out=self._scratch[:frames]) if block.shape[1] > 1 else block[:, 0]
        self.ring.write(mono)
        self._last_block_at = self._clock()

    def end(self) -> None:
        """PortAudio's notice that the stream is over."""
        self.ended = True

    @property
    def hears(self) -> bool:
        """Whether sound arrives."""
        return self.ring.written > 0 and not self.lost

    @property
    def lost(self) -> bool:
        """Whether the device is gone: it said so, or nothing has come for too long."""
        if self.ended:
            return True
        if self.ring.written:
            return self._clock() - self._last_block_at > _SILENT_DEVICE_S
        return self._clock() - self._opened_at > _STARTING_DEVICE_S


@dataclass(frozen=True)
class PendingTake:
    """Where a take lies in its recording; turned into sound by `Recorder.collect`."""

    capture: _Capture
    start: int
    pressed: int
    end: int
    gaps_before: int

    @property
    def rate(self) -> int:
        """Hz of its stream."""
        return self.capture.rate

    @property
    def heard_s(self) -> float:
        """Seconds since its start, released or not."""
        return (self.capture.ring.written - self.start) / self.rate

    @property
    def lost(self) -> bool:
        """Whether its microphone is gone, or listens to something else by now: no more will come."""
        return self.capture.lost or self.capture.closed

    def since(self, position: int, end: int | None = None) -> Samples:
        """What was heard from a position of the stream on, at its rate; up to `end`, or up to now."""
        return self.capture.ring.read(position, self.capture.ring.written if end is None else end)

    def ended_now(self) -> PendingTake:
        """The same take, released at this moment without any roll."""
        return replace(self, end=self.capture.ring.written)


class Recorder:
    """Records takes from one microphone at a time.

    `open`, `close` and `collect` may block: call them off the window's thread. The rest is instant and
    belongs to one thread, the window's.
    """

    def __init__(
        self, audio: AudioSystem, rolls: Rolls = TALKING, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._audio = audio
        self._rolls = rolls
        self._clock = clock
        self._stream: OpenStream | None = None
        self._capture: _Capture | None = None
        self._take: PendingTake | None = None
        self._level_read = 0
        self._clipped_told = 0

    def open(self, microphone: Microphone, *, own_rate: bool = False) -> None:
        """Listen to `microphone`, leaving the one listened to before. own_rate: at the device's own rate
        where it can, instead of 16 kHz. Raises UserError."""
        self.close()
        capture = _Capture(microphone, self._rolls, self._clock)
        stream = self._audio.open_input(microphone, capture.receive, capture.end, own_rate=own_rate)
        capture.prepare(stream)
        self._audio.start(stream)
        self._stream, self._capture = stream, capture
        self._level_read = self._clipped_told = 0

    def close(self) -> None:
        """Stop listening; a take being recorded is dropped unless it was released before."""
        stream, capture = self._stream, self._capture
        self._stream, self._capture, self._take = None, None, None
        if capture is not None:
            capture.closed = True
        if stream is not None:
            self._audio.close(stream)

    @property
    def listening(self) -> bool:
        """Whether sound arrives, so that a take can begin."""
        capture = self._capture
        return capture is not None and capture.hears

    @property
    def recording(self) -> bool:
        """Whether a take has begun and not been released."""
        return self._take is not None

    def problem(self) -> UserError | None:
        """The loss of the microphone, once it is lost; poll it while the stream is open."""
        capture = self._capture
        if capture is None or not capture.lost:
            return None
        heard = capture.ring.written > 0
        return UserError(
            "The microphone was disconnected." if heard else "The microphone sends no sound.",
            where=capture.microphone.label,
            remedy="Check its plug and look again, or choose another microphone.",
        )

    def level(self) -> Level:
        """The level of the last 50 ms; the peak since it was last asked for, if that is longer: none between
        two looks goes unseen, nor one that a single channel has."""
        capture = self._capture
        if capture is None:
            return Level(FLOOR_DBFS, FLOOR_DBFS)
        written = capture.ring.written
        window = written - round(_LEVEL_WINDOW_S * capture.rate)
        unseen = capture.ring.read(min(window, self._level_read), written)
        clipped, self._clipped_told = capture.clipped > self._clipped_told, capture.clipped
        self._level_read = written
        peak = 0.0 if clipped else peak_dbfs(unseen)
        return Level(rms_dbfs(unseen[-round(_LEVEL_WINDOW_S * capture.rate) :]), peak)

    @property
    def rate(self) -> int:
        """Hz of the stream; 0 while none is open."""
        capture = self._capture
        return 0 if capture is None else capture.rate

    @property
    def position(self) -> int:
        """Samples heard since the stream was opened."""
        capture = self._capture
        return 0 if capture is None else capture.ring.written

    def heard(self, start: int, end: int) -> Samples:
        """What was heard from position `start` to `end`, as far as it is still held."""
        capture = self._capture
        return np.zeros(0, np.float32) if capture is None else capture.ring.read(start, end)

    def begin(self, at: int | None = None) -> bool:
        """Begin a take with the rolls' `pre_s` before position `at`, which is now without it; False when no
        sound arrives."""
        capture = self._capture
        if capture is None or not capture.hears:
            return False
        pressed = capture.ring.written if at is None else min(at, capture.ring.written)
        start = max(capture.ring.oldest, pressed - round(self._rolls.pre_s * capture.rate))
        pressed = max(pressed, start)
        self._take = PendingTake(capture, start, pressed, pressed, capture.gaps)
        return True

    @property
    def take(self) -> PendingTake | None:
        """The take being recorded; its end is not known yet."""
        return self._take

    def so_far(self) -> tuple[Samples, int]:
        """The take being recorded, for drawing, with its rate in Hz; empty when there is none."""
        if self._take is None:
            return np.zeros(0, np.float32), SAMPLE_RATE
        capture = self._take.capture
        return capture.ring.read(self._take.start, capture.ring.written), capture.rate

    @property
    def elapsed_s(self) -> float:
        """The length of the take being recorded, without the pre-roll."""
        if self._take is None:
            return 0.0
        capture = self._take.capture
        return (capture.ring.written - self._take.pressed) / capture.rate

    def release(self, at: int | None = None) -> PendingTake | None:
        """End the take with the rolls' `post_s` behind position `at`, which is now without it; None when none
        was begun."""
        take, self._take = self._take, None
        if take is None:
            return None
        capture = take.capture
        released = capture.ring.written if at is None else max(at, take.pressed)
        return replace(take, end=released + round(self._rolls.post_s * capture.rate))

    @staticmethod
    def collect(take: PendingTake) -> Take:
        """The sound of a released take; waits up to a second for its last samples to arrive."""
        gaps, interrupted = Recorder.wait_for(take)
        samples = to_16_khz(take.since(take.start, take.end), take.rate)
        return Take(samples, (take.pressed - take.start) / take.rate, gaps, interrupted)

    @staticmethod
    def wait_for(take: PendingTake) -> tuple[int, bool]:
        """Wait for the last samples of a released take, up to a second: how often sound was lost in it, and
        whether the microphone went away. What is no longer held is lost sound, too."""
        capture = take.capture
        give_up_at = time.monotonic() + _COLLECT_WAIT_S
        while capture.ring.written < take.end and not take.lost and time.monotonic() < give_up_at:
            time.sleep(0.005)
        interrupted = take.lost and capture.ring.written < take.end
        return capture.gaps - take.gaps_before + (capture.ring.oldest > take.start), interrupted


def save_take(take: Take, folder: Path) -> Path:
    """Write `take` to a new WAV file in `folder`, named by the time; raises UserError."""
    path = folder / f"{datetime.now().astimezone():%Y%m%d-%H%M%S-%f}.wav"
    with worded_disk_errors(folder):
        folder.mkdir(parents=True, exist_ok=True)
    write_wav(path, take.samples, SAMPLE_RATE)
    return path
