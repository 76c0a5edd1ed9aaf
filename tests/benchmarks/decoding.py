"""What it brings, and costs, to let the model answer only with labels of the ontology.

    python -m tests.benchmarks.decoding --home FOLDER --model RUN [--rounds 3] [--singly 60]

Asks a run for the demo's test speech under the label grammar and freely, in turns. Prints JSON: the share of
valid labels, exact match and intent accuracy; what the grammar adds to them, paired, with 95 % intervals, and
how many answers it set right and wrong; milliseconds an utterance in batches of 1 and of 32, by round.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

import numpy as np

from core.audio.files import read_audio
from core.data.targets import parse_target
from core.data.utterance import Ontology, Utterance
from core.evaluation.bootstrap_ci import difference, interval
from core.evaluation.metrics import Ratio, score, share
from tests.benchmarks.demo_run import arguments, load

if TYPE_CHECKING:
    from core.inference.prediction import Prediction
    from core.inference.predictor import Predictor
    from core.models.family import Samples

WAYS: Final = {"constrained": True, "free": False}
BATCH_SIZES: Final = (1, 32)
METRICS: Final = ("valid", "exact_match", "intent_accuracy")


def measure(predictor: Predictor, test: Sequence[Utterance], rounds: int, singly: int) -> dict[str, object]:
    """Ask about every utterance in both ways, `rounds` times; one by one only about `singly` of them."""
    sounds = [read_audio(each.audio) for each in test if each.audio is not None]
    some = [sounds[index] for index in np.linspace(0, len(sounds) - 1, min(singly, len(sounds)), dtype=int)]
    answers: dict[str, list[Prediction]] = {}
    waits: dict[str, list[float]] = {f"{way}, {size}": [] for way in WAYS for size in BATCH_SIZES}
    for constrained in WAYS.values():
        predictor.predict(some[:4], constrained)  # the first answers of a process take longer
    for number in range(rounds):
        # Who comes first changes, so that other work on the machine troubles both sides alike.
        for way in sorted(WAYS, reverse=bool(number % 2)):
            for size in BATCH_SIZES:
                asked = some if size == 1 else sounds
                found, waited = timed(predictor, asked, constrained=WAYS[way], batch_size=size)
                waits[f"{way}, {size}"].append(round(waited, 1))
                if size > 1:
                    answers[way] = found
    ratios = {way: scores(test, found, predictor.grammar.ontology) for way, found in answers.items()}
    constrained, free = ratios["constrained"], ratios["free"]
    right, freely_right = (each["exact_match"].numerator > 0 for each in (constrained, free))
    return {
        "n": len(test),
        **{
            way: {metric: str(interval(ratio)) for metric, ratio in found.items()}
            for way, found in ratios.items()
        },
        "gained": {metric: str(difference(constrained[metric], free[metric])) for metric in METRICS},
        "set_right": int((right & ~freely_right).sum()),
        "set_wrong": int((freely_right & ~right).sum()),
        "ms_an_utterance": waits,
        "free_over_constrained": {size: ratio_of_rounds(waits, size) for size in BATCH_SIZES},
        "processors": os.cpu_count(),
        "load": [round(load, 1) for load in os.getloadavg()],
    }


def timed(
    predictor: Predictor, sounds: Sequence[Samples], *, constrained: bool, batch_size: int
) -> tuple[list[Prediction], float]:
    """The answers, and milliseconds an utterance."""
    began = time.perf_counter()
    answers = predictor.predict(sounds, constrained, batch_size)
    return answers, 1000 * (time.perf_counter() - began) / len(sounds)


def ratio_of_rounds(waits: dict[str, list[float]], size: int) -> dict[str, object]:
    """How many times as long the free answers took."""
    pairs = zip(waits[f"free, {size}"], waits[f"constrained, {size}"], strict=True)
    ratios = [free / constrained for free, constrained in pairs]
    return {
        "rounds": [round(ratio, 2) for ratio in ratios],
        "median": round(float(np.median(ratios)), 2),
    }


def scores(test: Sequence[Utterance], answers: Sequence[Prediction], ontology: Ontology) -> dict[str, Ratio]:
    """METRICS by utterance."""
    found = score([(each.label, answer.label) for each, answer in zip(test, answers, strict=True)])
    found["valid"] = share([is_valid(answer.raw, ontology) for answer in answers])
    return {metric: found[metric] for metric in METRICS}


def is_valid(raw: str, ontology: Ontology) -> bool:
    """Whether an answer as written is JSON of the target's form, with known names and no empty filler."""
    label = parse_target(raw)
    return (
        label is not None
        and label.intent in ontology.intents
        and all(slot.type in ontology.slot_types and slot.filler.strip() for slot in label.slots)
    )


def main() -> None:
    parser = arguments(__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--singly", type=int, default=60, help="utterances asked about one by one")
    chosen = parser.parse_args()
    predictor, test = load(chosen.home, chosen.model)
    print(json.dumps(measure(predictor, test, chosen.rounds, chosen.singly), indent=1))


if __name__ == "__main__":
    main()
