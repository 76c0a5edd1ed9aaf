"""Reads prompts aloud to the real window through the virtual microphone, and compares what was kept."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from core.audio.files import SAMPLE_RATE, read_audio
from core.data.utterance import Label, Slot
from core.paths import RESOURCES
from core.recording.session import Prompt, SessionPlan, Speaker
from gui.app import Composition
from gui.context import AppContext
from gui.pages.record import RecordPage
from tests.integration.talking import START_S, wait_for
from tests.integration.virtual_microphone import DEVICE, VirtualMicrophone

DATASET = "read aloud"
_ONSET_S = 0.05


@dataclass(frozen=True)
class Compared:
    """A kept take beside what was played. similarity: correlation over all of it; of its first 50 ms: onset.
    lag_s: where it begins in the take. label: as stored; verdict: what was said of it."""

    text: str
    similarity: float
    onset: float
    lag_s: float
    seconds: float
    played_s: float
    label: Label
    verdict: str


def sentences(count: int) -> list[tuple[Prompt, Path]]:
    """Texts of the demo's test split and their recordings."""
    folder = RESOURCES / "demo"
    rows = [json.loads(line) for line in (folder / "manifest.jsonl").read_text("utf-8").splitlines()]
    spoken: dict[str, dict[str, object]] = {}
    for row in rows:
        if row["split"] == "test" and "audio" in row and "text" in row:
            spoken.setdefault(row["text"], row)
    return [
        (
            Prompt(0, 0, text, Label(str(row["intent"]), _slots(row))),
            folder / str(row["audio"]),
        )
        for text, row in list(spoken.items())[:count]
    ]


def _slots(row: dict[str, object]) -> tuple[Slot, ...]:
    slots = cast("dict[str, str]", row.get("slots", {}))
    return tuple(Slot(name, filler) for name, filler in slots.items())


class Reader:
    """The window, opened on its Record page, in the studio of a new session."""

    def __init__(self, context: AppContext, microphone: VirtualMicrophone, count: int) -> None:
        context.remember(welcomed=True, page="record", microphone=DEVICE)
        self._context, self._microphone = context, microphone
        self._audio = {prompt.text: path for prompt, path in sentences(count)}
        prompts = [prompt for prompt, _ in sentences(count)]
        self.session = context.recordings().begin(SessionPlan(DATASET, Speaker("reader")), prompts)
        self.composition = Composition(context)
        self.window = self.composition.window
        self.window.show()
        wait_for(lambda: self.window.is_built("record"), START_S, "the page")
        self.page = cast("RecordPage", self.window.page("record"))
        self.page.open_session(self.session)
        studio = self.page.studio
        wait_for(lambda: "Ready" in studio.state.accessibleName(), START_S, "sound")

    def read(self) -> Compared:
        """Record the prompt that is shown, accept it, and compare."""
        studio = self.page.studio
        text = studio.text.text()
        QTest.keyClick(studio, Qt.Key.Key_Space)
        wait_for(lambda: studio.takes.recording, 10, "the take")
        player = self._microphone.start_playing(self._audio[text])
        wait_for(lambda: player.poll() is not None, 60, "the end of the sentence")
        QTest.keyClick(studio, Qt.Key.Key_Space)
        wait_for(lambda: bool(studio.verdict.text()) and not studio.takes.keeping, 30, "the verdict")
        verdict = studio.verdict.text()
        QTest.keyClick(studio, Qt.Key.Key_Return)
        wait_for(lambda: studio.text.text() != text, 30, "the next prompt")
        store = self._context.recordings()
        prompt = next(each for each in store.prompts(self.session.id) if each.text == text)
        key = self.session.key_of(prompt)
        (stored,) = (u for u in store.library.utterances([DATASET]) if u.key == key)
        assert stored.audio is not None
        heard, played = read_audio(stored.audio), read_audio(self._audio[text])
        at, kept = aligned(heard, played)
        onset = np.flatnonzero(np.abs(played) > 0.02 * np.abs(played).max())[0]
        first = slice(onset, onset + round(_ONSET_S * SAMPLE_RATE))
        return Compared(
            text,
            float(np.corrcoef(kept, played)[0, 1]),
            float(np.corrcoef(kept[first], played[first])[0, 1]),
            at / SAMPLE_RATE,
            heard.size / SAMPLE_RATE,
            played.size / SAMPLE_RATE,
            stored.label,
            verdict,
        )

    def close(self) -> None:
        self.window.close()
        self.window.deleteLater()


def aligned(heard: np.ndarray, played: np.ndarray) -> tuple[int, np.ndarray]:
    """Where `played` lies in `heard`, and the stretch there, moved by the part of a sample that makes it most
    alike: a sound card's clock does not begin with ours."""
    assert heard.size >= played.size
    size = heard.size + played.size
    products = np.fft.irfft(np.fft.rfft(heard, size) * np.conj(np.fft.rfft(played, size)), size)
    at = int(np.argmax(products[: heard.size - played.size + 1]))
    spectrum, hertz = np.fft.rfft(heard), np.fft.rfftfreq(heard.size)
    moved = (
        np.fft.irfft(spectrum * np.exp(2j * np.pi * hertz * part), heard.size)[at : at + played.size]
        for part in np.linspace(-0.75, 0.75, 25)
    )
    return at, max(moved, key=lambda stretch: float(np.corrcoef(stretch, played)[0, 1]))
