"""Exchanges that nobody wants kept: in memory only, and gone with the program."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Final

from core.audio.files import SAMPLE_RATE
from core.audio.levels import Samples
from core.data.rows import slots_of
from core.tryout.kept import Correction, HistoryQuery, KeptAnswer, KeptExchange, Line, words_of

MOST_SOUND_S: Final = 600.0
"""So much of the newest sound can be heard again: 40 MB."""


class MemoryHistory:
    """The same reading and writing as `TryoutStore`, on any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._exchanges: dict[str, KeptExchange] = {}
        self._samples: dict[str, Samples] = {}

    def keep(self, exchange: KeptExchange, samples: Samples | None) -> None:
        """Add an exchange; samples: 16 kHz [n]. The oldest sound goes when there is too much."""
        with self._lock:
            self._exchanges[exchange.id] = exchange
            if samples is not None:
                self._samples[exchange.id] = samples
            while len(self._samples) > 1 and self._sound_s() > MOST_SOUND_S:
                oldest = next(iter(self._samples))
                del self._samples[oldest]

    def answer(self, id_: str, answer: KeptAnswer) -> None:
        """Add a model's answer, in the place of an older one of the same model."""
        self._change(id_, lambda exchange: replace(exchange, answers=_with(exchange.answers, answer)))

    def transcribe(self, id_: str, words: str) -> None:
        """Note what was said."""
        self._change(id_, lambda exchange: replace(exchange, transcript=words))

    def set_correction(self, id_: str, correction: Correction | None) -> None:
        """Note what should have been answered."""
        self._change(id_, lambda exchange: replace(exchange, correction=correction))

    def delete(self, ids: Sequence[str]) -> None:
        """Forget exchanges."""
        with self._lock:
            for id_ in ids:
                self._exchanges.pop(id_, None)
                self._samples.pop(id_, None)

    def lines(self, query: HistoryQuery, only: str | None = None) -> list[Line]:
        """As `TryoutStore.lines`."""
        with self._lock:
            chosen = [each for each in self._exchanges.values() if only in (None, each.id)]
            found = [self._line(each) for each in chosen if _fits(each, query)]
        return sorted(found, key=lambda line: line.at, reverse=True)

    def exchange(self, id_: str) -> KeptExchange | None:
        """One exchange; None when it is not here."""
        with self._lock:
            return self._exchanges.get(id_)

    def samples(self, id_: str) -> Samples | None:
        """The sound of an exchange as long as it is remembered: 16 kHz [n]."""
        with self._lock:
            return self._samples.get(id_)

    def _change(self, id_: str, change: Callable[[KeptExchange], KeptExchange]) -> None:
        with self._lock:
            if id_ in self._exchanges:
                self._exchanges[id_] = change(self._exchanges[id_])

    def _sound_s(self) -> float:
        return sum(each.size for each in self._samples.values()) / SAMPLE_RATE

    def _line(self, exchange: KeptExchange) -> Line:
        answer, correction = exchange.answer, exchange.correction
        label = None if answer is None else answer.prediction.label
        return Line(
            id=exchange.id,
            at=exchange.at,
            source=exchange.source,
            said=exchange.said,
            recorded=exchange.id in self._samples,
            duration_s=exchange.duration_s,
            unheard="" if exchange.unheard is None else exchange.unheard[0],
            intent=None if label is None else label.intent,
            slots="[]" if label is None else slots_of(label),
            confidence=None if answer is None else answer.prediction.confidence,
            took_s=None if answer is None else answer.took_s,
            models=len(exchange.answers),
            correction="" if correction is None else correction.label.words,
            right=correction is not None and correction.label == label,
            kept=False,
        )


def _with(answers: Sequence[KeptAnswer], new: KeptAnswer) -> tuple[KeptAnswer, ...]:
    return (*(each for each in answers if each.model_key != new.model_key), new)


def _fits(exchange: KeptExchange, query: HistoryQuery) -> bool:
    if query.session not in (None, exchange.session):
        return False
    words = words_of(exchange)
    return all(part in words for part in query.parts)
