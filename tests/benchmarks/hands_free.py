"""Talking hands-free: what the Try it page misses, cuts or merges, and what noise alone makes it say.

    python -m tests.benchmarks.hands_free [--utterances 100] [--noise FILE] [--home FOLDER --model RUN]

Demo test speech with pauses of 1 to 3 s, in the noise of a room (a file of 16 kHz; without it pink noise)
20 and 10 dB below the speech, goes through the real page over a sound card that is made up and ten times as
fast as life, for each preset; then ten minutes of silence and noise alone. An utterance is missed when no
take has half of it; cut when a take lacks more than 50 ms of its beginning or 80 ms of its end, which is
where it is louder than a thirtieth of its loudest; merged when a take has half of two. Prints JSON.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import tempfile
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from PySide6.QtCore import QEventLoop
from PySide6.QtWidgets import QApplication

from core.audio.devices import AudioSystem
from core.audio.files import SAMPLE_RATE, read_audio
from core.audio.levels import Samples
from core.audio.recorder import PendingTake, Recorder
from core.audio.vad import PRESETS, PresetName
from core.errors import UserError
from core.paths import AppPaths
from gui.app import make_context
from gui.exchange import Exchange, Heard
from gui.pages.try_it import TryItPage
from gui.settings import SettingsStore
from gui.widgets import microphone_bar
from gui.widgets.talk_ways import MODES
from tests.core.audio.fake_portaudio import FakePortAudio, device
from tests.integration.talking import Spoken, demo_speech

SEED = 17
BLOCK = 400
AHEAD_S = 0.4
"""How much faster than the page looks sound may come: what it has not heard yet."""
SPEECH_DBFS = -26.0
BEGINNING_S, END_S = 0.05, 0.08


@dataclass(frozen=True)
class Said:
    """An utterance in the stream, in samples from its beginning; `end` is behind its last sound."""

    spoken: Spoken
    start: int
    end: int


class Room:
    """The page in front of somebody who talks."""

    def __init__(
        self,
        app: QApplication,
        paths: AppPaths,
        model: str,
        preset: PresetName,
        *,
        keep_nothing: bool = True,
        compared: tuple[str, ...] = (),
    ) -> None:
        self._app = app
        self._sound = FakePortAudio([device("USB")])
        self.takes: list[tuple[int, int]] = []
        self.heard: list[Heard] = []
        self.answers: list[Exchange] = []
        room = self

        class Watched(Recorder):
            def release(self, at: int | None = None) -> PendingTake | None:
                taken = super().release(at)
                if taken is not None:
                    room.takes.append((taken.start, taken.end))
                return taken

        # Sound comes in bursts, so no silence is too long.
        microphone_bar.Recorder = lambda audio, rolls: Watched(audio, rolls, lambda: 0.0)  # type: ignore[misc,assignment]
        self.context = make_context(paths)
        self.context.theme.apply(app, "light")
        self.context.remember(
            model=model,
            talk_hands_free=True,
            talk_preset=preset,
            keep_nothing=keep_nothing,
            compared_models=compared,
            welcomed=True,
        )
        self.context.audio = AudioSystem(lambda: self._sound)
        self.page = TryItPage(self.context)
        self.page.conversation.hearing.connect(self._note_heard)
        self.page.answered.connect(self._note_answer)
        self.failures: list[UserError] = []
        self.page.conversation.failed.connect(self.failures.append)
        self.page.show()
        self.page.activated()
        self.until(lambda: bool(self._sound.streams) and self._sound.streams[-1].active)
        self.until(lambda: self.page.model.is_ready, 240)

    def _note_heard(self, heard: Heard) -> None:
        self.heard.append(
            replace(heard, samples=None)
        )  # the memory of hundreds would be counted as the page's

    def _note_answer(self, exchange: Exchange) -> None:
        self.answers.append(replace(exchange, heard=replace(exchange.heard, samples=None)))

    def until(self, reached: Callable[[], bool], seconds: float = 60) -> None:
        deadline = time.monotonic() + seconds
        while not reached():
            assert time.monotonic() < deadline
            self._app.processEvents(QEventLoop.ProcessEventsFlag.WaitForMoreEvents, 20)

    def hear(self, samples: Samples) -> None:
        """The microphone delivers these, then silence until everything is answered."""
        card = threading.Thread(target=self._deliver, args=(samples,))
        card.start()
        self.until(lambda: not card.is_alive(), 3600)
        card.join()
        self.until(lambda: len(self.heard) == len(self.takes), 60)
        asked = sum(heard.silent is None for heard in self.heard)
        self.until(lambda: len(self.answers) + len(self.failures) >= asked, 240)

    def close(self) -> None:
        self.page.hide()
        self.until(lambda: not self.context.background.busy() and not self.context.recording.busy())
        self.context.close()
        self.page.deleteLater()

    def _deliver(self, samples: Samples) -> None:
        stream = next(
            each for each in reversed(self._sound.streams) if each.active and "device" in each.options
        )
        for start in range(0, len(samples), BLOCK):
            stream.deliver(samples[start : start + BLOCK])
            if start // BLOCK % 16 == 0:
                time.sleep(AHEAD_S / 8)  # a tenth of the pace of life: the detector looks 30 times a second


def conversation(spoken: list[Spoken], noise: Samples, snr_db: float | None) -> tuple[Samples, list[Said]]:
    """The stream [n] of all utterances with pauses and noise, and where each lies."""
    rng = random.Random(SEED)
    parts, said, at = list[Samples](), list[Said](), 0
    for each in spoken:
        pause = np.zeros(round(SAMPLE_RATE * rng.uniform(1, 3)), np.float32)
        speech = read_audio(each.audio)
        loud = np.flatnonzero(np.abs(speech) > np.abs(speech).max() / 30)
        speech = speech * np.float32(10 ** (SPEECH_DBFS / 20) / np.sqrt(np.mean(speech[loud] ** 2)))
        start = at + pause.size
        said.append(Said(each, start + int(loud[0]), start + int(loud[-1]) + 1))
        parts += [pause, speech]
        at = start + speech.size
    parts.append(np.zeros(2 * SAMPLE_RATE, np.float32))
    stream = np.concatenate(parts)
    if snr_db is not None:
        stream = stream + room_noise(noise, stream.size, SPEECH_DBFS - snr_db)
    return stream.astype(np.float32), said


def room_noise(noise: Samples, size: int, dbfs: float) -> Samples:
    """`size` samples of noise at a level, gone round as often as needed."""
    wave = np.resize(noise, size)
    return (wave * (10 ** (dbfs / 20) / np.sqrt(np.mean(noise**2)))).astype(np.float32)


def pink_noise(seconds: float) -> Samples:
    size = round(seconds * SAMPLE_RATE)
    spectrum = np.fft.rfft(np.random.default_rng(SEED).standard_normal(size))
    return np.fft.irfft(spectrum / np.sqrt(np.maximum(1, np.arange(spectrum.size))), size).astype(np.float32)


def judge(said: list[Said], room: Room) -> dict[str, int]:
    """What became of the utterances; takes are in the same samples."""
    missed = cut_start = cut_end = parted = right = 0
    halves = [[_overlap(each, take) >= 0.5 for each in said] for take in room.takes]
    answers = dict(zip((heard.id for heard in room.heard), room.heard, strict=True))
    found = {answer.heard.id: answer for answer in room.answers}
    labels = [found.get(heard_id) for heard_id in answers]
    for number, each in enumerate(said):
        having = [take for take, half in zip(room.takes, halves, strict=True) if half[number]]
        if not having:
            missed += 1
            continue
        parted += sum(_overlap(each, take) > 0.02 for take in room.takes) > 1
        cut_start += having[0][0] > each.start + BEGINNING_S * SAMPLE_RATE
        cut_end += having[-1][1] < each.end - END_S * SAMPLE_RATE
        answer = labels[room.takes.index(having[0])]
        label = None if answer is None else answer.prediction.label
        right += label is not None and label.intent == each.spoken.label.intent
    return {
        "missed": missed,
        "cut at the start": cut_start,
        "cut at the end": cut_end,
        "in two takes": parted,
        "merged": sum(sum(half) > 1 for half in halves),
        "takes of no utterance": sum(not any(half) for half in halves),
        "intents right": right,
    }


def _overlap(said: Said, take: tuple[int, int]) -> float:
    return max(0, min(said.end, take[1]) - max(said.start, take[0])) / (said.end - said.start)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--utterances", type=int, default=100)
    parser.add_argument("--noise", type=Path)
    parser.add_argument("--pause", type=float, default=0.6, help="seconds that end what is said")
    parser.add_argument("--home", type=Path)
    parser.add_argument("--model", default="teaspoon@demo")
    chosen = parser.parse_args()
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    app = QApplication([])
    spoken = random.Random(SEED).sample(demo_speech(), chosen.utterances)
    noise = read_audio(chosen.noise) if chosen.noise else pink_noise(60)
    minute = 60 * SAMPLE_RATE
    alone = np.concatenate(
        [
            np.zeros(minute, np.float32),
            *(room_noise(noise, 3 * minute, level) for level in (-56.0, -46.0, -36.0)),
        ]
    )
    with tempfile.TemporaryDirectory() as scratch:
        paths = AppPaths(chosen.home or Path(scratch)).create()
        SettingsStore(paths.home / "window.json").update(talk_pause_s=chosen.pause)
        for preset in PRESETS:
            assert preset in MODES.values()
            for snr_db in (None, 20.0, 10.0):
                room = Room(app, paths, chosen.model, preset)
                stream, said = conversation(spoken, noise, snr_db)
                room.hear(stream)
                print(
                    json.dumps(
                        {"preset": preset, "pause_s": chosen.pause, "snr_db": snr_db, **judge(said, room)}
                    ),
                    flush=True,
                )
                room.close()
            room = Room(app, paths, chosen.model, preset)
            room.hear(alone)
            labels = [
                str(answer.prediction.label and answer.prediction.label.words) for answer in room.answers
            ]
            told = {"preset": preset, "minutes of silence and noise": alone.size / minute, "labels": labels}
            print(json.dumps(told), flush=True)
            room.close()


if __name__ == "__main__":
    main()
