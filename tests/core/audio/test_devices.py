"""Which microphones are offered, and what is said when one cannot be used."""

from __future__ import annotations

import sys
from typing import Any

import numpy as np
import pytest

from core.audio.devices import AudioSystem, Microphone
from core.audio.recorder import Recorder
from core.errors import UserError
from tests.core.audio.fake_portaudio import FakePortAudio, device


def ignore(*_arguments: Any) -> None:
    """A callback that does nothing."""


def system(fake: FakePortAudio) -> AudioSystem:
    return AudioSystem(lambda: fake)


def test_the_default_microphone_comes_first_and_outputs_are_no_microphones() -> None:
    fake = FakePortAudio([device("Speakers", inputs=0, outputs=2), device("USB"), device("Webcam", inputs=8)])
    fake.query_devices = lambda kind=None: {"index": 2} if kind else fake.plugged  # type: ignore[method-assign]
    microphones = system(fake).microphones()
    assert [microphone.name for microphone in microphones] == ["Webcam", "USB"]
    assert [microphone.is_default for microphone in microphones] == [True, False]
    assert microphones[0].channels == 2


def test_no_microphone_is_an_empty_list() -> None:
    assert system(FakePortAudio()).microphones() == []


def test_converters_that_alsa_lists_are_left_out_and_names_are_made_readable() -> None:
    fake = FakePortAudio([device("default"), device("sysdefault"), device("upmix"), device("pulse")])
    assert [microphone.label for microphone in system(fake).microphones()] == [
        "System default",
        "PulseAudio",
    ]


def test_on_windows_each_microphone_is_listed_once_with_its_whole_name() -> None:
    fake = FakePortAudio(
        [device("Microphone (Realtek High Defini"), device("Microphone (Realtek High Definition Audio)")],
        host_apis=[
            {"name": "MME", "devices": [0], "default_input_device": 0},
            {"name": "Windows WASAPI", "devices": [1], "default_input_device": 1},
        ],
    )
    (microphone,) = system(fake).microphones()
    assert microphone.name == "Microphone (Realtek High Definition Audio)"
    assert microphone.is_default


