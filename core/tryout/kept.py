"""An exchange as it is kept: what was said, every model's answer, and what should have been answered."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, NamedTuple

from core.data.utterance import Label, Split
from core.inference.prediction import Prediction

Source = Literal["microphone", "file", "text"]


@dataclass(frozen=True)
class KeptAnswer:
    """One model's answer. at: seconds since the Unix epoch.

    model_key, model_title: as the window lists the model; model, datasets: what the inference process is
    asked to load. waited_s: from the end of the speech to the label on the screen; recording_s: the part of
    it until the sound was at hand; None when it was not spoken just then. compared: the model was asked
    beside the chosen one.
    """

    at: float
    model_key: str
    model_title: str
    model: str
    datasets: tuple[str, ...] | None
    prediction: Prediction
    waited_s: float | None = None
    recording_s: float | None = None
    compared: bool = False

    @property
    def took_s(self) -> float:
        """How long somebody waited for it, or else the model's own seconds."""
        return self.model_s if self.waited_s is None else self.waited_s

    @property
    def model_s(self) -> float:
        return sum(self.prediction.timings_ms.values()) / 1000


@dataclass(frozen=True)
class Correction:
    """What should have been answered, and as which utterance it was saved. at: seconds since the Unix
    epoch."""

    label: Label
    text: str
    dataset: str
    key: str
    split: Split
    speaker: str
    language: str
    at: float


@dataclass(frozen=True)
class KeptExchange:
    """at: seconds since the Unix epoch. text: as typed; transcript: as a model wrote it down.

    recording: absolute, None where none is kept; sha256: of that file, empty without. remark: what is wrong
    with its sound. unheard: headline and reason where there was nothing to answer.
    """

    id: str
    session: str
    at: float
    source: Source
    text: str = ""
    transcript: str = ""
    recording: Path | None = None
    sha256: str = ""
    duration_s: float | None = None
    remark: str = ""
    hands_free: bool = False
    unheard: tuple[str, str] | None = None
    answers: tuple[KeptAnswer, ...] = ()
    correction: Correction | None = None

    @property
    def said(self) -> str:
        """The words, as far as they are known."""
        return self.text or self.transcript

    @property
    def answer(self) -> KeptAnswer | None:
        """The chosen model's newest answer; a compared model's where there is no other."""
        return max(self.answers, key=lambda each: (not each.compared, each.at), default=None)


class Line(NamedTuple):
    """An exchange as one line of a list.

    slots: as `core.data.rows.slots_of` writes them. took_s: see `KeptAnswer`. correction: the corrected label
    in words; empty where there is none. right: whether the correction is what was answered. kept: on the
    disk, not only in memory.
    """

    id: str
    at: float
    source: Source
    said: str
    recorded: bool
    duration_s: float | None
    unheard: str
    intent: str | None
    slots: str
    confidence: float | None
    took_s: float | None
    models: int
    correction: str
    right: bool
    kept: bool


@dataclass(frozen=True)
class HistoryQuery:
    """session: None for all. search: words, or parts of words, that all stand in the text, the transcript, an
    answer or the correction."""

    session: str | None = None
    search: str = ""

    @property
    def parts(self) -> list[str]:
        """The sought words as `words_of` folds them."""
        return folded(self.search).split()


def words_of(exchange: KeptExchange) -> str:
    """All that a search looks at, folded."""
    labels = [answer.prediction.label for answer in exchange.answers]
    labels += [exchange.correction.label] if exchange.correction else []
    named = [each.words for each in labels if each is not None]
    corrected = [exchange.correction.text] if exchange.correction else []
    return folded(" \n ".join([exchange.text, exchange.transcript, *corrected, *named]))


def folded(text: str) -> str:
    """Without case and accents, as the library's search compares."""
    apart = unicodedata.normalize("NFKD", text.casefold())
    return "".join(letter for letter in apart if not unicodedata.combining(letter))
