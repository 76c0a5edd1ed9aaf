"""A take from the microphone into the database: on the disk while it is recorded, judged at its end, kept."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Final

from core.audio.levels import Samples
from core.audio.recorder import PendingTake, Recorder
from core.audio.room import Room
from core.audio.vad import SpeechProbability
from core.audio.verdict import DEFAULT_THRESHOLDS, Circumstances, Thresholds, Verdict, judge
from core.errors import UserError
from core.recording.finishing import finish_take, to_16_khz
from core.recording.session import Prompt, Session, TakeRow
from core.recording.spool import Spool, new_facts
from core.recording.store import RecordingStore

_LOOK_S: Final = 0.05
"""How often the ring buffer is emptied: a crash loses no more."""


@dataclass(frozen=True)
class Conditions:
    """What a take is judged by. room: as it was measured, or None."""

    room: Room | None = None
    thresholds: Thresholds = DEFAULT_THRESHOLDS


class Taking:
    """One take that the recorder has begun. `run` belongs to a thread of its own, the rest to the
    window's."""

    def __init__(
        self, recorder: Recorder, session: Session, prompt: Prompt, device: str, conditions: Conditions
    ) -> None:
        self._recorder = recorder
        self._session = session
        self._prompt = prompt
        self._device = device
        self._conditions = conditions
        self._start, self._rate = recorder.take_start, recorder.rate
        self._started_at = time.time() - (recorder.position - self._start) / self._rate
        self._ended = threading.Event()
        self._pending: PendingTake | None = None
        self._followed = 0

    def release(self, pending: PendingTake) -> None:
        """The take has ended in the recorder."""
        self._pending = pending
        self._ended.set()

    def cancel(self) -> None:
        """Forget the take; others stay as they are."""
        self._ended.set()

    def run(self, store: RecordingStore, judged: Callable[[Verdict, Samples], None]) -> TakeRow | None:
        """Write the sound to the disk until the take ends, then judge it, then keep it; None when it was
        cancelled. judged: called with the verdict and the take [n] at 16 kHz before it is kept.

        Raises UserError when the disk is full or nothing was heard; what was written until then is offered
        for recovery.
        """
        facts = new_facts(self._session.id, self._prompt.id, self._device, self._rate, self._started_at)
        spool = Spool.begin(store.folder(self._session.id), facts)
        try:
            detector, probabilities = self._follow(spool)
            if self._pending is None:
                spool.discard()
                return None
            samples, gaps, interrupted = self._recorder.collect_raw(self._pending)
            # A detector notices the end of the speech only later.
            spool.cut(samples.size)
            spool.append(samples[spool.samples :])
        finally:
            spool.finish()
        # The post-roll came after the release, and tells whether the last word is whole.
        probabilities += detector.hear(samples[self._followed :]) + detector.finish()
        heard = to_16_khz(samples, self._rate)
        if not heard.size:
            spool.discard()
            raise UserError(
                "Nothing was heard: the take is empty.",
                where=self._device,
                remedy="Check the microphone and record the prompt again.",
            )
        circumstances = Circumstances(
            self._prompt.text, self._conditions.room, gaps, interrupted, probabilities
        )
        verdict = judge(heard, circumstances, self._conditions.thresholds)
        judged(verdict, heard)
        return finish_take(
            store, spool, verdict=tuple(asdict(finding) for finding in verdict.findings), gaps=gaps
        )

    def _follow(self, spool: Spool) -> tuple[SpeechProbability, list[float]]:
        """Move what is heard to the spool until the take ends; returns what listened to it, and how likely
        each chunk is speech."""
        detector, probabilities = SpeechProbability(self._rate), list[float]()
        while not self._ended.wait(_LOOK_S):
            heard = self._recorder.heard(self._start + self._followed, self._recorder.position)
            self._followed += heard.size
            spool.append(heard)
            probabilities += detector.hear(heard)
        return detector, probabilities
