"""Files played one at a time: as loud as any other, to the end or until they are stopped."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile
from pytestqt.qtbot import QtBot

from gui.clip_player import ClipPlayer
from gui.context import AppContext
from tests.conftest import WavMaker
from tests.gui.widgets.conftest import Loudspeaker, loudspeaker

__all__ = ["loudspeaker"]


@pytest.fixture
def player(context: AppContext, loudspeaker: Loudspeaker, qtbot: QtBot) -> ClipPlayer:
    player = ClipPlayer(context)
    player.failed.connect(context.errors.report)
    return player


def tone(path: Path, peak: float) -> Path:
    wave = peak * np.sin(2 * np.pi * 440 * np.arange(16_000) / 16_000)
    soundfile.write(path, wave, 16_000, subtype="FLOAT")
    return path


def test_a_quiet_file_is_as_loud_as_a_loud_one(
    player: ClipPlayer, loudspeaker: Loudspeaker, tmp_path: Path
) -> None:
    peaks = []
    for name, peak in (("quiet.wav", 0.01), ("loud.wav", 0.8)):
        player.play(tone(tmp_path / name, peak))
        peaks.append(float(np.abs(loudspeaker.hear(0.5)).max()))
    assert peaks[0] == pytest.approx(peaks[1], rel=0.05)
    player.stop()
    assert not loudspeaker.active


def test_the_end_is_told_once(
    player: ClipPlayer, loudspeaker: Loudspeaker, wav_file: WavMaker, qtbot: QtBot
) -> None:
    path = wav_file(seconds=0.3)
    player.play(path)
    assert player.path == path
    with qtbot.waitSignal(player.ended):
        loudspeaker.hear(1.0)
    assert player.path is None


def test_what_is_stopped_or_replaced_does_not_end_by_itself(
    player: ClipPlayer, loudspeaker: Loudspeaker, wav_file: WavMaker, qtbot: QtBot
) -> None:
    first, second = wav_file("first.wav"), wav_file("second.wav")
    ended: list[None] = []
    player.ended.connect(lambda: ended.append(None))
    player.play(first)
    player.play(second)
    assert loudspeaker.active
    assert player.path == second
    player.stop()
    assert not loudspeaker.active
    assert player.path is None
    assert ended == []


def test_a_file_that_cannot_be_played_is_told(
    player: ClipPlayer, context: AppContext, tmp_path: Path, qtbot: QtBot
) -> None:
    with qtbot.waitSignal(context.errors.error_reported) as told:
        player.play(tmp_path / "gone.wav")
    assert "missing" in told.args[0].what
    assert player.path is None
