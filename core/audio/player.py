"""Playing a recording through the loudspeakers."""

from __future__ import annotations

import threading

import numpy as np
import soxr

from core.audio.devices import AudioSystem, OpenStream
from core.audio.levels import Samples


class _Playback:
    """One sound on its way out."""

    def __init__(self) -> None:
        self.samples: Samples = np.zeros(0, np.float32)
        self.rate = 1
        self.at = 0
        self.ended = False

    def fill(self, block: Samples) -> bool:
        """The next samples for the device; runs on PortAudio's thread."""
        part = self.samples[self.at : self.at + block.size]
        block[: part.size] = part
        block[part.size :] = 0.0
        # Over only after a silent block, so that the device has played the last samples before it stops.
        unfinished = self.at < self.samples.size
        self.at += part.size
        return unfinished

    def end(self) -> None:
        """PortAudio's notice that the stream is over."""
        self.ended = True


class Player:
    """Plays one sound at a time. `play` and `stop` may block: call them off the window's thread."""

    def __init__(self, audio: AudioSystem) -> None:
        self._audio = audio
        self._lock = threading.Lock()
        self._stream: OpenStream | None = None
        self._playback: _Playback | None = None

    def play(self, samples: Samples, rate: int) -> None:
        """Start playing `samples` [n] at `rate` Hz, instead of what plays now; returns at once.

        Raises UserError when there is no sound output.
        """
        with self._lock:
            self._stop()
            playback = _Playback()
            stream = self._audio.open_output(rate, playback.fill, playback.end)
            playback.rate = stream.rate
            resampled = samples if stream.rate == rate else soxr.resample(samples, rate, stream.rate)
            playback.samples = np.asarray(resampled, np.float32)
            self._stream, self._playback = stream, playback
            self._audio.start(stream)

    def stop(self) -> None:
        """Stop what plays; harmless when nothing does."""
        with self._lock:
            self._stop()

    @property
    def playing(self) -> bool:
        """Whether sound still comes out."""
        return self._playback is not None and not self._playback.ended

    @property
    def position_s(self) -> float:
        """How far the sound has been handed to the device, in seconds."""
        playback = self._playback
        return 0.0 if playback is None else playback.at / playback.rate

    def _stop(self) -> None:
        stream, self._stream, self._playback = self._stream, None, None
        if stream is not None:
            self._audio.close(stream)
