"""Runs as a worker would leave them in the database, without a worker."""

from __future__ import annotations

from collections.abc import Sequence

from core.data.utterance import Label
from core.evaluation.results import EvaluationInput, EvaluationResult, Interval, ScoredPrediction
from core.experiment.presets import load_preset
from core.runs.reporter import RunReporter
from core.runs.run import RunOutcome, RunState
from core.training.reporter import StepMetrics
from gui.context import AppContext


class MadeRun:
    """A run that this very process "trains": live until `end`."""

    def __init__(self, context: AppContext, *, preset: str = "demo-curriculum", name: str = "") -> None:
        spec = load_preset(preset)
        if name:
            spec = spec.model_copy(update={"name": name})
        store = context.run_store()
        self.id = store.create(spec)
        self._reporter = RunReporter(store, self.id)
        self._reporter.plan(100)
        self.step = 0

    def train(self, steps: int, *, stage: int = 0, activity: str = "training", clock: float = 1000.0) -> None:
        """Take optimizer steps; those of the second stage hold speech, too. One step a second."""
        self._reporter.stage(stage, "text" if stage == 0 else "text + speech")
        self._reporter.activity(activity)
        for _ in range(steps):
            self.step += 1
            speech = 2.0 / self.step if stage else None
            self._reporter.step(
                StepMetrics(
                    self.step,
                    stage,
                    0.5,
                    1 / self.step,
                    1 / self.step,
                    speech,
                    1e-3,
                    50.0,
                    600.0,
                    clock + self.step,
                )
            )
        self._reporter.flush()

    def rewind(self, step: int) -> None:
        """Go back to a checkpoint, as a resumed run does."""
        self._reporter.rewind(step)
        self.step = step

    def evaluate(
        self,
        scores: dict[str, Interval],
        *,
        given: EvaluationInput = "speech",
        final: bool = False,
        answers: Sequence[ScoredPrediction] = (),
        synthetic: int = 0,
        n: int = 60,
    ) -> None:
        result = EvaluationResult(
            "demo", "test" if final else "validation", given, n, scores, tuple(answers), synthetic
        )
        self._reporter.evaluation(result, stage=0, global_step=self.step, final=final)

    def warn(self, about: str, words: str) -> None:
        self._reporter.warning(about, words)

    def end(self, state: RunState = "completed", outcome: RunOutcome | None = None) -> None:
        self._reporter.finish(state, outcome)


def answer(
    utterance_id: int, gold: str, predicted: str | None, text: str = "light on please"
) -> ScoredPrediction:
    """One scored answer without slots."""
    return ScoredPrediction(
        utterance_id=utterance_id,
        key=f"u{utterance_id}",
        text=text,
        gold=Label(gold),
        predicted=None if predicted is None else Label(predicted),
        raw="" if predicted is None else f'{{"intent": "{predicted}", "slots": []}}',
        confidence=0.9,
        correct=gold == predicted,
    )
