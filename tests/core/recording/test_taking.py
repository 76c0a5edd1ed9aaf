"""A take from the microphone to the database: whole, judged by all of it, or not there."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
import pytest

from core.audio.devices import AudioSystem
from core.audio.files import SAMPLE_RATE, read_audio
from core.audio.levels import Samples
from core.audio.recorder import READING, Recorder
from core.audio.verdict import Verdict
from core.errors import UserError
from core.recording import taking as taking_module
from core.recording.session import Session, TakeRow
from core.recording.store import RecordingStore
from core.recording.taking import Conditions, Taking
from tests.core.audio.fake_portaudio import FakePortAudio, FakeStream, device
from tests.core.audio.test_vad import sentence, silence

__all__ = ["sentence"]

POST_ROLL = round(READING.post_s * SAMPLE_RATE)


@dataclass
class Studio:
    """A microphone, and one take after another in a thread of its own."""

    store: RecordingStore
    session: Session
    recorder: Recorder
    stream: FakeStream
    verdicts: list[Verdict] = field(default_factory=list)
    kept: list[TakeRow | None] = field(default_factory=list)
    errors: list[UserError] = field(default_factory=list)

    def begin(self, at: int | None = None) -> tuple[Taking, threading.Thread]:
        assert self.recorder.begin(at)
        prompt = self.store.prompts(self.session.id)[0]
        take = self.recorder.take
        assert take is not None
        taking = Taking(take, self.session, prompt, "USB", Conditions())
        thread = threading.Thread(target=self._run, args=(taking,))
        thread.start()
        return taking, thread

    def _run(self, taking: Taking) -> None:
        try:
            self.kept.append(taking.run(self.store, lambda verdict, _samples: self.verdicts.append(verdict)))
        except UserError as error:
            self.errors.append(error)

    def take(self, sound: Samples, behind: Samples) -> tuple[TakeRow, set[str]]:
        """Record `sound`, let go, and hear what is `behind` it; the row and what the verdict told."""
        taking, thread = self.begin()
        self.stream.deliver(sound)
        pending = self.recorder.release()
        assert pending is not None
        taking.release(pending)
        self.stream.deliver(behind)
        thread.join()
        (row,) = self.kept
        assert row is not None
        return row, {finding.kind for finding in self.verdicts[-1].findings} - {"too short"}


@pytest.fixture
def studio(store: RecordingStore, session: Session) -> Iterator[Studio]:
    audio = AudioSystem(lambda: FakePortAudio([device("USB")]))
    recorder = Recorder(audio, READING, clock=lambda: 0.0)
    recorder.open(audio.microphones()[0])
    (stream,) = audio._streams
    stream.deliver(silence(1.0))
    yield Studio(store, session, recorder, stream)
    recorder.close()


def test_a_take_is_kept_whole_with_its_rolls_and_its_verdict(studio: Studio, sentence: Samples) -> None:
    sound = np.concatenate([sentence, silence(0.3)])
    row, told = studio.take(sound, silence(0.5))
    assert told == set()
    assert row.duration_s == pytest.approx(READING.pre_s + sound.size / SAMPLE_RATE + READING.post_s)
    pre_roll = round(READING.pre_s * SAMPLE_RATE)
    kept = read_audio(studio.store.folder(studio.session.id) / f"{row.id}.flac")
    assert np.abs(kept[pre_roll : pre_roll + sound.size] - sound).max() < 1e-4
    assert [each.id for each in studio.store.takes(row.prompt_id)] == [row.id]


def test_who_lets_go_amid_the_last_word_is_told_though_the_post_roll_came_later(
    studio: Studio, sentence: Samples
) -> None:
    half = sentence.size // 2
    row, told = studio.take(sentence[:half], sentence[half : half + POST_ROLL])
    assert told == {"cut at end"}
    assert "cut at end" in {finding["kind"] for finding in row.verdict}


def test_a_cancelled_take_leaves_nothing(studio: Studio) -> None:
    taking, thread = studio.begin()
    studio.stream.deliver(silence(1.0))
    studio.recorder.release()
    taking.cancel()
    thread.join()
    assert studio.kept == [None]
    assert studio.verdicts == []
    assert [path for path in studio.store.folder(studio.session.id).iterdir() if path.is_file()] == []


def test_a_take_whose_microphone_goes_away_is_kept_and_told(studio: Studio, sentence: Samples) -> None:
    taking, thread = studio.begin()
    studio.stream.deliver(sentence)
    studio.stream.end()
    pending = studio.recorder.release()
    assert pending is not None
    taking.release(pending)
    thread.join()
    (row,) = studio.kept
    assert row is not None
    assert studio.verdicts[0].findings[0].kind == "interrupted"
    assert row.duration_s == pytest.approx(READING.pre_s + sentence.size / SAMPLE_RATE)


def test_a_detector_that_ends_a_take_in_the_past_keeps_no_more_than_that(
    studio: Studio, sentence: Samples
) -> None:
    taking, thread = studio.begin(at=SAMPLE_RATE)
    studio.stream.deliver(np.concatenate([sentence, silence(1.5)]))
    pending = studio.recorder.release(at=SAMPLE_RATE + sentence.size)
    assert pending is not None
    taking.release(pending)
    thread.join()
    (row,) = studio.kept
    assert row is not None
    assert row.duration_s == pytest.approx(READING.pre_s + sentence.size / SAMPLE_RATE + READING.post_s)
    assert {finding.kind for finding in studio.verdicts[0].findings} <= {"too short"}


def test_what_was_heard_before_the_microphone_was_opened_anew_is_kept(
    studio: Studio, sentence: Samples
) -> None:
    taking, thread = studio.begin()
    studio.stream.deliver(sentence)
    studio.recorder.close()
    taking.release(studio.recorder.release())
    thread.join()
    (row,) = studio.kept
    assert row is not None
    assert row.duration_s == pytest.approx(READING.pre_s + len(sentence) / SAMPLE_RATE, abs=0.01)
    assert "interrupted" in {finding.kind for finding in studio.verdicts[-1].findings}


def test_a_take_that_nobody_ends_does_so_with_its_microphone(studio: Studio, sentence: Samples) -> None:
    _taking, thread = studio.begin()
    studio.stream.deliver(sentence)
    studio.stream.end()
    thread.join(10)
    (row,) = studio.kept
    assert row is not None
    assert "interrupted" in {finding.kind for finding in studio.verdicts[-1].findings}


@pytest.mark.expects_log("could not be judged")
def test_a_take_that_cannot_be_judged_is_kept_and_said_to_be_so(
    studio: Studio, sentence: Samples, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> Verdict:
        raise ZeroDivisionError

    monkeypatch.setattr(taking_module, "judge", broken)
    _, told = studio.take(sentence, silence(1.0))
    assert told == {"not judged"}
