"""What the model answered for one utterance. Importing this module loads no torch."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from core.data.utterance import Label, Slot


@dataclass(frozen=True)
class Prediction:
    """The answer to one utterance.

    label: None when a free answer was no valid JSON of the target's form. raw: the answer as text.
    confidence: probability of the intent against all its rivals, 0 to 1, calibrated where the run was (for a
    free answer the mean probability of its tokens). raw_confidence: the model's own; None for a free answer.
    slot_confidence: for each slot of the label, the mean probability of its tokens; empty for a free answer.
    runner_up: the next likely intents with their probabilities, best first; empty for a free answer.
    timings_ms: this utterance's share of "features", "encoder", "decoding", and of a cascade's
    "transcription". transcript: the text a cascade labelled; None when the input was.
    """

    label: Label | None
    raw: str
    confidence: float
    slot_confidence: tuple[float, ...]
    runner_up: tuple[tuple[str, float], ...]
    timings_ms: Mapping[str, float]
    transcript: str | None = None
    raw_confidence: float | None = None

    @classmethod
    def from_dict(cls, written: Mapping[str, Any]) -> Prediction:
        """The inverse of `as_dict`; other keys are ignored."""
        label = None
        if written["intent"] is not None:
            label = Label(written["intent"], tuple(Slot(kind, filler) for kind, filler in written["slots"]))
        return cls(
            label=label,
            raw=written["raw"],
            confidence=written["confidence"],
            slot_confidence=tuple(written["slot_confidence"]),
            runner_up=tuple((intent, probability) for intent, probability in written["runner_up"]),
            timings_ms=written["timings_ms"],
            transcript=written["transcript"],
            raw_confidence=written["raw_confidence"],
        )

    def as_dict(self) -> dict[str, Any]:
        """The prediction for JSON: intent (or null), slots as [type, filler] pairs, and the rest as named."""
        return {
            "intent": None if self.label is None else self.label.intent,
            "slots": [] if self.label is None else [[slot.type, slot.filler] for slot in self.label.slots],
            "raw": self.raw,
            "confidence": self.confidence,
            "slot_confidence": list(self.slot_confidence),
            "runner_up": [list(rival) for rival in self.runner_up],
            "timings_ms": dict(self.timings_ms),
            "transcript": self.transcript,
            "raw_confidence": self.raw_confidence,
        }
