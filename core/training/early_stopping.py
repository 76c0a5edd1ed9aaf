"""Ending a stage that no longer gets better on validation, and which weights of the run are its best.

What is known so far is saved with every checkpoint, so that a resumed run decides as one never stopped.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Final

from core.data.utterance import Utterance
from core.errors import UserError
from core.evaluation.results import METRIC_TITLES
from core.experiment.spec import EvaluationSpec, StopScore
from core.storage.files import write_text_atomically

PROGRESS_FILE: Final = "validation.json"


@dataclass
class Progress:
    """What the validation scores of a run have shown.

    best, best_step: the run's highest score and the global_step it was first reached at, None before any.
    stage: the one that `highest` and `stalled` are of: its own highest score, and the scores since then.
    ended: stages that ended early, in words.
    """

    best: float | None = None
    best_step: int | None = None
    stage: int = 0
    highest: float | None = None
    stalled: int = 0
    ended: list[str] = field(default_factory=list)

    def note(self, score: float, *, stage: int, global_step: int) -> None:
        """A validation score was taken."""
        if stage != self.stage:
            self.stage, self.highest, self.stalled = stage, None, 0
        if self.highest is None or score > self.highest:
            self.highest, self.stalled = score, 0
        else:
            self.stalled += 1
        if self.best is None or score > self.best:
            self.best, self.best_step = score, global_step

    def end_stage(self, name: str, spec: EvaluationSpec, *, step: int, of: int) -> None:
        """Note why a stage ended after `step` of its `of` steps."""
        scores = "score" if self.stalled == 1 else "scores"
        self.ended.append(
            f"Stage “{name}” ended early, after {step} of {of} steps: {_title(spec.stop_score)} on validation"
            f" had not risen for {self.stalled} {scores}."
        )

    def words(self, score: StopScore) -> str:
        """Why the run ended early, if it did, and which weights are its result; empty without any score."""
        if self.best is None:
            return ""
        kept = (
            f"The result is the weights of step {self.best_step}, the best on validation"
            f" ({_title(score)} {100 * self.best:.1f} %)."
        )
        return " ".join([*self.ended, kept])

    def save(self, checkpoint: Path) -> None:
        """Write it into a checkpoint's folder."""
        write_text_atomically(checkpoint / PROGRESS_FILE, json.dumps(asdict(self), ensure_ascii=False))

    @classmethod
    def of(cls, checkpoint: Path) -> Progress:
        """What a checkpoint holds; nothing known in one without. Raises ValueError or TypeError when it is
        damaged."""
        file = checkpoint / PROGRESS_FILE
        return cls(**json.loads(file.read_text(encoding="utf-8"))) if file.is_file() else cls()


def check_validation(spec: EvaluationSpec, validation: Sequence[Utterance]) -> None:
    """Raise UserError where stages shall end by a score that these utterances cannot give."""
    if spec.stop_after is None:
        return
    if not validation:
        raise UserError(
            "Stages shall end early by a score on validation, but the data has no validation utterances.",
            where="[evaluation] stop_after",
            remedy='Leave out "stop_after", or put utterances in the validation split.',
        )
    if spec.stop_score == "slot_f1" and not any(utterance.label.slots for utterance in validation):
        raise UserError(
            "Stages shall end early by the slot F1, but no validation utterance has a slot.",
            where="[evaluation] stop_score",
            remedy='Choose "exact_match" or "intent_accuracy".',
        )


def _title(score: StopScore) -> str:
    title = METRIC_TITLES[score]
    return title[0].lower() + title[1:]
