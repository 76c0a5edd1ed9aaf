"""The microphone test: what the room is like, in words that say what to do."""

from __future__ import annotations

import numpy as np
import pytest

from core.audio.files import SAMPLE_RATE, read_audio
from core.audio.levels import Samples
from core.audio.room import measure_room
from tests.core.audio.test_vad import SPOKEN, silence


def hum(seconds: float, hertz: int, dbfs: float) -> Samples:
    times = np.arange(round(seconds * SAMPLE_RATE)) / SAMPLE_RATE
    wave = sum(np.sin(2 * np.pi * hertz * n * times) / n for n in (1, 2, 3))
    return (10 ** (dbfs / 20) * wave).astype(np.float32)


@pytest.mark.parametrize(
    ("dbfs", "grade", "words"),
    [(-65, "good", "is quiet"), (-50, "warn", "usable"), (-35, "bad", "close the window")],
)
def test_a_room_is_told_by_its_noise(dbfs: float, grade: str, words: str) -> None:
    room = measure_room(silence(3.0, dbfs))
    assert room is not None
    assert room.noise_dbfs == pytest.approx(dbfs, abs=1.5)
    assert (room.grade, room.hums) == (grade, False)
    assert words in room.words


@pytest.mark.parametrize("hertz", [50, 60])
def test_the_mains_are_heard(hertz: int) -> None:
    room = measure_room(silence(3.0, -65) + hum(3.0, hertz, -45))
    assert room is not None
    assert room.hums
    assert "another socket" in room.words


def test_who_speaks_meanwhile_is_left_out() -> None:
    speech = read_audio(SPOKEN[0])
    room = measure_room(np.concatenate([silence(2.0, -65), speech, silence(1.0, -65)]))
    assert room is not None
    assert room.spoken_s > 0.3
    assert room.noise_dbfs < -50
    assert measure_room(speech[: SAMPLE_RATE // 2]) is None
