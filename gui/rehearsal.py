"""Is everything ready for the stage? One look at microphone, model, speed, disk and memory beforehand."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

import numpy as np
import psutil

from core.audio.files import to_16_khz
from core.audio.levels import Samples, peak_dbfs
from core.audio.recorder import Recorder
from core.audio.room import DEAD_DBFS, measure_room
from core.audio.vad import PRESETS, SpeechProbability, speech_spans
from core.errors import UserError
from core.inference.client import InferenceClient, LoadedModel
from core.runs.store import RunStore

State = Literal["good", "warn", "bad"]
Cancelled = Callable[[], bool]
Tell = Callable[[str], None]

ROOM_S: Final = 2.0
SENTENCE_S: Final = 10.0
"""How long somebody is given to say a sentence."""
PAUSE_S: Final = 0.8
QUESTIONS: Final = 5
NOTICED_S, BROKEN_S = 0.8, 2.0
"""A wait that an audience notices, and one that feels broken."""
SCARCE_DISK, FULL_DISK = 1_000_000_000, 200_000_000
SCARCE_MEMORY: Final = 1_000_000_000
CLIPPED_DBFS, QUIET_DBFS = -0.3, -30.0
_LOOK_S: Final = 0.05


@dataclass(frozen=True)
class Finding:
    """One thing looked at. words: how it is, and what to do about it if it is not good."""

    state: State
    what: str
    words: str


@dataclass(frozen=True)
class Rehearsal:
    """Everything that is looked at; `findings` belongs to a thread of its own. model: None while none is
    loaded. example: a sentence it knows."""

    recorder: Recorder
    inference: InferenceClient
    runs: Callable[[], RunStore]
    model: LoadedModel | None
    example: str
    home: Path

    def findings(self, tell: Tell, cancelled: Cancelled) -> Iterator[Finding]:
        """One after the other, as they are found. tell: gets what is done now, or is to be done by the
        presenter."""
        tell("Say nothing for two seconds")
        yield self._room(cancelled)
        spoken: Samples | None = None
        if self.recorder.listening and not cancelled():
            tell("Now say a sentence, as on stage")
            spoken = self._sentence(cancelled)
            yield _sentence_finding(spoken)
        if not cancelled():
            tell("Asking the model")
            yield from self._model(spoken)
            yield self._training()
            yield _disk(shutil.disk_usage(self.home).free)
            yield _memory(psutil.virtual_memory().available)
            yield from _battery()

    def _room(self, cancelled: Cancelled) -> Finding:
        what, recorder = "Microphone and room", self.recorder
        if not recorder.listening:
            return Finding(
                "bad", what, "No sound arrives. Choose a microphone on the page, then check again."
            )
        begun, rate = recorder.position, recorder.rate
        wanted = round(ROOM_S * rate)
        _wait(lambda: recorder.position >= begun + wanted, 2 * ROOM_S, cancelled)
        samples = to_16_khz(recorder.heard(begun, begun + wanted), rate)
        room = measure_room(samples)
        if room is None:
            return Finding("warn", what, "Somebody spoke, so the room could not be measured. Check again.")
        if room.noise_dbfs <= DEAD_DBFS:
            words = "Nothing at all is heard while nobody speaks; the sentence tells whether it is muted."
            return Finding("good", what, words)
        # A noisy room is told, but only recordings to keep need a quiet one.
        return Finding("good" if room.grade == "good" else "warn", what, room.words)

    def _sentence(self, cancelled: Cancelled) -> Samples | None:
        """What is said next [n] at 16 kHz, once a pause follows; None when nothing is."""
        recorder = self.recorder
        start, rate, at = recorder.position, recorder.rate, recorder.position
        detector, probabilities, give_up_at = (
            SpeechProbability(rate),
            list[float](),
            time.monotonic() + SENTENCE_S,
        )
        while recorder.listening and not cancelled():
            heard = recorder.heard(at, recorder.position)
            at += heard.size
            probabilities += detector.hear(heard)
            spans = speech_spans(probabilities, PRESETS["normal"])
            seconds = (at - start) / rate
            if spans and seconds - spans[-1][1] >= PAUSE_S:
                return to_16_khz(recorder.heard(start, at), rate)
            if time.monotonic() > give_up_at:
                return to_16_khz(recorder.heard(start, at), rate) if spans else None
            time.sleep(_LOOK_S)
        return None

    def _model(self, spoken: Samples | None) -> Iterator[Finding]:
        what = "Model"
        if self.model is None:
            yield Finding("bad", what, "None is loaded. Choose one on the page and wait until it is ready.")
            return
        item = self.example if spoken is None else spoken
        try:
            answer, waits = self.inference.predict(item, of=self.model), list[float]()
            for _ in range(QUESTIONS):
                began = time.perf_counter()
                self.inference.predict(item, of=self.model)
                waits.append(time.perf_counter() - began)
        except UserError as error:
            yield Finding("bad", what, f"It did not answer: {error}")
            return
        if answer.label is None:
            yield Finding("bad", what, "It answers, but not with a label. Choose another one.")
            return
        yield Finding("good", what, f"It answers: {answer.label.words}.")
        yield _speed(float(np.median(waits)))

    def _training(self) -> Finding:
        live = [run.name for run in self.runs().list() if run.is_live]
        if live:
            advice = "Stop it on Runs; it can be resumed."
            return Finding("warn", "Other work", f"A run slows answers: {live[0]}. {advice}")
        return Finding("good", "Other work", "No training is going on.")


def summary(findings: list[Finding]) -> tuple[State, str]:
    """All of it in one line."""
    bad = sum(each.state == "bad" for each in findings)
    warn = sum(each.state == "warn" for each in findings)
    if bad:
        return "bad", f"Not ready: {bad} thing{'s' if bad > 1 else ''} must be mended."
    if warn:
        return "warn", f"Ready, with {warn} thing{'s' if warn > 1 else ''} to look at."
    return "good", "Ready for the stage."


def _sentence_finding(spoken: Samples | None) -> Finding:
    what = "A spoken sentence"
    if spoken is None:
        words = (
            "Nothing was heard within ten seconds: say a sentence, or see whether the microphone is muted."
        )
        return Finding("bad", what, words)
    peak = peak_dbfs(spoken)
    if peak >= CLIPPED_DBFS:
        return Finding("warn", what, "It was cut off at the top: turn the microphone down, or stand back.")
    if peak < QUIET_DBFS:
        return Finding("warn", what, "It was very quiet: turn the microphone up, or come closer.")
    return Finding("good", what, "It was heard, neither too quiet nor too loud.")


def _speed(median_s: float) -> Finding:
    what, words = "Speed", f"An answer takes {median_s:.2f} s."
    if median_s >= BROKEN_S:
        return Finding(
            "bad", what, f"{words} That feels broken: choose a smaller model or a faster computer."
        )
    if median_s >= NOTICED_S:
        return Finding("warn", what, f"{words} An audience notices that. Close other programs.")
    return Finding("good", what, words)


def _disk(free: int) -> Finding:
    words = f"{free / 1e9:.1f} GB are free for recordings."
    if free < SCARCE_DISK:
        state: State = "bad" if free < FULL_DISK else "warn"
        return Finding(state, "Disk", f"{words} Free some space, or tick \u201cKeep nothing\u201d.")
    return Finding("good", "Disk", words)


def _memory(free: int) -> Finding:
    words = f"{free / 1e9:.1f} GB are free."
    if free < SCARCE_MEMORY:
        return Finding("warn", "Memory", f"{words} Close other programs.")
    return Finding("good", "Memory", words)


def _battery() -> Iterator[Finding]:
    battery = psutil.sensors_battery() if hasattr(psutil, "sensors_battery") else None
    if battery is not None and battery.power_plugged is False:
        yield Finding("warn", "Power", f"On battery, {battery.percent:.0f} %: plug the computer in.")


def _wait(reached: Callable[[], bool], seconds: float, cancelled: Cancelled) -> None:
    give_up_at = time.monotonic() + seconds
    while not reached() and time.monotonic() < give_up_at and not cancelled():
        time.sleep(_LOOK_S)
