"""What a person hears and reads of a recording is what the file holds."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile

from core.audio.listening import read_recording
from core.errors import Cancelled, UserError
from tests.conftest import WavMaker


def test_the_figures_are_the_files_own(wav_file: WavMaker) -> None:
    recording = read_recording(wav_file(seconds=1.5, rate=44_100, channels=2))
    assert recording.seconds == pytest.approx(1.5)
    assert (recording.rate, recording.channels) == (44_100, 2)
    assert recording.peak_dbfs == pytest.approx(-6.02, abs=0.01)
    assert recording.rms_dbfs == pytest.approx(-9.03, abs=0.01)
    assert recording.spectrogram.seconds == pytest.approx(1.5)


def test_the_channels_are_averaged(tmp_path: Path) -> None:
    path = tmp_path / "stereo.wav"
    soundfile.write(path, np.tile([0.5, -0.25], (8_000, 1)), 16_000, subtype="FLOAT")
    np.testing.assert_allclose(read_recording(path).samples, 0.125)


def test_a_file_that_is_no_sound_is_told(tmp_path: Path) -> None:
    path = tmp_path / "notes.wav"
    path.write_text("no sound")
    with pytest.raises(UserError, match="cannot be read"):
        read_recording(path)


def test_reading_can_be_cancelled(wav_file: WavMaker) -> None:
    with pytest.raises(Cancelled):
        read_recording(wav_file(), lambda: True)
