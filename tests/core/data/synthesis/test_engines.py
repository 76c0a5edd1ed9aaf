"""Which engines and voices there are, and what they say: pretended and, where installed, real engines."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from core.data.synthesis import engines
from core.data.synthesis.engines import find_engine, find_voice, require_engines, speak, with_timbres
from core.data.synthesis.voice import Voice, usual_voices
from core.errors import UserError
from tests.fake_engines import install


def test_engines_are_listed_with_their_voices_and_what_these_speak(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    install(tmp_path / "bin", monkeypatch, "espeak-ng", "flite")
    espeak, flite = require_engines()
    assert [(voice.name, voice.language) for voice in espeak.voices] == [
        ("cmn", "cmn"),
        ("en-gb", "en-gb"),
        ("en-us", "en-us"),
        ("fr-fr", "fr-fr"),
        ("yue", "yue"),
        ("sit/yue-Latn-jyutping", "yue"),
    ]
    assert espeak.voices[1].title == "English (Great Britain)"
    assert espeak.variants == ("adam", "f3", "anikaRobot")
    # One that knows nothing but the time of day, and one of unknown language, are not offered.
    assert [(voice.name, voice.language) for voice in flite.voices] == [("kal", "en-us"), ("slt", "en-us")]


def test_without_an_engine_it_is_said_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    install(tmp_path / "bin", monkeypatch)
    assert engines.engines() == []
    with pytest.raises(UserError) as raised:
        require_engines()
    assert "apt install espeak-ng" in raised.value.remedy
    with pytest.raises(UserError) as raised:
        speak(Voice("flite", "slt", ("en-us",), "", "slt"), "hello")
    assert "flite is not installed" in raised.value.what


@pytest.mark.parametrize(
    ("engine", "voice", "what", "remedy"),
    [
        ("flite", "", "flite is not installed", "apt install"),
        ("festival", "", "festival is no speech engine that Spoonful knows", "Use espeak-ng"),
        ("espeak-ng", "en-gd", "no voice en-gd", "en-gb"),
        ("espeak-ng", "en-gb+addam", "no timbre addam", "adam"),
    ],
)
def test_what_there_is_not_is_named_with_what_there_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, engine: str, voice: str, what: str, remedy: str
) -> None:
    install(tmp_path / "bin", monkeypatch, "espeak-ng")
    with pytest.raises(UserError) as raised:
        find_voice(find_engine(engine), voice)
    assert what in raised.value.what
    assert remedy in raised.value.remedy


@pytest.mark.parametrize(
    ("voice", "language", "fits"),
    [
        ("en-gb", "en-US", True),
        ("en-gb", "en_GB", True),
        ("en-gb", "fr-FR", False),
        ("en-gb", "", True),
        ("cmn", "zh-CN", True),
        ("fr-fr", "FR", True),
        ("fr-fr", "f", False),
    ],
)
def test_a_voice_fits_its_language_whatever_the_region(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, voice: str, language: str, fits: bool
) -> None:
    install(tmp_path / "bin", monkeypatch, "espeak-ng")
    assert find_voice(find_engine("espeak-ng"), voice).fits(language) is fits


@pytest.mark.parametrize(
    ("languages", "usual"),
    [
        (["en-US"], ["en-us"]),
        (["en"], ["en-gb"]),
        (["en-AU", "en-US"], ["en-gb"]),
        (["en-US", "fr-CA", "zh_CN"], ["en-us", "fr-fr", "cmn"]),
        (["ja-JP", ""], []),
    ],
)
def test_the_usual_voice_is_of_the_region_or_of_the_languages_own_land(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, languages: list[str], usual: list[str]
) -> None:
    install(tmp_path / "bin", monkeypatch, "espeak-ng")
    voices = find_engine("espeak-ng").voices
    assert [voice.name for voice in usual_voices(voices, languages)] == usual


@pytest.mark.parametrize(("engine", "voice"), [("espeak-ng", "en-gb"), ("flite", "slt")])
def test_speech_is_16_khz_mono_whatever_the_engine_makes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, engine: str, voice: str
) -> None:
    install(tmp_path / "bin", monkeypatch, "espeak-ng", "flite")
    one = find_voice(find_engine(engine), voice)
    samples = speak(one, "turn on the lamp")
    assert samples.dtype == np.float32
    assert samples.shape == (pytest.approx(1.2 * 16_000, abs=2),)
    assert len(speak(one, "turn on the lamp", pace=1.2)) == pytest.approx(1.0 * 16_000, rel=0.01)
    assert len(speak(one, "...")) == 0


def test_more_timbres_make_more_speakers_none_of_them_a_robot(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    install(tmp_path / "bin", monkeypatch, "espeak-ng", "flite")
    engine = find_engine("espeak-ng")
    voices = [find_voice(engine, name) for name in ("en-gb", "en-us+f3")]
    assert [voice.name for voice in with_timbres(engine, voices, 1)] == ["en-gb", "en-us+f3"]
    names = [voice.name for voice in with_timbres(engine, voices, 9)]
    assert sorted(names) == ["en-gb", "en-gb+adam", "en-gb+f3", "en-us+f3"]
    two = [voice.name for voice in with_timbres(engine, voices, 2)]
    assert set(two) < set(names)
    flite = find_engine("flite")
    assert with_timbres(flite, flite.voices, 5) == flite.voices


def test_an_engine_that_fails_is_told_in_its_own_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    install(tmp_path / "bin", monkeypatch, "espeak-ng")
    with pytest.raises(UserError) as raised:
        speak(find_voice(find_engine("espeak-ng"), "en-gb"), "a broken lamp")
    assert "the voice file is damaged" in raised.value.what
    assert raised.value.where == str(tmp_path / "bin" / "espeak-ng")


def test_an_engine_that_cannot_be_run_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    install(tmp_path / "bin", monkeypatch, "flite")
    voice = find_voice(find_engine("flite"), "slt")
    (tmp_path / "bin" / "flite").write_text("#!/no/such/interpreter\n")
    with pytest.raises(UserError) as raised:
        speak(voice, "hello")
    assert "flite cannot be run" in raised.value.what


def test_an_engine_that_hangs_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    install(tmp_path / "bin", monkeypatch, "flite")
    voice = find_voice(find_engine("flite"), "slt")
    (tmp_path / "bin" / "flite").write_text("#!/bin/sh\nexec /bin/sleep 60\n")
    monkeypatch.setattr(engines, "LONGEST_S", 0.2)
    with pytest.raises(UserError) as raised:
        speak(voice, "hello")
    assert "did not end" in raised.value.what


needs_espeak = pytest.mark.skipif(shutil.which("espeak-ng") is None, reason="espeak-ng is not installed")
needs_flite = pytest.mark.skipif(shutil.which("flite") is None, reason="flite is not installed")


def is_audible(samples: np.ndarray) -> bool:
    return 0.2 < len(samples) / 16_000 < 5 and float(np.abs(samples).max()) > 0.1


@needs_espeak
def test_espeak_ng_itself_speaks_in_all_its_timbres_and_says_what_it_cannot() -> None:
    engine = find_engine("espeak-ng")
    plain, other = (speak(find_voice(engine, name), "turn on") for name in ("en-gb", "en-gb+f3"))
    assert is_audible(plain)
    assert is_audible(other)
    assert len(plain) != len(other) or not np.allclose(plain, other)
    assert is_audible(speak(find_voice(engine, "fr-fr"), "allume la lumière"))
    assert is_audible(speak(find_voice(engine, "en-us"), "-w is no option here"))
    phonemes, apart = (speak(find_voice(engine, "en-us"), text) for text in ("[[aI]] up", "[ [aI]] up"))
    assert np.array_equal(phonemes, apart)
    for text in ("...", " ", "\n"):
        assert len(speak(find_voice(engine, "en-gb"), text)) == 0


@needs_flite
def test_flite_itself_speaks_and_says_what_it_cannot() -> None:
    for voice in find_engine("flite").voices:
        assert is_audible(speak(voice, "turn on"))
        assert is_audible(speak(voice, "-o is no option here"))
        assert len(speak(voice, "...")) == 0
    slow, fast = (speak(find_voice(find_engine("flite"), "slt"), "turn on", pace) for pace in (0.8, 1.2))
    assert len(slow) > len(fast)
