"""`spoonful predict`."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import numpy as np

from core.audio.files import SAMPLE_RATE, audio_info, read_audio
from core.commands.live import LiveLine
from core.commands.output import json_option, label_as_dict, print_error, print_json
from core.commands.services import open_services
from core.errors import UserError
from core.models.threads import let_waiting_threads_sleep

if TYPE_CHECKING:
    from core.inference.predictor import Predictor


@click.command()
@click.argument("model", metavar="RUN|MODEL")
@click.argument("audio", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option(
    "--dataset",
    "datasets",
    multiple=True,
    metavar="NAME",
    help="Answer with the labels of this dataset. Needed for a base model; a run knows its labels.",
)
@json_option
def predict(model: str, audio: tuple[Path, ...], datasets: tuple[str, ...], as_json: bool) -> int:
    """Understand recordings: for each file the label, how sure the model is, and how long it took.

    RUN is the id of a run (or "latest"), MODEL a base model: teaspoon, a folder, or a Hugging Face id. One
    line per file: the label as JSON, the confidence (0 to 1) and the time from file to label. A file that
    cannot be read does not stop the others; the exit code is then 2.
    """
    line = LiveLine()
    # Known at once, not after the model was loaded.
    unusable = {path: error for path in audio if (error := _why_unusable(path)) is not None}
    with open_services() as services:
        folder = services.model_folder(model)
        if isinstance(folder, str) and not datasets:
            raise UserError(
                "A base model knows no labels by itself.",
                where=model,
                remedy="Name the dataset whose labels it shall answer with: --dataset NAME",
            )
        if not as_json:
            for error in unusable.values():
                print_error(error, as_json=False)
        if len(unusable) == len(set(audio)):
            if as_json:
                print_json(
                    {"model": str(folder), "answers": [_refused(path, unusable[path]) for path in audio]}
                )
            return 2
        ontology = services.library.ontology(datasets) if datasets else None
        line.show("loading the model")
        let_waiting_threads_sleep()
        from core.inference.predictor import Predictor

        predictor = Predictor.load(folder, ontology)
        # The first answer pays for start-up; the times shown should be those of any other.
        predictor.predict([np.zeros(SAMPLE_RATE, dtype=np.float32)])
        line.clear()
        answers = [
            _refused(path, unusable[path]) if path in unusable else _answer(predictor, path, as_json=as_json)
            for path in audio
        ]
    if as_json:
        print_json({"model": str(folder), "answers": answers})
    return 2 if any("error" in answer for answer in answers) else 0


def _why_unusable(path: Path) -> UserError | None:
    """What keeps a file from being read, worded for one who named it on the command line."""
    try:
        audio_info(path)
    except UserError as error:
        if isinstance(error.__cause__, OSError):  # the system knows why, and the error says it
            return error
        if path.is_dir():
            error.what = "This is a folder, not a sound file."
            error.remedy = f"Name the files in it, for instance {path}/*.wav"
        elif not path.exists():
            error.remedy = "Check the path and the spelling of the name."
        return error
    return None


def _refused(path: Path, error: UserError) -> dict[str, Any]:
    return {"audio": str(path), "error": error.as_dict()}


def _answer(predictor: Predictor, path: Path, *, as_json: bool) -> dict[str, Any]:
    started = time.perf_counter()
    try:
        (prediction,) = predictor.predict([read_audio(path)])
    except UserError as error:
        error.where = error.where or str(path)
        if not as_json:
            print_error(error, as_json=False)
        return _refused(path, error)
    milliseconds = 1000 * (time.perf_counter() - started)
    label = label_as_dict(prediction.label)
    if not as_json:
        confidence = f"confidence {prediction.confidence:.2f}"
        click.echo(f"{path}  {_compact(label)}  {confidence}  {milliseconds:.0f} ms")
    return {
        "audio": str(path),
        "label": label,
        "confidence": prediction.confidence,
        "slot_confidence": list(prediction.slot_confidence),
        "runner_up": list(prediction.runner_up),
        "latency_ms": milliseconds,
    }


def _compact(label: dict[str, Any] | None) -> str:
    return json.dumps(label, ensure_ascii=False)
