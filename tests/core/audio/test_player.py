"""Playing a recording: all of it, at its pitch, one at a time."""

from __future__ import annotations

import numpy as np
import pytest

from core.audio.devices import AudioSystem
from core.audio.player import Player
from core.errors import UserError
from tests.core.audio.fake_portaudio import FakePortAudio, device

RATE = 16_000
TONE = (0.5 * np.sin(2 * np.pi * 440 * np.arange(RATE) / RATE)).astype(np.float32)


@pytest.fixture
def fake() -> FakePortAudio:
    return FakePortAudio([device("Speakers", inputs=0, outputs=2)])


@pytest.fixture
def player(fake: FakePortAudio) -> Player:
    return Player(AudioSystem(lambda: fake))


def test_all_samples_come_out_and_then_it_ends(fake: FakePortAudio, player: Player) -> None:
    assert not player.playing
    player.play(TONE, RATE)
    (stream,) = fake.streams
    played: list[float] = []
    while player.playing:
        played += stream.request(600).tolist()
    assert played[:RATE] == TONE.tolist()
    assert not any(played[RATE:])
    assert player.position_s == pytest.approx(1.0)


def test_a_device_of_another_rate_gets_resampled_sound(fake: FakePortAudio, player: Player) -> None:
    fake.accepts = lambda rate, _channels: rate == 48_000
    player.play(TONE, RATE)
    played = np.concatenate([fake.streams[-1].request(4_800) for _ in range(10)])
    expected = 0.5 * np.sin(2 * np.pi * 440 * np.arange(48_000) / 48_000)
    assert np.corrcoef(played, expected)[0, 1] > 0.999


def test_a_new_sound_replaces_the_one_that_plays(fake: FakePortAudio, player: Player) -> None:
    player.play(TONE, RATE)
    player.play(TONE, RATE)
    first, second = fake.streams
    assert first.closed
    assert second.active
    player.stop()
    player.stop()
    assert second.closed
    assert not player.playing


def test_without_a_loudspeaker_it_says_so(fake: FakePortAudio, player: Player) -> None:
    fake.plugged.clear()
    fake._initialize()
    with pytest.raises(UserError, match="No loudspeaker"):
        player.play(TONE, RATE)
    assert not player.playing
