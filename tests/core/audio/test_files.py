"""Whatever people have as sound files comes out as 16 kHz mono, or as an error that says why not."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile

from core.audio.files import SAMPLE_RATE, audio_info, read_audio, write_wav
from core.errors import UserError
from tests.conftest import WavMaker


@pytest.mark.parametrize("rate", [8_000, 16_000, 44_100, 48_000])
@pytest.mark.parametrize("channels", [1, 2, 4])
def test_any_rate_and_channels_become_16_khz_mono(wav_file: WavMaker, rate: int, channels: int) -> None:
    samples = read_audio(wav_file(seconds=1.0, rate=rate, channels=channels))
    assert samples.dtype == np.float32
    assert samples.shape == (SAMPLE_RATE,)
    spectrum = np.abs(np.fft.rfft(samples))
    assert spectrum.argmax() == 440  # one second: bins are Hz
    assert np.abs(samples).max() == pytest.approx(0.5, abs=0.02)


@pytest.mark.parametrize(
    ("name", "subtype"),
    [
        ("a.wav", "PCM_16"),
        ("a.wav", "PCM_24"),
        ("a.wav", "PCM_U8"),
        ("a.wav", "FLOAT"),
        ("a.flac", "PCM_24"),
        ("a.ogg", "OPUS"),
        ("a.ogg", "VORBIS"),
        ("a.mp3", None),
    ],
)
def test_usual_formats_are_read(wav_file: WavMaker, name: str, subtype: str | None) -> None:
    path = wav_file(name, rate=48_000, subtype=subtype)
    assert len(read_audio(path)) / SAMPLE_RATE == pytest.approx(1.0, abs=0.1)
    assert audio_info(path).duration_s == pytest.approx(1.0, abs=0.1)


def test_channels_are_averaged(tmp_path: Path) -> None:
    path = tmp_path / "stereo.wav"
    left, right = np.full(SAMPLE_RATE, 0.5), np.full(SAMPLE_RATE, -0.25)
    soundfile.write(path, np.stack([left, right], axis=1), SAMPLE_RATE, subtype="FLOAT")
    np.testing.assert_allclose(read_audio(path), 0.125)


def test_samples_stay_within_full_scale(tmp_path: Path) -> None:
    path = tmp_path / "loud.wav"
    soundfile.write(path, np.full(SAMPLE_RATE, 3.0), SAMPLE_RATE, subtype="FLOAT")
    assert read_audio(path).max() == 1


def test_the_header_is_told(wav_file: WavMaker) -> None:
    info = audio_info(wav_file(seconds=2.5, rate=48_000, channels=2, subtype="PCM_24"))
    assert (info.duration_s, info.sample_rate, info.channels, info.subtype) == (2.5, 48_000, 2, "PCM_24")


@pytest.mark.parametrize("read", [read_audio, audio_info])
def test_unusable_files_are_named(tmp_path: Path, wav_file: WavMaker, read: type) -> None:
    (tmp_path / "empty.wav").touch()
    (tmp_path / "text.wav").write_text("this is no sound")
    (tmp_path / "headless.flac").write_bytes(wav_file("whole.flac").read_bytes()[40:])
    wav_file("zero.wav", seconds=0)
    (tmp_path / "folder.wav").mkdir()
    for name, words in {
        "missing.wav": "missing",
        "empty.wav": "empty",
        "text.wav": "cannot be read",
        "headless.flac": "cannot be read",
        "zero.wav": "length is zero",
        "folder.wav": "This is a folder",
    }.items():
        with pytest.raises(UserError, match=words) as caught:
            read(tmp_path / name)
        assert name in caught.value.where
        assert caught.value.remedy


@pytest.mark.parametrize("read", [read_audio, audio_info])
def test_a_name_too_long_for_the_disk_is_told_in_words(tmp_path: Path, read: type) -> None:
    path = tmp_path / f"{'a' * 300}.wav"
    with pytest.raises(UserError, match="cannot be opened") as caught:
        read(path)
    assert caught.value.where == str(path)


def test_a_flac_cut_off_in_the_middle_is_not_taken_for_whole(tmp_path: Path, wav_file: WavMaker) -> None:
    whole = wav_file("whole.flac", seconds=3, kind="noise").read_bytes()
    (tmp_path / "cut.flac").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(UserError, match="cannot be read"):
        read_audio(tmp_path / "cut.flac")


@pytest.mark.parametrize("name", ["whole.wav", "whole.flac", "whole.aiff"])
def test_a_header_that_tells_of_more_than_there_is_is_told(
    tmp_path: Path, wav_file: WavMaker, name: str
) -> None:
    path = wav_file(name, seconds=3, kind="noise")
    assert audio_info(path).duration_s == 3
    path.write_bytes(path.read_bytes()[:-2000])
    with pytest.raises(UserError, match="cut off") as caught:
        audio_info(path)
    assert caught.value.where == str(path)


@pytest.mark.parametrize("told", [0xFFFFFFFF, 0x7FFFF024, 0])
def test_a_wav_written_into_a_pipe_need_not_tell_its_length(wav_file: WavMaker, told: int) -> None:
    path = wav_file()
    data = path.read_bytes()
    path.write_bytes(data[:4] + told.to_bytes(4, "little") + data[8:])
    assert audio_info(path).duration_s == 1


def test_values_that_are_no_numbers_are_refused(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "nan.wav", np.full(100, np.nan), SAMPLE_RATE, subtype="FLOAT")
    with pytest.raises(UserError, match="not numbers"):
        read_audio(tmp_path / "nan.wav")


def test_a_written_take_reads_back(tmp_path: Path) -> None:
    take = np.sin(np.linspace(0, 100, 3000)).astype(np.float32)
    write_wav(tmp_path / "take.wav", take)
    assert audio_info(tmp_path / "take.wav").subtype == "PCM_16"
    np.testing.assert_allclose(read_audio(tmp_path / "take.wav"), take, atol=1e-4)
