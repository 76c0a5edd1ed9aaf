"""What comes out of the loudspeaker is what the playhead, the selection, the loop and the speed say."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from core.audio.listening import Recording
from core.audio.player import STALLED_S
from core.audio.spectrogram import spectrogram
from core.errors import UserError
from gui.context import AppContext
from gui.widgets.listening_sound import FRAME_MS, SHORTEST_SELECTION_S, ListeningSound
from tests.gui.widgets.conftest import Loudspeaker

RATE = 16_000
RAMP = np.linspace(0.1, 0.9, 2 * RATE, dtype=np.float32)
"""Each sample's value tells where it is."""


def recording(samples: np.ndarray) -> Recording:
    return Recording(samples, RATE, 1, 0.0, 0.0, spectrogram(samples, RATE))


def moment(value: float) -> float:
    """When the ramp has this value, in seconds."""
    return float((value - 0.1) / 0.8 * 2.0)


@pytest.fixture
def sound(context: AppContext, loudspeaker: Loudspeaker) -> Iterator[ListeningSound]:
    sound = ListeningSound(context)
    sound.load(recording(RAMP))
    yield sound
    sound.pause()


@pytest.fixture
def told(context: AppContext) -> list[UserError]:
    errors: list[UserError] = []
    context.errors.error_reported.connect(errors.append)
    return errors


def test_all_of_it_is_heard_and_the_playhead_returns_to_where_it_began(
    sound: ListeningSound, loudspeaker: Loudspeaker, qtbot: QtBot
) -> None:
    sound.seek(0.5)
    sound.toggle()
    assert sound.playing
    heard = loudspeaker.hear(5.0)
    np.testing.assert_array_equal(heard[: RAMP.size - 8_000], RAMP[8_000:])
    qtbot.waitUntil(lambda: not sound.playing)
    assert sound.position_s == pytest.approx(0.5)


def test_the_playhead_follows_what_is_heard(
    sound: ListeningSound, loudspeaker: Loudspeaker, qtbot: QtBot
) -> None:
    sound.toggle()
    loudspeaker.hear(0.8)
    qtbot.waitUntil(lambda: sound.position_s == pytest.approx(0.8, abs=0.011))


def test_a_pause_keeps_the_place(sound: ListeningSound, loudspeaker: Loudspeaker) -> None:
    sound.toggle()
    loudspeaker.hear(0.8)
    sound.toggle()
    assert not sound.playing
    assert not loudspeaker.active
    assert sound.position_s == pytest.approx(0.8, abs=0.011)
    sound.toggle()
    assert moment(loudspeaker.hear(0.1)[0]) == pytest.approx(0.8, abs=0.011)


def test_a_pause_before_the_sound_began_leaves_silence(
    sound: ListeningSound, loudspeaker: Loudspeaker
) -> None:
    for _ in range(4):
        sound.toggle()
        sound.toggle()
    assert not loudspeaker.active
    assert not sound.playing


def test_home_is_silent_and_at_the_beginning(sound: ListeningSound, loudspeaker: Loudspeaker) -> None:
    sound.toggle()
    loudspeaker.hear(0.8)
    sound.go_home()
    assert not loudspeaker.active
    assert sound.position_s == 0.0
    sound.select((0.5, 1.0))
    sound.go_home()
    assert sound.position_s == pytest.approx(0.5)


def test_it_plays_on_from_where_the_playhead_is_put(sound: ListeningSound, loudspeaker: Loudspeaker) -> None:
    sound.toggle()
    loudspeaker.hear(0.2)
    sound.seek(1.5)
    assert moment(loudspeaker.hear(0.1)[0]) == pytest.approx(1.5, abs=1e-3)
    sound.seek(-3.0)
    assert sound.position_s == 0.0
    sound.seek(99.0)
    assert sound.position_s == pytest.approx(2.0)


def test_a_place_chosen_while_the_sound_is_started_counts(
    sound: ListeningSound, loudspeaker: Loudspeaker
) -> None:
    sound.toggle()
    sound.seek(1.5)
    assert moment(loudspeaker.hear(0.1)[0]) == pytest.approx(1.5, abs=1e-3)


def test_only_the_selection_is_heard(sound: ListeningSound, loudspeaker: Loudspeaker, qtbot: QtBot) -> None:
    sound.select((0.5, 0.75))
    sound.toggle()
    heard = loudspeaker.hear(3.0)
    np.testing.assert_array_equal(heard[:4_000], RAMP[8_000:12_000])
    assert not heard[4_000:].any()
    qtbot.waitUntil(lambda: not sound.playing)


def test_a_loop_repeats_the_selection_until_it_is_ended(
    sound: ListeningSound, loudspeaker: Loudspeaker, qtbot: QtBot
) -> None:
    sound.select((0.5, 0.75))
    sound.set_looped(True)
    sound.toggle()
    np.testing.assert_array_equal(loudspeaker.hear(1.0), np.tile(RAMP[8_000:12_000], 4))
    sound.set_looped(False)
    assert len(loudspeaker.hear(3.0)) < RATE
    qtbot.waitUntil(lambda: not sound.playing)


def test_a_selection_made_while_it_plays_is_what_is_heard_next(
    sound: ListeningSound, loudspeaker: Loudspeaker
) -> None:
    sound.set_looped(True)
    sound.toggle()
    loudspeaker.hear(0.1)
    sound.select((1.0, 1.25))
    np.testing.assert_array_equal(loudspeaker.hear(0.5), np.tile(RAMP[16_000:20_000], 2))


