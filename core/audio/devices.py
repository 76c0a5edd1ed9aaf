"""The computer's microphones and loudspeakers, through PortAudio.

PortAudio is one per process, is not safe to call from several threads, and looks for devices only when it
starts. So every call goes through one `AudioSystem`, created once and passed in. Its methods may block for
seconds when the sound server is away: call them off the window's thread.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from types import MappingProxyType, ModuleType
from typing import Any

from core.errors import UserError

PREFERRED_RATE = 16_000
"""What the models hear; a device that takes it spares the resampling."""

_LATENCY_S = 0.1
"""Sound the device may hold back when the program is late to fetch it. 0.1 s survives a busy machine, and
blocks still arrive every 25 ms."""

_ALSA_PLUMBING = frozenset(
    {"sysdefault", "lavrate", "samplerate", "speexrate", "speex", "upmix", "vdownmix", "jack", "oss", "null"}
)
"""ALSA lists its converters as if they were devices."""

_FRIENDLY_NAMES = {"default": "System default", "pulse": "PulseAudio", "pipewire": "PipeWire"}

_DENIED = ("denied", "not permitted", "0x80070005", "-2147024891")
"""How sound systems say that a program may not record; Windows by number only."""

_PERMISSION = MappingProxyType(
    {
        "win32": "Let desktop apps use it in Settings, Privacy & security, Microphone; then look again.",
        "darwin": "Allow it in System Settings, Privacy & Security, Microphone; then start Spoonful again.",
        "linux": "Add your user to the group that may (sudo usermod -aG audio $USER), and sign in again.",
    }
)

InputCallback = Callable[[Any, int, Any, Any], None]
Fill = Callable[[Any, float], bool]
"""Fills a block [frames] with the next samples; False when there are no more. The second argument says in
how many seconds the first of them will be heard."""


@dataclass(frozen=True)
class Microphone:
    """One input device. `name` is the system's own; it identifies the device from one start to the next."""

    name: str
    index: int
    channels: int
    rate: int
    is_default: bool

    @property
    def label(self) -> str:
        """The name to show."""
        return _FRIENDLY_NAMES.get(self.name, self.name)


@dataclass(frozen=True)
class OpenStream:
    """A running stream and what the device agreed to."""

    handle: Any
    rate: int
    channels: int


def no_microphone() -> UserError:
    """The error for a computer without any microphone."""
    return UserError(
        "No microphone was found.",
        remedy="Plug one in and look again.",
    )


def _worded(refusal: UserError, details: str) -> UserError:
    """The `refusal` of a device, or what is said instead when the system does not let the program in."""
    if any(sign in details.lower() for sign in _DENIED):
        return UserError(
            "Spoonful may not use this device.",
            where=refusal.where,
            remedy=_PERMISSION.get(sys.platform, "Allow it in the system's settings."),
            details=details,
        )
    refusal.details = details
    return refusal


def _load_sounddevice() -> ModuleType:
    started = "sounddevice" in sys.modules
    try:
        import sounddevice  # importing it starts PortAudio, which may block: never at module import
    except OSError as error:
        command = "sudo apt install libportaudio2" if sys.platform == "linux" else "pip install sounddevice"
        raise UserError(
            "The sound library PortAudio is missing, so Spoonful can neither record nor play.",
            remedy=f"Install it ({command}) and start Spoonful again.",
            details=str(error),
        ) from error
    if started:  # for an earlier window of this process: what it found may be gone by now
        _look_again(sounddevice)
    return sounddevice  # type: ignore[no-any-return]


def _look_again(sd: Any) -> None:
    try:
        # The only way sounddevice offers to look again; public in all but name since version 0.3.
        sd._terminate()  # noqa: SLF001
        sd._initialize()  # noqa: SLF001
    except sd.PortAudioError as error:
        raise UserError(
            "The sound system does not answer.",
            remedy="Wait a moment and look again; if that does not help, restart Spoonful.",
            details=str(error),
        ) from error


