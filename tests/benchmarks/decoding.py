"""What it brings, and costs, to let the model answer only with labels of the ontology.

    python -m tests.benchmarks.decoding --home FOLDER --model RUN

The demo's test speech, decoded by the label grammar and freely. Prints JSON: valid labels, exact match,
intent accuracy, the paired difference of exact match with its 95 % interval, and milliseconds an
utterance in batches of 1 and of 32.
"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path

from core.audio.files import read_audio
from core.data.library import Library
from core.evaluation.bootstrap_ci import difference
from core.evaluation.metrics import Ratio, score
from core.inference.predictor import Predictor
from core.paths import AppPaths
from core.storage.database import open_database

SINGLY = 60


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--home", type=Path, required=True)
    parser.add_argument("--model", required=True)
    chosen = parser.parse_args()
    paths = AppPaths(chosen.home)
    db = open_database(paths.database)
    test = [each for each in Library(db, paths).utterances(["demo"], ["test"]) if each.audio is not None]
    db.close()
    predictor = Predictor.load(paths.run(chosen.model))
    sounds = [read_audio(each.audio) for each in test if each.audio is not None]
    predictor.predict(sounds[:2])
    found: dict[str, dict[str, float]] = {}
    exact: dict[bool, Ratio] = {}
    for constrained in (True, False):
        began = time.perf_counter()
        answers = predictor.predict(sounds, constrained)
        together = time.perf_counter() - began
        began = time.perf_counter()
        predictor.predict(sounds[:SINGLY], constrained, batch_size=1)
        singly = time.perf_counter() - began
        ratios = score([(each.label, answer.label) for each, answer in zip(test, answers, strict=True)])
        exact[constrained] = ratios["exact_match"]
        known = predictor.grammar.ontology
        valid = [
            answer.label is not None
            and answer.label.intent in known.intents
            and all(slot.type in known.slot_types for slot in answer.label.slots)
            for answer in answers
        ]
        found["constrained" if constrained else "free"] = {
            "valid": sum(valid) / len(valid),
            "exact_match": ratios["exact_match"].value,
            "intent_accuracy": ratios["intent_accuracy"].value,
            "ms_in_batches_of_32": 1000 * together / len(sounds),
            "ms_singly": 1000 * singly / SINGLY,
        }
    gain = difference(exact[True], exact[False])
    print(json.dumps({"n": len(test), **found, "exact_match_gained": str(gain)}, indent=1))


if __name__ == "__main__":
    main()
