"""Recordings without anybody who speaks, and a model that says what a test wants."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from core.data.utterance import Label
from core.errors import UserError
from core.evaluation.batch.items import BatchItem


@dataclass(frozen=True)
class Said:
    label: Label | None
    raw: str = ""
    confidence: float = 0.9
    transcript: str | None = None


@dataclass
class FakeModel:
    """Answers each item by `answer`; an error it raises for one is that item's. `breaks`: given these, the
    whole request fails."""

    answer: Callable[[Path | str], Said]
    breaks: frozenset[Path | str] = frozenset()
    asked: list[list[Path | str]] = field(default_factory=list)

    def __call__(self, items: Sequence[Path | str]) -> list[Said | UserError]:
        self.asked.append(list(items))
        if self.breaks & set(items):
            raise UserError("The process that runs the model ended unexpectedly.")
        return [self._one(item) for item in items]

    def _one(self, item: Path | str) -> Said | UserError:
        try:
            return self.answer(item)
        except UserError as error:
            return error


def item(name: str, intent: str | None = None, **more: object) -> BatchItem:
    label = None if intent is None else Label(intent)
    return BatchItem(**{"name": name, "text": name, "audio": None, "label": label, **more})  # type: ignore[arg-type]


@pytest.fixture(autouse=True)
def _spoken_unless_silent(monkeypatch: pytest.MonkeyPatch) -> None:
    """The detector of speech is tested elsewhere; here a tone is speech, and only digital silence is none."""
    monkeypatch.setattr(
        "core.evaluation.batch.answers.why_silent",
        lambda samples: None if samples.any() else ("No speech heard", "The recording is silent."),
    )
