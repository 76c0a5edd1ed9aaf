"""Asking one model about many items, chunk by chunk; what is wrong with one stays beside it."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Final

from core.audio.files import read_audio
from core.audio.spoken import why_silent
from core.data.progress import Cancel, never
from core.errors import Cancelled, UserError
from core.evaluation.batch.items import BatchItem
from core.evaluation.evaluate import Answer
from core.evaluation.metrics import is_exact

Ask = Callable[[Sequence[Path | str]], Sequence[Answer | UserError]]
"""Answers in order, an error in the place of what cannot be answered: `InferenceClient.predict_batch`."""

CHUNK: Final = 16
"""As `core.evaluation.evaluate` asks, so that the same utterances stand in the same batches: padding to other
lengths changes last digits, and with them now and then an answer."""

_MOST_FAILURES: Final = 3
"""Single requests that fail as a whole one after the other: it is the model then, not the recordings."""


@dataclass(frozen=True)
class BatchAnswer:
    """What became of one item. answer: None when there is none. silent: why nothing seems to be said in the
    recording, as headline and reason; looked for where it decides something: before a recording without a
    label is asked about, and after one with a label was answered wrongly. error: why there is no answer."""

    item: BatchItem
    answer: Answer | None = None
    silent: tuple[str, str] | None = None
    error: UserError | None = None

    @cached_property
    def correct(self) -> bool | None:
        """Whether intent and all slots are right; None without an answer or a label."""
        if self.answer is None or self.item.label is None:
            return None
        return is_exact(self.item.label, self.answer.label)


def answers(
    items: Sequence[BatchItem], ask: Ask, *, cancelled: Cancel = never, chunk: int = CHUNK
) -> Iterator[dict[int, BatchAnswer]]:
    """What becomes of each item, by its index; `chunk` at a time, the longest first.

    Raises UserError when the model answers nothing any more, Cancelled as soon as `cancelled()` says so; what
    came before stays valid.
    """
    order = sorted(range(len(items)), key=lambda index: -_length(items[index]))
    asking = _Asking(ask, cancelled)
    for start in range(0, len(order), chunk):
        indices = order[start : start + chunk]
        found = asking.chunk([items[index] for index in indices])
        yield dict(zip(indices, found, strict=True))


class _Asking:
    def __init__(self, ask: Ask, cancelled: Cancel) -> None:
        self._ask = ask
        self._cancelled = cancelled
        self._failures = 0

    def chunk(self, items: Sequence[BatchItem]) -> list[BatchAnswer]:
        before = [self._look(item) for item in items]
        open_ = [index for index, known in enumerate(before) if known.silent is None and known.error is None]
        said = self._questions([items[index].given for index in open_]) if open_ else []
        for index, answer in zip(open_, said, strict=True):
            before[index] = self._judge(items[index], answer)
        return before

    def _look(self, item: BatchItem) -> BatchAnswer:
        """What can be said before the model is asked: silence gives no guess."""
        self._check()
        if item.label is not None or item.audio is None:
            return BatchAnswer(item)
        try:
            return BatchAnswer(item, silent=why_silent(read_audio(item.audio)))
        except UserError as error:
            return BatchAnswer(item, error=error)

    def _judge(self, item: BatchItem, answer: Answer | UserError) -> BatchAnswer:
        if isinstance(answer, UserError):
            return BatchAnswer(item, error=answer)
        judged = BatchAnswer(item, answer)
        if judged.correct is False and item.audio is not None:
            self._check()
            with contextlib.suppress(UserError):  # it has gone since it was answered
                return replace(judged, silent=why_silent(read_audio(item.audio)))
        return judged

    def _questions(self, given: Sequence[Path | str]) -> list[Answer | UserError]:
        """One answer or error per item. Where the request fails as a whole, they are asked one by one, so
        that one recording that is too much for the computer takes no other with it."""
        self._check()
        try:
            found = list(self._ask(given))
        except UserError as error:
            if len(given) > 1:
                return [each for one in given for each in self._questions([one])]
            self._failures += 1
            if self._failures >= _MOST_FAILURES:
                raise
            return [error]
        self._failures = 0
        return found

    def _check(self) -> None:
        if self._cancelled():
            raise Cancelled


def _length(item: BatchItem) -> float:
    return len(item.text or "") if item.audio is None else item.duration_s or 0.0
