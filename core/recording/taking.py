"""A take from the microphone into the database: on the disk while it is recorded, judged at its end, kept."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Final

from core.audio.files import to_16_khz
from core.audio.levels import Samples
from core.audio.recorder import LONGEST_TAKE_S, PendingTake, Recorder
from core.audio.room import Room
from core.audio.vad import SpeechProbability
from core.audio.verdict import (
    DEFAULT_THRESHOLDS,
    Circumstances,
    Thresholds,
    Verdict,
    judge,
    not_judged,
)
from core.recording.finishing import finish_take
from core.recording.session import Prompt, Session, TakeRow
from core.recording.spool import Spool, new_facts, read_spool
from core.recording.store import RecordingStore

_LOOK_S: Final = 0.05
"""How often the ring buffer is emptied: a crash loses no more."""
_LONGEST_S: Final = LONGEST_TAKE_S + 2.0
"""Seconds, with the pre-roll, that a take ends by itself after; the window ends it before."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Conditions:
    """What a take is judged by. room: as it was measured, or None."""

    room: Room | None = None
    thresholds: Thresholds = DEFAULT_THRESHOLDS


class Taking:
    """One take that a recorder has begun. `run` belongs to a thread of its own, the rest to the window's."""

    def __init__(
        self, take: PendingTake, session: Session, prompt: Prompt, device: str, conditions: Conditions
    ) -> None:
        self._take = take
        self._session = session
        self._prompt = prompt
        self._device = device
        self._conditions = conditions
        self._started_at = time.time() - take.heard_s
        self._ended = threading.Event()
        self._cancelled = False
        self._released: PendingTake | None = None

    def release(self, take: PendingTake | None) -> None:
        """The take has ended in the recorder; None when that had forgotten it, as when the microphone was
        opened anew: what was heard until then is kept."""
        self._released = take
        self._ended.set()

    def cancel(self) -> None:
        """Forget the take; others stay as they are."""
        self._cancelled = True
        self._ended.set()

    def run(self, store: RecordingStore, judged: Callable[[Verdict, Samples], None]) -> TakeRow | None:
        """Write the sound to the disk until the take ends, then judge it, then keep it; None when it was
        cancelled. judged: called with the verdict and the take [n] at 16 kHz before it is kept.

        A take that nobody ends does so by itself when its microphone is gone or it is too long. Raises
        UserError when the disk is full or nothing was heard; what was written is offered at the next start.
        """
        facts = new_facts(self._session.id, self._prompt.id, self._device, self._take.rate, self._started_at)
        spool = Spool.begin(store.folder(self._session.id), facts)
        try:
            detector, probabilities = self._follow(spool)
            if self._cancelled:
                spool.discard()
                return None
            take = self._released or self._take.ended_now()
            gaps, interrupted = Recorder.wait_for(take)
            # A detector notices the end of the speech only later.
            spool.cut(take.end - take.start)
            rest = take.since(take.start + spool.samples, take.end)
            spool.append(rest)
        finally:
            spool.finish()
        # The post-roll came after the release, and tells whether the last word is whole.
        probabilities += detector.hear(rest) + detector.finish()
        heard = to_16_khz(read_spool(spool.path)[1], take.rate)
        if heard.size:
            circumstances = Circumstances(
                self._prompt.text,
                self._conditions.room,
                gaps,
                interrupted or self._released is None,
                probabilities,
            )
            verdict = _judged(heard, circumstances, self._conditions.thresholds)
            judged(verdict, heard)
            told = tuple(asdict(finding) for finding in verdict.findings)
            return finish_take(store, spool, verdict=told, gaps=gaps)
        try:
            return finish_take(store, spool)  # which says that nothing was heard
        finally:
            spool.discard()

    def _follow(self, spool: Spool) -> tuple[SpeechProbability, list[float]]:
        """Move what is heard to the spool until the take ends; returns what listened to it, and how likely
        each chunk is speech."""
        detector, probabilities = SpeechProbability(self._take.rate), list[float]()
        while not (self._ended.wait(_LOOK_S) or self._take.lost or self._take.heard_s > _LONGEST_S):
            heard = self._take.since(self._take.start + spool.samples)
            spool.append(heard)
            probabilities += detector.hear(heard)
        return detector, probabilities


def _judged(heard: Samples, circumstances: Circumstances, thresholds: Thresholds) -> Verdict:
    try:
        return judge(heard, circumstances, thresholds)
    except Exception:  # noqa: BLE001 - whatever it is, the take is there
        # A take is never lost for want of an opinion about it.
        _log.exception("a take could not be judged")
        return not_judged(heard)