def test_a_second_window_of_the_process_finds_what_was_plugged_in_since_the_first(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    fake = FakePortAudio()
    monkeypatch.setitem(sys.modules, "sounddevice", fake)  # type: ignore[arg-type]
    assert AudioSystem().microphones() == []
    fake.plugged.append(device("USB"))
    assert [microphone.name for microphone in AudioSystem().microphones()] == ["USB"]


def test_a_microphone_plugged_in_later_is_found_at_the_next_look() -> None:
    fake = FakePortAudio([device("USB")])
    audio = system(fake)
    audio.microphones()
    fake.plugged.append(device("Headset"))
    assert [microphone.name for microphone in audio.microphones()] == ["USB", "Headset"]


def test_looking_for_devices_does_not_cut_off_a_running_stream() -> None:
    fake = FakePortAudio([device("USB")])
    audio = system(fake)
    (microphone,) = audio.microphones()
    stream = audio.open_input(microphone, ignore, ignore)
    audio.start(stream)
    fake.plugged.append(device("Headset"))
    assert len(audio.microphones()) == 1
    assert stream.handle.active
    audio.close(stream)
    assert len(audio.microphones()) == 2


def test_streams_that_ended_by_themselves_are_freed_before_the_next_look() -> None:
    fake = FakePortAudio([device("USB")])
    audio = system(fake)
    (microphone,) = audio.microphones()
    stream = audio.open_input(microphone, ignore, ignore)
    audio.start(stream)
    stream.handle.end()
    audio.microphones()
    assert stream.handle.closed
    audio.close(stream)  # a second time is harmless


@pytest.mark.parametrize(
    ("accepts", "expected"),
    [
        (lambda _rate, _channels: True, (16_000, 1)),
        (lambda rate, _channels: rate == 48_000, (48_000, 1)),
        (lambda rate, channels: (rate, channels) == (48_000, 2), (48_000, 2)),
    ],
)
def test_a_device_that_refuses_16_khz_is_opened_its_own_way(accepts: Any, expected: tuple[int, int]) -> None:
    fake = FakePortAudio([device("USB", inputs=2)], accepts=accepts)
    audio = system(fake)
    stream = audio.open_input(audio.microphones()[0], ignore, ignore)
    assert (stream.rate, stream.channels) == expected
    audio.shutdown()
    assert stream.handle.closed


def test_a_microphone_in_use_elsewhere_is_named_with_a_remedy() -> None:
    fake = FakePortAudio([device("USB")], accepts=lambda _rate, _channels: False)
    audio = system(fake)
    with pytest.raises(UserError, match="USB: The microphone cannot be opened") as caught:
        audio.open_input(audio.microphones()[0], ignore, ignore)
    assert "choose another" in caught.value.remedy
    assert "16000 Hz" in caught.value.details


@pytest.mark.parametrize(
    ("refusal", "what", "remedy"),
    [
        ("Invalid sample rate [PaErrorCode -9997]", "cannot be opened", "choose another microphone"),
        ("Device unavailable [PaErrorCode -9985]", "cannot be opened", "Close other programs"),
        ("Unanticipated host error [PaErrorCode -9999]: 'Permission denied'", "may not use", "usermod"),
        ("Unanticipated host error: -2147024891 [Windows WASAPI error 0]", "may not use", "sign in again"),
    ],
)
def test_each_refusal_has_its_remedy_and_the_device_is_opened_once_it_is_followed(
    refusal: str, what: str, remedy: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "platform", "linux")
    fake = FakePortAudio([device("USB")], accepts=lambda _rate, _channels: False, refusal=refusal)
    recorder = Recorder(system(fake))
    (microphone,) = system(fake).microphones()
    with pytest.raises(UserError, match=what) as caught:
        recorder.open(microphone)
    assert remedy in caught.value.remedy
    assert caught.value.where == "USB"
    assert refusal in caught.value.details
    assert not recorder.listening
    fake.accepts = lambda _rate, _channels: True
    recorder.open(microphone)
    fake.streams[-1].deliver(np.full(400, 0.1))
    assert recorder.listening
    recorder.close()


@pytest.mark.parametrize("platform", ["win32", "darwin", "freebsd14"])
def test_where_recording_is_allowed_is_said_for_each_system(
    platform: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "platform", platform)
    fake = FakePortAudio([device("USB")], accepts=lambda *_: False, refusal="Access denied")
    audio = system(fake)
    with pytest.raises(UserError, match="may not use") as caught:
        audio.open_input(audio.microphones()[0], ignore, ignore)
    assert "settings" in caught.value.remedy.lower()


def test_a_microphone_lost_amid_a_take_can_be_plugged_in_and_used_again() -> None:
    fake = FakePortAudio([device("USB")])
    audio = system(fake)
    recorder = Recorder(audio)
    recorder.open(audio.microphones()[0])
    fake.streams[-1].deliver(np.full(8_000, 0.1))
    assert recorder.begin()
    fake.streams[-1].end()
    lost = recorder.problem()
    assert lost is not None
    assert "look again" in lost.remedy
    pending = recorder.release()
    assert pending is not None
    assert recorder.collect(pending).interrupted
    fake.plugged = []
    assert audio.microphones() == []
    fake.plugged = [device("USB")]
    recorder.open(audio.microphones()[0])
    fake.streams[-1].deliver(np.full(8_000, 0.1))
    assert recorder.begin()
    recorder.close()


def test_a_device_that_does_not_start_is_said_so_and_freed() -> None:
    fake = FakePortAudio([device("USB")], start_fails=True)
    audio = system(fake)
    stream = audio.open_input(audio.microphones()[0], ignore, ignore)
    with pytest.raises(UserError, match="does not start"):
        audio.start(stream)
    assert stream.handle.closed


def test_a_missing_sound_library_is_said_with_the_command_that_installs_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Missing:
        def find_spec(self, name: str, path: Any = None, target: Any = None) -> None:
            if name == "sounddevice":
                raise OSError("PortAudio library not found")

    monkeypatch.delitem(sys.modules, "sounddevice", raising=False)
    monkeypatch.setattr("sys.meta_path", [Missing(), *sys.meta_path])
    with pytest.raises(UserError, match="PortAudio is missing") as caught:
        AudioSystem().microphones()
    assert "libportaudio2" in caught.value.remedy


def test_a_sound_server_that_is_away_is_worded() -> None:
    fake = FakePortAudio([device("USB")])
    audio = system(fake)
    audio.microphones()

    def fail() -> None:
        raise fake.PortAudioError("Host error")

    fake._initialize = fail  # type: ignore[method-assign]
    with pytest.raises(UserError, match="does not answer"):
        audio.microphones()


def test_microphones_are_compared_by_what_they_are() -> None:
    first = Microphone("USB", 0, 1, 48_000, is_default=True)
    assert first == Microphone("USB", 0, 1, 48_000, is_default=True)
    assert first.label == "USB"
