"""`spoonful evaluate`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, get_args

import click
import numpy as np

from core.commands.calibrate import calibration_as_dict, print_calibration
from core.commands.live import LiveLine
from core.commands.output import json_option, print_json
from core.commands.run_report import print_scores, scores_as_dict
from core.commands.services import open_services
from core.data.utterance import SPLITS, Split, Utterance
from core.evaluation.evaluate import evaluate as score
from core.evaluation.evaluate import evaluate_hearing
from core.models.threads import let_waiting_threads_sleep

SEED = 17
Given = Literal["speech", "text", "cascade"]


@click.command()
@click.argument("model", metavar="RUN|MODEL")
@click.option("--dataset", required=True, metavar="NAME", help="The dataset to test on.")
@click.option(
    "--split", type=click.Choice(SPLITS), default="test", show_default=True, help="Which part of the dataset."
)
@click.option(
    "--input",
    "given",
    type=click.Choice(get_args(Given)),
    default="speech",
    show_default=True,
    help="Give the model the recordings, the texts, or (cascade) what its base model writes down of the"
    " recordings.",
)
@click.option(
    "--limit",
    type=click.IntRange(min=1),
    metavar="N",
    help="Test on N utterances only, always the same ones, picked at random.",
)
@click.option(
    "--hearing",
    is_flag=True,
    help="Also ask with other utterances' audio: what the true audio adds is the hearing gain.",
)
@click.option("--calibration", is_flag=True, help="Also tell whether it is right as often as it is sure.")
@json_option
def evaluate(
    model: str,
    dataset: str,
    split: Split,
    given: Given,
    limit: int | None,
    hearing: bool,
    calibration: bool,
    as_json: bool,
) -> None:
    """Score a trained run, or a base model, on a dataset.

    RUN is the id of a run (or "latest"), MODEL a base model: teaspoon, a folder, or a Hugging Face id. A base
    model answers with the dataset's own labels, a run with those it was trained on.
    """
    if hearing and given != "speech":
        raise click.UsageError(f"--hearing compares recordings: leave out --input {given}.")
    line = LiveLine()
    with open_services() as services:
        folder = services.model_folder(model)
        utterances = _pick(list(services.library.utterances([dataset], [split])), given, limit)
        ontology = services.library.ontology([dataset]) if isinstance(folder, str) else None
        line.show("loading the model")
        let_waiting_threads_sleep()
        from core.inference.cascade import Cascade
        from core.inference.predictor import Predictor
        from core.training.material import check_recordings

        predictor: Cascade | Predictor
        predictor = Cascade.load(folder, ontology) if given == "cascade" else Predictor.load(folder, ontology)
        if given != "text":
            check_recordings(utterances, predictor.family.window_s)

        def progress(done: int, total: int | None) -> None:
            line.show(f"testing {done} / {total}", topic="testing")

        results = [score(predictor, utterances, given, seed=SEED, progress=progress)]
        if hearing:
            results.append(evaluate_hearing(predictor, utterances, results[0], seed=SEED, progress=progress))
        line.clear()
    if as_json:
        sure = {"calibration": calibration_as_dict(results[0].predictions)} if calibration else {}
        print_json({"model": str(folder), "scores": [scores_as_dict(result) for result in results], **sure})
        return
    print_scores(results)
    if calibration:
        print_calibration(results[0].predictions)


def _pick(utterances: Sequence[Utterance], given: Given, limit: int | None) -> list[Utterance]:
    usable = [utterance for utterance in utterances if utterance.has("text" if given == "text" else "speech")]
    chosen = np.random.default_rng(SEED).permutation(len(usable))[:limit]
    return [usable[index] for index in sorted(chosen.tolist())]