@pytest.mark.parametrize("span", [(0.7, 0.7), (2.0, 2.0), (1.99, 5.0), (-1.0, 0.0), (0.7, 0.6)])
def test_no_selection_is_too_short_to_hear(sound: ListeningSound, span: tuple[float, float]) -> None:
    sound.select(span)
    assert sound.span is not None
    first, last = sound.span
    assert 0.0 <= first < last <= sound.seconds
    assert last - first >= SHORTEST_SELECTION_S - 1e-9


@pytest.mark.parametrize(("steps", "speed"), [(1, 0.75), (2, 0.5)])
def test_slower_is_as_high(sound: ListeningSound, loudspeaker: Loudspeaker, steps: int, speed: float) -> None:
    tone = (0.5 * np.sin(2 * np.pi * 440 * np.arange(2 * RATE) / RATE)).astype(np.float32)
    sound.load(recording(tone))
    for _ in range(steps):
        sound.change_speed(1)
    assert sound.speed == speed
    sound.toggle()
    heard = loudspeaker.hear(9.0)
    assert np.flatnonzero(heard)[-1] / RATE == pytest.approx(2.0 / speed, rel=0.02)
    assert np.abs(np.fft.rfft(heard[:RATE])).argmax() == 440  # one second: bins are Hz


def test_the_speed_changes_while_it_plays_without_losing_the_place(
    sound: ListeningSound, loudspeaker: Loudspeaker, qtbot: QtBot
) -> None:
    sound.toggle()
    loudspeaker.hear(1.0)
    sound.change_speed(1)
    sound.change_speed(1)
    assert sound.playing
    heard = loudspeaker.hear(0.2)
    assert moment(float(np.median(heard))) == pytest.approx(1.05, abs=0.06)
    qtbot.waitUntil(lambda: sound.position_s == pytest.approx(1.1, abs=0.02))
    assert sum(stream.active for stream in loudspeaker.system.streams) == 1


def test_there_is_nothing_slower_than_the_slowest(sound: ListeningSound) -> None:
    for _ in range(9):
        sound.change_speed(1)
    assert sound.speed == 0.5
    for _ in range(9):
        sound.change_speed(-1)
    assert sound.speed == 1.0


def test_another_recording_is_silent_and_at_its_beginning_but_as_slow(
    sound: ListeningSound, loudspeaker: Loudspeaker
) -> None:
    sound.set_looped(True)
    sound.change_speed(1)
    sound.select((0.5, 0.75))
    sound.toggle()
    loudspeaker.hear(0.1)
    sound.load(recording(RAMP[::-1].copy()))
    assert not loudspeaker.active
    assert (sound.playing, sound.position_s, sound.span) == (False, 0.0, None)
    assert (sound.looped, sound.speed) == (True, 0.75)


def test_a_device_that_goes_away_is_told_and_the_next_one_plays_on(
    sound: ListeningSound, loudspeaker: Loudspeaker, told: list[UserError], qtbot: QtBot
) -> None:
    sound.toggle()
    loudspeaker.hear(0.8)
    qtbot.waitUntil(lambda: sound.position_s == pytest.approx(0.8, abs=0.011))
    loudspeaker.stream.end()
    qtbot.waitUntil(lambda: not sound.playing)
    assert "went away" in told[0].what
    assert told[0].remedy
    assert sound.position_s == pytest.approx(0.8, abs=0.011)
    sound.toggle()
    assert moment(loudspeaker.hear(0.1)[0]) == pytest.approx(0.8, abs=0.011)


def test_a_device_that_hangs_is_closed(
    sound: ListeningSound, loudspeaker: Loudspeaker, told: list[UserError], qtbot: QtBot
) -> None:
    sound.toggle()
    loudspeaker.hear(0.2)
    loudspeaker.now += STALLED_S + 1
    qtbot.waitUntil(lambda: bool(told))
    assert not loudspeaker.active
    assert not sound.playing


def test_without_a_loudspeaker_it_says_so_and_stays_where_it_was(
    sound: ListeningSound, loudspeaker: Loudspeaker, told: list[UserError], qtbot: QtBot
) -> None:
    speakers = loudspeaker.system.plugged.pop()
    loudspeaker.system._initialize()
    sound.seek(1.0)
    sound.toggle()
    qtbot.waitUntil(lambda: bool(told))
    assert "No loudspeaker" in told[0].what
    assert (sound.playing, sound.position_s) == (False, 1.0)
    loudspeaker.system.plugged.append(speakers)
    sound.toggle()
    assert moment(loudspeaker.hear(0.1)[0]) == pytest.approx(1.0, abs=1e-3)


def test_a_sound_that_another_part_of_the_window_plays_is_left_alone(
    sound: ListeningSound, loudspeaker: Loudspeaker, context: AppContext, qtbot: QtBot
) -> None:
    sound.toggle()
    loudspeaker.hear(0.2)
    other = context.player.play(RAMP, RATE)
    qtbot.waitUntil(lambda: not sound.playing)
    sound.pause()
    sound.load(None)
    assert loudspeaker.active
    assert other.playing
    context.player.stop()


def test_nothing_ticks_in_silence_and_30_times_a_second_is_enough(
    sound: ListeningSound, loudspeaker: Loudspeaker
) -> None:
    assert FRAME_MS >= 33
    assert not sound._frame.isActive()
    sound.toggle()
    assert loudspeaker.active
    assert sound._frame.isActive()
    sound.pause()
    assert not sound._frame.isActive()


def test_without_a_recording_there_is_nothing_to_hear(
    sound: ListeningSound, loudspeaker: Loudspeaker
) -> None:
    sound.load(None)
    sound.toggle()
    assert not sound.playing
    assert not loudspeaker.active
