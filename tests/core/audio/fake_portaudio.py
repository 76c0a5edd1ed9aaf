"""A stand-in for the `sounddevice` module: devices to plug in, streams whose blocks the test delivers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import numpy as np


class PortAudioError(Exception):
    """What sounddevice raises."""


class CallbackStop(Exception):
    """What a callback raises to end its stream."""


@dataclass
class FakeStream:
    """One opened stream. `deliver` and `request` play the part of the device."""

    options: dict[str, Any]
    system: FakePortAudio
    active: bool = False
    closed: bool = False

    def start(self) -> None:
        if self.system.start_fails:
            raise PortAudioError("device unavailable")
        self.active = True

    def close(self, ignore_errors: bool = True) -> None:
        assert not self.closed, "PortAudio reads freed memory when a stream is closed twice"
        self.closed = True
        self.end()

    def end(self) -> None:
        """The stream is over, by our wish or because the device went away."""
        if self.active:
            self.active = False
            self.options["finished_callback"]()

    def deliver(self, samples: np.ndarray, overflow: bool = False) -> None:
        """The device heard `samples` [n] (on every channel)."""
        block = np.repeat(np.asarray(samples, np.float32)[:, None], self.options["channels"], axis=1)
        self.options["callback"](block, len(block), None, SimpleNamespace(input_overflow=overflow))

    def request(self, frames: int, delay_s: float = 0.0) -> np.ndarray:
        """The device wants the next `frames` samples, to be heard in `delay_s`."""
        time = SimpleNamespace(currentTime=5.0, outputBufferDacTime=5.0 + delay_s)
        block = np.full((frames, 1), np.nan, np.float32)
        try:
            self.options["callback"](block, frames, time, None)
        except CallbackStop:
            self.end()
        return block[:, 0]


def device(name: str, inputs: int = 1, outputs: int = 0, rate: float = 48_000.0) -> dict[str, Any]:
    return {
        "name": name,
        "max_input_channels": inputs,
        "max_output_channels": outputs,
        "default_samplerate": rate,
    }


@dataclass
class FakePortAudio:
    """accepts(rate, channels): which formats the devices take. refusal: what is said of others. start_fails:
    a device that opens but does not run. plugged: what is there; PortAudio sees it only when it starts."""

    plugged: list[dict[str, Any]] = field(default_factory=list)
    host_apis: list[dict[str, Any]] = field(default_factory=list)
    accepts: Callable[[int, int], bool] = lambda _rate, _channels: True
    refusal: str = "Invalid sample rate [PaErrorCode -9997]"
    start_fails: bool = False
    streams: list[FakeStream] = field(default_factory=list)
    PortAudioError = PortAudioError
    CallbackStop = CallbackStop

    def __post_init__(self) -> None:
        self._seen = list(self.plugged)

    def _terminate(self) -> None:
        assert not any(stream.active for stream in self.streams), "it would end streams that run"

    def _initialize(self) -> None:
        self._seen = list(self.plugged)

    def query_hostapis(self) -> list[dict[str, Any]]:
        return self.host_apis

    def query_devices(self, kind: str | None = None) -> Any:
        if kind is None:
            return self._seen
        channels = f"max_{kind}_channels"
        for index, found in enumerate(self._seen):
            if found[channels]:
                return {**found, "index": index}
        raise PortAudioError("Error querying device -1")

    def InputStream(self, **options: Any) -> FakeStream:  # noqa: N802
        return self._open(options)

    def OutputStream(self, **options: Any) -> FakeStream:  # noqa: N802
        return self._open(options)

    def _open(self, options: dict[str, Any]) -> FakeStream:
        if not self.accepts(options["samplerate"], options["channels"]):
            raise PortAudioError(self.refusal)
        stream = FakeStream(options, self)
        self.streams.append(stream)
        return stream
