"""The verdict on a take: each defect is named and comes with a remedy; a good take is left in peace."""

from __future__ import annotations

import numpy as np
import pytest

from core.audio.files import SAMPLE_RATE, read_audio
from core.audio.levels import Samples
from core.audio.room import Room
from core.audio.vad import speech_probabilities
from core.audio.verdict import Circumstances, Thresholds, judge
from core.data.importers import read_utterances
from core.data.importers.source import Source
from core.paths import RESOURCES
from tests.core.audio.test_vad import silence

ROOM = Room(-65.0, 0.0, 0.0)


@pytest.fixture(scope="module")
def spoken() -> tuple[str, Samples]:
    """A sentence of some seconds, without silence around it, and its text."""
    found, _ = read_utterances("jsonl", [Source(RESOURCES / "demo" / "manifest.jsonl")], "demo")
    longest = max((each for each in found if each.audio), key=lambda each: each.duration_s or 0)
    assert longest.audio is not None
    samples = read_audio(longest.audio)
    heard = np.flatnonzero(np.abs(samples) > 0.02 * np.abs(samples).max())
    level = np.sqrt(np.mean(samples**2))
    return longest.text or "", (samples[heard[0] : heard[-1]] * 0.06 / level).astype(np.float32)


def take(speech: Samples, before: float = 0.6, behind: float = 0.5, room_dbfs: float = -65.0) -> Samples:
    sound = np.concatenate(
        [np.zeros(round(before * SAMPLE_RATE)), speech, np.zeros(round(behind * SAMPLE_RATE))]
    )
    return (sound + silence(len(sound) / SAMPLE_RATE + 1, room_dbfs)[: len(sound)]).astype(np.float32)


def kinds(sound: Samples, text: str = "", **more: object) -> set[str]:
    verdict = judge(sound, Circumstances(text=text, room=ROOM, **more))  # type: ignore[arg-type]
    assert all(finding.words and finding.remedy for finding in verdict.findings)
    return {finding.kind for finding in verdict.findings}


def test_a_good_take_is_left_in_peace(spoken: tuple[str, Samples]) -> None:
    text, speech = spoken
    verdict = judge(take(speech), Circumstances(text=text, room=ROOM))
    assert (verdict.findings, verdict.grade) == ((), "good")
    assert verdict.speech is not None
    assert verdict.speech[0] == pytest.approx(0.6, abs=0.2)
    assert verdict.snr_db is not None
    assert verdict.snr_db > 30


def test_each_defect_is_named(spoken: tuple[str, Samples]) -> None:
    text, speech = spoken
    long = "and another thing " * 20
    assert "clipped" in kinds(np.clip(take(speech) * 12, -1, 1))
    assert "quiet" in kinds(take(speech * 0.04))
    assert "noisy" in kinds(take(speech, room_dbfs=-32.0))
    assert "cut at start" in kinds(take(speech, before=0.0))
    assert "cut at end" in kinds(take(speech, behind=0.0))
    assert kinds(np.zeros(SAMPLE_RATE, np.float32)) == {"silent"}
    assert kinds(silence(2.0, -50.0)) == {"no speech"}
    assert "too short" in kinds(take(speech), long)
    assert "too long" in kinds(take(np.tile(speech, 3)), "hi")
    assert kinds(take(speech, behind=4.0), text) == {"long silence"}
    assert kinds(take(speech), text, gaps=2) == {"gaps"}
    assert kinds(take(speech), text, interrupted=True) == {"interrupted"}


def test_a_word_right_at_the_edge_is_whole_where_silence_is_around_it(spoken: tuple[str, Samples]) -> None:
    text, speech = spoken
    assert kinds(take(speech, before=0.08, behind=0.08), text) == set()


def test_silence_on_both_sides_is_one_remark(spoken: tuple[str, Samples]) -> None:
    verdict = judge(take(spoken[1], before=3.0, behind=4.0), Circumstances())
    (finding,) = verdict.findings
    assert finding.words == "3.0 seconds of silence are before the first word and 4.0 behind the last word."


def test_a_click_is_no_noise(spoken: tuple[str, Samples]) -> None:
    text, speech = spoken
    sound = take(speech, before=1.0, behind=1.0)
    sound[4_000:4_100] += 0.5 * np.sin(np.arange(100)).astype(np.float32)
    assert kinds(sound, text) == set()


def test_what_was_heard_behind_the_end_of_the_take_is_not_its_speech(spoken: tuple[str, Samples]) -> None:
    text, speech = spoken
    sound = take(speech)
    heard = [*speech_probabilities(sound), *[1.0] * 30]
    assert kinds(sound, text, probabilities=heard) == set()


def test_the_mains_are_heard_between_the_words(spoken: tuple[str, Samples]) -> None:
    sound = take(spoken[1])
    times = np.arange(len(sound)) / SAMPLE_RATE
    assert "hum" in kinds((sound + 0.01 * np.sin(2 * np.pi * 50 * times)).astype(np.float32))


def test_the_worst_comes_first_and_thresholds_are_the_users(spoken: tuple[str, Samples]) -> None:
    text, speech = spoken
    sound = take(speech, behind=4.0) * 0.04
    verdict = judge(sound, Circumstances(text=text))
    assert [finding.severity for finding in verdict.findings] == ["bad", "warn"]
    assert verdict.grade == "bad"
    patient = Thresholds(quiet_dbfs=-60.0, silence_s=10.0)
    assert judge(sound, Circumstances(text=text), patient).grade == "good"
