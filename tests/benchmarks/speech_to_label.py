"""How long people wait: from letting go of the button to the label on the screen, in the real window.

    python -m tests.benchmarks.speech_to_label [--utterances 50] [--home FOLDER --model RUN]

Plays demo test speech, whose voices no model has heard, into a virtual microphone and prints JSON: the waits
in milliseconds, and how many were right, beside how many are right when the takes, and what was played, are
given to the model as files.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PySide6.QtWidgets import QApplication

from core.audio.files import read_audio
from core.data.library import Library
from core.data.utterance import Label
from core.evaluation.metrics import is_exact
from core.paths import AppPaths
from gui.app import make_context
from gui.exchange import Exchange
from tests.integration.talking import Spoken, Talker, demo_speech
from tests.integration.virtual_microphone import VirtualMicrophone

WARM_UP = 2
SEED = 17


def measure(paths: AppPaths, model: str, utterances: int) -> dict[str, object]:
    """Say `utterances` sentences and collect the waits."""
    app = QApplication([])
    context = make_context(paths)
    context.theme.apply(app, "light")
    context.remember(model=model)
    spoken = random.Random(SEED).sample(demo_speech(), utterances + WARM_UP)
    with VirtualMicrophone() as microphone:
        talker = Talker(context, microphone)
        talker.wait_until_ready()
        answers = [talker.say(each.audio) for each in spoken]
        title = talker.page.model.choice.currentText()
        talker.close()
        context.close()
    found = {"model": title, **summary(spoken[WARM_UP:], answers[WARM_UP:])}
    gold = [each.label for each in spoken[WARM_UP:]]
    takes = [answer.heard.path for answer in answers[WARM_UP:] if answer.heard.path is not None]
    return {
        **found,
        "right_from_the_takes": right_from_files(paths, model, gold, takes),
        "right_from_what_was_played": right_from_files(
            paths, model, gold, [each.audio for each in spoken[WARM_UP:]]
        ),
    }


def right_from_files(
    paths: AppPaths, model: str, gold: Sequence[Label], files: Sequence[Path]
) -> dict[str, int]:
    """What the same model makes of files, one by one as in the window."""
    from core.inference.predictor import Predictor
    from core.storage.database import open_database

    if "@" in model:
        base, dataset = model.split("@")
        db = open_database(paths.database)
        predictor = Predictor.load(base, Library(db, paths).ontology([dataset]))
        db.close()
    else:
        predictor = Predictor.load(paths.run(model))
    answers = predictor.predict([read_audio(file) for file in files], batch_size=1)
    return right(gold, [answer.label for answer in answers])


def right(gold: Sequence[Label], found: Sequence[Label | None]) -> dict[str, int]:
    """How many intents are right, and how many whole labels."""
    pairs = list(zip(gold, found, strict=True))
    return {
        "intents": sum(answer is not None and answer.intent == label.intent for label, answer in pairs),
        "labels": sum(is_exact(label, answer) for label, answer in pairs),
    }


def summary(spoken: list[Spoken], answers: list[Exchange]) -> dict[str, object]:
    """The figures; the parts are means."""
    waited, recording = (
        1000 * np.array([getattr(answer, part) for answer in answers], np.float64)
        for part in ("waited_s", "recording_s")
    )
    timings = [answer.prediction.timings_ms for answer in answers]
    parts = {
        name: np.mean([each.get(name, 0.0) for each in timings]) for name in sorted(set().union(*timings))
    }
    model = np.array([sum(each.values()) for each in timings])
    p50, p95 = np.percentile(waited, [50, 95])
    return {
        "utterances": len(answers),
        "p50_ms": round(p50),
        "p95_ms": round(p95),
        "max_ms": round(waited.max()),
        "mean_parts_ms": {
            "end of the recording": round(recording.mean()),
            **{f"model: {name}": round(float(mean), 1) for name, mean in parts.items()},
            "rest": round((waited - recording - model).mean()),
        },
        "right_in_the_window": right(
            [each.label for each in spoken], [answer.prediction.label for answer in answers]
        ),
        "processors": os.cpu_count(),
        "load": [round(load, 1) for load in os.getloadavg()],
    }


def main() -> None:
    parser = argparse.ArgumentParser(description="End of speech to label on the screen.")
    parser.add_argument("--utterances", type=int, default=50)
    parser.add_argument("--home", type=Path, help="a home of Spoonful that holds the run to measure")
    parser.add_argument("--model", default="teaspoon@demo", help="a run id, or teaspoon@DATASET")
    chosen = parser.parse_args()
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    with tempfile.TemporaryDirectory() as scratch:
        paths = AppPaths(chosen.home or Path(scratch)).create()
        print(json.dumps(measure(paths, chosen.model, chosen.utterances), indent=1))


if __name__ == "__main__":
    main()
