"""Playing a recording: all of it or a part, at its pitch, one at a time, and where it is."""

from __future__ import annotations

import numpy as np
import pytest

from core.audio.devices import AudioSystem
from core.audio.player import STALLED_S, Part, Player
from core.errors import UserError
from tests.core.audio.fake_portaudio import FakePortAudio, device

RATE = 16_000
TONE = (0.5 * np.sin(2 * np.pi * 440 * np.arange(RATE) / RATE)).astype(np.float32)


@pytest.fixture
def fake() -> FakePortAudio:
    return FakePortAudio([device("Speakers", inputs=0, outputs=2)])


class Clock:
    """Stands still until it is told to move."""

    now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def player(fake: FakePortAudio, clock: Clock) -> Player:
    return Player(AudioSystem(lambda: fake), clock)


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


def test_a_loudspeaker_plugged_in_later_is_found(fake: FakePortAudio, player: Player) -> None:
    speakers = fake.plugged.pop()
    fake._initialize()
    with pytest.raises(UserError, match="No loudspeaker"):
        player.play(TONE, RATE)
    fake.plugged.append(speakers)
    assert player.play(TONE, RATE).playing


def test_a_device_that_does_not_start_leaves_nothing_open(fake: FakePortAudio, player: Player) -> None:
    fake.start_fails = True
    with pytest.raises(UserError, match="does not start"):
        player.play(TONE, RATE)
    assert not player.playing
    assert all(stream.closed for stream in fake.streams)
    fake.start_fails = False
    assert player.play(TONE, RATE).playing


def test_the_position_is_what_is_heard_not_what_was_handed_over(
    fake: FakePortAudio, player: Player, clock: Clock
) -> None:
    playback = player.play(TONE, RATE)
    assert playback.position_s == 0.0
    fake.streams[0].request(1_600, delay_s=0.25)
    clock.now += 0.2
    assert playback.position_s == 0.0  # still on its way through the device
    clock.now += 0.1
    assert playback.position_s == pytest.approx(0.05, abs=1e-3)
    clock.now += 1.0  # the device is late: no more than it has can be heard
    assert playback.position_s == pytest.approx(0.1)


def test_positions_of_slowed_sound_are_the_recordings(
    fake: FakePortAudio, player: Player, clock: Clock
) -> None:
    playback = player.play(TONE, RATE, Part(start_s=0.2), speed=0.5)
    assert playback.position_s == pytest.approx(0.2)
    np.testing.assert_array_equal(fake.streams[0].request(800), TONE[6_400:7_200])
    clock.now += 0.05
    assert playback.position_s == pytest.approx(0.225, abs=1e-3)


def test_a_part_ends_where_it_ends(fake: FakePortAudio, player: Player, clock: Clock) -> None:
    playback = player.play(TONE, RATE, Part(0.5, 0.25, 0.75))
    played = fake.streams[0].request(RATE)
    np.testing.assert_array_equal(played[:4_000], TONE[8_000:12_000])
    assert not played[4_000:].any()
    states = [(playback.done, playback.playing, playback.lost)]
    fake.streams[0].request(100)
    states.append((playback.done, playback.playing, playback.lost))
    assert states == [(False, True, False), (True, False, False)]
    assert playback.position_s == pytest.approx(0.75)


def test_a_loop_begins_again_without_a_gap(fake: FakePortAudio, player: Player, clock: Clock) -> None:
    playback = player.play(TONE, RATE, Part(0.5, 0.25, 0.75, looped=True))
    played = np.concatenate([fake.streams[0].request(2_000) for _ in range(10)])
    loop = TONE[4_000:12_000]
    np.testing.assert_array_equal(played, np.concatenate([TONE[8_000:12_000], loop, loop])[:20_000])
    assert playback.playing
    clock.now += 0.1  # 0.25 s to the end of the part, then 0.975 s of loops of 0.5 s
    assert playback.position_s == pytest.approx(0.25 + 0.475, abs=1e-3)


def test_a_loop_of_no_length_is_refused(player: Player) -> None:
    playback = player.play(TONE, RATE)
    with pytest.raises(ValueError, match="length"):
        playback.move(Part(0.5, 0.5, 0.5, looped=True))


def test_it_goes_on_elsewhere_when_moved(fake: FakePortAudio, player: Player, clock: Clock) -> None:
    playback = player.play(TONE, RATE)
    fake.streams[0].request(1_600)
    playback.move(Part(0.5))
    assert playback.position_s == pytest.approx(0.5)
    np.testing.assert_array_equal(fake.streams[0].request(800), TONE[8_000:8_800])
    clock.now += 0.02
    assert playback.position_s == pytest.approx(0.52, abs=1e-3)


def test_a_device_unplugged_in_the_middle_is_told(fake: FakePortAudio, player: Player) -> None:
    playback = player.play(TONE, RATE)
    fake.streams[0].request(1_600)
    fake.streams[0].end()
    assert playback.lost
    assert not playback.playing
    assert not player.playing


def test_a_device_that_fetches_nothing_any_more_is_lost(
    fake: FakePortAudio, player: Player, clock: Clock
) -> None:
    playback = player.play(TONE, RATE)
    fake.streams[0].request(1_600)
    clock.now += STALLED_S - 0.1
    assert playback.playing
    clock.now += 0.2
    assert playback.lost
    assert not player.playing


def test_stopping_and_replacing_are_no_loss_and_touch_only_their_own(
    fake: FakePortAudio, player: Player
) -> None:
    first = player.play(TONE, RATE)
    second = player.play(TONE, RATE)
    assert (first.playing, first.lost, first.done) == (False, False, False)
    player.stop(first)
    assert second.playing
    player.stop(second)
    assert (second.playing, second.lost) == (False, False)
