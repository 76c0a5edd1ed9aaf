"""`spoonful calibrate`, and the table that `spoonful evaluate --calibration` prints."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click
import numpy as np

from core.commands.live import LiveLine
from core.commands.output import json_option, percent, print_json, print_table
from core.commands.services import open_services
from core.data.utterance import MODALITIES
from core.errors import UserError
from core.evaluation.calibration import Bin, expected_calibration_error, reliability
from core.evaluation.results import ScoredPrediction
from core.experiment.spec import load_experiment
from core.models.threads import let_waiting_threads_sleep


@click.command()
@click.argument("run", metavar="RUN")
@json_option
def calibrate(run: str, as_json: bool) -> None:
    """Have a run be as sure as it is right.

    RUN is the id of a run (or "latest"). Its answers to the validation utterances of the datasets it learned
    from tell how sure it may be. A run does so by itself at its end; this is for runs of earlier versions.
    """
    line = LiveLine()
    with open_services() as services:
        folder = services.model_folder(run)
        if isinstance(folder, str):
            raise UserError(
                "A base model is not calibrated: it was not trained for any labels.",
                where=run,
                remedy="Name a run.",
            )
        spec = load_experiment(folder / "experiment.toml")
        validation = list(services.library.utterances(spec.data.train, ["validation"]))
        line.show("loading the model")
        let_waiting_threads_sleep()
        from core.evaluation.calibrate import calibrate as find
        from core.inference.calibration_file import CALIBRATION_FILE, write_calibration
        from core.inference.predictor import Predictor, load_model

        # Not `Predictor.load`, which reads the calibration there is: that may be damaged.
        family, _tuned, ontology = load_model(folder, None)
        predictor = Predictor(family, ontology)

        def progress(done: int, total: int | None) -> None:
            line.show(f"calibrating {done} / {total}", topic="calibrating")

        write_calibration(folder, find(predictor, predictor.grammar.ontology, validation, progress=progress))
        line.clear()
    _print(folder / CALIBRATION_FILE, as_json=as_json)


def _print(file: Path, *, as_json: bool) -> None:
    found: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    if as_json:
        print_json({"file": str(file), **found})
        return
    for modality in MODALITIES:
        fit = found[modality]
        if "reason" in fit:
            click.echo(f"On {modality}: as it is ({fit['reason']}).")
        else:
            click.echo(
                f"On {modality}: temperature {fit['temperature']:.2f}; on {fit['n']} validation utterances"
                f" confidence and accuracy were {percent(fit['ece_before'])} apart, now"
                f" {percent(fit['ece_after'])}."
            )


def calibration_as_dict(predictions: Sequence[ScoredPrediction]) -> dict[str, Any]:
    """How far confidence and accuracy of the intents are apart: calibrated, and as the model has it."""
    correct = np.array(
        [each.predicted is not None and each.predicted.intent == each.gold.intent for each in predictions]
    )
    own = np.array(
        [each.confidence if each.raw_confidence is None else each.raw_confidence for each in predictions]
    )
    sure = np.array([each.confidence for each in predictions])
    return {
        "n": len(predictions),
        "ece_uncalibrated": expected_calibration_error(own, correct),
        "ece": expected_calibration_error(sure, correct),
        "reliability_uncalibrated": [asdict(each) for each in reliability(own, correct)],
        "reliability": [asdict(each) for each in reliability(sure, correct)],
    }


def print_calibration(predictions: Sequence[ScoredPrediction]) -> None:
    """The same in words and as a table."""
    found = calibration_as_dict(predictions)
    click.echo(
        f"\nCalibration of the intents: confidence and accuracy are {percent(found['ece'])} apart on average"
        f" (uncalibrated {percent(found['ece_uncalibrated'])}; {found['n']} answers in bins of equal size)."
    )
    rows = [_row(Bin(**each)) for each in found["reliability"]]
    print_table(("Confidence", "Answers", "Mean", "Right"), rows, right=" >>>")


def _row(each: Bin) -> tuple[str, str, str, str]:
    interval = f"[{100 * each.accuracy_low:.0f}, {100 * each.accuracy_high:.0f}]"
    return (
        f"{100 * each.low:.0f} to {100 * each.high:.0f} %",
        str(each.n),
        percent(each.confidence),
        f"{percent(each.accuracy)} {interval}",
    )
