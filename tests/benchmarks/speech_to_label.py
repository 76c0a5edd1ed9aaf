"""How long people wait: from letting go of the button to the label on the screen, in the real window.

    python -m tests.benchmarks.speech_to_label [--utterances 50] [--home FOLDER --model RUN]

Plays demo test speech into a virtual microphone and prints JSON. Times are in milliseconds.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import tempfile
from pathlib import Path

import numpy as np
from PySide6.QtWidgets import QApplication

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
    return {"model": title, **summary(spoken[WARM_UP:], answers[WARM_UP:])}


def summary(spoken: list[Spoken], answers: list[Exchange]) -> dict[str, object]:
    """The figures; the parts are means."""
    waited, recording = (
        1000 * np.array([getattr(answer, part) for answer in answers], np.float64)
        for part in ("waited_s", "recording_s")
    )
    model = np.array([sum(answer.prediction.timings_ms.values()) for answer in answers])
    p50, p95 = np.percentile(waited, [50, 95])
    right = [
        answer.prediction.label is not None and answer.prediction.label.intent == each.intent
        for each, answer in zip(spoken, answers, strict=True)
    ]
    return {
        "utterances": len(answers),
        "p50_ms": round(p50),
        "p95_ms": round(p95),
        "max_ms": round(waited.max()),
        "mean_parts_ms": {
            "end of the recording": round(recording.mean()),
            "model": round(model.mean()),
            "rest": round((waited - recording - model).mean()),
        },
        "intents_right": round(float(np.mean(right)), 3),
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
