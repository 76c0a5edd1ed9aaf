"""The scores a run ends with: test speech, what hearing it gained, the cascade on it, and test text."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from core.data.utterance import Utterance
from core.errors import UserError
from core.evaluation.calibrate import calibrate
from core.evaluation.evaluate import Answers, evaluate, evaluate_hearing
from core.evaluation.results import EvaluationInput, EvaluationResult
from core.inference.calibration_file import read_calibration, write_calibration
from core.inference.predictor import BATCH_SIZE, Predictor
from core.training.reporter import Reporter


def calibrate_run(
    run: Path, predictor: Predictor, validation: Sequence[Utterance], reporter: Reporter
) -> None:
    """Find how sure the answers may be, keep it in the run's folder and have the predictor say so from now
    on. What keeps it from being found is told, and no reason for a trained run to fail. Raises Cancelled when
    the reporter says stop."""
    try:
        fits = calibrate(
            predictor,
            predictor.grammar.ontology,
            validation,
            progress=lambda done, total: reporter.activity(f"calibrating: {done} of {total}"),
            cancelled=reporter.should_stop,
        )
    except UserError as error:
        reporter.warning("calibration", f"How sure the answers may be is not known: {error}")
        return
    write_calibration(run, fits)
    predictor.calibration = read_calibration(run)


def report_final_scores(
    predictor: Answers,
    test: Sequence[Utterance],
    reporter: Reporter,
    *,
    stage: int,
    global_step: int,
    hearing: bool,
    cascade: Answers | None,
    seed: int,
) -> None:
    """Score the test utterances in every modality they have and report the results as final.

    hearing: also ask with exchanged audio. cascade: also ask this one, which hears by way of a transcript.
    Raises Cancelled when the reporter says stop.
    """
    speech = [utterance for utterance in test if utterance.has("speech")]
    text = [utterance for utterance in test if utterance.has("text")]

    def tell(result: EvaluationResult) -> None:
        reporter.evaluation(result, stage=stage, global_step=global_step, final=True)

    def score(
        answers: Answers, utterances: Sequence[Utterance], given: EvaluationInput, of_what: str
    ) -> EvaluationResult:
        result = evaluate(
            answers,
            utterances,
            given,
            seed=seed,
            batch_size=BATCH_SIZE,
            progress=_progress(reporter, of_what),
            cancelled=reporter.should_stop,
        )
        tell(result)
        return result

    if speech:
        true = score(predictor, speech, "speech", "test speech")
        if hearing and len(speech) > 1:
            exchanged = evaluate_hearing(
                predictor,
                speech,
                true,
                seed=seed,
                batch_size=BATCH_SIZE,
                progress=_progress(reporter, "the hearing check"),
                cancelled=reporter.should_stop,
            )
            tell(exchanged)
        if cascade is not None:
            score(cascade, speech, "cascade", "test speech through a transcript")
    if text:
        score(predictor, text, "text", "test text")


def _progress(reporter: Reporter, of_what: str) -> Callable[[int, int | None], None]:
    return lambda done, total: reporter.activity(f"scoring {of_what}: {done} of {total}")