class AudioSystem:
    """PortAudio behind one lock. All methods may block; all raise UserError in plain words."""

    def __init__(self, load: Callable[[], Any] = _load_sounddevice) -> None:
        self._load = load
        self._sd: Any = None
        self._streams: list[Any] = []
        self._lock = threading.Lock()

    def microphones(self) -> list[Microphone]:
        """The microphones plugged in now, the default one first; empty when there is none.

        Looking for newly plugged devices restarts PortAudio, which ends its streams; so while one is
        running, the devices known at the last look are listed.
        """
        with self._lock:
            known = self._sd is not None
            sd = self._portaudio()
            if known and not any(stream.active for stream in self._streams):
                self._restart(sd)
            return sorted(self._inputs(sd), key=lambda microphone: not microphone.is_default)

    def open_input(
        self,
        microphone: Microphone,
        callback: InputCallback,
        finished: Callable[[], None],
        *,
        own_rate: bool = False,
    ) -> OpenStream:
        """Prepare recording at 16 kHz mono, or else at the device's own rate and channels; with `own_rate` at
        the device's at first.

        `callback` gets sounddevice's (block [frames, channels], frames, time, status) on PortAudio's
        thread; `finished` is called once when the stream ends for whatever reason. Not started yet: the
        buffer depends on the rate agreed.
        """
        attempts = [
            (PREFERRED_RATE, 1),
            (microphone.rate, 1),
            (microphone.rate, microphone.channels),
        ]
        if own_rate:
            attempts.append(attempts.pop(0))
        with self._lock:
            sd = self._portaudio()
            return self._open(
                lambda rate, channels: sd.InputStream(
                    device=microphone.index,
                    samplerate=rate,
                    channels=channels,
                    dtype="float32",
                    latency=_LATENCY_S,
                    callback=callback,
                    finished_callback=finished,
                ),
                dict.fromkeys(attempts),
                UserError(
                    "The microphone cannot be opened.",
                    where=microphone.label,
                    remedy="Close other programs that use it, or choose another microphone.",
                ),
            )

    def open_output(self, rate: int, fill: Fill, finished: Callable[[], None]) -> OpenStream:
        """Prepare mono playback on the default loudspeaker at `rate` Hz, or else at its own rate.

        `fill` is called on PortAudio's thread; `finished` once, when the sound is over. Not started yet:
        the samples to play depend on the rate agreed.
        """
        with self._lock:
            sd = self._portaudio()
            try:
                return self._open_output(sd, rate, fill, finished)
            except UserError:
                if any(stream.active for stream in self._streams):
                    raise
                # The loudspeaker may have been unplugged or replaced since PortAudio last looked.
                self._restart(sd)
                return self._open_output(sd, rate, fill, finished)

    def start(self, stream: OpenStream) -> None:
        """Let a prepared stream run."""
        with self._lock:
            try:
                stream.handle.start()
            except self._sd.PortAudioError as error:
                self._forget(stream.handle)
                refusal = UserError(
                    "The sound device does not start.",
                    remedy="Check that it is plugged in and not used by another program.",
                )
                raise _worded(refusal, str(error)) from error

    def close(self, stream: OpenStream) -> None:
        """End a stream; harmless when it has ended by itself."""
        with self._lock:
            self._forget(stream.handle)

    def shutdown(self) -> None:
        """End every stream, so that PortAudio calls nobody any more."""
        with self._lock:
            for handle in list(self._streams):
                self._forget(handle)

    def _portaudio(self) -> Any:
        if self._sd is None:
            self._sd = self._load()
        return self._sd

    def _restart(self, sd: Any) -> None:
        for stream in list(self._streams):  # they have ended; PortAudio must not free them behind our back
            self._forget(stream)
        _look_again(sd)

    def _forget(self, handle: Any) -> None:
        # A list of known handles makes a second close harmless: PortAudio itself would read freed memory.
        if handle in self._streams:
            self._streams.remove(handle)
            handle.close(ignore_errors=True)

    def _open(
        self, create: Callable[[int, int], Any], attempts: Iterable[tuple[int, int]], refusal: UserError
    ) -> OpenStream:
        problems: list[str] = []
        for rate, channels in attempts:
            try:
                handle = create(rate, channels)
            except (self._sd.PortAudioError, ValueError) as error:
                problems.append(f"{rate} Hz, {channels} channel(s): {error}")
                continue
            self._streams.append(handle)
            return OpenStream(handle, rate, channels)
        raise _worded(refusal, "\n".join(problems))

    def _open_output(self, sd: Any, rate: int, fill: Fill, finished: Callable[[], None]) -> OpenStream:
        def callback(block: Any, _frames: int, time: Any, _status: Any) -> None:
            if not fill(block[:, 0], max(0.0, time.outputBufferDacTime - time.currentTime)):
                raise sd.CallbackStop

        try:
            own_rate = int(sd.query_devices(kind="output")["default_samplerate"])
        except (sd.PortAudioError, ValueError) as error:
            raise UserError(
                "No loudspeaker or headphones were found.",
                remedy="Plug them in and try again.",
                details=str(error),
            ) from error
        return self._open(
            lambda taken_rate, channels: sd.OutputStream(
                samplerate=taken_rate,
                channels=channels,
                dtype="float32",
                callback=callback,
                finished_callback=finished,
            ),
            dict.fromkeys([(rate, 1), (own_rate, 1)]),
            UserError(
                "The sound output cannot be opened.",
                remedy="Close other programs that use it, or choose another output in the system.",
            ),
        )

    @staticmethod
    def _inputs(sd: Any) -> Iterable[Microphone]:
        # Windows lists every device once per driver model; WASAPI is the one that keeps full names.
        wasapi = next((api for api in sd.query_hostapis() if api["name"] == "Windows WASAPI"), None)
        if wasapi is not None:
            default_index = wasapi["default_input_device"]
        else:
            try:
                default_index = sd.query_devices(kind="input")["index"]
            except sd.PortAudioError:  # there is no input device at all
                default_index = -1
        for index, device in enumerate(sd.query_devices()):
            name = str(device["name"])
            foreign = wasapi is not None and index not in wasapi["devices"]
            if device["max_input_channels"] < 1 or name in _ALSA_PLUMBING or foreign:
                continue
            yield Microphone(
                name=name,
                index=index,
                # More than two would be an interface's whole desk; speech sits on the first.
                channels=min(2, int(device["max_input_channels"])),
                rate=int(device["default_samplerate"]),
                is_default=index == default_index,
            )
