"""Playing a recording through the loudspeakers: all of it or a part, once or over and over."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np
import soxr

from core.audio.devices import AudioSystem, OpenStream
from core.audio.levels import Samples
from core.errors import UserError

STALLED_S: Final = 4.0
"""A device that fetches nothing for so long is gone. A sound server may take two before it goes on."""

Clock = Callable[[], float]


@dataclass(frozen=True)
class Part:
    """What plays of a recording, in its seconds: from `start_s` to `last_s`, and when it is `looped`, from
    then on again and again from `first_s` to `last_s`."""

    start_s: float = 0.0
    first_s: float = 0.0
    last_s: float = math.inf
    looped: bool = False


@dataclass(frozen=True)
class _Route:
    """A part in samples of the stream."""

    start: int
    first: int
    last: int
    looped: bool

    def at(self, count: int) -> int:
        """Where it is after `count` samples."""
        index = self.start + count
        if index < self.last or not self.looped:
            return min(index, self.last)
        return self.first + (index - self.last) % (self.last - self.first)


@dataclass(frozen=True)
class _Handed:
    """The latest block: the route's samples `before` it and `after` it, and when its first is heard."""

    route: _Route
    before: int
    after: int
    heard_at: float


class Playback:
    """One sound on its way out. Its properties and `move` may be used on any thread."""

    def __init__(self, speed: float, clock: Clock) -> None:
        self._speed = speed
        self._clock = clock
        self._samples: Samples = np.zeros(0, np.float32)
        self._rate = 1
        self._route = _Route(0, 0, 0, looped=False)
        self._handed: _Handed | None = None
        self._alive_at = math.inf
        self._stopped = self._ended = self._complete = False

    @property
    def playing(self) -> bool:
        """Whether sound still comes out."""
        return not (self._ended or self._stopped or self.lost)

    @property
    def lost(self) -> bool:
        """Whether the sound device went away before the sound was over."""
        if self._stopped or self._complete:
            return False
        return self._ended or self._clock() - self._alive_at > STALLED_S

    @property
    def done(self) -> bool:
        """Whether it played to its end."""
        return self._ended and self._complete

    @property
    def position_s(self) -> float:
        """What is heard at this moment, in seconds of the recording."""
        route, handed = self._route, self._handed
        count = 0
        if handed is not None and handed.route is route:
            heard = handed.before + math.floor((self._clock() - handed.heard_at) * self._rate)
            count = handed.after if self.done else min(max(0, heard), handed.after)
        return route.at(count) / self._rate * self._speed

    def move(self, part: Part) -> None:
        """Go on with another part, from the next block on. Raises ValueError for a loop of no length."""
        self._route = self._in_samples(part)

    def _in_samples(self, part: Part) -> _Route:
        start, first, last = (
            round(min(max(0.0, seconds) * self._rate / self._speed, self._samples.size))
            for seconds in (part.start_s, part.first_s, part.last_s)
        )
        if part.looped and first >= last:
            raise ValueError(f"a loop needs a length, not {part}")
        return _Route(start, first, last, part.looped)

    # ---- for the player

    def prepare(self, samples: Samples, rate: int, part: Part) -> None:
        """Take what the stream will fetch: `samples` [n] at its `rate`."""
        self._samples, self._rate = samples, rate
        self.move(part)
        self._alive_at = self._clock()

    def halt(self) -> None:
        """It is no longer wanted: the stream's end is no loss."""
        self._stopped = True

    def fill(self, block: Samples, delay_s: float) -> bool:
        """The next samples for the device, heard in `delay_s`; runs on PortAudio's thread."""
        route, handed = self._route, self._handed
        before = handed.after if handed is not None and handed.route is route else 0
        filled = 0
        while filled < block.size:
            index = route.at(before + filled)
            part = self._samples[index : min(route.last, index + block.size - filled)]
            if not part.size:
                break
            block[filled : filled + part.size] = part
            filled += part.size
        block[filled:] = 0.0
        self._alive_at = self._clock()
        # Over only after a silent block, so that the device has played the last samples before it stops.
        if not filled:
            self._complete = True
            return False
        self._handed = _Handed(route, before, before + filled, self._alive_at + delay_s)
        return True

    def end(self) -> None:
        """PortAudio's notice that the stream is over."""
        self._ended = True


class Player:
    """Plays one sound at a time. `play` and `stop` may block: call them off the window's thread."""

    def __init__(self, audio: AudioSystem, clock: Clock = time.monotonic) -> None:
        self._audio = audio
        self._clock = clock
        self._lock = threading.Lock()
        self._stream: OpenStream | None = None
        self._playback: Playback | None = None

    def play(self, samples: Samples, rate: int, part: Part | None = None, speed: float = 1.0) -> Playback:
        """Start playing `samples` [n] at `rate` Hz, instead of what plays now; returns at once.

        part: all of it by default. speed: what `core.audio.time_stretch.stretch` slowed the samples to, so
        that positions are the recording's. To pause is to stop; to resume, to play from the position reached.
        Raises UserError when there is no sound output.
        """
        with self._lock:
            self._stop()
            playback = Playback(speed, self._clock)
            stream = self._audio.open_output(rate, playback.fill, playback.end)
            self._stream, self._playback = stream, playback
            resampled = samples if stream.rate == rate else soxr.resample(samples, rate, stream.rate)
            playback.prepare(np.asarray(resampled, np.float32), stream.rate, part or Part())
            try:
                self._audio.start(stream)
            except UserError:
                self._stop()
                raise
            return playback

    def stop(self, playback: Playback | None = None) -> None:
        """Stop what plays; harmless when nothing does, or another than the given `playback`."""
        with self._lock:
            if playback is None or playback is self._playback:
                self._stop()

    @property
    def playing(self) -> bool:
        """Whether sound still comes out."""
        playback = self._playback
        return playback is not None and playback.playing

    @property
    def position_s(self) -> float:
        """What is heard at this moment, in seconds of the recording; 0 when nothing was played."""
        playback = self._playback
        return 0.0 if playback is None else playback.position_s

    def _stop(self) -> None:
        stream, self._stream = self._stream, None
        if self._playback is not None:
            self._playback.halt()
        self._playback = None
        if stream is not None:
            self._audio.close(stream)
